"""Several at once, on real connections: three schedulers send one reminder, two taps make one."""

from collections.abc import Iterator
from typing import Any

import pytest

from bookings import actions, tasks
from bookings.actions.reminders import default_reminders
from bookings.models import PreparationTick
from core import clock
from core.models import JournalEntry, OutboxMessage
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.factories import AssignmentFactory
from tests.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    with clock.travel(to=MONDAY + 2 * DAY):
        yield


def late(platform: Any) -> Any:
    return AssignmentFactory(
        booking__platform=platform, booking__starts_at=MONDAY - 9 * DAY, booking__ends_at=MONDAY, out=True
    ).booking


def test_three_schedulers_at_once_remind_once(platform: Any) -> None:
    default_reminders(platform)
    for _ in range(3):
        late(platform)
    with clock.travel(to=MONDAY + 2 * DAY + 3 * (DAY / 24)):
        sent = at_once(*[tasks.send_reminders] * 3)
    assert sum(sent) == 3
    assert OutboxMessage.objects.filter(key__contains=":reminder:").count() == 3
    assert JournalEntry.objects.filter(verb="booking.reminded").count() == 3


def test_two_devices_that_tick_at_once_tick_once(platform: Any, bruno: Any, farid: Any) -> None:
    loan = AssignmentFactory(
        booking__platform=platform, booking__starts_at=MONDAY + 3 * DAY, booking__ends_at=MONDAY + 5 * DAY
    ).booking
    done = at_once(
        lambda: actions.tick(loan, item="papers", by=bruno), lambda: actions.tick(loan, item="papers", by=farid)
    )
    assert len({one.pk for one in done}) == 1
    assert PreparationTick.objects.count() == 1
