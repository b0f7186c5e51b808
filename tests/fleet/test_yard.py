"""What happens in the yard: « Prêt », and a drive from one site to another."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core import clock
from fleet import holds, readiness
from fleet.models import Hold
from fleet.yard import plan_transfer, ready, transfer_done
from tests.factories import HoldFactory, SiteFactory, VehicleFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)  # in Paris
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def nine():
    with clock.travel(to=NINE):
        yield


@pytest.fixture
def car(platform):
    return VehicleFactory(site__platform=platform, site__name="Dax")


def returned(car, at=NINE, minutes=60):
    hold = HoldFactory(vehicle=car, starts_at=at - 7 * DAY, ends_at=at + DAY, out_at=at - 7 * DAY)
    return readiness.await_ready(holds.mark_back(hold, at), dt.timedelta(minutes=minutes))


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


# --- ready ---------------------------------------------------------------------------------------


def test_a_vehicle_that_came_back_is_kept_for_its_turnaround(car):
    hold = returned(car)
    assert (hold.ends_at, hold.ready_at) == (NINE + HOUR, None)
    assert code_of(holds.take, car, NINE, NINE + DAY, purpose="loan") == "turnaround"


def test_without_turnaround_it_is_ready_at_once(car):
    hold = returned(car, minutes=0)
    assert (hold.ends_at, hold.ready_at) == (NINE, NINE)


def test_ready_frees_the_vehicle_at_once(car, bruno):
    returned(car)
    with clock.travel(to=NINE + HOUR / 2):
        ready(car, by=bruno)
        holds.take(car, clock.now(), NINE + DAY, purpose="loan")
    assert Hold.objects.get(purpose="loan", back_at__isnull=False).ready_at is not None


def test_turnaround_never_reaches_into_what_is_planned_next(car):
    holds.take(car, NINE + 2 * DAY, NINE + 3 * DAY, purpose="loan")
    assert returned(car, minutes=60 * 24 * 5).ends_at == NINE + 2 * DAY


def test_a_forgotten_tap_is_kept_on_for_an_hour_at_a_time(car):
    hold = returned(car)
    with clock.travel(to=NINE + HOUR - dt.timedelta(minutes=10)):
        now = clock.now()
        assert readiness.keep_what_is_not_ready() == 1
        assert readiness.keep_what_is_not_ready() == 0  # a second scheduler finds it done
    hold.refresh_from_db()
    assert abs(hold.ends_at - now - HOUR) < dt.timedelta(seconds=5)


def test_a_forgotten_tap_takes_the_vehicle_from_nobody_tomorrow(car):
    returned(car)
    holds.take(car, NINE + DAY, NINE + 2 * DAY, purpose="loan")
    with clock.travel(to=NINE + DAY - dt.timedelta(minutes=5)):
        readiness.keep_what_is_not_ready()
    assert Hold.objects.filter(vehicle=car, starts_at=NINE + DAY).exists()
    assert Hold.objects.not_ready().get().ends_at <= NINE + DAY


def test_a_forgotten_tap_is_given_up_after_three_days(car):
    returned(car)
    with clock.travel(to=NINE + 4 * DAY):
        assert readiness.keep_what_is_not_ready() == 0
        holds.take(car, clock.now(), clock.now() + DAY, purpose="loan")


def test_what_has_had_the_vehicle_since_is_not_overrun(car):
    returned(car)
    holds.take(car, NINE + HOUR, NINE + 2 * HOUR, purpose="reserve")
    with clock.travel(to=NINE + 3 * HOUR):
        assert readiness.keep_what_is_not_ready() == 0


def test_giving_the_keys_says_that_it_was_ready(car):
    before = returned(car)
    hold = holds.take(car, NINE + HOUR, NINE + DAY, purpose="loan")
    holds.mark_out(hold, NINE + HOUR)
    before.refresh_from_db()
    assert before.ready_at == NINE + HOUR


def test_ready_is_refused_when_nothing_waits_or_it_is_out(car, bruno):
    assert code_of(ready, car, by=bruno) == "ready_already"
    HoldFactory(vehicle=car, starts_at=NINE - DAY, ends_at=NINE + DAY, out_at=NINE - DAY)
    assert code_of(ready, car, by=bruno) == "vehicle_out"


def test_a_stranger_and_an_accountant_say_nothing(car, eve, agathe):
    returned(car)
    for who in (eve, agathe):
        with pytest.raises(PermissionDenied):
            ready(car, by=who)
    assert Hold.objects.not_ready().exists()


# --- to another site -----------------------------------------------------------------------------


@pytest.fixture
def mont(platform):
    return SiteFactory(platform=platform, name="Mont-de-Marsan")


def test_a_transfer_takes_the_vehicle_and_names_its_driver(car, mont, bruno, farid):
    hold = plan_transfer(car, to_site=mont, starts_at=NINE, ends_at=NINE + HOUR, by=bruno, driver=farid)
    assert (hold.purpose, hold.to_site, hold.driver) == ("transfer", mont, farid)
    car.refresh_from_db()
    assert car.site.name == "Dax"


def test_a_stranger_drives_nothing_between_our_sites(car, mont, bruno, eve):
    span = {"starts_at": NINE, "ends_at": NINE + HOUR}
    assert code_of(plan_transfer, car, to_site=mont, by=bruno, driver=eve, **span) == "not_of_the_team"
    assert not car.holds.exists()


def test_arrived_it_stands_there_and_is_free(car, mont, bruno):
    hold = plan_transfer(car, to_site=mont, starts_at=NINE, ends_at=NINE + 3 * HOUR, by=bruno)
    with clock.travel(to=NINE + HOUR):
        assert transfer_done(hold, by=bruno).site == mont
        holds.take(car, clock.now() + HOUR / 60, NINE + DAY, purpose="loan")


def test_sooner_than_planned_nothing_of_the_plan_is_left(car, mont, bruno):
    hold = plan_transfer(car, to_site=mont, starts_at=NINE + DAY, ends_at=NINE + DAY + HOUR, by=bruno)
    transfer_done(hold, by=bruno)
    assert not car.holds.overlapping(NINE + DAY, NINE + 2 * DAY).exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_at": NINE - HOUR}, "in_the_past"),
        ({"ends_at": NINE + 9 * DAY}, "too_long"),
        ({"ends_at": NINE}, "in_the_past"),
    ],
    ids=["over", "too long", "nothing"],
)
def test_impossible_transfers_are_refused(car, mont, bruno, change, code):
    dates = {"starts_at": NINE, "ends_at": NINE + HOUR} | change
    assert code_of(plan_transfer, car, to_site=mont, by=bruno, **dates) == code
    assert not car.holds.exists()


def test_a_transfer_to_where_it_stands_to_a_closed_site_or_over_a_loan_is_refused(car, platform, mont, bruno):
    dates = {"starts_at": NINE, "ends_at": NINE + HOUR, "by": bruno}
    assert code_of(plan_transfer, car, to_site=car.site, **dates) == "already_there"
    closed = SiteFactory(platform=platform, is_open=False)
    assert code_of(plan_transfer, car, to_site=closed, **dates) == "site_closed"
    assert code_of(plan_transfer, car, to_site=SiteFactory(), **dates) == "other_platform"
    HoldFactory(vehicle=car, starts_at=NINE, ends_at=NINE + DAY)
    assert code_of(plan_transfer, car, to_site=mont, **dates) == "overlap"


def test_what_is_no_transfer_or_is_over_does_not_arrive(car, mont, bruno):
    reserve = HoldFactory(vehicle=car, purpose="reserve", starts_at=NINE + DAY, ends_at=NINE + 2 * DAY)
    assert code_of(transfer_done, reserve, by=bruno) == "wrong_hold"
    hold = plan_transfer(car, to_site=mont, starts_at=NINE, ends_at=NINE + HOUR, by=bruno)
    assert code_of(transfer_done, hold, by=bruno, arrived_at=NINE + DAY) == "not_yet"
    transfer_done(hold, by=bruno)
    assert code_of(transfer_done, hold, by=bruno) == "already_back"


def test_a_stranger_drives_nothing(car, mont, eve):
    with pytest.raises(PermissionDenied):
        plan_transfer(car, to_site=mont, starts_at=NINE, ends_at=NINE + HOUR, by=eve)
