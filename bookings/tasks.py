"""What wakes bookings: a vehicle that was blocked, and a sweep that finds what was missed."""

from celery import shared_task
from django.db import transaction

from accounts.models import Platform
from bookings.actions import expire, rehouse
from bookings.actions.notices import was_at_garage
from bookings.actions.trips import transfer_driven
from bookings.cases import retention
from bookings.models import Assignment, Booking, WaitingEntry
from bookings.reminders import sweep as reminder_sweep
from bookings.waiting import serving as waiting_list
from core import clock, outbox
from core.db import one_by_one
from core.models import OutboxMessage
from fleet import missing, readiness
from fleet.models import Hold, Vehicle


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


@shared_task(name="bookings.keep_what_is_missing")
def keep_what_is_missing() -> int:
    """Vehicles that never came back stay held, some days ahead at a time."""
    return missing.keep_what_is_missing()


@shared_task(name="bookings.purge_fines")
def purge_fines() -> int:
    """Closed fines, and who drove in loans that are long over, are erased when their time has come."""
    return retention.purge_fines() + retention.purge_drivers()


def rehouse_by_itself(assignment: Assignment) -> bool:
    rehouse(assignment, by=assignment.booking.platform.machine_user)
    return True


@outbox.subscribe("vehicle.displaced")
def on_vehicle_displaced(message: OutboxMessage) -> None:
    """Once the message is done, each loan in a transaction of its own: none holds the vehicles of another."""
    transaction.on_commit(rehouse_displaced, robust=True)


@shared_task(name="bookings.expire_promises")
def expire_promises() -> int:
    """Frees what was promised « sous réserve » and not confirmed in time; what is closed waits for its opening."""
    over = Booking.objects.filter(state=Booking.State.RESERVED, promised_until__lte=clock.now())
    over = over.select_related("platform__machine_user", "participant").order_by("promised_until")
    return one_by_one(expire_by_itself, over)


def expire_by_itself(booking: Booking) -> bool:
    expire(booking, by=booking.platform.machine_user)
    return True


@shared_task(name="bookings.serve_waiting_lists")
def serve_waiting_lists() -> int:
    """Proposes free vehicles to those who wait, platform by platform."""
    waited_for = WaitingEntry.objects.waiting().values("platform_id")
    return sum(waiting_list.serve(one) for one in Platform.objects.filter(pk__in=waited_for).order_by("pk"))


@outbox.subscribe("vehicle.freed")
def on_vehicle_freed(message: OutboxMessage) -> None:
    """Its platform's list is served at once; the sweep would find it anyway."""
    platform = Platform.objects.filter(pk=message.platform_id).first()
    if platform is not None and WaitingEntry.objects.waiting().filter(platform=platform).exists():
        transaction.on_commit(lambda: waiting_list.serve(platform), robust=True)


@shared_task(name="bookings.send_reminders")
def send_reminders() -> int:
    """What is due of each platform's schedule; how many left."""
    return reminder_sweep.send_what_is_due()


@shared_task(name="fleet.keep_what_is_not_ready")
def keep_what_is_not_ready() -> int:
    """Vehicles that are back and that nobody has said to be ready: kept for an hour more."""
    return readiness.keep_what_is_not_ready()


@outbox.subscribe("vehicle.at_garage")
def on_vehicle_at_garage(message: OutboxMessage) -> None:
    vehicle = Vehicle.objects.filter(pk=message.payload["vehicle"]).select_related("platform__machine_user").first()
    if vehicle is not None:
        was_at_garage(vehicle)


@outbox.subscribe("vehicle.transferred")
def on_vehicle_transferred(message: OutboxMessage) -> None:
    hold = Hold.objects.filter(pk=message.payload["hold"]).select_related("vehicle").first()
    if hold is not None:
        transfer_driven(hold)
