"""What a person typed about the people whom we accompany, as clean values. The rules are in the actions."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model

from accounts.models import Platform, User
from core.forms import DayField, PhoneInput, as_typed
from core.french import InFrench
from participants.models import (
    Audience,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from places.forms import AddressFields


def team_of(platform: Platform) -> Any:
    return User.objects.filter(memberships__platform=platform, is_active=True).order_by(InFrench("name"), "pk")


class PeopleFilters(forms.Form):
    programme = forms.ModelChoiceField(Programme.objects.none(), label="Dispositif", required=False, empty_label="Tous")
    adviser = forms.ModelChoiceField(
        User.objects.none(), label="Conseiller·ère", required=False, empty_label="Tout le monde"
    )
    audience = forms.ChoiceField(label="Public", choices=[("", "Tous"), *Audience.choices], required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.filter(platform=platform)  # type: ignore[attr-defined]
        self.fields["adviser"].queryset = team_of(platform)  # type: ignore[attr-defined]


class PersonForm(AddressFields):
    """A name and a telephone are enough; the rest can come later."""

    WHO = ("first_name", "last_name", "birth_date", "birth_place")
    FOLLOWED = ("licence_declared", "licence_remark", "french_level", "project", "entered_on")

    phone = forms.CharField(
        label="Téléphone",
        max_length=40,
        required=False,
        widget=PhoneInput(),
    )
    email = forms.EmailField(label="Adresse e-mail", required=False)
    programme = forms.ModelChoiceField(
        Programme.objects.none(), label="Dispositif", required=False, empty_label="Celui proposé d’office"
    )
    prescriber = forms.ModelChoiceField(
        PrescriberOrganization.objects.none(), label="Prescripteur", required=False, empty_label="Aucun"
    )
    referent = forms.ModelChoiceField(Referent.objects.none(), label="Référent·e", required=False, empty_label="Aucun")
    adviser = forms.ModelChoiceField(
        User.objects.none(), label="Conseiller·ère", required=False, empty_label="Personne"
    )

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_for_model(Participant, fields=(*self.WHO, *self.FOLLOWED), formfield_callback=as_typed)
        self.fields["birth_date"].label = "Né·e le"
        for name, rows in {
            "programme": Programme.objects.filter(platform=platform),
            "prescriber": PrescriberOrganization.objects.filter(platform=platform),
            "referent": Referent.objects.filter(platform=platform),
            "adviser": team_of(platform),
        }.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class NewPersonForm(PersonForm):
    audiences = forms.MultipleChoiceField(
        label="Publics", choices=Audience.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    is_somebody_else = forms.BooleanField(label="C’est quelqu’un d’autre", required=False)


class AudienceForm(forms.Form):
    audience = forms.ChoiceField(label="Public", choices=Audience.choices)
    starts_on = DayField(label="Depuis le", required=False)
    ends_on = DayField(label="Jusqu’au", required=False, help_text="Ce jour-là, la personne n’en fait plus partie.")
    proof_seen_on = DayField(label="Justificatif vu le", required=False)


class TitleForm(forms.Form):
    """A paper that gives a right to drive."""

    category = forms.ChoiceField(label="Catégorie", choices=DrivingEntitlement.Category.choices, initial="B")
    sort = forms.ChoiceField(label="Titre", choices=DrivingEntitlement.Sort.choices)
    obtained_on = DayField(label="Obtenu le", required=False)
    valid_until = DayField(label="Valable jusqu’au", required=False)
    restriction_codes = forms.CharField(
        label="Codes",
        required=False,
        max_length=60,
        help_text="Comme au dos du permis, séparés par des espaces. 78 : boîte automatique seulement.",
    )
    method = forms.ChoiceField(
        label="Ce qui a été vu",
        choices=DrivingEntitlement.Method.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text="Ne demandez jamais le solde de points.",
    )
    verified_on = DayField(label="Vu le", required=False, help_text="Vide : aujourd’hui.")
    number = forms.CharField(label="Numéro", max_length=30, required=False)
    training_125_on = DayField(label="Formation 125 cm³ (7 heures) le", required=False)
    training_125_exempt = forms.BooleanField(
        label="Dispensé·e de cette formation : assuré·e pour une 125 entre 2006 et 2010", required=False
    )
    training_automatic_lift_on = DayField(
        label="Formation boîte manuelle (7 heures) le", required=False, help_text="Lève le code 78."
    )
    not_entitled_until = DayField(
        label="N’a pas le droit de conduire jusqu’au", required=False, help_text="La date seule, sans le motif."
    )

    def clean_restriction_codes(self) -> list[str]:
        return self.cleaned_data["restriction_codes"].replace(",", " ").replace(";", " ").split()


class ProgrammeForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=80)
    funder = forms.CharField(label="Financeur", max_length=120, required=False)
    eligibility = forms.CharField(label="Pour qui ?", max_length=300, required=False)
    is_default = forms.BooleanField(label="Proposé d’office aux nouvelles personnes", required=False)


class PrescriberForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=120, help_text="France Travail de Dax, Mission locale des Landes…")
    sort = forms.ChoiceField(label="Nature", choices=PrescriberOrganization.Sort.choices)


class ReferentForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=120)
    organization = forms.ModelChoiceField(
        PrescriberOrganization.objects.none(), label="Structure", required=False, empty_label="Aucune"
    )
    phone = forms.CharField(label="Téléphone", max_length=40, required=False, widget=PhoneInput())
    email = forms.EmailField(label="Adresse e-mail", required=False)

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = PrescriberOrganization.objects.filter(platform=platform)  # type: ignore[attr-defined]
