"""A loan is given up: why, what it costs, and what a refusal leaves as it was; somebody who did not come."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from bookings.actions import cancel, hand_over, no_show
from bookings.changes import outcome as changes
from bookings.changes.values import GiveUp
from bookings.models import Booking, Period
from core import clock
from core.models import JournalEntry
from pricing.models import Charge
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.reports import complete_report
from tests.bookings.test_changes import refused, sentence

pytestmark = pytest.mark.django_db


@pytest.fixture
def fees(loan):
    """10 € from the third day before on, 25 € for not coming: as it was agreed for this loan."""
    agreed = {"cancel_fee": "10.00", "cancel_free_days": 3, "no_show_fee": "25.00"}
    Period.objects.update(quote=loan.periods.get().quote | agreed)
    return loan


def costs(loan):
    return list(loan.account.charges.values_list("sort", "amount"))


def test_a_tariff_without_fees_asks_for_nothing(loan, bruno):
    cancel(loan, by=bruno, reason="other_way")
    assert costs(loan) == []
    assert Booking.objects.get().cancel_reason == "A trouvé une autre solution"


def test_until_the_agreed_day_it_is_free_then_it_costs(fees, bruno):
    with clock.travel(to=MONDAY - 3 * DAY - dt.timedelta(minutes=1)):
        assert changes.preview(fees, GiveUp("bought")).difference == 0
    with clock.travel(to=MONDAY - 3 * DAY + dt.timedelta(minutes=1)):
        assert changes.preview(fees, GiveUp("bought")).difference == Decimal("10.00")
        cancel(fees, by=bruno, reason="bought", words="Une Clio")
    assert costs(fees) == [(Charge.Sort.CANCELLATION, Decimal("10.00"))]
    assert Booking.objects.get().cancel_reason == "A acheté un véhicule : Une Clio"
    assert "Cela coûte 10,00 €." in sentence(fees)
    facts = JournalEntry.objects.get(verb="booking.cancelled").facts
    assert facts == {"because": "bought", "cost": "10.00"}


def test_what_the_platform_causes_costs_nobody_anything(fees, bruno):
    cancel(fees, by=bruno, reason="no_vehicle")
    assert costs(fees) == []


def test_less_than_the_tariff_is_a_waiver_with_its_reason(fees, bruno):
    refused("reason_missing", cancel, fees, by=bruno, reason="bought", charge=Decimal(0))
    cancel(fees, by=bruno, reason="bought", charge=Decimal(4), waived_because="Situation difficile")
    assert costs(fees) == [("cancellation", Decimal("10.00")), ("cancellation", Decimal("-6.00"))]


def test_whoever_may_not_waive_may_not_ask_for_less(fees, farid):
    with pytest.raises(PermissionDenied):
        cancel(fees, by=farid, reason="bought", charge=Decimal(0), waived_because="Geste")
    assert costs(fees) == []


def test_refusals(fees, bruno):
    refused("reason_missing", cancel, fees, by=bruno, reason="")
    refused("reason_missing", cancel, fees, by=bruno, reason="other")
    refused("charged_too_much", cancel, fees, by=bruno, reason="bought", charge=Decimal(11))
    refused("price_changed", cancel, fees, by=bruno, reason="bought", seen=Decimal(0))
    refused("not_yet", no_show, fees, by=bruno)
    with clock.travel(to=MONDAY + dt.timedelta(hours=2)):
        Booking.objects.filter(pk=fees.pk).update(starts_at=MONDAY + DAY)  # somebody has just moved it
        refused("not_yet", no_show, fees, by=bruno)
        Booking.objects.filter(pk=fees.pk).update(starts_at=MONDAY)
    with clock.travel(to=MONDAY):
        hand_over(fees, by=bruno, report=complete_report(fees.assignments.get(), by=bruno, at=MONDAY))
        refused("wrong_state", cancel, fees, by=bruno, reason="bought")


def test_somebody_who_did_not_come(fees, car, bruno):
    with clock.travel(to=MONDAY + dt.timedelta(hours=2)):
        assert car.holds.exists()  # until somebody chooses, it waits
        no_show(fees, by=bruno)
    assert not car.holds.exists()
    assert costs(fees) == [("cancellation", Decimal("25.00"))]
    assert Booking.objects.get().given_up_because == "no_show"
