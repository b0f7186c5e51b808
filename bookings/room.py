"""Whether a vehicle has room for a change, and what would help when it has not. Reads only."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet

from bookings import offers
from bookings.change import Change
from bookings.models import Assignment, Booking
from core import clock, words
from fleet.models import Hold, Kind, Vehicle

WITHOUT_VEHICLE = "Ce prêt n’a pas de véhicule en ce moment : il est à reloger."


def serving(booking: Booking) -> Assignment | None:
    """The vehicle that serves the loan to its end: the latest that has not ended."""
    return booking.assignments.current().select_related("hold", "vehicle__site").order_by("pk").last()


def vehicle_of(assignment: Assignment | None) -> Vehicle | None:
    return assignment.vehicle if assignment else None


def look_for_room(change: Change, booking: Booking, until: dt.datetime) -> None:
    """The vehicle stays with the loan until then, or the refusal says how far it goes and what would help."""
    current = serving(booking)
    change.vehicle = vehicle_of(current)
    if current is None or current.hold is None:
        change.warnings.append(WITHOUT_VEHICLE)
        return
    hold = current.hold
    following = holds_of(current.vehicle).filter(starts_at__lt=until, ends_at__gt=hold.starts_at).exclude(pk=hold.pk)
    first = following.order_by("starts_at").first()
    if first is None:
        return
    change.in_the_way, change.free_until = first, first.starts_at
    said = [f"Ce véhicule est {why_taken(first)} {words.from_day(first.starts_at)} à {words.hour(first.starts_at)}."]
    if first.starts_at > booking.ends_at:
        said.append(f"Libre {words.until(first.starts_at)}.")
    if first.purpose == Hold.Purpose.LOAN and first.out_at is None:
        start, end = first.starts_at, first.ends_at
        about = "Le prêt suivant pourrait prendre"
    else:
        start, end = booking.ends_at, until
        about = "Libres pour la suite"
    needs = offers.Needs(current.vehicle.kind)
    change.instead = offers.nearest_alternatives(booking.platform, needs, start, end, but=current.vehicle)
    said.append(f"{about} : {named(change.instead)}." if change.instead else nothing_equal(current.vehicle))
    change.refuse(" ".join(said), "overlap")


def look_in_window(
    change: Change,
    booking: Booking,
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    *,
    own: Hold | None = None,
) -> None:
    """The vehicle is free from then until then, or the refusal says what is: others, or it at other dates."""
    if not vehicle.in_service:
        change.refuse(f"Ce véhicule est retiré du parc : {vehicle.withdrawn_reason}.", "withdrawn")
        return
    others = holds_of(vehicle)
    if own is not None:
        others = others.exclude(pk=own.pk)
    elif vehicle.holds.late(clock.now()).exists():
        change.refuse("Ce véhicule aurait dû être rendu et ne l’est pas encore.", "late")
        return
    first = others.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at").first()
    if first is None:
        return
    needs = offers.Needs(booking.kind, booking.needs_automatic, booking.needs_seats)
    change.in_the_way = first
    change.instead = offers.nearest_alternatives(booking.platform, needs, start, end, but=vehicle)
    change.free_from = next_room(others, start, end - start)
    said = [f"Ce véhicule est {why_taken(first)} {words.span(first.starts_at, first.ends_at)}."]
    if change.instead:
        said.append(f"Libres à ces dates : {named(change.instead)}.")
    else:
        said.append(f"Aucun autre véhicule « {Kind(booking.kind).label} » n’est libre à ces dates.")
    if change.verb != "exchanged":
        free = words.span(change.free_from, change.free_from + (end - start))
        said.append(f"Celui-ci est libre {free}.")
    change.refuse(" ".join(said), "overlap")


def holds_of(vehicle: Vehicle) -> QuerySet[Hold]:
    return Hold.objects.filter(vehicle=vehicle)


def next_room(others: QuerySet[Hold], start: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """From when on, at the earliest after `start`, nothing takes the vehicle for that long. One query."""
    at = start
    for starts_at, ends_at in (
        others.filter(ends_at__gt=start).order_by("starts_at").values_list("starts_at", "ends_at")
    ):
        if starts_at >= at + length:
            break
        at = max(at, ends_at)
    return at


def why_taken(hold: Hold) -> str:
    if hold.purpose == Hold.Purpose.LOAN:
        return "prêté" if hold.out_at else "promis"
    return "en réparation" if hold.purpose == Hold.Purpose.MAINTENANCE else "pris"


def named(vehicles: Sequence[Vehicle]) -> str:
    return ", ".join(str(vehicle) for vehicle in vehicles)


def nothing_equal(vehicle: Vehicle) -> str:
    return f"Aucun autre véhicule « {vehicle.get_kind_display()} » n’est libre à ces dates-là."
