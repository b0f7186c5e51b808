import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings.actions import book, record_loan
from bookings.models import Assignment, Booking, LoanRules
from pricing.models import Charge
from tests.bookings.conftest import DAY, MONDAY, SUNDAY

pytestmark = pytest.mark.django_db

BEFORE = MONDAY - 21 * DAY


@pytest.fixture
def recorded(platform, ana, car, tariff, bruno):
    def record(**named):
        when = {"starts_at": BEFORE, "ends_at": BEFORE + 14 * DAY}
        return record_loan(platform, **{"participant": ana, "vehicle": car, "by": bruno} | when | named)

    return record


def test_a_loan_that_runs_already_is_out_since_then(recorded, car):
    loan = recorded(ends_at=MONDAY + 7 * DAY, km_out=84000)
    assert loan.state == Booking.State.ACTIVE
    hold = car.holds.get()
    assert (hold.out_at, hold.ends_at, hold.back_at) == (BEFORE, MONDAY + 7 * DAY, None)
    assert car.odometer_readings.get().read_at == BEFORE


def test_facts_keep_when_they_happened_and_when_they_were_recorded(recorded):
    loan = recorded(out_at=BEFORE + dt.timedelta(hours=2))
    assert loan.assignments.get().hold.out_at == BEFORE + dt.timedelta(hours=2)
    assert abs(loan.created_at - SUNDAY) < dt.timedelta(minutes=1)


def test_a_loan_that_is_over_is_charged_with_its_late_days(recorded):
    loan = recorded(back_at=BEFORE + 15 * DAY, km_out=84000, km_back=84500)
    assert loan.state == Booking.State.RETURNED
    amounts = {charge.sort: charge.amount for charge in loan.account.charges.all()}
    assert amounts == {Charge.Sort.RENT: Decimal("42.00"), Charge.Sort.LATE: Decimal("3.00")}


def test_a_promised_loan_in_the_way_is_displaced_not_refused(recorded, platform, ana, car, bruno):
    promised = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    recorded(ends_at=MONDAY + 7 * DAY)
    assert Assignment.objects.displaced().get().booking == promised


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"starts_at": MONDAY, "ends_at": MONDAY + DAY}, "not_yet"),
        ({"back_at": MONDAY}, "not_yet"),
        ({"back_at": BEFORE - DAY}, "back_before_out"),
        ({"ends_at": BEFORE}, "ends_before_start"),
    ],
)
def test_what_has_not_happened_is_not_recorded(recorded, named, code):
    with pytest.raises(ValidationError) as refusal:
        recorded(**named)
    assert refusal.value.code == code
    assert not Booking.objects.exists()


def test_two_facts_that_contradict_each_other_are_refused(recorded):
    recorded(back_at=BEFORE + 10 * DAY)
    with pytest.raises(ValidationError) as refusal:
        recorded(starts_at=BEFORE + 2 * DAY, ends_at=BEFORE + 3 * DAY, back_at=BEFORE + 3 * DAY)
    assert refusal.value.code == "overlap"
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(("back_at", "code"), [(None, "vehicle_out"), (BEFORE + 18 * DAY, "overlap")])
def test_a_vehicle_that_was_late_was_lent_to_nobody_else_meanwhile(recorded, back_at, code):
    """The first loan was to end on the 14th day; its vehicle came back later, or not yet."""
    recorded(back_at=back_at)
    for second in ({"back_at": BEFORE + 17 * DAY}, {"ends_at": MONDAY + 7 * DAY}):
        with pytest.raises(ValidationError) as refusal:
            recorded(**{"starts_at": BEFORE + 16 * DAY, "ends_at": BEFORE + 17 * DAY} | second)
        assert refusal.value.code == code
    assert Booking.objects.count() == 1


def test_a_stranger_records_nothing(recorded, eve):
    with pytest.raises(PermissionDenied):
        recorded(by=eve)
    assert not Booking.objects.exists()


def test_a_loan_that_is_over_is_recorded_while_the_vehicle_is_out_again(recorded, ana, car):
    now = recorded(ends_at=MONDAY + 7 * DAY)
    earlier = BEFORE - 30 * DAY
    before = recorded(starts_at=earlier, ends_at=earlier + 7 * DAY, back_at=earlier + 7 * DAY)
    assert before.state == Booking.State.RETURNED
    assert car.holds.get(back_at__isnull=True).assignment.booking == now


def test_what_came_back_before_its_end_displaces_nobody(recorded, platform, ana, car, bruno):
    book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    recorded(ends_at=MONDAY + 7 * DAY, back_at=SUNDAY - DAY)
    assert not Assignment.objects.displaced().exists()


def test_kilometres_beyond_those_included_are_charged_on_a_recorded_loan_too(recorded, tariff):
    type(tariff).objects.update(km_per_day=10, excess_km_price="0.100")
    loan = recorded(back_at=BEFORE + 14 * DAY, km_out=84000, km_back=84000 + 140 + 30)
    assert loan.account.charges.get(sort=Charge.Sort.EXCESS_KM).amount == Decimal("3.00")


def test_a_counter_that_nobody_read_charges_no_kilometres(recorded, tariff):
    type(tariff).objects.update(km_per_day=10, excess_km_price="0.100")
    loan = recorded(back_at=BEFORE + 14 * DAY, km_back=99000)
    assert not loan.account.charges.filter(sort=Charge.Sort.EXCESS_KM).exists()


def test_a_loan_that_is_still_out_leaves_the_time_to_make_its_vehicle_ready(recorded, platform, car):
    LoanRules.objects.create(platform=platform, valid_from=BEFORE.date(), after_minutes=120)
    recorded(ends_at=MONDAY + 7 * DAY)
    hold = car.holds.get()
    assert (hold.plan_ends_at, hold.ends_at) == (MONDAY + 7 * DAY, MONDAY + 7 * DAY + dt.timedelta(hours=2))
