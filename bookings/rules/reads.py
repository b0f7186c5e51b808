"""What the rules look at: one query for the rules, and one for each thing that they ask of."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Platform
from bookings.models import Assignment, Booking, LoanRules
from bookings.rules.closed import closed
from bookings.rules.house import Breach, Rule, Spell, Terms, Wish, breaches, terms
from bookings.rules.law import Condition, unlawful
from core import clock
from fleet.models import Vehicle
from fleet.opening import hours_of_site
from participants.entitlements import Driver, ToDrive, can_drive
from participants.file import unpack
from participants.models import Participant, Programme
from participants.papers import Aptitude, Paper

State = Booking.State
COUNTED = (State.RESERVED, State.ACTIVE, State.RETURNED, State.NOT_RETURNED)  # what was promised, and not given up


def terms_for(platform: Platform, kind: str, programme: Programme | int | None, on: dt.date | dt.datetime) -> Terms:
    """What the rules say of this case on that day (for a loan: its first). One query."""
    day = clock.local_date(on, platform.time_zone) if isinstance(on, dt.datetime) else on
    programme_id = programme.pk if isinstance(programme, Programme) else programme
    return terms_of(platform)(kind, programme_id, day)


def terms_of(platform: Platform) -> Callable[[str, int | None, dt.date], Terms]:
    """What `terms_for` answers, for any case and day of this platform. One query for all of them: a platform has a few
    dozen rows at most, and the plainest question costs least."""
    rows = list(LoanRules.objects.filter(platform=platform).order_by())

    @cache
    def of_case(kind: str, programme_id: int | None, day: dt.date) -> Terms:
        speaking = (row for row in rows if row.kind in {"", kind} and row.programme_id in {None, programme_id})
        return terms(row for row in speaking if row.valid_on(day))

    return of_case


def breaches_of(
    platform: Platform,
    participant: Participant,
    what: Vehicle | str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    programme: Programme | int | None,
    *,
    booking: Booking | None = None,
    rules: Terms | None = None,
    known: bool = False,
) -> list[Breach]:
    """The house rules that a loan of this vehicle (or kind) at these dates would break.

    With `booking`, of a loan that is changed: dates that begin where it ends, or later, are one more renewal; an
    unchanged start asks for neither notice nor horizon; its own days count once. With `known`, for a page, the loans
    that came with the person (`with_loans`) are believed.
    """
    kind = what.kind if isinstance(what, Vehicle) else what
    if rules is None:
        rules = terms_for(platform, kind, programme, starts_at)
    now = clock.now()
    wish: dict[str, Any] = {"kind": kind, "starts_at": starts_at, "ends_at": ends_at, "now": now}
    wish["birth_date"] = participant.birth_date
    wish |= facts_of(participant, rules, now, booking=booking, known=known)
    if booking is not None:
        wish |= of_the_loan(booking, starts_at, ends_at)
    found = breaches(Wish(zone=platform.time_zone, **wish), rules)
    if isinstance(what, Vehicle):
        found += closed_at(platform, what, starts_at, ends_at, rules, booking=booking)
    return found


def facts_of(
    participant: Participant,
    rules: Terms,
    now: dt.datetime,
    *,
    booking: Booking | None = None,
    known: bool = False,
) -> dict[str, Any]:
    """What these rules look at of the person: their other loans, papers and tests."""
    facts: dict[str, Any] = {}
    if rules.looks_at_loans:
        fresh = not known
        facts["others"] = spells(other_loans(participant, booking), now) if fresh else spells_of(participant, now)
    if rules.looks_at_papers:
        facts["papers"], facts["tests"] = file_of(participant, rules)
    return facts


def closed_at(
    platform: Platform,
    vehicle: Vehicle,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    rules: Terms,
    *,
    booking: Booking | None = None,
) -> list[Breach]:
    """Keys change hands while the vehicle's site is open; of a loan that is changed only what changes is asked. Two
    queries where the site is not at hand, one where it is, none where it has no hours."""
    known = () if booking is None else (booking.starts_at, booking.ends_at)
    given = booking is not None and booking.state != State.RESERVED
    site = vehicle.site
    site.platform = platform
    return closed(
        hours_of_site(site),
        str(site),
        None if given or starts_at in known else starts_at,
        None if ends_at in known else ends_at,
        rules.passed_by,
    )


def other_loans(participant: Participant, booking: Booking | None) -> QuerySet[Booking]:
    loans = Booking.objects.filter(participant=participant, state__in=COUNTED)
    return loans.exclude(pk=booking.pk) if booking is not None else loans


def spells(loans: QuerySet[Booking], now: dt.datetime) -> tuple[Spell, ...]:
    """One query. A loan that was given back early took no more days than it did."""
    rows = loans.annotate(back_at=Max("assignments__ended_at")).values_list("state", "starts_at", "ends_at", "back_at")
    return tuple(spell(*row, now=now) for row in rows.order_by("starts_at", "pk"))


def spell(state: str, start: dt.datetime, end: dt.datetime, back: dt.datetime | None, *, now: dt.datetime) -> Spell:
    if state == State.RETURNED and back is not None and start < back < end:
        end = back
    return Spell(start, end, is_late=state == State.ACTIVE and end <= now)


def with_loans(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """Annotates what `spells` reads of each, so that a page asks for the person and their loans at once."""
    ended = Assignment.objects.filter(booking=OuterRef("pk"), ended_at__isnull=False).order_by("-ended_at")
    loans = Booking.objects.filter(participant=OuterRef("pk"), state__in=COUNTED).order_by("starts_at", "pk")
    loans = loans.annotate(back_at=Subquery(ended.values("ended_at")[:1]))
    row = JSONObject(state="state", starts_at="starts_at", ends_at="ends_at", back_at="back_at")
    return people.annotate(known_loans=ArraySubquery(loans.values(row=row).values_list("row", flat=True)))


def spells_of(participant: Participant, now: dt.datetime) -> tuple[Spell, ...]:
    """The loans of a person who was read `with_loans`. No query."""
    rows = participant.known_loans  # type: ignore[attr-defined]
    read = ([one["state"], *map(moment, (one["starts_at"], one["ends_at"], one["back_at"]))] for one in rows)
    return tuple(spell(*row, now=now) for row in read)


def moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def of_the_loan(booking: Booking, starts_at: dt.datetime, ends_at: dt.datetime) -> dict[str, Any]:
    """What a change of a known loan means to the rules."""
    own = [(booking.starts_at, min(booking.ends_at, starts_at)), (max(booking.starts_at, ends_at), booking.ends_at)]
    is_renewal = starts_at >= booking.ends_at
    return {
        "own": tuple(Spell(start, end) for start, end in own if start < end) if is_renewal else (),
        "later": booking.state != State.RESERVED or starts_at in {booking.starts_at, booking.ends_at},
        "renewals": booking.periods.standing().count() if is_renewal else 0,
    }


# --- before the keys are given -------------------------------------------------------------------------


KERB = frozenset({Rule.DOCUMENTS, Rule.APTITUDE})  # the house rules that are looked at once more


def before_keys(booking: Booking, vehicle: Vehicle, at: dt.datetime) -> list[Breach]:
    """What stands between this loan and its keys at that moment: the law, then papers and aptitude test that nobody
    passed for it. What does not bind is only said. Four queries at most."""
    platform, person = booking.platform, unpack(booking.participant)
    on, until = (clock.local_date(moment, platform.time_zone) for moment in (at, max(at, booking.ends_at)))
    driver = Driver.of(person)
    verdict = can_drive(driver, ToDrive.of(vehicle), on)
    found = unlawful(verdict, driver, condition_of(vehicle, on), on, until)
    rules = terms_for(platform, vehicle.kind, booking.programme_id, booking.starts_at)
    if rules.looks_at_papers:
        papers, tests = file_of(person, rules)
        end = max(booking.ends_at, at + dt.timedelta(minutes=1))
        born = person.birth_date
        wish = Wish(vehicle.kind, at, end, at, platform.time_zone, papers=papers, tests=tests, birth_date=born)
        broken = [breach for breach in breaches(wish, rules) if breach.rule in KERB]
        passed = set(booking.rule_passes.values_list("rule", flat=True)) if broken else set()
        found += [breach for breach in broken if breach.rule not in passed]
    return found


def law_when_promised(
    platform: Platform, participant: Participant, vehicle: Vehicle, starts_at: dt.datetime, ends_at: dt.datetime
) -> list[Breach]:
    """What the hand-over would refuse or look at, said when the vehicle is promised: nothing of it binds yet."""
    on, until = (clock.local_date(moment, platform.time_zone) for moment in (starts_at, ends_at))
    driver = Driver.of(participant)
    verdict = can_drive(driver, ToDrive.of(vehicle), on)
    return [replace(one, binds=False) for one in unlawful(verdict, driver, condition_of(vehicle, on), on, until)]


def before_loan(booking: Booking) -> list[Breach]:
    """The same for a loan whose vehicle is promised, as of its start (or now, if that is past); nothing once it is
    out. One query more."""
    if booking.state not in Booking.OPEN:
        return []
    at = max(booking.starts_at, clock.now())
    promised = Vehicle.objects.filter(
        assignments__booking=booking,
        assignments__ended_at__isnull=True,
        assignments__hold__isnull=False,
        assignments__hold__out_at__isnull=True,
    )
    law = promised.with_law(clock.local_date(at, booking.platform.time_zone))
    vehicle = law.order_by("-assignments__pk").first()
    return before_keys(booking, vehicle, at) if vehicle is not None else []


def condition_of(vehicle: Vehicle, on: dt.date) -> Condition:
    """One query, unless the vehicle was read `with_law`."""
    known = vehicle if hasattr(vehicle, "is_unsafe") else Vehicle.objects.filter(pk=vehicle.pk).with_law(on).get()
    return Condition.of(known)


def file_of(participant: Participant, rules: Terms) -> tuple[tuple[Paper, ...], tuple[Aptitude, ...]]:
    """The papers and aptitude tests that these rules ask for."""
    papers = participant.documents.all() if rules.documents else ()
    tests = participant.aptitude_tests.all() if rules.aptitude_needed else ()
    return tuple(Paper.of(row) for row in papers), tuple(Aptitude.of(row) for row in tests)
