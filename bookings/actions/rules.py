"""House rules change by a new version from a day on; loans that were promised before keep what was promised."""

import datetime as dt
from typing import Any

from accounts.models import Platform, User
from bookings import perms
from bookings.models import LoanRules
from core.db import action, lock, lock_all, refuse, require, save
from core.journal import record
from participants.models import Programme
from participants.papers import PaperSort

SAID = (
    "min_hours", "max_days", "notice_hours", "horizon_days", "quota_days", "quota_months", "renewals", "one_at_a_time",
    "aptitude_needed", "documents", "before_minutes", "after_minutes", "approval_needed", "approved_by", "passed_by",
)  # fmt: skip


@action
def save_rules(
    platform: Platform,
    *,
    by: User,
    valid_from: dt.date,
    programme: Programme | None = None,
    kind: str = "",
    **said: Any,
) -> LoanRules:
    """The rules of a case (programme, kind) from a day on: they close those before, take the place of others that
    begin on that very day, and end where later ones begin. `said` takes the fields of SAID; what is not given is as
    the more general rules say.

    Refuses with `rules_empty`, `quota_months_missing`, `unknown_paper`, `other_platform`.
    """
    require(perms.can_set_rules(by, platform))
    if unknown := set(said) - set(SAID):
        raise TypeError(f"no house rules: {', '.join(sorted(unknown))}")
    refuse_empty(said)
    rules = LoanRules(platform=platform, programme=programme, kind=kind, valid_from=valid_from, **said)
    others = lock_all(LoanRules, LoanRules.objects.same_case(rules).values_list("pk", flat=True))
    rules.valid_until = min((one.valid_from for one in others if one.valid_from > valid_from), default=None)
    before = next((one for one in others if one.valid_on(valid_from)), None)
    if before is not None and before.valid_from == valid_from:
        rules.pk, rules._state.adding = before.pk, False
    elif before is not None:
        before.valid_until = valid_from
        save(before, "valid_until")
    save(rules)
    record(by, "loan_rules.saved", rules, kind=kind, valid_from=valid_from.isoformat())
    return rules


@action
def end_rules(rules: LoanRules, *, by: User, valid_until: dt.date) -> LoanRules:
    """They hold no longer from that day on; the more general ones answer. Refuses with `ends_before_start`."""
    rules = lock(rules)
    require(perms.can_set_rules(by, rules.platform))
    rules.valid_until = valid_until
    save(rules, "valid_until")
    record(by, "loan_rules.ended", rules, valid_until=valid_until.isoformat())
    return rules


def refuse_empty(said: dict[str, Any]) -> None:
    if all(value is None for value in said.values()):
        raise refuse("Écrivez au moins une règle.", "rules_empty")
    if unknown := set(said.get("documents") or ()) - set(PaperSort.values) - {PaperSort.OTHER}:
        raise refuse(f"Papier inconnu : {', '.join(sorted(unknown))}.", "unknown_paper")
