"""What a calendar feed shows, in three queries: whose secret it is, whether they may still see, the rows."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import Membership
from accounts.secrets import hash_of
from bookings.feeds.ical import Entry, as_ical
from bookings.messages import the_vehicle
from bookings.models import Assignment, Booking, CalendarFeed, ConditionReport, Proposal
from core import clock, words
from fleet.models import Hold, Site, Vehicle

PAST = dt.timedelta(days=31)
AHEAD = dt.timedelta(days=366)
MOST = 2000  # lines of one agenda
A_MOMENT = dt.timedelta(minutes=30)  # how long a departure or a return takes in an agenda

Of = CalendarFeed.Of
Ended = Assignment.EndReason
WENT_OUT = (Ended.RETURNED, Ended.REPLACED, Ended.LOST)  # ended, and the keys had been given

HELD = {
    Hold.Purpose.LOAN: "Prêté",
    Hold.Purpose.MAINTENANCE: "En réparation",
    Hold.Purpose.TRANSFER: "Déplacement",
    Hold.Purpose.RESERVE: "Mis de côté",
    Hold.Purpose.MISSING: "Jamais rendu",
}


def opened_by(secret: str) -> CalendarFeed | None:
    """The feed of this secret, if it is open: not revoked, and its owner still there and still of the platform."""
    found = CalendarFeed.objects.standing().filter(secret_hash=hash_of(secret), owner__is_active=True)
    feed = found.select_related("platform", "site", "vehicle", "participant").first()
    if feed is None:
        return None
    if feed.participant is not None:
        return feed if feed.participant.user_id == feed.owner_id else None
    return feed if Membership.objects.filter(user=feed.owner_id, platform=feed.platform_id).exists() else None


def address_of(secret: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("bookings:feed", args=[secret])


def ical_of(feed: CalendarFeed) -> bytes:
    entries = of_vehicle(feed) if feed.of == Of.VEHICLE else of_assignments(feed)
    return as_ical(title_of(feed), feed.platform.time_zone, entries)


def title_of(feed: CalendarFeed) -> str:
    if feed.vehicle is not None:
        return f"{named(feed.vehicle)}, {feed.platform}"
    if feed.site is not None:
        return f"{feed.site}, {feed.platform}"
    if feed.of == Of.ADVISER:
        return f"Mes remises et mes retours, {feed.platform}"
    return f"Mon prêt, {feed.platform}"


# --- a vehicle: what takes it -----------------------------------------------------------------------


def of_vehicle(feed: CalendarFeed) -> list[Entry]:
    """Every hold, as people read it; one that is out stays taken until it is back, however late."""
    now = clock.now()
    holds = (
        Hold.objects.filter(platform=feed.platform_id, vehicle=feed.vehicle, starts_at__lt=now + AHEAD)
        .filter(Q(ends_at__gte=now - PAST) | Q(out_at__isnull=False, back_at__isnull=True))
        .select_related("assignment__booking__participant")
        .order_by("starts_at")
    )
    return [_taken(feed, hold, now) for hold in holds[:MOST]]


def _taken(feed: CalendarFeed, hold: Hold, now: dt.datetime) -> Entry:
    is_late = hold.is_late(now)
    assignment: Assignment | None = getattr(hold, "assignment", None)
    loan = assignment.booking if assignment else None
    summary = HELD[Hold.Purpose(hold.purpose)]
    if feed.with_names and loan is not None:
        summary += f" à {loan.participant}"
    elif feed.with_names and hold.reason:
        summary += f" : {hold.reason}"
    return Entry(
        uid=uid(feed, f"hold-{hold.pk}"),
        starts_at=hold.out_at or hold.plan_starts_at,
        ends_at=hold.back_at or (next_hour(now) if is_late else hold.plan_ends_at),
        summary=f"En retard. {summary}" if is_late else summary,
        written_at=hold.created_at,
        url=url_of(feed, loan),
        is_provisional=bool(loan and loan.is_provisional),
    )


# --- loans: when keys change hands ------------------------------------------------------------------


def of_assignments(feed: CalendarFeed) -> list[Entry]:
    now = clock.now()
    rows = (
        assignments_of(feed, now)
        .select_related("hold", "booking__participant", "vehicle__site__address", "site__address")
        .order_by("-starts_at", "-pk")
    )
    moments = [moment for one in rows[: MOST // 2] for moment in (departure(feed, one), comeback(feed, one, now))]
    return sorted((one for one in moments if one is not None), key=lambda one: (one.starts_at, one.uid))


def assignments_of(feed: CalendarFeed, now: dt.datetime) -> QuerySet[Assignment]:
    """Promised, out, or back not long ago; of the feed's site, adviser or participant."""
    rows: QuerySet[Assignment] = Assignment.objects.filter(platform=feed.platform_id, starts_at__lt=now + AHEAD)
    promised = Q(ended_at__isnull=True, booking__state__in=Booking.OPEN)
    over = Q(end_reason__in=WENT_OUT, hold__out_at__isnull=False, ended_at__gte=now - PAST)
    rows = rows.filter(promised | over)
    if feed.of == Of.SITE:
        return rows.filter(Q(site=feed.site) | Q(site__isnull=True, vehicle__site=feed.site))
    if feed.of == Of.PARTICIPANT:
        unsaid = Proposal.objects.filter(booking=OuterRef("booking"), told_at__isnull=True)
        unsaid = unsaid.filter(booking__promised_until__isnull=False)
        return rows.filter(booking__participant=feed.participant).exclude(Exists(unsaid))
    handled = ConditionReport.objects.filter(assignment=OuterRef("pk"), by=feed.owner_id)
    return rows.filter(Q(booking__created_by=feed.owner_id) | Exists(handled))


def departure(feed: CalendarFeed, one: Assignment) -> Entry:
    out_at = one.hold.out_at if one.hold else None
    return _moment(feed, one, "out", out_at or one.starts_at, is_provisional=one.booking.is_provisional)


def comeback(feed: CalendarFeed, one: Assignment, now: dt.datetime) -> Entry | None:
    """None for a vehicle that nobody expects any more."""
    back_at = one.hold.back_at if one.hold else None
    if back_at is None and one.end_reason == Ended.LOST:
        return None
    is_late = one.ended_at is None and one.hold is not None and one.hold.is_late(now)
    return _moment(feed, one, "in", back_at or one.ends_at, is_late=is_late, is_provisional=one.booking.is_provisional)


def _moment(
    feed: CalendarFeed,
    one: Assignment,
    direction: str,
    at: dt.datetime,
    *,
    is_late: bool = False,
    is_provisional: bool = False,
) -> Entry:
    own = feed.of == Of.PARTICIPANT
    say = _to_the_participant if own else _to_the_staff
    return Entry(
        uid=uid(feed, f"loan-{one.pk}-{direction}"),
        starts_at=at,
        ends_at=at + A_MOMENT,
        summary=("En retard. " if is_late and not own else "") + say(feed, one, direction),
        written_at=one.created_at,
        place=place_of(one.site or one.vehicle.site),
        more=_help(feed, one) if own else "",
        url=url_of(feed, one.booking),
        is_provisional=is_provisional,
        is_moment=True,
    )


def _to_the_staff(feed: CalendarFeed, one: Assignment, direction: str) -> str:
    what = "Départ" if direction == "out" else "Retour"
    vehicle = named(one.vehicle) if one.hold else "à reloger"
    return f"{what} {vehicle}" + (f" : {one.booking.participant}" if feed.with_names else "")


def _to_the_participant(feed: CalendarFeed, one: Assignment, direction: str) -> str:
    return ("Venir chercher " if direction == "out" else "Rendre ") + the_vehicle(one.vehicle.kind)


def _help(feed: CalendarFeed, one: Assignment) -> str:
    """Which vehicle, once they know it, and whom to call."""
    vehicle = f"{one.vehicle.label} {one.vehicle.plate or one.vehicle.fleet_number}.".strip() if one.is_told else ""
    number = feed.platform.phone
    return f"{vehicle} Une question ? {words.phone(number)}".strip() if number else vehicle


# --- words ------------------------------------------------------------------------------------------


def named(vehicle: Vehicle) -> str:
    return f"{vehicle.fleet_number} {vehicle.label}".strip()


def place_of(site: Site) -> str:
    return f"{site.name}, {site.address}" if site.address else site.name


def url_of(feed: CalendarFeed, loan: Any) -> str:
    """The loan's page, for an owner who signs in; an agenda without names leaves the house, and leads nowhere."""
    if loan is None or not feed.with_names:
        return ""
    return settings.PUBLIC_URL.rstrip("/") + reverse("bookings:booking", args=[loan.pk])


def uid(feed: CalendarFeed, thing: str) -> str:
    return f"{thing}@{feed.platform.slug}.remise"


def next_hour(now: dt.datetime) -> dt.datetime:
    """The full hour after this one: what is late is taken until then, and the agenda stays the same till then."""
    return now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
