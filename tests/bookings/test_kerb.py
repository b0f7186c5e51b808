import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings.actions import book, close, hand_over, replace_vehicle, take_back
from bookings.kerb.words import comes_on_top
from bookings.models import Assignment, Booking
from bookings.reports.reads import with_last_vehicle
from core import clock
from core.models import JournalEntry
from fleet.models import Hold, OdometerReading
from participants.models import DrivingEntitlement
from pricing.models import Charge
from tests.bookings.conftest import DAY, MONDAY, SUNDAY, THIRTY_DAYS_LATER
from tests.bookings.factories import ConditionReportFactory
from tests.bookings.reports import complete_report
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(loan, bruno):
    """The loan with its keys given on Monday."""
    with clock.travel(to=MONDAY):
        report = complete_report(loan.assignments.get(), by=bruno, at=MONDAY)
        return hand_over(loan, by=bruno, report=report)


def give_back(loan, by, at, **fields):
    assignment = loan.assignments.get(ended_at__isnull=True)
    with clock.travel(to=at):
        report = complete_report(assignment, by=by, direction="in", at=at, **{"km": 85210} | fields)
        return take_back(loan, by=by, report=report)


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


def test_with_the_keys_the_loan_is_active_and_its_rent_is_due_at_its_end(out, car):
    assert out.state == Booking.State.ACTIVE
    assert car.holds.get().out_at == MONDAY
    rent = out.account.charges.get()
    assert (rent.sort, rent.amount, rent.due_on) == (Charge.Sort.RENT, Decimal("90.00"), dt.date(2026, 4, 1))


def test_what_the_report_says_becomes_fact(out, car):
    reading = car.odometer_readings.get()
    assert (reading.km, reading.source) == (84210, OdometerReading.Source.LOAN_OUT)
    report = out.assignments.get().reports.get()
    assert report.is_frozen
    assert report.pdf.sha256
    assert out.periods.get().contract is not None


def test_keys_are_not_given_twice(out, bruno):
    report = out.assignments.get().reports.get()
    assert code_of(hand_over, out, by=bruno, report=report) in {"already_out", "frozen"}
    assert out.account.charges.count() == 1


def test_an_early_hand_over_moves_the_hold(loan, car, bruno):
    early = MONDAY - dt.timedelta(hours=3)
    with clock.travel(to=early):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=early))
    assert car.holds.get().starts_at == early


def test_a_licence_lost_since_the_booking_stops_the_keys_and_changes_nothing(loan, ana, car, bruno):
    DrivingEntitlement.objects.filter(participant=ana).update(not_entitled_until=dt.date(2026, 12, 31))
    with clock.travel(to=MONDAY):
        report = complete_report(loan.assignments.get(), by=bruno, at=MONDAY)
        assert code_of(hand_over, loan, by=bruno, report=report) == "not_entitled"
    loan.refresh_from_db()
    assert loan.state == Booking.State.RESERVED
    assert car.holds.get().out_at is None
    assert not loan.account.charges.exists()
    report.refresh_from_db()
    assert not report.is_frozen


def test_a_displaced_loan_gets_no_keys(loan, bruno):
    assignment = loan.assignments.get()
    with clock.travel(to=MONDAY):
        report = complete_report(assignment, by=bruno, at=MONDAY)
        Hold.objects.all().delete()
        assert code_of(hand_over, loan, by=bruno, report=report) == "displaced"


def test_only_the_desk_gives_and_takes_keys(loan, bruno, eve, agathe):
    report = complete_report(loan.assignments.get(), by=bruno, at=SUNDAY)
    for stranger in (eve, agathe):
        with pytest.raises(PermissionDenied):
            hand_over(loan, by=stranger, report=report)


def test_a_loan_brought_back_in_time_is_over_and_costs_no_more(out, car, bruno):
    loan = give_back(out, bruno, THIRTY_DAYS_LATER)
    assert loan.state == Booking.State.RETURNED
    assert car.holds.get().back_at == THIRTY_DAYS_LATER
    assert [charge.amount for charge in loan.account.charges.all()] == [Decimal("90.00")]
    assert loan.assignments.get().end_reason == Assignment.EndReason.RETURNED


def test_one_day_late_is_charged_by_the_tariff_that_was_agreed(out, tariff, bruno):
    type(tariff).objects.update(late_fee_per_day=50)
    loan = give_back(out, bruno, THIRTY_DAYS_LATER + dt.timedelta(hours=20))
    late = loan.account.charges.get(sort=Charge.Sort.LATE)
    assert (late.amount, late.due_on) == (Decimal("3.00"), dt.date(2026, 4, 2))
    assert sum(charge.amount for charge in loan.account.charges.all()) == Decimal("93.00")


def test_a_vehicle_comes_back_once_and_not_before_it_left(out, loan, bruno):
    give_back(out, bruno, THIRTY_DAYS_LATER)
    assignment = out.assignments.get()
    with clock.travel(to=THIRTY_DAYS_LATER):
        report = assignment.reports.get(direction="in")
        assert code_of(take_back, out, by=bruno, report=report) in {"already_back", "frozen"}


def test_the_report_of_a_return_gives_no_keys(loan, bruno):
    report = ConditionReportFactory(assignment=loan.assignments.get(), returning=True)
    assert code_of(hand_over, loan, by=bruno, report=report) == "wrong_report"
    assert Booking.objects.get().state == Booking.State.RESERVED


def test_a_return_before_the_hand_over_is_refused(loan, bruno):
    report = ConditionReportFactory(assignment=loan.assignments.get(), returning=True, happened_at=SUNDAY)
    assert code_of(take_back, loan, by=bruno, report=report) == "not_out"
    loan.refresh_from_db()
    assert loan.state == Booking.State.RESERVED


def test_brought_back_at_another_site_the_vehicle_stands_there(out, car, platform, bruno):
    tarnos = SiteFactory(platform=platform, name="Tarnos")
    give_back(out, bruno, THIRTY_DAYS_LATER, site=tarnos)
    car.refresh_from_db()
    assert car.site == tarnos


def test_two_vehicles_serve_one_loan_and_overlap_until_the_first_is_recovered(out, car, other_car, bruno):
    noon = MONDAY + 5 * DAY
    with clock.travel(to=noon):
        second = replace_vehicle(out, vehicle=other_car, by=bruno, reason="Bruit dans les freins")
        hand_over(out, by=bruno, report=complete_report(second, by=bruno, at=noon, km=50000))
    assert {a.vehicle for a in out.assignments.out()} == {car, other_car}
    assert out.account.charges.count() == 1
    with clock.travel(to=noon + DAY):
        first = out.assignments.get(vehicle=car)
        report = complete_report(first, by=bruno, direction="in", at=noon + DAY, km=84300)
        loan = take_back(out, by=bruno, report=report)
    assert loan.state == Booking.State.ACTIVE
    first.refresh_from_db()
    assert first.end_reason == Assignment.EndReason.REPLACED
    loan = give_back(loan, bruno, THIRTY_DAYS_LATER, km=50500)
    assert loan.state == Booking.State.RETURNED
    assert [a.reports.count() for a in loan.assignments.all()] == [2, 2]


def test_each_key_is_journalled(out, bruno):
    give_back(out, bruno, THIRTY_DAYS_LATER)
    verbs = JournalEntry.objects.filter(target_type="bookings.booking").values_list("verb", flat=True)
    assert set(verbs) == {"booking.booked", "booking.handed_over", "booking.taken_back"}


def test_kilometres_beyond_those_included_are_charged(platform, ana, car, tariff, bruno):
    type(tariff).objects.update(km_per_day=10, excess_km_price="0.100")
    loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
    with clock.travel(to=MONDAY):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
    loan = give_back(loan, bruno, THIRTY_DAYS_LATER, km=84210 + 350)
    assert loan.account.charges.get(sort=Charge.Sort.EXCESS_KM).amount == Decimal("5.00")


def test_a_first_vehicle_that_is_recovered_after_the_end_makes_nobody_late(out, other_car, bruno):
    """The participant brought their car back in time; the broken one was ours to fetch."""
    with clock.travel(to=MONDAY + 3 * DAY):
        second = replace_vehicle(out, vehicle=other_car, by=bruno, reason="Freins")
        hand_over(out, by=bruno, report=complete_report(second, by=bruno))
    first = out.assignments.exclude(pk=second.pk).get()
    with clock.travel(to=THIRTY_DAYS_LATER):
        take_back(out, by=bruno, report=complete_report(second, by=bruno, direction="in", at=THIRTY_DAYS_LATER))
    with clock.travel(to=THIRTY_DAYS_LATER + 3 * DAY):
        draft = complete_report(first, by=bruno, direction="in")
        asked = with_last_vehicle(Booking.objects.all()).get()
        assert comes_on_top(asked, draft, None) == []
        over = take_back(out, by=bruno, report=draft)
    assert over.state == Booking.State.RETURNED
    assert not out.account.charges.filter(sort=Charge.Sort.LATE).exists()


def test_a_loan_that_is_closed_owes_its_late_days_too(out, other_car, bruno):
    """Another vehicle was still promised when the first came back, two days late."""
    with clock.travel(to=MONDAY + 3 * DAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Freins")
    with clock.travel(to=THIRTY_DAYS_LATER + 1.5 * DAY):
        first = out.assignments.get(hold__out_at__isnull=False)
        take_back(out, by=bruno, report=complete_report(first, by=bruno, direction="in"))
        over = close(out, by=bruno, reason="N’a plus besoin d’une voiture")
    assert over.state == Booking.State.RETURNED
    assert out.account.charges.get(sort=Charge.Sort.LATE).amount == 6
