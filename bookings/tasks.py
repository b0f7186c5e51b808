"""What wakes bookings: a vehicle that was blocked, and a sweep that finds what was missed."""

from celery import shared_task
from django.db import transaction

from bookings.actions import rehouse
from bookings.models import Assignment, Booking
from core import clock, outbox
from core.db import one_by_one
from core.models import OutboxMessage


@shared_task(name="bookings.rehouse_displaced")
def rehouse_displaced() -> int:
    """Gives displaced loans equal vehicles where there are any; the rest stand on « Aujourd’hui »."""
    displaced = (
        Assignment.objects.displaced()
        .filter(booking__state__in=Booking.OPEN, ends_at__gt=clock.now())
        .select_related("booking__platform__machine_user", "booking__participant")
        .order_by("starts_at")
    )
    return one_by_one(rehouse_by_itself, displaced)


def rehouse_by_itself(assignment: Assignment) -> bool:
    rehouse(assignment, by=assignment.booking.platform.machine_user)
    return True


@outbox.subscribe("vehicle.displaced")
def on_vehicle_displaced(message: OutboxMessage) -> None:
    """Once the message is done, each loan in a transaction of its own: none holds the vehicles of another."""
    transaction.on_commit(rehouse_displaced, robust=True)
