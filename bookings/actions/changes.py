"""The dates of a loan change: longer, shorter, renewed, moved. What was shown is what happens.

Each verb works out the change under its locks (`bookings/changes/outcome.py`), refuses what that refuses, and
carries it out. A door that showed a price sends it along as `seen`: when it is another by now, the verb refuses with
the new one.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.models import User
from bookings import perms
from bookings.actions.loan import assign, drop_promises, lock_vehicles, refuse_unfit
from bookings.actions.passes import lock_person, refuse_or_pass
from bookings.actions.reports import drop_drafts
from bookings.actions.wishes import grant_wishes
from bookings.changes import messages as change_messages
from bookings.changes import outcome as changes
from bookings.changes.room import serving
from bookings.changes.settle import settle
from bookings.changes.values import Change, Move
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs
from bookings.rules import approvals
from bookings.rules.house import Pass, Rule
from bookings.series import steps as series_steps
from core import clock
from core.db import action, lock, lock_all, refuse, require, save
from core.journal import note, record
from fleet import holds, odometer
from fleet.models import Hold, OdometerReading, Vehicle
from participants.entitlements import Driver, ToDrive, can_drive
from pricing import ledger


@action
def extend(
    booking: Booking, *, until: dt.datetime, by: User, passes: Sequence[Pass] = (), seen: Decimal | None = None
) -> Booking:
    """Keeps the vehicle longer: the last period is lengthened while nobody signed for it; beyond a signed one a new
    period begins, whose contract page the participant signs by a link.

    House rules that `passes` do not name are refused with `rule_broken`. Refuses with `overlap`, `not_longer`,
    `in_the_past`, `too_long`, `no_tariff`, `not_entitled`, `price_changed`, `wrong_state`.
    """
    booking = locked(booking, by)
    change = changes.extension(booking, until, clock.now())
    carry_out_longer(booking, change, by=by, passes=passes, seen=seen)
    if change.to_sign is None:
        change_messages.extended(booking, change)
    else:
        change_messages.renewed(booking, change)
    return booking


@action
def renew(
    booking: Booking,
    *,
    until: dt.datetime,
    by: User,
    passes: Sequence[Pass] = (),
    declared_km: int | None = None,
    by_telephone: bool = False,
    seen: Decimal | None = None,
) -> Booking:
    """A new dated period on the same loan, with a quote and a contract page of its own.

    Overdue, it starts today at the earliest, and the days between are late days. By telephone the participant gets a
    link to the page where they sign, and the kilometres are those that they read out. Refuses as `extend` does.
    """
    booking = locked(booking, by)
    change = changes.renewal(booking, until, clock.now())
    carry_out_longer(booking, change, by=by, passes=passes, seen=seen)
    if declared_km is not None and change.vehicle is not None:
        declare_kilometres(change.vehicle, declared_km, by)
    change_messages.renewed(booking, change, by_telephone=by_telephone)
    return booking


@action
def shorten(
    booking: Booking, *, until: dt.datetime, by: User, reason: str = "", seen: Decimal | None = None
) -> Booking:
    """Ends the loan sooner: its vehicle is free from then on, and what the tariff gives back is not due any more.

    Refuses with `not_shorter`, `ends_before_start`, `in_the_past`, `price_changed`, `wrong_state`.
    """
    booking = locked(booking, by)
    change = changes.shortening(booking, until, clock.now())
    refuse_change(change, seen)
    current = serving(booking)
    if current is not None:
        end_at(current, until)
    settle(booking, change, by)
    journal(booking, change, by)
    if reason:
        note(by, booking, f"Prêt raccourci : {reason}")
    change_messages.shortened(booking, change)
    return booking


@action
def move(
    booking: Booking,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    vehicle: Vehicle | None = None,
    passes: Sequence[Pass] = (),
    seen: Decimal | None = None,
) -> Booking:
    """Other dates before the keys are given, and another vehicle in the same step if one is named.

    Refuses with `overlap`, `late`, `withdrawn`, `none_free`, `same_dates`, `in_the_past`, `too_long`,
    `ends_before_start`, `no_tariff`, `not_entitled`, `price_changed`, `other_platform`, `wrong_state`.
    """
    wished = Move(starts_at, ends_at, vehicle)
    return carry_out_move(booking, wished, by=by, passes=passes, seen=seen)


@action
def expect_later(
    booking: Booking, *, starts_at: dt.datetime, by: User, passes: Sequence[Pass] = (), seen: Decimal | None = None
) -> Booking:
    """Somebody who did not come comes later: the vehicle waits, and the loan begins then. Refuses as `move` does."""
    booking = locked(booking, by)  # the end is that of now, not of the row that the door has read
    wished = Move(starts_at, booking.ends_at, comes_later=True)
    return carry_out_move(booking, wished, by=by, passes=passes, seen=seen)


# --- steps ------------------------------------------------------------------------------------------


def locked(booking: Booking, by: User, *others: Vehicle | None) -> Booking:
    """Its person where the rules count their loans, its vehicles, then the loan, fresh and ours; whoever may not change
    it is refused."""
    lock_person(booking.participant, approvals.terms_of(booking))
    wanted = [vehicle.pk for vehicle in others if vehicle is not None]
    if wanted:
        lock_all(Vehicle, [*wanted, *booking.assignments.current().values_list("vehicle_id", flat=True)])
    else:
        lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    return booking


def refuse_change(change: Change, seen: Decimal | None) -> None:
    """Refuses what stands in the way, or a price that is not the one that was shown."""
    refusals = [refuse(one.sentence, one.code) for one in change.refusals]
    if refusals:
        raise refusals[0] if len(refusals) == 1 else ValidationError(refusals)
    if seen is not None and seen != change.difference:
        raise refuse(
            f"Le prix n’est plus celui qui était affiché : {change.difference_words.lower()}. "
            "Regardez-le, puis confirmez.",
            "price_changed",
        )


def carry_out_longer(
    booking: Booking, change: Change, *, by: User, passes: Sequence[Pass], seen: Decimal | None
) -> None:
    refuse_change(change, seen)
    refuse_or_pass(booking, change.breaches, passes, by)
    refuse_licence(booking, change, booking.ends_at)
    current = serving(booking)
    if current is not None:
        end_at(current, change.ends_at, squeezing=squeezes(change))
    settle(booking, change, by)
    grant_wishes(booking, by)
    journal(booking, change, by)


def squeezes(change: Change) -> bool:
    """The time to make the vehicle ready was in the way, and somebody passed that."""
    return any(one.rule == Rule.TURNAROUND for one in change.breaches)


def carry_out_move(
    booking: Booking, wished: Move, *, by: User, passes: Sequence[Pass], seen: Decimal | None
) -> Booking:
    booking = locked(booking, by, wished.vehicle)
    change = changes.moving(booking, wished, clock.now())
    refuse_change(change, seen)
    refuse_or_pass(booking, change.breaches, passes, by)
    current, squeezing = serving(booking), squeezes(change)
    if wished.vehicle is not None and changes.gives_another(wished, current):
        refuse_unfit(wished.vehicle, Needs(wished.vehicle.kind))
        drop_promises(booking, Assignment.EndReason.REHOUSED)
        if current is not None:
            drop_drafts(current)
        before, after = change.rules.margins
        hold = holds.take(
            wished.vehicle,
            wished.starts_at,
            wished.ends_at,
            purpose=Hold.Purpose.LOAN,
            before=before,
            after=after,
            squeezing=squeezing,
        )
        assign(booking, hold)
    elif current is not None:
        if current.hold is not None:
            holds.change(current.hold, starts_at=wished.starts_at, ends_at=wished.ends_at, squeezing=squeezing)
        put(current, wished.starts_at, wished.ends_at)
    settle(booking, change, by)
    if booking.series is not None:
        series_steps.requote(booking.series)
    if booking.account and change.deposit_after != change.deposit_before:
        ledger.expect_instead(booking.account, change.deposit_after)
    journal(booking, change, by)
    change_messages.moved(booking, change)
    return booking


def end_at(assignment: Assignment, until: dt.datetime, *, squeezing: bool = False) -> None:
    """The vehicle serves the loan until then; one without a hold is displaced, and is re-housed until then."""
    if assignment.hold is not None:
        holds.change(assignment.hold, ends_at=until, squeezing=squeezing)
    put(assignment, assignment.starts_at, until)


def put(assignment: Assignment, start: dt.datetime, end: dt.datetime) -> None:
    assignment.starts_at, assignment.ends_at = start, end
    save(assignment, "starts_at", "ends_at")


def refuse_licence(booking: Booking, change: Change, at: dt.datetime) -> None:
    """The law: nobody keeps driving on a licence that does not allow it on the first day of what is added."""
    if change.vehicle is None:
        return
    day = clock.local_date(max(at, clock.now()), booking.platform.time_zone)
    verdict = can_drive(Driver.of(booking.participant), ToDrive.of(change.vehicle), day)
    if not verdict.allowed:
        raise refuse(" ".join(verdict.refusals), "not_entitled")


def declare_kilometres(vehicle: Vehicle, km: int, by: User) -> None:
    """Read out by the participant: one line of the ledger, disputed when it does not fit."""
    odometer.record_reading(
        vehicle,
        km,
        source=OdometerReading.Source.MANUAL,
        read_at=clock.now(),
        by=by,
        reason="Déclaré au téléphone par le participant",
    )


def journal(booking: Booking, change: Change, by: User) -> None:
    facts = {"from": change.starts_at.isoformat(), "until": change.ends_at.isoformat()}
    if change.difference:
        facts["difference"] = str(change.difference)
    record(by, f"booking.{change.verb}", booking, **facts, vehicle=change.vehicle.pk if change.vehicle else None)
