"""What a person typed about reminders, clauses, and a vehicle that is late, as clean values."""

import datetime as dt
from typing import Any

from django import forms

from bookings.models import Clause, RecoveryStep, ReminderStep
from core.forms import DayField, WallClockField
from fleet.models import Kind, Site, Vehicle

TIME = {"attrs": {"type": "time"}, "format": "%H:%M"}
Sort, Result = RecoveryStep.Sort, RecoveryStep.Result


class TimeField(forms.TimeField):
    """An hour of the day: the browser's picker, or « 9:30 » typed."""

    widget = forms.TimeInput(**TIME)
    default_error_messages = {"invalid": "Écrivez l’heure, par exemple 10:00."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=("%H:%M", "%H:%M:%S", "%Hh%M", "%Hh", "%H"), **kwargs)


class ReminderPolicyForm(forms.Form):
    is_on = forms.BooleanField(label="Envoyer les rappels", required=False)
    speaks_from = TimeField(label="Pas avant")
    speaks_until = TimeField(label="Pas après")


class ReminderForm(forms.Form):
    """A reminder as people say it: « 3 jours avant la fin, à 10 h »."""

    SIDES = (("before", "avant"), ("after", "après"))

    amount = forms.IntegerField(label="Combien", min_value=0, max_value=90, help_text="0 : le jour même.")
    unit = forms.ChoiceField(label="Compté en", choices=ReminderStep.Unit.choices)
    side = forms.ChoiceField(label="Avant ou après", choices=SIDES)
    anchor = forms.ChoiceField(label="Par rapport à", choices=ReminderStep.Anchor.choices)
    at = TimeField(label="À quelle heure", required=False, help_text="Pour un rappel compté en jours.")
    repeats_until = forms.IntegerField(
        label="Puis chaque jour jusqu’au", required=False, min_value=1, max_value=90,
        help_text="Jour après la fin. Vide : une seule fois.",
    )  # fmt: skip
    text = forms.CharField(label="Message", max_length=400, widget=forms.Textarea(attrs={"rows": 4}))
    is_active = forms.BooleanField(label="Ce rappel part", required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "amount" in typed and "side" in typed:
            typed["offset"] = typed.pop("amount") * (-1 if typed.pop("side") == "before" else 1)
        return typed

    @staticmethod
    def of(step: ReminderStep) -> dict[str, Any]:
        """What the form shows of a step that stands."""
        return {
            "amount": abs(step.offset),
            "side": "before" if step.offset <= 0 else "after",
            **{name: getattr(step, name) for name in ("unit", "anchor", "at", "repeats_until", "text", "is_active")},
        }


class ClauseForm(forms.Form):
    part = forms.ChoiceField(label="Où", choices=Clause.Part.choices)
    kinds = forms.MultipleChoiceField(
        label="Pour quels véhicules", choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Aucun coché : pour tous.",
    )  # fmt: skip
    text = forms.CharField(
        label="La phrase", max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Une idée par phrase, en français simple. {trajet} est remplacé par le trajet convenu.",
    )  # fmt: skip
    position = forms.IntegerField(label="Rang", min_value=0, max_value=9999, initial=500)
    valid_from = DayField(label="À partir du", required=False, help_text="Vide : dès aujourd’hui.")


class RewordForm(forms.Form):
    text = forms.CharField(
        label="La nouvelle phrase", max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Les contrats déjà signés ne changent pas.",
    )  # fmt: skip
    valid_from = DayField(label="À partir du", required=False, help_text="Vide : dès aujourd’hui.")


class EndClauseForm(forms.Form):
    valid_until = DayField(label="À partir du", required=False, help_text="Vide : dès aujourd’hui.")


class ContactForm(forms.Form):
    """A call, a visit, a complaint, the insurer told: what was done, when, with what result."""

    sort = forms.ChoiceField(label="Démarche", choices=[one for one in Sort.choices if one[0] != Sort.LETTER])
    result = forms.ChoiceField(
        label="Résultat d’un appel", choices=[("", "—"), *Result.choices[1:]], required=False,
        help_text="Pour un appel seulement.",
    )  # fmt: skip
    happened_at = WallClockField(label="Fait le", required=False, help_text="Vide : maintenant.")
    promised_for = WallClockField(label="Retour promis pour", required=False)
    number = forms.CharField(label="Numéro (plainte, dossier)", max_length=60, required=False)
    remark = forms.CharField(label="Précision", max_length=300, required=False)
    document = forms.FileField(label="Document (PDF ou photo)", required=False)


class LetterForm(forms.Form):
    back_by = DayField(label="Véhicule à rendre avant le")

    @staticmethod
    def usual(today: dt.date) -> dict[str, dt.date]:
        return {"back_by": today + dt.timedelta(days=8)}


class ProofForm(forms.Form):
    number = forms.CharField(label="Numéro de suivi", max_length=60, required=False)
    proof = forms.FileField(label="Avis de réception (PDF ou photo)", required=False)


class SignedCopyForm(forms.Form):
    scan = forms.FileField(label="Contrat signé (PDF ou photo)")


class MeetForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Le participant vient à")

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]


class RehouseForm(forms.Form):
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), widget=forms.RadioSelect, label="Véhicule")

    def __init__(self, *args: Any, vehicles: list[Vehicle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = Vehicle.objects.filter(pk__in=[one.pk for one in vehicles])  # type: ignore[attr-defined]
        self.fields["vehicle"].error_messages |= dict.fromkeys(
            ("required", "invalid_choice"), "Choisissez un véhicule de la liste."
        )
