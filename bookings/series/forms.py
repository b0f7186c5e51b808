"""A recurring loan as it is typed. The rules are in the actions."""

import datetime as dt
from contextlib import suppress
from typing import Any

from django import forms

from accounts.models import Platform, User
from bookings.forms import CHOOSE_SOMEBODY
from bookings.models import Booking
from bookings.offers.choices import Needs
from bookings.rules.forms import passes_in
from bookings.rules.house import Pass
from bookings.series.recurrence import Pattern
from core import clock
from core.forms import DayField
from fleet.models import Kind, Vehicle
from fleet.opening import DAYS
from fleet.opening_forms import ClockField
from participants.models import Participant


class SeriesForm(forms.Form):
    """Who, which days, from when until when, what. Incomplete as long as somebody is still choosing."""

    participant = forms.ModelChoiceField(
        Participant.objects.none(), widget=forms.HiddenInput, error_messages=CHOOSE_SOMEBODY
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Jours de départ",
        coerce=int,
        choices=[(number, day.capitalize()) for number, day in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour."},
    )
    starts = ClockField(label="De")
    ends = ClockField(label="À", help_text="Une heure plus petite : le lendemain.")
    first_on = DayField(label="Premier jour")
    last_on = DayField(label="Dernier départ")
    kind = forms.ChoiceField(
        label="Type", choices=[("", "Choisissez"), *Kind.choices], error_messages={"required": "Choisissez un type."}
    )
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(), label="Véhicule", required=False, empty_label="Le même partout, si possible"
    )
    needs_automatic = forms.BooleanField(label="Boîte automatique", required=False)
    needs_seats = forms.IntegerField(label="Places au moins", required=False, min_value=1, max_value=9)
    purpose = forms.ChoiceField(label="Motif", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Trajet convenu", max_length=200, required=False)
    seen = forms.DecimalField(required=False, max_digits=9, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Participant.objects.visible_to(by).filter(platform=platform).select_related("address", "programme")
        self.fields["participant"].queryset = people  # type: ignore[attr-defined]
        pool = Vehicle.objects.visible_to(by).filter(platform=platform).in_service().select_related("site")
        kind = self.data.get("kind", "")
        of_kind = pool.filter(kind=kind) if kind in Kind.values else pool.none()
        self.fields["vehicle"].queryset = of_kind  # type: ignore[attr-defined]

    def passes(self) -> list[Pass]:
        """For each rule of the boxes « Passer outre » its reason."""
        return passes_in(self.data)

    def wish(self) -> dict[str, Any]:
        """What `preview_series` takes of what was typed."""
        said = self.cleaned_data
        kind = said["vehicle"].kind if said["vehicle"] else said["kind"]
        return {
            "participant": said["participant"],
            "vehicle": said["vehicle"],
            "pattern": self.pattern(),
            "needs": Needs(kind, said["needs_automatic"], said["needs_seats"]),
            "without": self.left_out(),
            "passed": {one.rule for one in self.passes()},
        }

    def pattern(self) -> Pattern:
        said = self.cleaned_data
        return Pattern(tuple(said["weekdays"]), said["starts"], said["ends"], said["first_on"], said["last_on"])

    def booked(self) -> dict[str, Any]:
        """What `book_series` takes of it."""
        said = self.cleaned_data
        names = ("participant", "vehicle", "needs_automatic", "needs_seats", "purpose", "destination", "seen")
        kind = "" if said["vehicle"] else said["kind"]
        more = {"kind": kind, "pattern": self.pattern(), "without": self.left_out(), "passes": self.passes()}
        return {name: said[name] for name in names} | more

    def carried(self) -> list[tuple[str, Any]]:
        """What was understood, as the form that confirms sends it along."""
        kept = [(name, value) for name in self.fields if name != "seen" for value in self.data.getlist(name)]
        kept += [("without", day.isoformat()) for day in sorted(self.left_out())]
        return kept + [(f"pass_{one.rule}", one.reason) for one in self.passes()]

    def asked(self) -> dict[str, Any]:
        """What `request_series` takes of it."""
        said = self.cleaned_data
        names = ("participant", "needs_automatic", "needs_seats", "purpose", "destination")
        return {name: said[name] for name in names} | {"kind": said["kind"], "pattern": self.pattern()}

    def left_out(self) -> set[dt.date]:
        """The dates that were ticked away, as far as they are days."""
        found = set()
        for text in self.data.getlist("without"):
            with suppress(ValueError):
                found.add(dt.date.fromisoformat(text))
        return found

    def wait_for_the_rest(self) -> None:
        """Somebody is still choosing: what is wrong is said, what is missing is not."""
        for name, errors in list(self.errors.as_data().items()):
            if all(error.code == "required" for error in errors):
                del self.errors[name]


def usual_pattern() -> dict[str, Any]:
    """Weeknights from next Monday, for four weeks: what a new one starts from."""
    today = clock.today()
    monday = today + dt.timedelta(days=7 - today.weekday())
    return {
        "weekdays": ["0", "1", "2", "3", "4"],
        "starts": ["20:00"],
        "ends": ["06:00"],
        "first_on": [monday.isoformat()],
        "last_on": [(monday + dt.timedelta(days=25)).isoformat()],
    }


def pattern_asked(booking: Booking) -> dict[str, list[str]]:
    """What was asked for, as this form calls it."""
    kept = booking.request.pattern  # type: ignore[attr-defined]
    said = {name: [kept[name]] for name in ("starts", "ends", "first_on", "last_on")}
    said |= {"weekdays": [str(day) for day in kept["weekdays"]], "participant": [str(booking.participant_id)]}
    said |= {"kind": [booking.kind], "purpose": [booking.purpose], "destination": [booking.destination]}
    if booking.needs_automatic:
        said["needs_automatic"] = ["on"]
    if booking.needs_seats:
        said["needs_seats"] = [str(booking.needs_seats)]
    return said


class EndSeriesForm(forms.Form):
    on = DayField(label="À partir du", help_text="Rien ne commence plus ce jour-là ni après. Ce qui a eu lieu reste.")
    reason = forms.CharField(label="Pourquoi ?", max_length=200)
