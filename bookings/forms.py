"""What a person typed about a loan, as clean values. The rules are in the actions."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Platform, User
from bookings.models import Booking
from bookings.rules.reads import with_loans
from core import clock
from core.forms import WallClockField
from fleet.models import Kind, Site, Vehicle
from participants.file import with_file
from participants.models import Participant

OPENING = dt.time(9)
CHOOSE_SOMEBODY = dict.fromkeys(("required", "invalid_choice"), "Choisissez une personne.")
FIRM_WITHOUT = "Laissez vide pour une promesse ferme. Sans confirmation à cette heure, le véhicule est libéré."
CHOOSE_A_VEHICLE = dict.fromkeys(("required", "invalid_choice"), "Choisissez un véhicule de la liste.")


class WishForm(forms.Form):
    """Who, when, what: the three answers of « Réserver ». Incomplete as long as the person is still choosing."""

    participant = forms.ModelChoiceField(
        Participant.objects.none(), widget=forms.HiddenInput, error_messages=CHOOSE_SOMEBODY
    )
    starts_at = WallClockField(label="Du")
    ends_at = WallClockField(label="Au")
    kind = forms.ChoiceField(
        choices=[("", "Choisissez"), *Kind.choices], label="Type", error_messages={"required": "Choisissez un type."}
    )
    needs_automatic = forms.BooleanField(label="Boîte automatique", required=False)
    needs_seats = forms.IntegerField(label="Places au moins", required=False, min_value=1, max_value=9)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(), required=False, widget=forms.HiddenInput, error_messages=CHOOSE_A_VEHICLE
    )
    purpose = forms.ChoiceField(label="Motif", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Trajet convenu", max_length=200, required=False)
    promised_until = WallClockField(label="Sous réserve jusqu’au", required=False, help_text=FIRM_WITHOUT)

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Participant.objects.visible_to(by).filter(platform=platform).select_related("address", "programme")
        self.fields["participant"].queryset = with_loans(with_file(people))  # type: ignore[attr-defined]
        vehicles = Vehicle.objects.visible_to(by).filter(platform=platform).select_related("site")
        self.fields["vehicle"].queryset = vehicles  # type: ignore[attr-defined]
        self.fields["site"].queryset = Site.objects.visible_to(by).filter(platform=platform)  # type: ignore[attr-defined]

    def wish(self) -> dict[str, Any]:
        """What is understood so far, however incomplete; None for the rest."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}

    def wait_for_the_rest(self) -> None:
        """Somebody is still choosing: what is wrong is said, what is missing is not."""
        for name, errors in list(self.errors.as_data().items()):
            if all(error.code == "required" for error in errors):
                del self.errors[name]


def usual_dates() -> dict[str, str]:
    """Tomorrow at nine, for a week: what a new booking starts from."""
    start = clock.at(clock.today() + dt.timedelta(days=1), OPENING, timezone.get_current_timezone())
    return {"starts_at": as_typed(start), "ends_at": as_typed(start + dt.timedelta(days=7))}


def as_typed(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


class NewParticipantForm(forms.Form):
    """Somebody who is not known yet, in place: a name is enough."""

    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)


class ReasonForm(forms.Form):
    """Why: asked wherever something is given up."""

    reason = forms.CharField(label="Motif", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class OtherVehicleForm(ReasonForm):
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(),
        widget=forms.RadioSelect,
        error_messages=CHOOSE_A_VEHICLE,
        label="Véhicule",
    )

    def __init__(self, *args: Any, vehicles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = vehicles  # type: ignore[attr-defined]


class RecordForm(forms.Form):
    """A loan that already runs, or is over."""

    participant = forms.ModelChoiceField(
        Participant.objects.none(), widget=forms.HiddenInput, error_messages=CHOOSE_SOMEBODY
    )
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label="Véhicule")
    starts_at = WallClockField(label="Début convenu")
    ends_at = WallClockField(label="Fin convenue")
    out_at = WallClockField(label="Clés données le", required=False, help_text="Si ce n’est pas le début convenu.")
    km_out = forms.IntegerField(label="Kilomètres au départ", required=False, min_value=0, max_value=2_000_000)
    back_at = WallClockField(label="Rendu le", required=False, help_text="Laissez vide si le prêt est encore en cours.")
    km_back = forms.IntegerField(label="Kilomètres au retour", required=False, min_value=0, max_value=2_000_000)
    site_back = forms.ModelChoiceField(Site.objects.none(), label="Rendu à", required=False)
    purpose = forms.ChoiceField(label="Motif", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Trajet convenu", max_length=200, required=False)

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = {"platform": platform}
        self.fields["participant"].queryset = Participant.objects.visible_to(by).filter(**mine)  # type: ignore[attr-defined]
        self.fields["vehicle"].queryset = Vehicle.objects.visible_to(by).filter(**mine).in_service()  # type: ignore[attr-defined]
        self.fields["site_back"].queryset = Site.objects.visible_to(by).filter(**mine)  # type: ignore[attr-defined]


class FilterForm(forms.Form):
    """The filters of the list of loans, as they stand in its address."""

    STATES = (
        ("", "Tous"),
        ("reserved", "Réservés"),
        ("active", "En cours"),
        ("late", "En retard"),
        ("displaced", "À reloger"),
        ("provisional", "Sous réserve"),
        ("returned", "Rendus"),
        ("cancelled", "Annulés"),
        ("refused", "Refusés"),
        ("expired", "Expirés"),
    )
    state = forms.ChoiceField(label="État", choices=STATES, required=False)
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.visible_to(by).filter(platform=platform)  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["data-submit-on-change"] = ""
