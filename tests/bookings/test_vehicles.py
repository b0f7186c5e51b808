import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings import tasks
from bookings.actions import book, correct_vehicle, hand_over, rehouse, replace_vehicle
from bookings.actions.reports import add_damage, open_report
from bookings.models import Assignment, LoanRules
from bookings.rules.house import Pass, Rule
from core import clock, outbox
from core.models import JournalEntry, Note, OutboxMessage
from fleet import holds
from fleet.models import Hold, Vehicle
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(loan, bruno):
    with clock.travel(to=MONDAY):
        return hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


def block(vehicle, start=MONDAY, end=MONDAY + 7 * DAY):
    return holds.take(vehicle, start, end, purpose=Hold.Purpose.MAINTENANCE, displacing=True)


def test_before_the_keys_the_vehicle_is_exchanged_and_the_first_is_free(loan, car, other_car, bruno):
    replace_vehicle(loan, vehicle=other_car, by=bruno, reason="Plus proche")
    assert not car.holds.exists()
    current = loan.assignments.get(ended_at__isnull=True)
    assert (current.vehicle, current.hold.starts_at, current.hold.ends_at) == (other_car, MONDAY, THIRTY_DAYS_LATER)


def test_on_the_way_the_first_stays_out_until_it_is_recovered(out, car, other_car, bruno):
    with clock.travel(to=MONDAY + 3 * DAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Freins")
    assert car.holds.get().is_out
    assert other_car.holds.get().ends_at == THIRTY_DAYS_LATER


def test_why_is_a_note_and_never_in_the_journal(out, other_car, bruno):
    """People write of people; the journal is never forgotten, a note can be."""
    replace_vehicle(out, vehicle=other_car, by=bruno, reason="Ana est malade")
    assert "malade" not in str(list(JournalEntry.objects.values_list("facts", flat=True)))
    assert Note.objects.get(target_type="bookings.booking", target_id=str(out.pk)).text == (
        "Véhicule remplacé : Ana est malade"
    )


def test_a_taken_vehicle_replaces_nothing(loan, platform, car, other_car, ana, bruno):
    book(platform, participant=ana, vehicle=other_car, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
    assert code_of(replace_vehicle, loan, vehicle=other_car, by=bruno, reason="Plus grand") == "overlap"
    assert loan.assignments.get().vehicle == car
    assert car.holds.exists()


def test_a_stranger_replaces_nothing(loan, other_car, eve):
    with pytest.raises(PermissionDenied):
        replace_vehicle(loan, vehicle=other_car, by=eve, reason="Pour voir")


def test_blocked_loans_are_displaced_and_rehoused_in_an_equal_vehicle(
    loan, car, other_car, django_capture_on_commit_callbacks
):
    block(car)
    assert Assignment.objects.displaced().get().booking == loan
    with django_capture_on_commit_callbacks(execute=True):
        outbox.sweep()
    assignment = loan.assignments.get()
    assert (assignment.vehicle, assignment.hold.starts_at) == (other_car, MONDAY)
    assert OutboxMessage.objects.filter(topic="sms", key__contains="vehicle-changed").count() == 1


def test_without_an_equal_vehicle_the_loan_stays_to_be_rehoused(loan, car, site, bruno):
    from tests.factories import VehicleFactory

    VehicleFactory(site=site, moped=True)
    block(car)
    assert tasks.rehouse_displaced() == 0
    displaced = Assignment.objects.displaced().get()
    assert code_of(rehouse, displaced, by=bruno) == "none_free"


def test_what_is_not_displaced_is_not_rehoused(loan, other_car, bruno):
    assert code_of(rehouse, loan.assignments.get(), by=bruno) == "not_displaced"


def test_the_screen_said_one_car_the_keys_were_another(out, car, other_car, bruno):
    right = correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés de V02 données")
    assert not car.holds.exists()
    assert (right.vehicle, right.hold.out_at) == (other_car, MONDAY)
    assert Vehicle.objects.free(MONDAY, MONDAY + DAY, MONDAY).get() == car


def test_the_kilometres_read_at_departure_follow_the_keys(out, car, other_car, bruno):
    correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés de V02 données")
    assert other_car.odometer_readings.get().km == 84210


def test_the_loan_promised_on_the_vehicle_that_left_is_displaced(out, platform, other_car, ana, bruno):
    promised = book(
        platform,
        participant=ana,
        vehicle=other_car,
        starts_at=MONDAY + 10 * DAY,
        ends_at=MONDAY + 12 * DAY,
        by=bruno,
    )
    correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés de V02 données")
    assert Assignment.objects.displaced().get().booking == promised


def test_crossed_keys_exchange_the_vehicles_of_two_loans(out, platform, car, other_car, ana, bruno):
    end = THIRTY_DAYS_LATER + 5 * DAY
    second = book(platform, participant=ana, vehicle=other_car, starts_at=MONDAY, ends_at=end, by=bruno)
    with clock.travel(to=MONDAY):
        report = complete_report(second.assignments.get(), by=bruno, at=MONDAY, km=60000)
        hand_over(second, by=bruno, report=report)
    correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés croisées")
    assert out.assignments.out().get().vehicle == other_car
    assert second.assignments.out().get().vehicle == car
    assert (car.holds.get().ends_at, other_car.holds.get().ends_at) == (end, THIRTY_DAYS_LATER)
    read = {v.fleet_number: v.current_km for v in Vehicle.objects.with_km()}
    assert read == {"V01": 60000, "V02": 84210}, "each departure's kilometres are those of the car that left"


def test_nothing_is_corrected_before_the_keys_or_to_the_same_vehicle(loan, car, other_car, bruno):
    assert code_of(correct_vehicle, loan, vehicle=other_car, by=bruno, reason="Erreur") == "not_out"
    with clock.travel(to=MONDAY):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
    assert code_of(correct_vehicle, loan, vehicle=car, by=bruno, reason="Erreur") == "same_vehicle"


def test_a_late_loan_gets_another_vehicle_for_a_day(out, other_car, bruno):
    with clock.travel(to=THIRTY_DAYS_LATER + DAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="En panne au retour")
    hold = other_car.holds.get()
    assert hold.ends_at - hold.starts_at == dt.timedelta(days=1)


def test_a_draft_of_the_vehicle_that_was_taken_away_is_not_that_of_the_new_one(loan, car, other_car, bruno):
    draft = open_report(loan.assignments.get(), direction="out", by=bruno)
    scratch = add_damage(draft, sort="scratch", zone="bonnet", by=bruno)
    block(car)
    assignment = rehouse(Assignment.objects.displaced().get(), by=bruno, vehicle=other_car)
    report = open_report(assignment, direction="out", by=bruno)
    assert not report.reported_damages.exists()
    assert scratch in car.damages.all()


# --- turnaround ---------------------------------------------------------------------------------------

TWO_HOURS = dt.timedelta(hours=2)


@pytest.fixture
def tight(platform, tariff, ana, other_car, bruno):
    """The other car comes back two hours before MONDAY, and takes a day to be made ready."""
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2026, 1, 1), after_minutes=24 * 60)
    return book(
        platform, participant=ana, vehicle=other_car, starts_at=MONDAY - DAY / 2, ends_at=MONDAY - TWO_HOURS, by=bruno
    )


def test_an_exchange_before_the_keys_leaves_the_time_to_make_the_vehicle_ready(loan, tight, car, other_car, bruno):
    assert code_of(replace_vehicle, loan, vehicle=other_car, by=bruno, reason="Plus proche") == "rule_broken"
    assert loan.assignments.get().vehicle == car
    assert not loan.rule_passes.exists()


def test_an_exchange_before_the_keys_passes_it_with_a_reason(loan, tight, other_car, bruno):
    given = [Pass(Rule.TURNAROUND, "no_other_way")]
    replace_vehicle(loan, vehicle=other_car, by=bruno, reason="Plus proche", passes=given)
    assert loan.rule_passes.values_list("rule", "reason").get() == ("turnaround", "no_other_way")
    assert tight.assignments.get().hold.plan_ends_at == MONDAY - TWO_HOURS


def test_an_exchange_is_passed_by_whom_the_platform_names_alone(loan, tight, other_car, bruno):
    LoanRules.objects.update(passed_by=["fleet_manager"])
    with pytest.raises(PermissionDenied):
        replace_vehicle(
            loan, vehicle=other_car, by=bruno, reason="Plus proche", passes=[Pass(Rule.TURNAROUND, "no_other_way")]
        )
    assert not loan.rule_passes.exists()


def test_nobody_waits_at_the_roadside_for_a_vehicle_to_be_washed(out, tight, other_car, bruno):
    """Whoever answers the telephone gives the next vehicle, even where they may pass no rule; it is noted."""
    LoanRules.objects.update(passed_by=["fleet_manager"])
    with clock.travel(to=MONDAY + TWO_HOURS):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Freins")
    assert out.rule_passes.values_list("rule", "reason", "by").get() == ("turnaround", "continuity", bruno.pk)


def test_at_the_roadside_another_loan_is_still_in_the_way(out, tight, platform, ana, other_car, bruno):
    when = {"starts_at": MONDAY + 3 * DAY, "ends_at": MONDAY + 4 * DAY}
    book(platform, participant=ana, vehicle=other_car, by=bruno, **when)
    with clock.travel(to=MONDAY + TWO_HOURS):
        assert code_of(replace_vehicle, out, vehicle=other_car, by=bruno, reason="Freins") == "overlap"


def test_what_rehouses_by_itself_shortens_no_turnaround(loan, tight, car, other_car):
    block(car)
    with clock.travel(to=MONDAY - 2 * DAY):
        assert tasks.rehouse_displaced() == 0
    assert not loan.rule_passes.exists()
    LoanRules.objects.all().delete()
    Hold.objects.filter(vehicle=other_car).update(after=dt.timedelta(), ends_at=MONDAY - TWO_HOURS)
    with clock.travel(to=MONDAY - 2 * DAY):
        assert tasks.rehouse_displaced() == 1


def test_a_displaced_loan_is_rehoused_with_a_pass(loan, tight, car, other_car, bruno):
    block(car)
    one = loan.assignments.get()
    assert code_of(rehouse, one, by=bruno, vehicle=other_car) == "rule_broken"
    rehouse(one, by=bruno, vehicle=other_car, passes=[Pass(Rule.TURNAROUND, "job")])
    assert loan.rule_passes.get().rule == "turnaround"
    assert other_car.holds.filter(assignment__booking=loan).exists()
