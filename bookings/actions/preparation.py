"""Done beforehand, by several people on several devices: each thing once, by whom and when."""

from accounts.models import User
from bookings import messages, perms
from bookings.actions.loan import lock_vehicles
from bookings.models import Assignment, Booking, PreparationTick
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet.actions import refuse_closed
from fleet.models import Site

BY_HAND = (PreparationTick.Item.PAPERS, PreparationTick.Item.CONTRACT, PreparationTick.Item.CLEAN)


@action
def tick(booking: Booking, *, item: str, by: User) -> PreparationTick:
    """Somebody has done this. Done by two at once, it is done. Refuses with `wrong_state`, `known_otherwise`."""
    require(perms.can_change(by, booking))
    booking = awaiting_keys(booking)
    if item not in BY_HAND:
        raise refuse("Ceci se lit dans le compte ou sur la fiche du véhicule : rien à cocher.", "known_otherwise")
    there = PreparationTick.objects.filter(booking=booking, item=item).first()
    if there is not None:
        return there
    made = save(PreparationTick(platform_id=booking.platform_id, booking=booking, item=item, by=by))
    record(by, "booking.prepared", booking, item=item)
    return made


@action
def untick(booking: Booking, *, item: str, by: User) -> Booking:
    """It was not done after all. Refuses with `wrong_state`."""
    require(perms.can_change(by, booking))
    booking = awaiting_keys(booking)
    gone, _ = PreparationTick.objects.filter(booking=booking, item=item).delete()
    if gone:
        record(by, "booking.unprepared", booking, item=item)
    return booking


@action
def meet_at(assignment: Assignment, *, site: Site, by: User) -> Assignment:
    """The participant comes to another site; they are told. Refuses `already_there`, `site_closed`, `already_out`,
    `displaced`, `other_platform`."""
    booking = assignment.booking
    require(perms.can_change(by, booking))
    lock_vehicles(booking)
    booking = lock(booking)
    assignment = lock(assignment)
    if site.platform_id != booking.platform_id:
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")
    refuse_closed(site)
    if assignment.ended_at is not None or assignment.hold is None:
        raise refuse("Ce prêt n’a pas de véhicule : il n’y a pas de départ à changer.", "displaced")
    if assignment.hold.out_at is not None:
        raise refuse("Ce véhicule est déjà parti.", "already_out")
    if assignment.site_id == site.pk:
        raise refuse(f"Le départ est déjà prévu à {site.name}.", "already_there")
    assignment.site = site
    save(assignment, "site")
    record(by, "booking.site_changed", booking, site=site.pk)
    messages.site_changed(booking, site, clock.now())
    return assignment


# --- steps ------------------------------------------------------------------------------------


def awaiting_keys(booking: Booking) -> Booking:
    """The loan, fresh and ours, while keys of it are still to be given."""
    booking = lock(booking)
    waiting = booking.assignments.current().filter(hold__out_at__isnull=True)
    if booking.state not in Booking.OPEN or not waiting.exists():
        raise refuse("Il n’y a rien à préparer : les clés ne sont pas à remettre.", "wrong_state")
    return booking
