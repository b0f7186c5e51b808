"""What wakes bookings: a vehicle that was blocked, and a sweep that finds what was missed."""

import logging

from celery import shared_task
from django.core.exceptions import ValidationError

from bookings.actions import rehouse
from bookings.models import Assignment, Booking
from core import outbox
from core.models import OutboxMessage

log = logging.getLogger(__name__)


@shared_task(name="bookings.rehouse_displaced")
def rehouse_displaced() -> int:
    """Gives displaced loans equal vehicles where there are any; the rest stand on « Aujourd’hui »."""
    displaced = (
        Assignment.objects.displaced()
        .filter(booking__state__in=[Booking.State.RESERVED, Booking.State.ACTIVE])
        .select_related("booking__platform__machine_user", "booking__participant")
        .order_by("starts_at")
    )
    housed = 0
    for assignment in displaced:
        try:
            rehouse(assignment, by=assignment.booking.platform.machine_user)
        except ValidationError as refusal:
            log.info("Loan %s is not re-housed: %s", assignment.booking_id, refusal.code)
        else:
            housed += 1
    return housed


@outbox.subscribe("vehicle.displaced")
def on_vehicle_displaced(message: OutboxMessage) -> None:
    rehouse_displaced()
