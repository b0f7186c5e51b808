from typing import Any

from django import forms

from accounts.forms import PhoneField, SiretField
from core.forms import DayField, EurosField
from fleet.models import Kind
from garages.actions import place_of
from garages.models import Garage, GarageRate, Work
from garages.newcomers import FACTS
from places.forms import AddressFields

YES_NO = (("", "On ne sait pas"), ("yes", "Oui"), ("no", "Non"))


class GarageForm(AddressFields):
    name = forms.CharField(label="Nom", max_length=120)
    sort = forms.ChoiceField(label="Nature", choices=Garage.Sort.choices)
    phone = PhoneField(label="Téléphone", required=False, help_text="Un portable reçoit les propositions par SMS")
    email = forms.EmailField(label="Adresse e-mail", required=False)
    siret = SiretField(label="SIRET", required=False)
    repairs = forms.MultipleChoiceField(
        label="Il répare", choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    works = forms.MultipleChoiceField(
        label="Il fait", choices=Work.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    usual_delay_days = forms.IntegerField(
        label="Délai habituel (jours ouvrés)", min_value=0, max_value=90, required=False
    )
    can_tow = forms.ChoiceField(label="Il a une dépanneuse", choices=YES_NO, required=False)
    jobs_at_once = forms.IntegerField(
        label="Véhicules qu’il prend à la fois", min_value=1, max_value=99, required=False
    )
    receiving_hours = forms.CharField(label="Heures de réception", max_length=200, required=False)

    def clean_can_tow(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["can_tow"])


class NewGarageForm(GarageForm):
    hourly_rate = EurosField(label="Tarif de l’heure pour nos véhicules (€)", required=False)


def facts_of(garage: Garage) -> dict[str, Any]:
    """What is known, as the form takes it."""
    facts = {field: getattr(garage, field) for field in FACTS} | place_of(garage)
    return facts | {"can_tow": {True: "yes", False: "no"}.get(garage.can_tow, "")}  # type: ignore[arg-type]


class RateForm(forms.Form):
    hourly_rate = EurosField(label="Tarif de l’heure (€)")
    tier = forms.ChoiceField(label="Pour", choices=GarageRate.Tier.choices)
    valid_from = DayField(label="À partir du", required=False, help_text="Aujourd’hui si rien n’est écrit")


class MemberForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=120)
    phone = PhoneField(label="Téléphone", required=False)
    email = forms.EmailField(
        label="Adresse e-mail", required=False, help_text="Avec elle, cette personne se connecte par un code"
    )
