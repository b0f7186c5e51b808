"""What a person typed about house rules and why they pass one, as clean values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.models import Platform, Role
from bookings import perms
from bookings.rules.house import Breach, Pass, PassReason, Rule
from core.forms import DayField
from fleet.models import Kind
from participants.models import Programme
from participants.papers import PaperSort, in_full

AS_GENERAL = "Comme les règles plus générales"
ROLES = [(value, label) for value, label in Role.choices if value in {Role.ADVISER, Role.FLEET_MANAGER}]
PAPERS = [(sort, in_full(sort)) for sort in PaperSort.values if sort != PaperSort.OTHER]


def passes_in(typed: Mapping[str, Any]) -> list[Pass]:
    """The boxes « Passer outre »: for each rule its reason, where one was chosen."""
    given = {rule: typed.get(f"pass_{rule}", "") for rule in Rule.values}
    return [Pass(rule, reason) for rule, reason in given.items() if reason in PassReason.values]


@dataclass(frozen=True)
class Shown:
    """A broken rule as a page shows it: whether this user may pass it, and the reason chosen so far."""

    breach: Breach
    may_pass: bool
    chosen: str = ""


def shown(breaches: Iterable[Breach], user: Any, platform: Platform, typed: Mapping[str, Any]) -> list[Shown]:
    return [
        Shown(
            breach,
            breach.can_be_passed and perms.can_pass(user, platform.pk, breach.passed_by),
            typed.get(f"pass_{breach.rule}", ""),
        )
        for breach in breaches
    ]


class Number(forms.IntegerField):
    def __init__(self, label: str, most: int, **kwargs: Any) -> None:
        super().__init__(label=label, min_value=0, max_value=most, required=False, **kwargs)


class YesOrNo(forms.TypedChoiceField):
    """Yes, no, or as the more general rules say (None)."""

    def __init__(self, label: str) -> None:
        choices = [("", AS_GENERAL), ("yes", "Oui"), ("no", "Non")]
        super().__init__(
            label=label, choices=choices, required=False, coerce=lambda typed: typed == "yes", empty_value=None
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value)


class Several(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class RulesForm(forms.Form):
    """A field that stays empty says nothing: the more general rules answer."""

    kind = forms.ChoiceField(label="Type de véhicule", choices=[("", "Tous"), *Kind.choices], required=False)
    valid_from = DayField(label="À partir du", help_text="Les règles d’avant s’arrêtent ce jour-là.")
    min_hours = Number("Durée minimale (heures)", 2000)
    max_days = Number("Durée maximale (jours)", 366)
    notice_hours = Number("Réservé combien d’heures avant", 2000)
    horizon_days = Number("Réservable combien de jours à l’avance", 3650)
    quota_days = Number("Jours de prêt au total, par personne", 3650)
    quota_months = Number("Sur combien de mois", 60, help_text="Fenêtre glissante : 12 pour un an.")
    renewals = Number("Renouvellements au plus", 60)
    one_at_a_time = YesOrNo("Un seul prêt à la fois")
    aptitude_needed = YesOrNo("Test d’aptitude demandé")
    documents = Several(label="Papiers demandés", choices=PAPERS, required=False)
    no_documents = forms.BooleanField(label="Aucun papier, quoi que disent les règles plus générales", required=False)
    before_minutes = Number("Préparation avant le départ (minutes)", 10_000)
    after_minutes = Number("Préparation après le retour (minutes)", 10_000)
    approval_needed = YesOrNo("Approbation demandée")
    approved_by = Several(label="Qui approuve, avec la coordination", choices=ROLES, required=False)
    passed_by = Several(
        label="Qui peut passer outre, avec la coordination",
        choices=ROLES,
        required=False,
        help_text="Rien de coché : comme les règles plus générales ; sans elles, toute l’équipe qui prête.",
    )
    only_coordination = forms.BooleanField(label="Passer outre : la coordination seule", required=False)

    def __init__(self, platform: Platform, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"] = forms.ModelChoiceField(
            Programme.objects.filter(platform=platform), label="Dispositif", required=False, empty_label="Tous"
        )

    def said(self) -> dict[str, Any]:
        """As `save_rules` takes it: nothing ticked says nothing."""
        typed = dict(self.cleaned_data)
        none, alone = typed.pop("no_documents"), typed.pop("only_coordination")
        for name in ("documents", "approved_by", "passed_by"):
            typed[name] = typed[name] or None
        if none:
            typed["documents"] = []
        if alone:
            typed["passed_by"] = []
        return typed


class LawForm(forms.Form):
    suspended_b_rides_mopeds = forms.BooleanField(
        label="Permis B suspendu : laisser conduire un scooter 50 ou une voiturette avec le permis AM, "
        "ou si l’on est né·e avant 1988",
        required=False,
        help_text="Les textes se lisent de deux façons. Sans cette case, Remise refuse.",
    )
