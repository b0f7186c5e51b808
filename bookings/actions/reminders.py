"""Participants are reminded by themselves, on a schedule that the platform writes."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Platform, User
from bookings import perms
from bookings.models import Assignment, Booking, ReminderPolicy, ReminderStep
from bookings.reminders.routine import is_routine
from bookings.reminders.schedule import END, START, Due, Hours, Step, due_now
from bookings.reminders.words import PLATE, key_of, remind_in_words, unknown_words
from bookings.starters import REMINDERS
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record
from core.models import OutboxMessage

FIELDS = frozenset({"anchor", "unit", "offset", "at", "repeats_until", "text", "is_active"})
MOST = 20  # reminders of one platform


@action
def save_reminder_policy(
    platform: Platform, *, is_on: bool, speaks_from: dt.time, speaks_until: dt.time, by: User
) -> ReminderPolicy:
    """Whether people are reminded at all, and at which hours. Refuses with `ends_before_start`."""
    require(perms.can_set_reminders(by, platform))
    lock(platform)
    policy = ReminderPolicy.objects.filter(platform=platform).first() or ReminderPolicy(platform=platform)
    policy.is_on, policy.speaks_from, policy.speaks_until = is_on, speaks_from, speaks_until
    save(policy)
    record(by, "reminders.policy_saved", platform, on=is_on)
    return policy


@action
def add_reminder(platform: Platform, *, by: User, **fields: Any) -> ReminderStep:
    """One more line of the schedule. Refuses with `unknown_word`, `too_many`, and as the schedule's constraints say."""
    require(perms.can_set_reminders(by, platform))
    lock(platform)
    if ReminderStep.objects.filter(platform=platform).count() >= MOST:
        raise refuse(f"{MOST} rappels suffisent : supprimez-en un d’abord.", "too_many")
    step = write(ReminderStep(platform=platform), fields)
    record(by, "reminders.added", platform, step=step.pk)
    return step


@action
def change_reminder(step: ReminderStep, *, by: User, **fields: Any) -> ReminderStep:
    """What has left already stands; what comes follows the new words and hours. Refuses as `add_reminder` does."""
    require(perms.can_set_reminders(by, step.platform))
    step = write(lock(step), fields)
    record(by, "reminders.changed", step.platform, step=step.pk)
    return step


@action
def drop_reminder(step: ReminderStep, *, by: User) -> None:
    """Nobody gets this reminder any more."""
    require(perms.can_set_reminders(by, step.platform))
    step = lock(step)
    record(by, "reminders.dropped", step.platform, step=step.pk)
    step.delete()


@action
def remind(booking: Booking, *, by: User, steps: list[Step], hours: Hours) -> bool:
    """Sends what is due of the schedule now, once; False when nothing is, or somebody else has just sent it."""
    require(perms.can_remind(by, booking))
    booking = lock(booking)
    due = due_for(booking, steps, hours, clock.now())
    if due is None or OutboxMessage.objects.filter(key=key_of(booking, due)).exists():
        return False
    assignment = current_vehicle(booking)
    remind_in_words(booking, assignment, due)
    if PLATE in due.step.text and assignment is not None and assignment.plate_told_at is None:
        assignment.plate_told_at = clock.now()  # this very vehicle is expected from now on
        save(assignment, "plate_told_at")
    record(by, "booking.reminded", booking, step=due.step.pk, anchor=due.anchor_at.isoformat())
    return True


# --- steps ------------------------------------------------------------------------------------


def write(step: ReminderStep, fields: dict[str, Any]) -> ReminderStep:
    unknown = fields.keys() - FIELDS
    assert not unknown, f"a reminder has no {unknown}"
    for name, value in fields.items():
        setattr(step, name, value)
    if step.unit == ReminderStep.Unit.HOURS:
        step.at = None
    step.text = " ".join(step.text.split())
    if wrong := unknown_words(step.text):
        raise refuse(
            f"« {wrong[0]} » n’est pas un mot que Remise remplace. Écrivez par exemple {{prénom}} ou {{fin}}.",
            "unknown_word",
        )
    return save(step)


def default_reminders(platform: Platform) -> None:
    """What a new platform starts from. Step of `open_platform`."""
    save(ReminderPolicy(platform=platform))
    for anchor, unit, offset, at, repeats_until, text in REMINDERS:
        save(
            ReminderStep(
                platform=platform,
                anchor=anchor,
                unit=unit,
                offset=offset,
                at=at,
                repeats_until=repeats_until,
                text=text,
            )
        )


def schedule_of(platform: Platform) -> tuple[list[Step], Hours | None]:
    """The platform's steps and hours; no hours when it reminds nobody by itself. Two queries."""
    policy = ReminderPolicy.objects.filter(platform=platform, is_on=True).first()
    steps = [
        Step(row.pk, row.anchor, row.unit, row.offset, row.at, row.repeats_until, row.text)
        for row in ReminderStep.objects.filter(platform=platform, is_active=True)
    ]
    return steps, hours_of(platform, policy) if policy else None


def hours_of(platform: Platform, policy: ReminderPolicy) -> Hours:
    return Hours(ZoneInfo(platform.time_zone), policy.speaks_from, policy.speaks_until)


def due_for(booking: Booking, steps: list[Step], hours: Hours, now: dt.datetime) -> Due | None:
    """The reminder of this loan that is due now: of its start while it is promised, of its end once the keys left."""
    told_at = told(booking)
    if told_at is None:
        return None
    moment = START if booking.state == Booking.State.RESERVED else END
    moments = {START: booking.starts_at} if moment == START else {END: booking.ends_at}
    return due_now(steps, moments, told_at, now, hours, is_routine=is_routine(booking, moment))


def told(booking: Booking) -> dt.datetime | None:
    """Since when they know: when it was promised, or when they got the keys. None: nothing is to be said (a loan
    without a vehicle, or whose keys did not leave), or nobody can be written to."""
    current = current_vehicle(booking)
    if current is None or current.hold is None or not (booking.participant.phone or booking.participant.email):
        return None
    if booking.state == Booking.State.RESERVED:
        return booking.created_at
    return current.hold.out_at if booking.state == Booking.State.ACTIVE else None


def current_vehicle(booking: Booking) -> Assignment | None:
    """The vehicle that they have, or are promised; of several the one that they have had longest."""
    known = getattr(booking, "vehicles_now", None)
    if known is None:
        known = list(booking.assignments.current().select_related("hold", "vehicle__site", "site").order_by("pk"))
    return next((one for one in known if one.hold is not None and one.hold.out_at), None) or next(
        (one for one in known if one.hold is not None), None
    )
