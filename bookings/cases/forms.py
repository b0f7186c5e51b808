"""What a person typed about an incident, a notice or a trip, as clean values. The rules are in the actions."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Platform, User
from bookings.identity import Identity
from bookings.models import CasePaper, Fine, Incident, Trip, UnreturnedLoan
from core.forms import DayField, EurosField, WallClockField
from core.french import InFrench
from fleet.models import Site, Vehicle

CHOOSE_A_VEHICLE = dict.fromkeys(("required", "invalid_choice"), "Choisissez un véhicule de la liste.")
PAPER = "Un PDF ou une photo."
NEVER_SENSITIVE = "Écrivez des faits. Rien sur la santé des personnes : elles peuvent tout relire."


def pool_field(**more: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Vehicle.objects.none(), label="Véhicule", error_messages=CHOOSE_A_VEHICLE, empty_label="Choisissez", **more
    )


class OfPool(forms.Form):
    """A form that asks for a vehicle of the platform, also one that left the pool: notices come late."""

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pool = Vehicle.objects.visible_to(by).filter(platform=platform)
        self.fields["vehicle"].queryset = pool  # type: ignore[attr-defined]


class FactsForm(forms.Form):
    """What is known of an incident; more can come later."""

    happened_at = WallClockField(label="C’est arrivé le")
    known_on = DayField(label="La plateforme le sait depuis le")
    place = forms.CharField(label="Où", max_length=200, required=False)
    description = forms.CharField(
        label="Ce qui s’est passé",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=NEVER_SENSITIVE,
    )
    other_party = forms.CharField(
        label="L’autre conducteur",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Nom, immatriculation, assurance : ce que dit le constat.",
    )
    pound = forms.CharField(label="Quelle fourrière", max_length=200, required=False, help_text="Nom, téléphone")
    notified_on = DayField(
        label="Mise en demeure reçue le", required=False, help_text="Le délai avant l’abandon part de ce jour."
    )
    low_value = forms.BooleanField(label="La lettre parle de 10 jours (véhicule de faible valeur)", required=False)
    removal_cost = EurosField(label="Enlèvement", required=False)
    daily_cost = EurosField(label="Garde par jour", required=False)
    keys_returned = forms.NullBooleanField(
        label="Les clés sont rendues",
        required=False,
        widget=forms.Select(choices=[("unknown", "On ne sait pas"), ("true", "Oui"), ("false", "Non")]),
        help_text="Sans les clés, l’assurance peut refuser.",
    )
    claim_number = forms.CharField(label="Numéro de sinistre", max_length=60, required=False)

    ONLY = {
        "other_party": {Incident.Sort.ACCIDENT},
        "pound": {Incident.Sort.IMPOUND},
        "notified_on": {Incident.Sort.IMPOUND},
        "low_value": {Incident.Sort.IMPOUND},
        "removal_cost": {Incident.Sort.IMPOUND},
        "daily_cost": {Incident.Sort.IMPOUND},
        "keys_returned": {Incident.Sort.THEFT},
        "claim_number": {Incident.Sort.ACCIDENT, Incident.Sort.THEFT},
    }

    RUNS_FROM = {
        Incident.Sort.ACCIDENT: "Le délai de l’assurance part de ce jour.",
        Incident.Sort.THEFT: "Le délai de l’assurance part de ce jour.",
        Incident.Sort.IMPOUND: "Le délai part de ce jour tant que la mise en demeure n’est pas arrivée.",
    }

    def __init__(self, *args: Any, sort: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_on"].help_text = self.RUNS_FROM.get(Incident.Sort(sort), "")
        for name, sorts in self.ONLY.items():
            if sort not in sorts:
                del self.fields[name]


class OpenForm(OfPool, FactsForm):
    """A new incident of one sort."""

    vehicle = pool_field()
    field_order = ("vehicle", "happened_at", "known_on", "place", "description")

    PAPERS = {
        Incident.Sort.ACCIDENT: (CasePaper.Sort.STATEMENT, "Constat amiable"),
        Incident.Sort.THEFT: (CasePaper.Sort.COMPLAINT, "Récépissé de plainte"),
        Incident.Sort.IMPOUND: (CasePaper.Sort.OTHER, "Lettre reçue"),
        Incident.Sort.BREAKDOWN: (CasePaper.Sort.PHOTO, "Photo"),
    }

    def __init__(self, *args: Any, sort: str, **kwargs: Any) -> None:
        super().__init__(*args, sort=sort, **kwargs)
        self.paper_sort, label = self.PAPERS[Incident.Sort(sort)]
        self.fields["paper"] = forms.FileField(label=label, required=False, help_text=PAPER)

    def facts(self) -> dict[str, Any]:
        """What `open_incident` takes, but for the vehicle."""
        told = dict(self.cleaned_data)
        del told["vehicle"]
        paper = told.pop("paper")
        return told | {"papers": [(self.paper_sort, paper)] if paper else []}


class PaperForm(forms.Form):
    sort = forms.ChoiceField(label="Nature", choices=[("", "Choisissez"), *CasePaper.Sort.choices])
    file = forms.FileField(label="Fichier", help_text=PAPER)


class DoneForm(forms.Form):
    """Something was done on a day, with the paper that shows it."""

    on = DayField(label="Fait le")
    file = forms.FileField(label="Papier", required=False, help_text=PAPER)


class ComplaintForm(DoneForm):
    number = forms.CharField(label="Numéro de la plainte", max_length=60, required=False)
    field_order = ("on", "number", "file")


class DeclareForm(DoneForm):
    claim_number = forms.CharField(label="Numéro de sinistre", max_length=60, required=False)
    field_order = ("on", "claim_number", "file")


class FetchForm(DoneForm):
    removal_cost = EurosField(label="Enlèvement", required=False)
    daily_cost = EurosField(label="Garde par jour", required=False)
    field_order = ("on", "removal_cost", "daily_cost", "file")


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="Comment cela s’est terminé",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple « Réparé, l’assurance a payé ».",
    )


# --- notices ------------------------------------------------------------------------------------


class FineForm(OfPool):
    """What is read on the notice."""

    vehicle = pool_field()
    sort = forms.ChoiceField(
        label="Nature",
        choices=[("", "Choisissez"), *Fine.Sort.choices],
        help_text="« Amende » : tout avis qui demande de désigner le conducteur.",
    )
    number = forms.CharField(label="Numéro de l’avis", max_length=40, required=False)
    sent_on = DayField(
        label="Avis envoyé le",
        required=False,
        help_text="La date en haut de l’avis, pas celle des faits. Un péage peut ne pas avoir d’avis.",
    )
    offence_at = WallClockField(
        label="Date et heure des faits", help_text="À la minute : c’est elle qui dit qui conduisait."
    )
    place = forms.CharField(label="Lieu", max_length=200, required=False)
    amount = EurosField(label="Montant", min_value=Decimal("0.01"))
    file = forms.FileField(label="L’avis", required=False, help_text=PAPER)


class DriverForm(forms.Form):
    """Which use it was, and who the driver is, as the designation asks for it."""

    use = forms.ChoiceField(label="Qui conduisait", required=False, widget=forms.RadioSelect)
    last_name = forms.CharField(label="Nom", max_length=80, required=False)
    first_name = forms.CharField(label="Prénom", max_length=80, required=False)
    birth_date = DayField(label="Né·e le", required=False)
    birth_place = forms.CharField(label="Né·e à", max_length=80, required=False)
    street = forms.CharField(label="Numéro et rue", max_length=160, required=False)
    postcode = forms.CharField(label="Code postal", max_length=10, required=False)
    city = forms.CharField(label="Commune", max_length=80, required=False)
    licence_number = forms.CharField(label="Numéro du permis", max_length=30, required=False)
    licence_category = forms.CharField(label="Catégorie", max_length=3, required=False)
    licence_on = DayField(label="Permis délivré le", required=False)

    def __init__(self, *args: Any, uses: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [  # type: ignore[attr-defined]
            *((use.key, f"{use.label} : {use.name}" if use.name else use.label) for use in uses),
            ("", "On ne sait pas, ou quelqu’un d’autre"),
        ]

    @staticmethod
    def known(identity: Identity) -> dict[str, Any]:
        return {name: getattr(identity, name) for name in DriverForm.base_fields if name != "use"}


class DesignateForm(DoneForm):
    charge_fee = forms.BooleanField(required=False)

    def __init__(self, *args: Any, fee: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = "Désignation envoyée le"
        self.fields["file"].label = "Accusé d’enregistrement"
        if fee:
            self.fields["charge_fee"].label = f"Facturer les frais de dossier ({fee}), jamais l’amende"
        else:
            del self.fields["charge_fee"]


class PayForm(DoneForm):
    amount = EurosField(label="Montant payé", min_value=Decimal("0.01"))
    field_order = ("on", "amount", "file")


class NoticeForm(forms.Form):
    """What the notice of a toll says that was known before it."""

    number = forms.CharField(label="Numéro de l’avis", max_length=40)
    sent_on = DayField(label="Avis envoyé le", help_text="La date en haut de l’avis, pas celle du passage.")
    amount = EurosField(label="Montant demandé", min_value=Decimal("0.01"))
    file = forms.FileField(label="L’avis", required=False, help_text=PAPER)


class ContestForm(DoneForm):
    reason = forms.CharField(label="Pourquoi", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("on", "reason", "file")


class PolicyForm(forms.Form):
    fine_fee = EurosField(
        label="Frais de dossier d’une amende",
        help_text="0 : vous ne demandez rien. L’amende elle-même n’est jamais facturée à la personne.",
    )
    keep_months = forms.IntegerField(
        label="Mois avant d’effacer une amende close",
        min_value=1,
        max_value=36,
        help_text="Ensuite Remise efface le numéro, le lieu, le conducteur et les papiers.",
    )


# --- trips, and vehicles that did not come back ------------------------------------------------------


class TripForm(OfPool):
    vehicle = pool_field()
    driver = forms.ModelChoiceField(User.objects.none(), label="Qui conduisait", empty_label="Choisissez")
    sort = forms.ChoiceField(label="Nature", choices=Trip.Sort.choices)
    starts_at = WallClockField(label="Départ")
    ends_at = WallClockField(label="Arrivée")
    to_site = forms.ModelChoiceField(
        Site.objects.none(), label="Jusqu’au site", required=False, empty_label="Revenu au même endroit"
    )
    reason = forms.CharField(label="Pourquoi", max_length=200, required=False)

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, platform=platform, by=by, **kwargs)
        team = User.objects.filter(memberships__platform=platform).order_by(InFrench("name"), "pk")
        self.fields["driver"].queryset = team  # type: ignore[attr-defined]
        self.fields["to_site"].queryset = Site.objects.visible_to(by).filter(platform=platform)  # type: ignore[attr-defined]


class NotReturnedForm(forms.Form):
    """Which vehicle is asked when two of the loan are out; until when rent is due, when the loan ends with it."""

    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(), label="Quel véhicule", widget=forms.RadioSelect, empty_label=None,
        error_messages=CHOOSE_A_VEHICLE,
    )  # fmt: skip
    why = forms.ChoiceField(label="Pourquoi", choices=UnreturnedLoan.Why.choices, widget=forms.RadioSelect)
    since = WallClockField(label="Depuis", help_text="Le moment à partir duquel la personne ne l’avait plus.")
    rent_until = DayField(
        label="Participation due jusqu’au", help_text="Ce jour compris. Le reste est annulé sur le compte."
    )

    def __init__(self, *args: Any, vehicles: list[int], goes_on: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goes_on:
            del self.fields["rent_until"]
        if len(vehicles) > 1:
            self.fields["vehicle"].queryset = Vehicle.objects.filter(pk__in=vehicles)  # type: ignore[attr-defined]
        else:
            del self.fields["vehicle"]


def last_day_of_rent(typed: Any, usual: dt.date) -> dt.date:
    """The day that was typed, as far as it is one."""
    try:
        return DayField().clean(typed.get("rent_until") or usual) or usual
    except forms.ValidationError:
        return usual


class RecoveredForm(forms.Form):
    at = WallClockField(label="Retrouvé le")
    site = forms.ModelChoiceField(Site.objects.none(), label="Il est maintenant à", empty_label="Choisissez")
    km = forms.IntegerField(label="Kilomètres au compteur", required=False, min_value=0, max_value=2_000_000)
    rolls = forms.BooleanField(label="Il peut rouler", required=False, initial=True)
    condition = forms.CharField(
        label="Dans quel état",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Ce qui est cassé ou manque devient une réparation à décider. Vide : rien à signaler.",
    )

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_sites = Site.objects.visible_to(by).filter(platform=platform, is_open=True)
        self.fields["site"].queryset = open_sites  # type: ignore[attr-defined]


class CaseFilters(forms.Form):
    """The filters of both lists, as they stand in the address."""

    STATES = (("", "À suivre"), ("over", "Terminés"), ("all", "Tous"))
    sort = forms.ChoiceField(label="Nature", required=False)
    state = forms.ChoiceField(label="État", choices=STATES, required=False)
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label="Véhicule", required=False, empty_label="Tous")

    def __init__(self, *args: Any, sorts: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sort"].choices = [("", "Toutes"), *sorts]  # type: ignore[attr-defined]
        pool = Vehicle.objects.visible_to(by).filter(platform=platform)
        self.fields["vehicle"].queryset = pool  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["data-submit-on-change"] = ""
