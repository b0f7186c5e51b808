"""Whether a vehicle has room for a change, and what would help when it has not. Reads only."""

import datetime as dt
from collections.abc import Sequence

from bookings.changes.values import Change
from bookings.models import Assignment, Booking
from bookings.offers import choices as offers
from bookings.offers.alternatives import as_long
from core import clock, words
from fleet.holds import plans_overlap, stands_in_the_way
from fleet.models import Hold, Kind, Vehicle
from fleet.models.holds import HoldQuerySet

WITHOUT_VEHICLE = "Ce prêt n’a pas de véhicule en ce moment : il est à reloger."


def serving(booking: Booking) -> Assignment | None:
    """The vehicle that serves the loan to its end: the latest that has not ended."""
    return booking.assignments.current().select_related("hold", "vehicle__site").order_by("pk").last()


def vehicle_of(assignment: Assignment | None) -> Vehicle | None:
    return assignment.vehicle if assignment else None


def look_for_room(change: Change, booking: Booking, until: dt.datetime) -> None:
    """The vehicle stays with the loan until then, or the refusal says how far it goes and what would help."""
    current = change.current
    change.vehicle = vehicle_of(current)
    if current is None or current.hold is None:
        change.warnings.append(WITHOUT_VEHICLE)
        return
    hold = current.hold
    first = in_the_way(current.vehicle, hold.plan_starts_at, until, hold.before, hold.after, but=hold)
    if first is None:
        return
    change.in_the_way, change.free_until = first, goes_until(first, hold.after)
    since = first.plan_starts_at
    said = [f"Ce véhicule est {why_taken(first)} {words.from_day(since)} à {words.hour(since)}."]
    if change.free_until > booking.ends_at:
        said.append(f"Libre {words.until(change.free_until)}.")
    if first.purpose == Hold.Purpose.LOAN and first.out_at is None:
        start, end, about = first.plan_starts_at, first.plan_ends_at, "Le prêt suivant pourrait prendre"
    else:
        start, end, about = booking.ends_at, until, "Libres pour la suite"
    needs = offers.Needs(current.vehicle.kind)
    change.instead = offers.nearest_alternatives(booking.platform, needs, start, end, but=current.vehicle)
    said.append(f"{about} : {named(change.instead)}." if change.instead else nothing_equal(current.vehicle))
    refuse_or_warn(change, first, " ".join(said), hold.plan_starts_at, until)


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
    if own is None and vehicle.holds.late(clock.now()).exists():
        change.refuse("Ce véhicule aurait dû être rendu et ne l’est pas encore.", "late")
        return
    before, after = (own.before, own.after) if own else change.rules.margins
    first = in_the_way(vehicle, start, end, before, after, but=own)
    if first is None:
        return
    needs = offers.Needs(booking.kind, booking.needs_automatic, booking.needs_seats)
    change.in_the_way = first
    change.instead = offers.nearest_alternatives(booking.platform, needs, start, end, but=vehicle)
    said = [f"Ce véhicule est {why_taken(first)} {words.span(first.plan_starts_at, first.plan_ends_at)}."]
    if change.instead:
        said.append(f"Libres à ces dates : {named(change.instead)}.")
    else:
        said.append(f"Aucun autre véhicule « {Kind(booking.kind).label} » n’est libre à ces dates.")
    if change.verb != "exchanged":
        zone = booking.platform.time_zone
        change.free_from, until = next_room(vehicle, start, end, zone, before, after, but=own)
        said.append(f"Celui-ci est libre {words.span(change.free_from, until)}.")
    refuse_or_warn(change, first, " ".join(said), start, end)


def in_the_way(
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    before: dt.timedelta,
    after: dt.timedelta,
    *,
    but: Hold | None,
) -> Hold | None:
    """The first hold that takes the vehicle in that time, or leaves none to make it ready; as `fleet.holds` judges."""
    near = others_of(vehicle, but).overlapping(start - before, end + after).order_by("starts_at")
    return next((one for one in near if stands_in_the_way(one, start, end, before, after)), None)


def refuse_or_warn(change: Change, hold: Hold, sentence: str, start: dt.datetime, end: dt.datetime) -> None:
    """The plans overlap, or only the time to make the vehicle ready is missing, which can be passed."""
    if plans_overlap(hold, start, end):
        change.refuse(sentence, "overlap")
    else:
        change.too_near(sentence)


def goes_until(following: Hold, after: dt.timedelta) -> dt.datetime:
    """When a plan that needs `after` must end for this one."""
    return min(following.starts_at, following.plan_starts_at - after)


def next_room(
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    zone: str,
    before: dt.timedelta,
    after: dt.timedelta,
    *,
    but: Hold | None,
) -> tuple[dt.datetime, dt.datetime]:
    """From `start` on, when nothing takes the vehicle for as long as until `end`, on the wall clock. One query."""
    at, until = start, end
    for one in others_of(vehicle, but).filter(ends_at__gt=start - before).order_by("starts_at"):
        if stands_in_the_way(one, at, until, before, after):
            at = max(one.ends_at, one.plan_ends_at + before)
            until = as_long(at, start, end, zone)
    return at, until


def others_of(vehicle: Vehicle, but: Hold | None) -> HoldQuerySet:
    holds = Hold.objects.filter(vehicle=vehicle)
    return holds.exclude(pk=but.pk) if but else holds


def why_taken(hold: Hold) -> str:
    if hold.purpose == Hold.Purpose.LOAN:
        return "prêté" if hold.out_at else "promis"
    return "en réparation" if hold.purpose == Hold.Purpose.MAINTENANCE else "pris"


def named(vehicles: Sequence[Vehicle]) -> str:
    return ", ".join(str(vehicle) for vehicle in vehicles)


def nothing_equal(vehicle: Vehicle) -> str:
    return f"Aucun autre véhicule « {vehicle.get_kind_display()} » n’est libre à ces dates-là."
