"""House rules bind, and are passed with a reason by whom the platform names; the law is passed by nobody."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import Platform, User
from bookings import perms
from bookings.models import Booking, RulePass
from bookings.offers.choices import Needs
from bookings.rules import reads as rule_reads
from bookings.rules.house import Breach, Pass, PassReason, Rule, Terms
from core import clock
from core.db import action, create_all, lock, refuse, require, save
from core.journal import record
from fleet.models import Hold
from participants.models import Participant

Used = list[tuple[Breach, Pass]]


def lock_person(participant: Participant, rules: Terms) -> None:
    """Whoever promises this person a loan, or a longer one, waits for whoever does so at this moment: where the rules
    count their loans, two that begin together would not see each other. Before any vehicle is locked."""
    if rules.looks_at_loans:
        lock(participant)


def refuse_or_pass(
    booking: Booking | None,
    breaches: Sequence[Breach],
    passes: Sequence[Pass],
    by: User,
    *,
    platform: Platform | None = None,
) -> Used:
    """Refuses with `rule_broken`, which says each rule that nobody passed; what `by` passes is noted on the loan.

    Where the loan does not exist yet (None, with its platform), what was passed is given back for `keep_passes`.
    """
    given = {one.rule: one for one in passes}
    binding = [breach for breach in breaches if breach.binds]
    left = [breach for breach in binding if not (breach.can_be_passed and breach.rule in given)]
    if left:
        raise rule_broken(left)
    platform_id = booking.platform_id if booking is not None else platform.pk  # type: ignore[union-attr]
    used = [(breach, given[breach.rule]) for breach in binding]
    require(all(perms.can_pass(by, platform_id, breach.passed_by) for breach, _ in used))
    if booking is not None:
        keep_passes(booking, used, by)
    return used


def keep_passes(booking: Booking, used: Used, by: User) -> None:
    """Which rules were passed for this loan, and why: to be reviewed later."""
    if not used:
        return
    for breach, one in used:
        record(by, "booking.rule_passed", booking, rule=breach.rule, reason=one.reason)
    rows = [
        RulePass(
            platform_id=booking.platform_id,
            booking=booking,
            rule=breach.rule,
            message=breach.message[:300],
            reason=one.reason,
            by=by,
            at=clock.now(),
        )
        for breach, one in used
    ]
    create_all(RulePass, rows)


def rule_broken(breaches: Sequence[Breach]) -> ValidationError:
    """One sentence a rule; `rules` tells programs which, and whether somebody may pass it, `breaches` tells pages."""
    refusal = refuse(" ".join(breach.message for breach in breaches), "rule_broken")
    refusal.breaches = list(breaches)  # type: ignore[attr-defined]
    refusal.rules = [  # type: ignore[attr-defined]
        {"rule": str(breach.rule), "message": breach.message, "can_be_passed": breach.can_be_passed}
        for breach in breaches
    ]
    return refusal


def take_by_the_rules(
    take: Callable[[Needs], Hold],
    needs: Needs,
    rules: Terms,
    passes: Sequence[Pass],
    by: User,
    platform: Platform,
    *,
    on_the_way: bool = False,
) -> tuple[Hold, Used]:
    """`take` with the turnaround that the rules ask for; where that alone is in the way it is a house rule like the
    others, and gives way when it is passed. To somebody who waits `on_the_way` it gives way by itself, and is noted."""
    try:
        return take(needs), []
    except ValidationError as refusal:
        is_over = isinstance(refusal.__cause__, IntegrityError)
        passed = [one for one in passes if one.rule == Rule.TURNAROUND]
        if is_over or not (refusal.code == "turnaround" or (refusal.code == "none_free" and passed)):
            raise
        breach = Breach(Rule.TURNAROUND, refusal.messages[0], passed_by=rules.passed_by)
        if refusal.code == "none_free":
            breach = replace(breach, message="Il ne reste de véhicule qu’en raccourcissant le temps de préparation.")
        if on_the_way:
            used = [(breach, passed[0] if passed else Pass(Rule.TURNAROUND, PassReason.CONTINUITY))]
        else:
            used = refuse_or_pass(None, [breach], passes, by, platform=platform)
        return take(replace(needs, squeezing=True)), used


@action
def pass_rules(booking: Booking, *, passes: Sequence[Pass], by: User) -> Booking:
    """Papers or the aptitude test are passed for a loan that is promised already, so that its keys may be given.

    Refuses with `nothing_to_pass` when none of the rules that are named is broken now.
    """
    booking = lock(booking)
    require(perms.can_change(by, booking))
    wanted = {one.rule for one in passes}
    broken = [one for one in rule_reads.before_loan(booking) if one.binds and one.can_be_passed and one.rule in wanted]
    if not broken:
        raise refuse("Choisissez une règle à passer, et une raison.", "nothing_to_pass")
    refuse_or_pass(booking, broken, passes, by)
    return booking


@action
def review_pass(one: RulePass, *, by: User) -> RulePass:
    """« Vu »: whoever coordinates has read why a rule was passed. Refuses with `wrong_state` what was read before."""
    require(perms.can_review_passes(by, one.platform))
    one = lock(one)
    if one.reviewed_at is not None:
        raise refuse("C’est déjà vu.", "wrong_state")
    one.reviewed_by, one.reviewed_at = by, clock.now()
    save(one, "reviewed_by", "reviewed_at")
    record(by, "booking.pass_reviewed", one.booking, rule=one.rule)
    return one
