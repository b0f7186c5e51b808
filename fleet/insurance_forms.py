"""What a person typed about the insurer's contract, as clean values."""

from typing import Any

from django import forms

from core.forms import DayField, EurosField, PhoneInput
from fleet.models import Vehicle


class PolicyForm(forms.Form):
    insurer = forms.CharField(label="Assureur", max_length=80)
    number = forms.CharField(label="Numéro du contrat", max_length=60, required=False)
    phone = forms.CharField(label="Téléphone de l’assureur", max_length=30, required=False, widget=PhoneInput())
    starts_on = DayField(label="Depuis le")
    ends_on = DayField(label="Jusqu’au (compris)", required=False, help_text="Vide : sans fin prévue.")
    minimum_age = forms.IntegerField(label="Âge minimal du conducteur", min_value=14, max_value=99, required=False)
    minimum_licence_years = forms.IntegerField(
        label="Années de permis au moins", min_value=0, max_value=50, required=False
    )
    excess = EurosField(label="Franchise", required=False)
    file = forms.FileField(
        label="Contrat (photo ou PDF)",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )
    vehicles = forms.ModelMultipleChoiceField(
        Vehicle.objects.none(), label="Véhicules assurés", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, vehicles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicles"].queryset = vehicles  # type: ignore[attr-defined]
