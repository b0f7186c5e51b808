"""The sweep that reminds: all loans that are near their start or end, in a few queries, then one by one what is due.

A key that stands in the outbox already is not tried again, so that a sweep every five minutes, or three of them at
once, costs little and sends nothing twice.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Prefetch, Q

from accounts.models import Platform
from bookings.actions.reminders import due_for, remind, schedule_of
from bookings.models import Assignment, Booking
from bookings.reminders.routine import with_neighbours
from bookings.reminders.schedule import Hours, Step
from bookings.reminders.words import key_of
from core import clock
from core.db import one_by_one
from core.models import OutboxMessage

NEAR = dt.timedelta(days=61)  # no step is further away, see `a_reminder_is_near`
LATE = dt.timedelta(days=91)


def send_what_is_due() -> int:
    """How many reminders were put in the outbox."""
    sent = 0
    for platform in Platform.objects.select_related("machine_user"):
        steps, hours = schedule_of(platform)
        if not steps or hours is None or not hours.allow(clock.now()):
            continue
        sent += send_of(platform, steps, hours)
    return sent


def send_of(platform: Platform, steps: list[Step], hours: Hours) -> int:
    def send(booking: Booking) -> bool:
        return remind(booking, by=platform.machine_user, steps=steps, hours=hours)

    return one_by_one(send, due_loans(platform, steps, hours))


def due_loans(platform: Platform, steps: list[Step], hours: Hours) -> Iterator[Booking]:
    """The loans of which something is due and has not left. Three queries for any number of them."""
    now = clock.now()
    keys = {}
    for booking in near(platform, now):
        if (due := due_for(booking, steps, hours, now)) is not None:
            keys[key_of(booking, due)] = booking
    gone = set(OutboxMessage.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    return (booking for key, booking in keys.items() if key not in gone)


def near(platform: Platform, now: dt.datetime) -> list[Booking]:
    """Promised loans that start soon, and those under way whose end is near or past."""
    vehicles = Assignment.objects.current().select_related("hold", "vehicle__site", "site").order_by("pk")
    starting = Q(state=Booking.State.RESERVED, starts_at__gt=now, starts_at__lt=now + NEAR)
    ending = Q(state=Booking.State.ACTIVE, ends_at__gt=now - LATE, ends_at__lt=now + NEAR)
    loans = with_neighbours(Booking.objects.filter(starting | ending, platform=platform))
    loans = loans.select_related("platform", "participant")
    return list(loans.prefetch_related(Prefetch("assignments", queryset=vehicles, to_attr="vehicles_now")))
