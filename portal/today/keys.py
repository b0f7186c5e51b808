"""Keys that leave and come back: late, to re-house, departures, returns, what to prepare and to drive to another site.

One query for all of them, and two for the papers of those whom one prepares for.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Platform
from bookings.day.flags import flags_of, is_elsewhere, with_flags
from bookings.day.late import tried_words, with_what_was_tried
from bookings.day.preparation import done_words, things_of
from bookings.day.prepare_reads import with_papers
from bookings.models import Assignment, Booking
from core import clock, words
from portal.today.lines import SHOWN, Line, named

DAY, FRIDAY = dt.timedelta(days=1), 4
LOOK_AHEAD = dt.timedelta(days=14)  # for vehicles that must be driven to another site
MOST = 6 * SHOWN  # of a pool's keys in one day; the lists' own pages show the rest


@dataclass
class Keys:
    """The current assignments that wait for somebody until `until`, each in one list."""

    late: list[Assignment] = field(default_factory=list)
    returns: list[Assignment] = field(default_factory=list)
    departures: list[Assignment] = field(default_factory=list)
    displaced: list[Assignment] = field(default_factory=list)
    to_prepare: list[Assignment] = field(default_factory=list)  # they leave on the next working day, or before it
    elsewhere: list[Assignment] = field(default_factory=list)  # the vehicle stands at another site


def keys_of(platform: Platform, until: dt.datetime, now: dt.datetime) -> Keys:
    """Out and due back, promised and to be fetched, or without a vehicle: the longest waiting first."""
    soon = end_of_next_working_day(until, platform.time_zone)
    out = Q(hold__out_at__isnull=False, hold__back_at__isnull=True, hold__ends_at__lt=F("hold__after") + until)
    promised = Q(hold__isnull=False, hold__out_at__isnull=True)
    apart = Q(site__isnull=False, starts_at__lt=until + LOOK_AHEAD) & ~Q(site=F("vehicle__site"))
    wanted = out | Q(hold__isnull=True) | promised & (Q(starts_at__lt=soon) | apart)
    waiting = (
        with_what_was_tried(with_flags(Assignment.objects.current(), now))
        .filter(wanted, platform=platform, booking__state__in=Booking.OPEN)
        .select_related("hold", "site", "vehicle__site", "booking__participant")
        .order_by("starts_at", "pk")[:MOST]
    )
    keys = Keys()
    for one in waiting:
        if one.hold is None:
            keys.displaced.append(one)
        elif one.hold.out_at is None:
            if is_elsewhere(one):
                keys.elsewhere.append(one)
            if one.starts_at < soon:
                (keys.departures if one.starts_at < until else keys.to_prepare).append(one)
        else:
            (keys.late if one.hold.plan_ends_at <= now else keys.returns).append(one)
    for one in keys.to_prepare:
        one.booking.platform = platform
    with_papers(keys.to_prepare)
    keys.late.sort(key=lambda one: one.hold.plan_ends_at)  # type: ignore[union-attr]
    keys.returns.sort(key=lambda one: one.hold.plan_ends_at)  # type: ignore[union-attr]
    return keys


def end_of_next_working_day(tonight: dt.datetime, zone: str) -> dt.datetime:
    """On a Friday that of Monday: what leaves on the weekend or after it is prepared before."""
    day = clock.local_date(tonight, zone)
    while day.weekday() > FRIDAY:
        day += DAY
    return clock.at(day + DAY, dt.time(), zone)


def return_line(one: Any, now: dt.datetime) -> Line:
    is_late = one.hold.plan_ends_at <= now
    return Line(
        who=str(one.booking.participant),
        when=late_words(one) if is_late else f"revient {words.moment(one.hold.plan_ends_at)}",
        url=f"{reverse('bookings:take_back', args=[one.booking_id])}?vehicule={one.vehicle_id}",
        more=reverse("bookings:recovery" if is_late else "bookings:booking", args=[one.booking_id]),
        verb="Reprendre",
        phone=one.booking.participant.phone if is_late else "",
        tone="late" if is_late else "",
        label="En retard" if is_late else "",
        **named(one.vehicle),
    )


def late_words(one: Any) -> str:
    """Since when, what was already tried, and who waits for this vehicle."""
    said = [f"devait revenir {words.moment(one.hold.plan_ends_at)}", tried_words(one) or "personne n’a encore appelé"]
    if one.next_starts_at is not None:
        said.append(f"promis ensuite {words.moment(one.next_starts_at)}")
    return " · ".join(said)


def departure_line(one: Any, now: dt.datetime, grace: dt.timedelta = dt.timedelta(hours=1)) -> Line:
    """Those who did not come yet say so, and after the platform's grace that they did not show; what stands in the
    way says it louder."""
    if one.starts_at + grace <= now:
        return no_show_line(one)
    flags = flags_of(one, now)
    is_due = one.starts_at <= now
    return Line(
        who=str(one.booking.participant),
        when=f"{words.moment(one.starts_at)}, {one.site or one.vehicle.site}",
        url=reverse("bookings:hand_over", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Remettre les clés",
        tone=flags[0].tone if flags else "due" if is_due else "",
        label=flags[0].label if flags else "Attendu" if is_due else "",
        **named(one.vehicle),
    )


def no_show_line(one: Any) -> Line:
    """The vehicle waits until somebody chooses: later, other dates, or the loan is given up."""
    return Line(
        who=str(one.booking.participant),
        when=f"attendu·e {words.moment(one.starts_at)}, {one.site or one.vehicle.site}",
        url=reverse("bookings:no_show", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Que faire ?",
        phone=one.booking.participant.phone,
        tone="due",
        label="Ne s’est pas présenté·e",
        **named(one.vehicle),
    )


def prepare_line(one: Any, now: dt.datetime) -> Line:
    things = things_of(one)
    missing = [thing.label.lower() for thing in things if not thing.is_done]
    flags = flags_of(one, now)
    return Line(
        who=str(one.booking.participant),
        when=f"{words.moment(one.starts_at)}, {one.site or one.vehicle.site}"
        + (f" · manque : {', '.join(missing)}" if missing else ""),
        url=reverse("bookings:prepare", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Préparer" if missing else "Revoir",
        tone=flags[0].tone if flags else "" if missing else "done",
        label=flags[0].label if flags else done_words(things) if missing else "Tout est prêt",
        **named(one.vehicle),
    )


def elsewhere_line(one: Any) -> Line:
    return Line(
        who=f"{one.vehicle.site} → {one.site}",
        when=f"pour {one.booking.participant}, {words.moment(one.starts_at)}",
        url=reverse("bookings:booking", args=[one.booking_id]),
        verb="Régler",
        tone="soon",
        label=f"Est à {one.vehicle.site}",
        **named(one.vehicle),
    )


def displaced_line(one: Assignment) -> Line:
    return Line(
        who=str(one.booking.participant),
        when=f"à partir {words.from_day(one.starts_at)}",
        url=reverse("bookings:alternatives", args=[one.booking_id]),
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Reloger",
        tone="now",
        label="Sans véhicule",
        **named(one.vehicle),
    )
