"""Keys that leave and come back: late, to re-house, departures, returns. One query for all of them."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Platform
from bookings.models import Assignment, Booking
from core import words
from portal.today.lines import SHOWN, Line, named

MOST = 6 * SHOWN  # of a pool's keys in one day; the lists' own pages show the rest


@dataclass
class Keys:
    """The current assignments that wait for somebody until `until`, each in one list."""

    late: list[Assignment] = field(default_factory=list)
    returns: list[Assignment] = field(default_factory=list)
    departures: list[Assignment] = field(default_factory=list)
    displaced: list[Assignment] = field(default_factory=list)


def keys_of(platform: Platform, until: dt.datetime, now: dt.datetime) -> Keys:
    """Out and due back, promised and to be fetched, or without a vehicle: the longest waiting first."""
    out = Q(hold__out_at__isnull=False, hold__back_at__isnull=True, hold__ends_at__lt=F("hold__after") + until)
    promised = Q(hold__isnull=False, hold__out_at__isnull=True, starts_at__lt=until)
    waiting = (
        Assignment.objects.current()
        .filter(out | promised | Q(hold__isnull=True), platform=platform, booking__state__in=Booking.OPEN)
        .select_related("hold", "vehicle__site", "booking__participant")
        .order_by("starts_at", "pk")[:MOST]
    )
    keys = Keys()
    for one in waiting:
        if one.hold is None:
            keys.displaced.append(one)
        elif one.hold.out_at is None:
            keys.departures.append(one)
        else:
            (keys.late if one.hold.plan_ends_at <= now else keys.returns).append(one)
    keys.late.sort(key=lambda one: one.hold.plan_ends_at)  # type: ignore[union-attr]
    keys.returns.sort(key=lambda one: one.hold.plan_ends_at)  # type: ignore[union-attr]
    return keys


def return_line(one: Assignment, now: dt.datetime) -> Line:
    is_late = one.hold.plan_ends_at <= now  # type: ignore[union-attr]
    return Line(
        who=str(one.booking.participant),
        when=("devait revenir " if is_late else "revient ") + words.moment(one.hold.plan_ends_at),  # type: ignore[union-attr]
        url=f"{reverse('bookings:take_back', args=[one.booking_id])}?vehicule={one.vehicle_id}",
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Reprendre",
        phone=one.booking.participant.phone if is_late else "",
        tone="late" if is_late else "",
        label="En retard" if is_late else "",
        **named(one.vehicle),
    )


def departure_line(one: Assignment, now: dt.datetime) -> Line:
    """Those who did not come yet say so."""
    return Line(
        who=str(one.booking.participant),
        when=f"{words.moment(one.starts_at)}, {one.vehicle.site}",
        url=reverse("bookings:hand_over", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Remettre les clés",
        tone="due" if one.starts_at <= now else "",
        label="Attendu" if one.starts_at <= now else "",
        **named(one.vehicle),
    )


def displaced_line(one: Assignment) -> Line:
    return Line(
        who=str(one.booking.participant),
        when=f"à partir {words.from_day(one.starts_at)}",
        url=reverse("bookings:rehouse", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Reloger",
        is_post=True,
        tone="now",
        label="Sans véhicule",
        **named(one.vehicle),
    )
