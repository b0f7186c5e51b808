"""What the team of the demo has done around its loans: prepared some, called who is late, written to one of them."""

import datetime as dt

from bookings.actions.recovery import contact_made, write_letter
from bookings.models import Assignment, PreparationTick, RecoveryStep
from core import clock
from fleet.models import Site
from portal.demo.cast import World
from portal.demo.loans import Written
from portal.demo.plan import ACTIVE, RESERVED

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
Item = PreparationTick.Item


def write_day(world: World, written: list[Written]) -> None:
    prepare(world, written)
    chase(world, written)
    leave_one_elsewhere(world, written)


def prepare(world: World, written: list[Written]) -> None:
    """Of those who come in the next days: papers seen, contract printed, each by somebody else."""
    soon = [one for one in written if one.loan.state == RESERVED and one.loan.starts_at < world.now + 4 * DAY]
    ticks = []
    for number, one in enumerate(soon):
        for item in (Item.PAPERS, Item.CONTRACT, Item.CLEAN)[: number % 4]:
            by = world.rng.choice(world.desk)
            at = world.now - world.rng.randint(1, 20) * HOUR
            ticks.append(PreparationTick(platform=world.platform, booking=one.booking, item=item, by=by, at=at))
    PreparationTick.objects.bulk_create(ticks)


def chase(world: World, written: list[Written]) -> None:
    """One that is late was called and did not answer; the longest overdue has its registered letter."""
    late = sorted(
        (one for one in written if one.loan.state == ACTIVE and one.loan.ends_at <= world.now),
        key=lambda one: one.loan.ends_at,
    )
    for one in late[:2]:
        called = max(one.loan.ends_at, world.now - 2 * HOUR)
        contact_made(
            one.booking, sort=RecoveryStep.Sort.CALL, result=RecoveryStep.Result.VOICEMAIL, happened_at=called,
            by=one.agent,
        )  # fmt: skip
    if late and late[0].loan.ends_at < world.now - DAY:
        write_letter(late[0].booking, back_by=clock.local_date(world.now, world.platform.time_zone) + 8 * DAY,
                     by=late[0].agent)  # fmt: skip


def leave_one_elsewhere(world: World, written: list[Written]) -> None:
    """A vehicle that was brought back to another site than the one from which its next loan leaves."""
    sites = list(Site.objects.filter(platform=world.platform).order_by("pk"))
    out = {one.loan.vehicle.pk for one in written if one.loan.state == ACTIVE}
    coming = [
        one
        for one in written
        if one.loan.state == RESERVED and one.loan.starts_at > world.now + DAY and one.loan.vehicle.pk not in out
    ]
    if len(sites) < 2 or not coming:
        return
    one = min(coming, key=lambda one: one.loan.starts_at)
    other = next(site for site in sites if site.pk != one.loan.vehicle.site_id)
    Assignment.objects.filter(booking=one.booking).update(site=other)
