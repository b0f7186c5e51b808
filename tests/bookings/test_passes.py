"""Rules bind when a loan is promised; they are passed with a reason, by whom the platform names, and reviewed."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings.actions import book, review_pass
from bookings.models import Booking, LoanRules, RulePass
from bookings.rules import turnaround
from bookings.rules.house import Pass, Rule
from core.models import JournalEntry
from fleet.models import Hold
from participants.models import ParticipantDocument
from tests.bookings.conftest import DAY, MONDAY

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def rules(platform, **said):
    return LoanRules.objects.create(platform=platform, **({"valid_from": dt.date(2026, 1, 1)} | said))


@pytest.fixture
def wish(platform, ana, car, tariff, bruno):
    return {"participant": ana, "vehicle": car, "starts_at": MONDAY, "ends_at": MONDAY + 7 * DAY, "by": bruno}


def refused(code, platform, wish, **changes):
    with pytest.raises(ValidationError) as refusal:
        book(platform, **(wish | changes))
    assert refusal.value.code == code
    assert not RulePass.objects.exists()
    return refusal.value


def test_without_rules_everything_is_as_before(platform, wish):
    assert book(platform, **wish).rule_passes.count() == 0


def test_a_broken_rule_is_refused_and_nothing_changes(platform, wish):
    rules(platform, max_days=5)
    refusal = refused("rule_broken", platform, wish)
    assert refusal.messages == ["Un prêt dure au plus 5 jours ; ici 7."]
    assert refusal.rules == [
        {"rule": "max_length", "message": "Un prêt dure au plus 5 jours ; ici 7.", "can_be_passed": True}
    ]
    assert not Booking.objects.exists()
    assert not Hold.objects.exists()


def test_a_passed_rule_is_noted_with_its_reason(platform, wish, bruno):
    rules(platform, max_days=5, documents=["identity"])
    given = [Pass(Rule.MAX_LENGTH, "job"), Pass(Rule.DOCUMENTS, "paper_coming"), Pass(Rule.QUOTA, "job")]
    loan = book(platform, **wish, passes=given)
    assert set(loan.rule_passes.values_list("rule", "reason", "by")) == {
        ("max_length", "job", bruno.pk),
        ("documents", "paper_coming", bruno.pk),
    }
    assert JournalEntry.objects.filter(verb="booking.rule_passed").count() == 2


def test_every_broken_rule_must_be_passed(platform, wish):
    rules(platform, max_days=5, documents=["identity"])
    refusal = refused("rule_broken", platform, wish, passes=[Pass(Rule.MAX_LENGTH, "job")])
    assert refusal.messages == ["Il manque : pièce d’identité."]


def test_only_whom_the_platform_names_passes(platform, wish, driss):
    rules(platform, max_days=5, passed_by=["fleet_manager"])
    with pytest.raises(PermissionDenied):
        book(platform, **wish, passes=[Pass(Rule.MAX_LENGTH, "job")])
    assert not Booking.objects.exists()
    assert book(platform, **(wish | {"by": driss}), passes=[Pass(Rule.MAX_LENGTH, "job")])


def test_a_reason_of_no_list_is_refused(platform, wish):
    rules(platform, max_days=5)
    with pytest.raises(ValidationError):
        book(platform, **wish, passes=[Pass(Rule.MAX_LENGTH, "parce que")])
    assert not RulePass.objects.exists()


def test_what_must_be_approved_is_promised_by_whom_the_rules_name(platform, wish, farid, driss):
    rules(platform, approval_needed=True, approved_by=["fleet_manager"])
    refused("approval_needed", platform, wish)
    assert not Booking.objects.exists()
    assert book(platform, **(wish | {"by": farid}))
    assert book(platform, **(wish | {"by": driss, "starts_at": MONDAY + 8 * DAY, "ends_at": MONDAY + 9 * DAY}))


def test_rules_hold_on_the_first_day_of_the_loan(platform, wish):
    rules(platform, max_days=5, valid_until=MONDAY.date())
    assert book(platform, **wish)


def test_a_promised_paper_is_said_and_does_not_bind(platform, wish, ana):
    rules(platform, documents=["identity"])
    ParticipantDocument.objects.create(
        platform=platform, participant=ana, sort="identity", promised_for=dt.date(2026, 3, 2)
    )
    assert book(platform, **wish).rule_passes.count() == 0


def test_a_day_is_counted_once_over_the_window_and_a_cancelled_loan_never(platform, wish, ana, other_car):
    rules(platform, quota_days=10, quota_months=12)
    first = book(platform, **wish)
    later = {"vehicle": other_car, "starts_at": MONDAY + 20 * DAY, "ends_at": MONDAY + 24 * DAY}
    assert "il en reste 3, ce prêt en demande 4" in refused("rule_broken", platform, wish, **later).messages[0]
    Booking.objects.filter(pk=first.pk).update(state="cancelled", cancelled_at=MONDAY, cancel_reason="Non")
    assert book(platform, **(wish | later))


def test_one_at_a_time(platform, wish, other_car):
    rules(platform, one_at_a_time=True)
    book(platform, **wish)
    assert "a déjà un prêt" in refused("rule_broken", platform, wish, vehicle=other_car).messages[0]
    after = {"starts_at": MONDAY + 7 * DAY, "ends_at": MONDAY + 8 * DAY, "vehicle": other_car}
    assert book(platform, **(wish | after))


def test_turnaround_lies_inside_the_hold_and_never_in_what_is_read(platform, wish):
    rules(platform, kind="car", before_minutes=30, after_minutes=60)
    loan = book(platform, **wish)
    assignment = loan.assignments.get()
    assert (assignment.starts_at, assignment.ends_at) == (MONDAY, MONDAY + 7 * DAY)
    assert (assignment.hold.starts_at, assignment.hold.ends_at) == (MONDAY - HOUR / 2, MONDAY + 7 * DAY + HOUR)
    assert turnaround.margins(platform, "car", None, MONDAY) == (HOUR / 2, HOUR)
    assert turnaround.margins(platform, "moped", None, MONDAY) == (0 * HOUR, 0 * HOUR)


@pytest.mark.parametrize("by_kind", [False, True])
def test_too_little_turnaround_is_a_rule_that_can_be_passed(platform, wish, ana, car, by_kind):
    rules(platform, after_minutes=60)
    first = book(platform, **wish)
    next_one = wish | {"starts_at": MONDAY + 7 * DAY, "ends_at": MONDAY + 8 * DAY}
    if by_kind:
        next_one |= {"vehicle": None, "kind": "car"}
    refused("none_free" if by_kind else "rule_broken", platform, next_one)
    second = book(platform, **next_one, passes=[Pass(Rule.TURNAROUND, "job")])
    assert second.rule_passes.get().rule == "turnaround"
    assert second.assignments.get().vehicle == car
    assert first.assignments.get().hold.ends_at == MONDAY + 7 * DAY


def test_a_pass_is_reviewed_once_by_a_coordinator(platform, wish, bruno, driss):
    rules(platform, max_days=5)
    loan = book(platform, **wish, passes=[Pass(Rule.MAX_LENGTH, "job")])
    one = loan.rule_passes.get()
    with pytest.raises(PermissionDenied):
        review_pass(one, by=bruno)
    assert review_pass(one, by=driss).reviewed_by == driss
    with pytest.raises(ValidationError):
        review_pass(one, by=driss)
