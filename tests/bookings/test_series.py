"""Recurring loans: agreed on at once or not at all, with one account; a date moves or is dropped; it ends early."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.actions import book_series, cancel, drop_occurrence, end_series, extend, hand_over, move, rehouse
from bookings.models import Assignment, Booking, LoanRules, Period, RulePass, Series
from bookings.offers.choices import Needs
from bookings.papers import contracts
from bookings.rules.house import Pass
from bookings.series.plan import preview_series
from bookings.series.reads import agreed_quote, pattern_of, whole
from bookings.series.recurrence import Pattern
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet import holds
from fleet.models import Hold
from fleet.opening_actions import set_opening_hours
from participants.models import DrivingEntitlement
from pricing.models import Account, Deposit
from tests.bookings.reports import complete_report
from tests.factories import HoldFactory, ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db
NIGHTS = Pattern((0, 1, 2, 3, 4), dt.time(20), dt.time(6), dt.date(2026, 3, 2), dt.date(2026, 3, 13))
TWO_WEEKS = 10
DAY = dt.timedelta(days=1)


def at(day: int, hour: int, month: int = 3) -> dt.datetime:
    return clock.at(dt.date(2026, month, day), dt.time(hour), "Europe/Paris")


@pytest.fixture
def wish(platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any) -> dict[str, Any]:
    return {"participant": ana, "pattern": NIGHTS, "vehicle": car, "by": bruno}


@pytest.fixture
def series(platform: Any, wish: Any) -> Series:
    return book_series(platform, **wish)


def counts() -> tuple[int, ...]:
    models = (Series, Booking, Period, Assignment, Hold, Account, Deposit, OutboxMessage, JournalEntry)
    return tuple(model._default_manager.count() for model in models)


def refused(code: str, verb: Any, *args: Any, **kwargs: Any) -> ValidationError:
    """The verb refuses with that code, and nothing changed."""
    before = counts()
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **kwargs)
    assert refusal.value.code == code
    assert counts() == before
    return refusal.value


# --- booking ----------------------------------------------------------------------------------------


def test_each_night_is_a_loan_with_one_account_one_deposit_and_one_message(series: Series, ana: Any, car: Any) -> None:
    loans = list(series.bookings.order_by("starts_at"))
    assert len(loans) == TWO_WEEKS
    assert {loan.state for loan in loans} == {"reserved"}
    assert [loans[0].starts_at, loans[0].ends_at, loans[-1].ends_at] == [at(2, 20), at(3, 6), at(14, 6)]
    assert {loan.account_id for loan in loans} == {series.account_id}
    assert Hold.objects.filter(vehicle=car, purpose="loan").count() == TWO_WEEKS
    assert Assignment.objects.current().filter(booking__in=loans, hold__isnull=False).count() == TWO_WEEKS
    assert series.account.deposits.get().amount == 250
    assert sum(period.total for period in Period.objects.all()) == 30
    told = OutboxMessage.objects.exclude(topic="vehicle.freed")
    assert [one.key for one in told] == [f"booking:{loans[0].pk}:series-promised:"]
    text = told.get().payload["text"].replace("\u00a0", " ")
    assert "Nous vous prêtons la voiture la nuit, du lundi au vendredi, de 20 h à 6 h, 10 fois." in text
    assert "La première fois : le lundi 2 mars à 20 h. La dernière fois : le vendredi 13 mars à 20 h." in text
    assert JournalEntry.objects.filter(verb="booking.booked").count() == TWO_WEEKS
    assert pattern_of(Series.objects.get()) == NIGHTS


def test_the_night_of_the_clock_change_ends_at_six(platform: Any, wish: Any) -> None:
    pattern = Pattern((5, 6), dt.time(20), dt.time(6), dt.date(2026, 3, 21), dt.date(2026, 4, 5))
    series = book_series(platform, **(wish | {"pattern": pattern}))
    ends = [loan.ends_at.astimezone(series.zone).hour for loan in series.bookings.all()]
    assert ends == [6] * 6
    (short,) = [loan for loan in series.bookings.all() if loan.starts_at == at(28, 20)]
    assert short.ends_at - short.starts_at == dt.timedelta(hours=9)


def test_many_nights_ask_as_few_statements_as_few(platform: Any, wish: Any) -> None:
    with CaptureQueriesContext(connection) as few:
        book_series(platform, **wish)
    later = Pattern(NIGHTS.weekdays, NIGHTS.starts, NIGHTS.ends, dt.date(2026, 4, 1), dt.date(2026, 8, 31))
    with CaptureQueriesContext(connection) as many:
        book_series(platform, **(wish | {"pattern": later}))
    assert Booking.objects.count() > 100
    assert len(many) <= len(few)


def test_all_or_nothing(platform: Any, wish: Any, car: Any, other_car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    HoldFactory(vehicle=other_car, starts_at=at(4, 22), ends_at=at(5, 2))
    refusal = refused("series_conflict", book_series, platform, **wish)
    assert "mercredi 4\u00a0mars de 20\u00a0h à 6\u00a0h (Ce véhicule est prêté" in refusal.message
    series = book_series(platform, **wish, without_conflicts=True)
    assert series.bookings.count() == TWO_WEEKS - 1
    assert not series.bookings.filter(starts_at=at(4, 20)).exists()


def test_dates_are_left_out(platform: Any, wish: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    series = book_series(platform, **wish, without=[dt.date(2026, 3, 4), dt.date(2026, 3, 9)])
    assert series.bookings.count() == TWO_WEEKS - 2
    assert sum(period.total for period in Period.objects.all()) == 24


def test_of_a_kind_one_vehicle_serves_all_where_it_can(platform: Any, wish: Any, car: Any, other_car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    series = book_series(platform, **(wish | {"vehicle": None, "kind": "car"}))
    assert set(Assignment.objects.filter(booking__series=series).values_list("vehicle", flat=True)) == {other_car.pk}


def test_of_a_kind_another_vehicle_serves_the_nights_that_the_first_cannot(
    platform: Any, wish: Any, car: Any, other_car: Any
) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    HoldFactory(vehicle=other_car, starts_at=at(9, 22), ends_at=at(12, 2))
    series = book_series(platform, **(wish | {"vehicle": None, "kind": "car"}))
    given = dict(Assignment.objects.values_list("booking__starts_at", "vehicle_id"))
    assert series.bookings.count() == TWO_WEEKS
    assert {start for start, vehicle in given.items() if vehicle == other_car.pk} == {at(4, 20)}


def test_a_night_that_no_vehicle_of_the_kind_can_serve(platform: Any, wish: Any, car: Any, other_car: Any) -> None:
    for one in (car, other_car):
        HoldFactory(vehicle=one, starts_at=at(4, 22), ends_at=at(5, 2))
    plan = preview_series(platform, participant=wish["participant"], pattern=NIGHTS, needs=Needs("car"))
    (lost,) = plan.impossible
    assert (lost.on, lost.conflicts[0].code) == (dt.date(2026, 3, 4), "taken")
    assert plan.quote.total == 27


def test_a_vehicle_that_is_not_back_serves_nobody(platform: Any, wish: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(20, 9, 2), ends_at=at(27, 9, 2), out_at=at(20, 9, 2))
    refusal = refused("series_conflict", book_series, platform, **wish)
    assert "aurait dû être rendu" in refusal.message


def test_a_licence_that_ends_on_the_way_is_said(platform: Any, wish: Any, ana: Any) -> None:
    DrivingEntitlement.objects.filter(participant=ana).update(valid_until=dt.date(2026, 3, 6))
    plan = preview_series(platform, **{k: v for k, v in wish.items() if k != "by"}, needs=Needs("car"))
    assert [bool(one.warnings) for one in plan.possible] == [False] * 5 + [True] * 5
    assert plan.warnings


def test_nights_that_touch_need_no_turnaround_between_them(platform: Any, wish: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(1, 9), ends_at=at(2, 19))
    hour = dt.timedelta(hours=1)
    days = [(car, at(day, 20), at(day + 1, 20)) for day in (2, 3, 4)]
    taken = holds.take_all(days, purpose="loan", before=hour, after=2 * hour)
    assert [(one.starts_at, one.ends_at) for one in taken] == [
        (at(2, 19), at(3, 20)),
        (at(3, 20), at(4, 20)),
        (at(4, 20), at(5, 22)),
    ]
    assert [one.plan_starts_at for one in taken] == [start for _, start, _ in days]
    with pytest.raises(ValidationError) as refusal:
        holds.take_all([(car, at(5, 21), at(6, 6))], purpose="loan", before=hour)
    assert refusal.value.code == "turnaround"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"seen": Decimal(1)}, "price_changed"),
        ({"without": [dt.date(2026, 3, day) for day in range(2, 14)]}, "no_occurrence"),
        ({"pattern": Pattern((), dt.time(20), dt.time(6), dt.date(2026, 3, 2), dt.date(2026, 3, 13))}, "no_weekday"),
        ({"vehicle": None, "kind": "van"}, "no_tariff"),
        ({"needs_automatic": True}, "unfit"),
    ],
)
def test_what_is_refused_changes_nothing(platform: Any, wish: Any, given: Any, code: str) -> None:
    refused(code, book_series, platform, **(wish | given))


def test_nothing_of_another_platform_and_nobody_from_there(platform: Any, wish: Any, eve: Any) -> None:
    refused("other_platform", book_series, platform, **(wish | {"participant": ParticipantFactory()}))
    refused("other_platform", book_series, platform, **(wish | {"vehicle": VehicleFactory()}))
    before = counts()
    with pytest.raises(PermissionDenied):
        book_series(platform, **(wish | {"by": eve}))
    assert counts() == before


# --- afterwards -------------------------------------------------------------------------------------


def test_a_date_is_dropped_and_the_others_stay(series: Series, bruno: Any, car: Any) -> None:
    first = series.bookings.earliest("starts_at")
    drop_occurrence(first, by=bruno)
    assert series.bookings.filter(state="reserved").count() == TWO_WEEKS - 1
    assert Hold.objects.filter(vehicle=car).count() == TWO_WEEKS - 1
    assert series.account.deposits.get().state == Deposit.State.EXPECTED
    told = OutboxMessage.objects.get(key=f"booking:{first.pk}:cancelled:").payload["text"]
    assert "Les autres jours ne changent pas." in told
    refused("wrong_state", drop_occurrence, first, by=bruno)


def test_what_a_dropped_night_cost_is_not_asked_of_the_others(
    platform: Any, wish: Any, tariff: Any, bruno: Any
) -> None:
    tariff.bands.update(week_price=10)
    series = book_series(platform, **wish)
    assert [one.price for one in whole(series).lines] == [3, 3, 3, 1, 0, 0, 0, 3, 3, 3]
    drop_occurrence(series.bookings.earliest("starts_at"), by=bruno)
    assert [one.price for one in whole(series).standing] == [3, 3, 3, 1, 0, 0, 0, 3, 3]
    assert agreed_quote(series).total == whole(series).total


def test_with_the_last_date_dropped_no_deposit_is_expected(series: Series, bruno: Any) -> None:
    for loan in series.bookings.all():
        drop_occurrence(loan, by=bruno)
    assert series.account.deposits.get().state == Deposit.State.LAPSED


def test_a_loan_that_stands_alone_is_no_occurrence(loan: Any, bruno: Any) -> None:
    refused("not_recurring", drop_occurrence, loan, by=bruno)


def test_a_date_is_moved_at_the_price_that_it_has_there(series: Series, bruno: Any) -> None:
    first = series.bookings.earliest("starts_at")
    move(first, starts_at=at(14, 20), ends_at=at(15, 6), by=bruno)
    assert whole(series).total == 30
    assert series.account.deposits.get().amount == 250


def test_it_ends_early_and_what_ran_stays(series: Series, bruno: Any, car: Any) -> None:
    ran = series.bookings.earliest("starts_at")
    Booking.objects.filter(pk=ran.pk).update(state="active")
    Hold.objects.filter(assignment__booking=ran).update(out_at=ran.starts_at)
    with clock.travel(to=at(2, 21)):
        ended = end_series(series, on=dt.date(2026, 3, 9), reason="Fin de mission", by=bruno)
        assert series.bookings.filter(state="cancelled").count() == 5
        assert Hold.objects.filter(vehicle=car).count() == 5
        assert (ended.ended_on, ended.end_reason) == (dt.date(2026, 3, 9), "Fin de mission")
        assert series.account.deposits.get().state == Deposit.State.EXPECTED
        assert OutboxMessage.objects.filter(topic__in=["sms", "mail"]).count() == 2
        refused("wrong_state", end_series, series, reason="Encore", by=bruno)


def test_a_series_that_never_ran_asks_no_deposit_once_it_has_ended(series: Series, bruno: Any, eve: Any) -> None:
    before = counts()
    with pytest.raises(PermissionDenied):
        end_series(series, reason="x", by=eve)
    assert counts() == before
    refused("in_the_past", end_series, series, reason="x", on=dt.date(2026, 2, 1), by=bruno)
    refused("reason_missing", end_series, series, reason=" ", by=bruno)
    refused("wrong_state", end_series, series, reason="x", on=dt.date(2026, 5, 1), by=bruno)
    end_series(series, reason="Contrat rompu", by=bruno)
    assert series.account.deposits.get().state == Deposit.State.LAPSED
    assert not Hold.objects.exists()
    assert {loan.cancel_reason for loan in series.bookings.all()} == {"Contrat rompu"}


def test_nights_that_get_another_vehicle_are_told_once(series: Series, other_car: Any, bruno: Any) -> None:
    Hold.objects.filter(starts_at__lt=at(6, 0)).delete()
    displaced = list(Assignment.objects.displaced())
    assert len(displaced) == 4
    for one in displaced:
        rehouse(one, by=bruno, vehicle=other_car)
    assert OutboxMessage.objects.filter(key__contains="vehicle-changed").count() == 1


def test_cancelling_an_occurrence_on_its_own_page_is_the_same(series: Series, bruno: Any) -> None:
    cancel(series.bookings.latest("starts_at"), by=bruno, reason="Congé")
    assert series.account.deposits.get().state == Deposit.State.EXPECTED
    assert whole(series).total == 27


# --- house rules ------------------------------------------------------------------------------------


def test_a_closed_site_is_a_conflict_of_each_date_and_passed_once_for_all(
    platform: Any, wish: Any, site: Any, driss: Any
) -> None:
    set_opening_hours(site, week={number: [(dt.time(9), dt.time(21))] for number in range(7)}, by=driss)
    wish["vehicle"].refresh_from_db()
    refusal = refused("series_conflict", book_series, platform, **wish)
    assert "fermé" in refusal.message
    series = book_series(platform, **wish, passes=[Pass("closed", "no_other_way")])
    assert series.bookings.count() == TWO_WEEKS
    assert RulePass.objects.get().booking == series.bookings.earliest("starts_at")


def test_days_of_all_dates_count_together(platform: Any, wish: Any) -> None:
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2026, 1, 1), quota_days=7, quota_months=3)
    plan = preview_series(platform, **{k: v for k, v in wish.items() if k != "by"}, needs=Needs("car"))
    assert [one.on.day for one in plan.impossible] == [11, 12, 13]
    assert {one.conflicts[0].code for one in plan.impossible} == {"quota"}
    refused("series_conflict", book_series, platform, **wish)
    assert book_series(platform, **wish, without_conflicts=True).bookings.count() == 7


def test_the_turnaround_lies_around_each_night(platform: Any, wish: Any, car: Any) -> None:
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2026, 1, 1), before_minutes=0, after_minutes=120)
    HoldFactory(vehicle=car, starts_at=at(4, 7), ends_at=at(4, 12))
    plan = preview_series(platform, **{k: v for k, v in wish.items() if k != "by"}, needs=Needs("car"))
    assert [one.on.day for one in plan.impossible] == [3]
    book_series(platform, **wish, without_conflicts=True)
    hold = Hold.objects.get(vehicle=car, starts_at=at(2, 20))
    assert (hold.ends_at, hold.plan_ends_at) == (at(3, 8), at(3, 6))


def test_what_must_be_approved_is_not_promised_through_a_series(platform: Any, wish: Any, farid: Any) -> None:
    LoanRules.objects.create(
        platform=platform, valid_from=dt.date(2026, 1, 1), approval_needed=True, approved_by=["fleet_manager"]
    )
    refused("approval_needed", book_series, platform, **wish)
    assert book_series(platform, **(wish | {"by": farid}))


def test_the_page_of_a_date_that_is_prolonged_says_its_own_dates(series, bruno, monkeypatch):
    said: list[Any] = []
    monkeypatch.setattr(contracts.pdf, "render", lambda _, contents, pictures: said.append(contents) or b"%PDF-")
    night = series.bookings.order_by("starts_at").first()
    with clock.travel(to=night.starts_at):
        hand_over(night, by=bruno, report=complete_report(night.assignments.get(), by=bruno, at=night.starts_at))
        extend(night, until=at(3, 18), by=bruno)
    for period in night.periods.order_by("starts_at"):
        contracts.contract_pdf(night, period)
    whole_series, longer = said[-2:]
    assert [row[0] for row in whole_series["loan"] if row[0] in ("Prêt régulier", "Fin")] == ["Prêt régulier"]
    assert ["Fin", "mardi 3\u00a0mars\u00a02026 à 18\u00a0h"] in longer["loan"]
