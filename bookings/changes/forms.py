"""What a person typed about other dates for a loan, as clean values. The rules are in the actions."""

from collections.abc import Mapping
from typing import Any

from django import forms

from bookings.forms import CHOOSE_A_VEHICLE
from bookings.kerb.forms import DrawnField
from bookings.models import Booking
from bookings.rules.forms import passes_in
from core.forms import EurosField, WallClockField
from fleet.models import Vehicle


class ChangeForm(forms.Form):
    """`seen`: the difference that the page showed; the verb refuses when it is another by now."""

    seen = forms.DecimalField(required=False, max_digits=9, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, *args: Any, loan: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loan = loan

    def asked(self) -> list[forms.BoundField]:
        """What the price depends on: it is asked first."""
        return [self[name] for name in self.dates]

    def carried(self) -> list[tuple[str, Any]]:
        """The same, as the form that confirms sends it along."""
        return [(name, self[name].value()) for name in self.dates if self[name].value() is not None]

    def more(self) -> list[forms.BoundField]:
        """What is asked beside the button."""
        return [self[name] for name in self.fields if name not in {*self.dates, "seen", "vehicle"}]

    dates: tuple[str, ...] = ("until",)

    def said(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """What the verb is told: the fields, and for each rule of the boxes « Passer outre » its reason."""
        return self.cleaned_data | ({"passes": passes_in(sent)} if self.can_pass else {})

    can_pass = True


class ExtendForm(ChangeForm):
    until = WallClockField(label="Nouvelle fin")


class ShortenForm(ChangeForm):
    can_pass = False  # no rule stands against less
    until = WallClockField(label="Nouvelle fin")
    reason = forms.CharField(label="Pourquoi", max_length=200, required=False)


class RenewForm(ChangeForm):
    until = WallClockField(label="Nouvelle fin")
    by_telephone = forms.BooleanField(
        label="Par téléphone : la personne signera sur sa page, par un lien",
        required=False,
    )
    declared_km = forms.IntegerField(
        label="Kilomètres lus par la personne",
        required=False,
        min_value=0,
        max_value=2_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class MoveForm(ChangeForm):
    starts_at = WallClockField(label="Du")
    ends_at = WallClockField(label="Au")
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(), required=False, widget=forms.HiddenInput, error_messages=CHOOSE_A_VEHICLE
    )
    dates = ("starts_at", "ends_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = (  # type: ignore[attr-defined]
            Vehicle.objects.filter(platform=self.loan.platform_id).select_related("site")
        )


class ComeLaterForm(ChangeForm):
    starts_at = WallClockField(label="Arrive le")
    dates = ("starts_at",)


class NoShowForm(forms.Form):
    """What is asked for, when it is less than the tariff says, and why."""

    seen = forms.DecimalField(required=False, max_digits=9, decimal_places=2, widget=forms.HiddenInput)
    charge = EurosField(label="Montant demandé", required=False)
    waived_because = forms.CharField(label="Pourquoi moins que le tarif", max_length=200, required=False)

    def said(self) -> dict[str, Any]:
        return self.cleaned_data

    def because(self, sent: Mapping[str, str]) -> str:
        return Booking.GivenUp.NO_SHOW


class GiveUpForm(NoShowForm):
    reason = forms.ChoiceField(
        label="Pourquoi",
        choices=[("", "Choisissez"), *((value, label) for value, label in Booking.GivenUp.choices if value)],
        error_messages={"required": "Dites pourquoi ce prêt est annulé."},
    )
    words = forms.CharField(label="Précision", max_length=150, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def because(self, sent: Mapping[str, str]) -> str:
        reason = sent.get("reason", "")
        return reason if reason in Booking.GivenUp.values else ""


class SigningForm(forms.Form):
    """The signature of the participant, drawn on the screen."""

    signer_name = forms.CharField(label="Nom de la personne qui signe", max_length=160)
    signature = DrawnField(error_messages={"required": "Signez dans le cadre."})


class RefuseWishForm(forms.Form):
    reason = forms.CharField(
        label="Pourquoi ce n’est pas possible",
        max_length=300,
        help_text="La personne le lit : des mots simples.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
