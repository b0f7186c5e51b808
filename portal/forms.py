import datetime as dt
from typing import Any

from django import forms

from accounts.models import Membership, Platform
from bookings.models import Booking
from core.forms import DayField, PhotosField
from core.french import InFrench
from portal.journal import SUBJECTS
from portal.own_requests import LENGTHS


class JournalFilter(forms.Form):
    subject = forms.ChoiceField(label="Sujet", choices=list(SUBJECTS.items()), required=False)
    who = forms.ChoiceField(label="Qui", required=False)
    day = DayField(label="Jour", required=False)

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = (
            Membership.objects.filter(platform=platform).select_related("user").order_by(InFrench("user__name"), "pk")
        )
        people = [(str(member.user_id), str(member.user)) for member in team]
        self.fields["who"].choices = [("", "Tout le monde"), *people]  # type: ignore[attr-defined]


class ProblemForm(forms.Form):
    """What a participant says of the vehicle: three things, the last two if they can."""

    rolls = forms.ChoiceField(
        label="Est-ce que le véhicule roule ?",
        choices=[("yes", "Oui, il roule"), ("no", "Non, il ne roule pas")],
        widget=forms.RadioSelect,
    )
    description = forms.CharField(
        label="Que se passe-t-il ?",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez quelques mots."},
    )
    photos = PhotosField(label="Une photo, si vous pouvez", required=False)


class LongerForm(forms.Form):
    until = DayField(label="Jusqu’à quel jour ?", error_messages={"required": "Choisissez un jour."})
    reason = forms.CharField(label="Pourquoi ?", max_length=300, required=False)

    def __init__(self, *args: Any, after: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["min"] = (after + dt.timedelta(days=1)).isoformat()


class AskDatesForm(forms.Form):
    starts_on = DayField(label="À partir de quel jour ?", error_messages={"required": "Choisissez un jour."})
    days = forms.ChoiceField(label="Pour combien de temps ?", choices=LENGTHS)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()


class AskForm(forms.Form):
    purpose = forms.ChoiceField(label="C’est pour quoi ?", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Vous allez où ?", max_length=200, required=False)
    why = forms.CharField(label="Dites-nous en quelques mots", max_length=300, required=False)
