"""A site's hours as they are typed. The rules are in the actions."""

import datetime as dt
from typing import Any

from django import forms

from core.forms import DayField
from fleet.opening import DAYS, Range
from fleet.regions import HolidayRegion

RANGES = (1, 2)
HALF = "Notez l’ouverture et la fermeture, ou aucune des deux."


class ClockField(forms.TimeField):
    """An hour of the day: the browser's own, or 9:00, 9h, 9h30 typed."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=("%H:%M", "%H:%M:%S", "%Hh%M", "%Hh"), **kwargs)


class OpeningHoursForm(forms.Form):
    """Seven days of one or two ranges, public holidays, a remark."""

    holiday_region = forms.ChoiceField(label="Fermé les jours fériés de", choices=HolidayRegion.choices, required=False)
    remark = forms.CharField(
        label="Remarque", max_length=200, required=False, help_text="« Sonnez au portail », « sur rendez-vous »…"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, day in enumerate(DAYS):
            for which in RANGES:
                for end, words in (("opens", "ouverture"), ("closes", "fermeture")):
                    field = ClockField(required=False)
                    field.label = f"{day.capitalize()}, {words}" + (", deuxième plage" if which == 2 else "")
                    field.widget.attrs["aria-label"] = field.label
                    self.fields[name_of(number, which, end)] = field

    @staticmethod
    def initial_of(week: dict[int, list[Range]]) -> dict[str, dt.time]:
        known = {}
        for number, ranges in week.items():
            for which, (opens, closes) in zip(RANGES, ranges, strict=False):
                known[name_of(number, which, "opens")], known[name_of(number, which, "closes")] = opens, closes
        return known

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        week: dict[int, list[Range]] = {}
        for number in range(7):
            week[number] = []
            for which in RANGES:
                names = [name_of(number, which, end) for end in ("opens", "closes")]
                opens, closes = (given.pop(name, None) for name in names)
                if opens is not None and closes is not None:
                    week[number].append((opens, closes))
                elif (opens is None) != (closes is None) and not any(name in self.errors for name in names):
                    self.add_error(names[0] if opens is None else names[1], HALF)
        return given | {"week": week}

    def days(self) -> list[dict[str, Any]]:
        """For the page: each day with its four fields."""
        return [
            {
                "name": day.capitalize(),
                "fields": [self[name_of(number, which, end)] for which in RANGES for end in ("opens", "closes")],
            }
            for number, day in enumerate(DAYS)
        ]


def like_monday(typed: Any) -> Any:
    """What was typed, with Monday's ranges for Tuesday to Friday."""
    copied = typed.copy()
    for number in range(1, 5):
        for which in RANGES:
            for end in ("opens", "closes"):
                copied[name_of(number, which, end)] = typed.get(name_of(0, which, end), "")
    return copied


def name_of(number: int, which: int, end: str) -> str:
    return f"day{number}_{end}{which}"


class ClosureForm(forms.Form):
    first_on = DayField(label="Du")
    last_on = DayField(label="Au (compris)", required=False, help_text="Vide : ce seul jour.")
    from_time = ClockField(label="À partir de", required=False, help_text="Vide : toute la journée.")
    until_time = ClockField(label="Jusqu’à", required=False)
    words = forms.CharField(label="Pourquoi ?", max_length=120, help_text="« congés », « formation »…")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        return given | {"last_on": given.get("last_on") or given.get("first_on")}


class ExceptionalOpeningForm(forms.Form):
    on = DayField(label="Jour")
    opens = ClockField(label="De")
    closes = ClockField(label="À")
    words = forms.CharField(label="Pourquoi ?", max_length=120, required=False, help_text="« forum de l’emploi »…")
