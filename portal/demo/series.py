"""A recurring loan: somebody of a night shift, who fetches the vehicle before closing time and brings it at opening."""

import datetime as dt
from typing import Any

from bookings.actions import book_series
from bookings.offers.choices import Needs
from bookings.rules.house import Pass, PassReason
from bookings.series.plan import preview_series
from bookings.series.recurrence import Pattern
from core.models import OutboxMessage
from fleet.models import Kind
from participants.models import Participant
from portal.demo.cast import World

WEEKS = 4
KINDS = (Kind.MOPED, Kind.CAR, Kind.E_BIKE)


def book_nights(world: World) -> None:
    """From next Monday, four nights a week: of the kind that is most used for it, as far as one is free."""
    monday = world.today + dt.timedelta(days=7 - world.today.weekday())
    pattern = Pattern((0, 1, 2, 3), dt.time(17), dt.time(9), monday, monday + dt.timedelta(days=7 * WEEKS - 4))
    lent = {one.kind for one in world.vehicles}
    for kind in KINDS:
        if kind in lent and any(book_for(world, one, kind, pattern) for one in world.participants[:12]):
            return


def book_for(world: World, participant: Participant, kind: str, pattern: Pattern) -> bool:
    """Whether this person may drive one that is free for all of it; then it is theirs."""
    plan = preview_series(world.platform, participant=participant, pattern=pattern, needs=Needs(kind))
    if plan.warnings or any(not one.can_be_passed for date in plan.impossible for one in date.conflicts):
        return False
    wish: dict[str, Any] = {"participant": participant, "pattern": pattern, "kind": kind, "purpose": "temporary"}
    wish["passes"] = [Pass(rule, PassReason.JOB) for rule in plan.broken]
    book_series(world.platform, **wish, destination="Équipe de nuit", by=world.staff["coordinator"])
    told = OutboxMessage.objects.filter(platform_id=world.platform.pk, key__endswith=":series-promised:")
    told.update(done_at=world.now)
    return True
