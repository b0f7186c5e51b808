"""A loan whose keys are out, for tests of what goes wrong on the way."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from bookings.actions import hand_over, record_fine
from bookings.models import Fine
from core import clock
from participants.models import DrivingEntitlement
from places.models import Address
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.reports import complete_report

WEDNESDAY = MONDAY + 2 * DAY
HOUR = dt.timedelta(hours=1)


def with_all_papers(ana: Any) -> Any:
    """Born in Dax, living in Tyrosse, with a licence: all that a designation asks for."""
    ana.birth_date, ana.birth_place = dt.date(1990, 5, 4), "Dax"
    ana.address = Address.objects.create(
        platform=ana.platform, street="3 rue des Pins", postcode="40230", city="Saint-Vincent-de-Tyrosse"
    )
    ana.save()
    DrivingEntitlement.objects.filter(participant=ana).update(number="12AB34567")
    return ana


def hand_over_to(loan: Any, by: Any) -> Any:
    with clock.travel(to=MONDAY):
        return hand_over(loan, by=by, report=complete_report(loan.assignments.get(), by=by, at=MONDAY))


def notice(vehicle: Any, by: Any, **said: Any) -> Fine:
    """A speed camera on Wednesday, whose notice was sent on the same day."""
    at = said.pop("at", WEDNESDAY)
    told = {"sort": "offence", "number": "6412345678", "amount": Decimal(135), "offence_at": at, "sent_on": at.date()}
    with clock.travel(to=at + 3 * DAY):
        return record_fine(vehicle, by=by, **told | said)


def code_of(verb: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return str(refusal.value.code)
