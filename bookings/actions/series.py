"""A recurring loan is agreed on at once, loses a date, ends early. Each of its occurrences is a loan like any other."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from schedule.models import Calendar

from accounts.models import Platform, User
from bookings import perms
from bookings.actions.giving_up import cancel
from bookings.actions.loan import refuse_strangers, refuse_unfit
from bookings.actions.passes import keep_passes, lock_person, refuse_or_pass
from bookings.changes import deposit
from bookings.models import Assignment, Booking, Period, Series
from bookings.offers.choices import Needs
from bookings.rules import approvals
from bookings.rules.house import Pass, Rule
from bookings.rules.reads import terms_for
from bookings.series import messages as series_messages
from bookings.series import steps as series_steps
from bookings.series.plan import Occurrence, Plan, preview_series
from bookings.series.recurrence import Pattern
from core import clock, words
from core.db import action, become, create_all, lock, lock_all, refuse, require, save
from core.journal import record, record_all
from fleet import holds
from fleet.models import Hold, Kind, Vehicle
from fleet.opening_actions import weekly
from participants.models import Participant, Programme
from pricing import ledger

NAMED = 3  # dates that a refusal names
DROPPED = "Date retirée du prêt régulier"


@action
def book_series(
    platform: Platform,
    *,
    participant: Participant,
    pattern: Pattern,
    by: User,
    vehicle: Vehicle | None = None,
    kind: str = "",
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    programme: Programme | None = None,
    purpose: str = "",
    destination: str = "",
    without: Collection[dt.date] = (),
    without_conflicts: bool = False,
    passes: Sequence[Pass] = (),
    seen: Decimal | None = None,
    request: Booking | None = None,
) -> Series:
    """Promises a vehicle for every occurrence of the pattern, or for none: the dates of `without` are left out, and
    those in conflict too where `without_conflicts` says so. A house rule is passed for all dates at once.

    One account, one deposit, one message. `request` is answered by it, and becomes its first date. Refuses with
    `series_conflict` (which dates, why), `no_occurrence`, `price_changed` when `seen` is not the price, `no_weekday`,
    `ends_before_start`, `in_the_past`, `too_long`, `no_tariff`, `unfit`, `approval_needed`, `rule_broken`,
    `other_platform`.
    """
    require(perms.can_book(by, platform))
    refuse_strangers(platform, participant, vehicle, programme)
    needs = Needs(vehicle.kind if vehicle else kind, needs_automatic, needs_seats)
    if vehicle is not None:
        refuse_unfit(vehicle, needs)
    wish: dict[str, Any] = {
        "participant": participant,
        "pattern": pattern,
        "needs": needs,
        "vehicle": vehicle,
        "programme": programme,
    }
    wish["passed"] = {one.rule for one in passes}
    rules = terms_for(platform, needs.kind, programme or participant.programme_id, pattern.first_on)
    approvals.refuse_unapproved(by, platform, rules)
    lock_person(participant, rules)
    plan = plan_under_locks(platform, wish, without)
    refuse_plan(plan, seen, without_conflicts=without_conflicts)
    used = refuse_or_pass(None, list(plan.passed.values()), passes, by, platform=platform)
    series = agree(platform, plan, participant=participant, by=by, needs=needs)
    for_what = {"programme": programme or participant.programme, "purpose": purpose, "destination": destination}
    bookings = write_loans(series, plan, needs=needs, by=by, for_what=for_what, first=request)
    keep_passes(bookings[0], used, by)
    record(by, "series.booked", series, dates=len(bookings), kind=needs.kind)
    record_all(by, "booking.booked", bookings, kind=needs.kind, series=series.pk)
    series_messages.promised(series, bookings[0], plan)
    return series


@action
def drop_occurrence(booking: Booking, *, by: User, reason: str = DROPPED) -> Booking:
    """One date of a recurring loan is given up; the others stay, and cost what they cost without it.

    Refuses with `not_recurring` and `wrong_state`.
    """
    if booking.series_id is None:
        raise refuse("Ce prêt n’est pas un prêt régulier : annulez-le.", "not_recurring")
    return cancel(booking, by=by, reason=reason)


@action
def end_series(series: Series, *, by: User, reason: str, on: dt.date | None = None) -> Series:
    """Nothing of it starts on that day (today when none is given) or later: what was promised is given up, what ran
    stays, and a vehicle that is out comes back as agreed.

    Refuses with `wrong_state` when it has ended or nothing is to come, `in_the_past`, `reason_missing`.
    """
    today = clock.today(series.zone)
    on = on or today
    if on < today:
        raise refuse("Ce jour est passé : ce qui a eu lieu reste.", "in_the_past")
    since = clock.at(on, dt.time(), series.zone)
    coming = Booking.objects.filter(series=series, state=Booking.State.RESERVED, starts_at__gte=since)
    current = Assignment.objects.current().filter(booking__in=coming)
    vehicles = lock_all(Vehicle, current.values_list("vehicle_id", flat=True))
    given_up = lock_all(Booking, coming.values_list("pk", flat=True))
    series = lock(series)
    require(perms.can_change_series(by, series))
    given_up = [one for one in given_up if one.state == Booking.State.RESERVED]  # somebody may be handing keys over
    if series.ended_on is not None or not given_up:
        raise refuse("Il n’y a plus rien à venir dans ce prêt régulier.", "wrong_state")
    series_steps.give_up(given_up, reason=reason, vehicles=vehicles)
    series.ended_on, series.end_reason = on, reason.strip()
    save(series, "ended_on", "end_reason")
    deposit.no_longer_expected(series.account, "Prêt régulier arrêté")
    record(by, "series.ended", series, on=on.isoformat(), dates=len(given_up))
    record_all(by, "booking.cancelled", given_up, series=series.pk)
    series_messages.ended(series, given_up)
    return series


# --- steps ------------------------------------------------------------------------------------


def plan_under_locks(platform: Platform, wish: dict[str, Any], without: Collection[dt.date]) -> Plan:
    """The plan, with every vehicle that serves it locked. Refuses `series_conflict` when somebody was quicker."""
    plan = preview_series(platform, **wish, without=without)
    if not plan.vehicles:
        return plan
    locked = [one.pk for one in lock_all(Vehicle, [one.pk for one in plan.vehicles])]
    before, plan = plan, preview_series(platform, **wish, without=without, among=locked)
    if len(plan.possible) < len(before.possible):
        raise refuse(
            "Quelqu’un vient de prendre un de ces véhicules. Regardez de nouveau les dates, puis confirmez.",
            "series_conflict",
        )
    return plan


def refuse_plan(plan: Plan, seen: Decimal | None, *, without_conflicts: bool) -> None:
    """Refuses dates that cannot be, unless they are to be left out, and a price that is not the one which was shown."""
    if plan.impossible and not without_conflicts:
        raise conflicting(plan.impossible)
    if not plan.possible:
        raise refuse("Il ne reste aucune date. Changez les jours, les heures ou le véhicule.", "no_occurrence")
    if seen is not None and seen != plan.quote.total:
        raise refuse(
            f"Le prix n’est plus celui qui était affiché : {words.euros(plan.quote.total)} en tout. "
            "Regardez-le, puis confirmez.",
            "price_changed",
        )


def conflicting(impossible: Sequence[Occurrence]) -> Exception:
    """The refusal that names the first of these dates and why, and what can be done."""
    named = [f"{one.words} ({one.conflicts[0].sentence.rstrip('.')})" for one in impossible[:NAMED]]
    more = len(impossible) - NAMED
    rest = f", et {more} autre{'s' if more > 1 else ''}" if more > 0 else ""
    what = "Cette date n’est pas possible" if len(impossible) == 1 else f"{len(impossible)} dates ne sont pas possibles"
    return refuse(
        f"{what} : {' ; '.join(named)}{rest}. Réservez sans elles, ou changez de véhicule ou d’heures.",
        "series_conflict",
    )


def agree(platform: Platform, plan: Plan, *, participant: Participant, by: User, needs: Needs) -> Series:
    """The agreement: account, deposit expected once, the pattern as an event of the platform's calendar."""
    account = ledger.open_account(participant, title=f"Prêt régulier : {Kind(needs.kind).label.lower()}")
    if plan.quote.deposit:
        ledger.expect_deposit(account, plan.quote.deposit)
    event = plan.pattern.event(ZoneInfo(platform.time_zone), weekly(plan.pattern.weekdays))
    event.calendar = Calendar.objects.get_or_create(
        slug=f"platform-{platform.pk}-series", defaults={"name": f"{platform.name} : prêts réguliers"}
    )[0]
    event.creator = by
    event.save()
    return save(
        Series(
            platform=platform,
            participant=participant,
            account=account,
            event=event,
            kind=needs.kind,
            tariff=plan.tariff,
            created_by=by,
        )
    )


def write_loans(
    series: Series, plan: Plan, *, needs: Needs, by: User, for_what: dict[str, Any], first: Booking | None = None
) -> list[Booking]:
    """One loan for each occurrence, with its period and its hold, in one statement a table; `first`, a request, is the
    first of them."""
    wanted = [(one.vehicle, one.starts_at, one.ends_at) for one in plan.possible if one.vehicle is not None]
    before, after = plan.rules.margins
    squeezing = Rule.TURNAROUND in plan.passed
    taken = holds.take_all(wanted, purpose=Hold.Purpose.LOAN, before=before, after=after, squeezing=squeezing)
    common: dict[str, Any] = for_what | {
        "platform": series.platform,
        "series": series,
        "account": series.account,
        "participant": series.participant,
        "created_by": by,
        "kind": needs.kind,
        "needs_automatic": needs.automatic,
        "needs_seats": needs.seats,
    }
    spans = [(start, end) for _, start, end in wanted]
    answered = [] if first is None else [become_first(first, *spans.pop(0), common)]
    bookings = answered + create_all(Booking, [Booking(starts_at=start, ends_at=end, **common) for start, end in spans])
    periods = [
        Period(
            platform=series.platform,
            booking=booking,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            tariff=series.tariff,
            quote=one.share.as_json(),
            total=one.share.total,
        )
        for booking, one in zip(bookings, plan.possible, strict=True)
        if one.share is not None
    ]
    create_all(Period, periods)
    assignments = [
        Assignment(
            platform=series.platform,
            booking=booking,
            vehicle=hold.vehicle,
            hold=hold,
            site_id=hold.vehicle.site_id,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
        )
        for booking, hold in zip(bookings, taken, strict=True)
    ]
    create_all(Assignment, assignments)
    return bookings


def become_first(request: Booking, starts_at: dt.datetime, ends_at: dt.datetime, common: dict[str, Any]) -> Booking:
    """The request, locked after the vehicles, is the loan of the first date. Refuses with `wrong_state`."""
    request = lock(request)
    become(request, Booking.State.RESERVED)
    request.starts_at, request.ends_at = starts_at, ends_at
    for name in common.keys() - {"created_by", "platform", "participant"}:
        setattr(request, name, common[name])
    return save(request)
