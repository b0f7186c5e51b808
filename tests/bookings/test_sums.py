"""Whatever happens to a loan's dates, the rent that stands on its account is the sum of its periods."""

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.actions import book, extend, move, renew, shorten
from bookings.changes.settle import settle_return
from bookings.charges import charge_rent
from bookings.models import Booking, Period
from core import clock
from core.db import become
from fleet import holds
from pricing.models import Charge, Tariff, TariffBand
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER

pytestmark = pytest.mark.django_db

EXPLAINED = {
    "",
    "not_longer",
    "not_shorter",
    "in_the_past",
    "ends_before_start",
    "wrong_state",
    "same_dates",
    "too_long",
}
steps = st.lists(
    st.tuples(
        st.sampled_from(["extend", "renew", "shorten", "move", "keys", "wait"]),
        st.integers(min_value=-20, max_value=40),
    ),
    max_size=7,
)


class Undone(Exception):
    """Ends an example without a trace."""


def rent(loan: Booking) -> Decimal:
    rows = Charge.objects.filter(account=loan.account_id, sort=Charge.Sort.RENT)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def agreed(loan: Booking) -> Decimal:
    return loan.periods.aggregate(sum=Sum("total"))["sum"]


def step(loan: Booking, what: str, days: int, now: dt.datetime, by: Any) -> None:
    if what == "move":
        move(loan, starts_at=loan.starts_at + days * DAY, ends_at=loan.ends_at + days * DAY, by=by)
    elif what == "keys":
        give_keys(loan, now, by)
    elif what != "wait":
        verb = {"extend": extend, "renew": renew, "shorten": shorten}[what]
        verb(loan, until=loan.ends_at + days * DAY, by=by)


def holds_together(loan: Booking) -> None:
    loan.refresh_from_db()
    periods = list(loan.periods.standing())
    assert (loan.starts_at, loan.ends_at) == (periods[0].starts_at, periods[-1].ends_at)
    assert all(one.quote["total"] == str(one.total) for one in loan.periods.all())
    assert rent(loan) == (Decimal(0) if loan.state == Booking.State.RESERVED else agreed(loan))
    current = loan.assignments.current().first()
    if current is not None:
        assert current.hold.plan_ends_at == loan.ends_at


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps, kept=st.booleans())
def test_the_rent_that_stands_is_the_sum_of_the_periods(
    platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any, steps: list[tuple[str, int]], kept: bool
) -> None:
    with contextlib.suppress(Undone), transaction.atomic():
        Tariff.objects.update(unused_days="kept" if kept else "given_back")
        TariffBand.objects.create(platform=platform, tariff=tariff, from_day=31, day_price=4, week_price=25)
        loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)
        now = MONDAY
        for what, days in steps:
            now += dt.timedelta(hours=7 + abs(days))
            with clock.travel(to=now):
                code = attempted(loan, what, days, now, bruno)
            assert code in EXPLAINED, (what, days, code)
            holds_together(loan)
        bring_back(loan, now, bruno)
        raise Undone


def attempted(loan: Booking, what: str, days: int, now: dt.datetime, by: Any) -> str:
    """The code of its refusal; empty when it happened."""
    try:
        with transaction.atomic():
            step(loan, what, days, now, by)
    except ValidationError as refusal:
        return getattr(refusal, "code", None) or refusal.error_list[0].code
    return ""


def give_keys(loan: Booking, now: dt.datetime, by: Any) -> None:
    """What `hand_over` does to the loan and its account; the walk and its papers are tested elsewhere."""
    become(loan, Booking.State.ACTIVE)
    loan.save()
    charge_rent(loan, by)
    holds.mark_out(loan.assignments.get().hold, now)


def bring_back(loan: Booking, now: dt.datetime, by: Any) -> None:
    if loan.state != Booking.State.ACTIVE:
        return
    at = now + dt.timedelta(hours=5)
    with clock.travel(to=at):
        current = loan.assignments.get()
        holds.mark_back(current.hold, at)
        current.ended_at, current.end_reason = at, "returned"
        current.save()
        become(loan, Booking.State.RETURNED)
        loan.save()
        settle_return(loan, by)
    loan.refresh_from_db()
    assert rent(loan) == agreed(loan)
    assert not Period.objects.to_sign().exists()
