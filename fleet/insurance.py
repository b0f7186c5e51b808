"""A fleet's insurance: one contract covers many vehicles, whose insurance papers name it and end with it."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Platform, User
from core import clock, files
from core.db import action, create_all, lock, lock_all, refuse, require, save
from core.journal import record
from core.phones import dialled
from fleet import perms
from fleet.models import InsurancePolicy, Vehicle, VehicleDocument


@action
def add_policy(
    platform: Platform,
    *,
    insurer: str,
    starts_on: dt.date,
    by: User,
    vehicles: Iterable[Vehicle] = (),
    number: str = "",
    ends_on: dt.date | None = None,
    minimum_age: int | None = None,
    minimum_licence_years: int | None = None,
    excess: Decimal | None = None,
    phone: str = "",
    file: Any = None,
) -> InsurancePolicy:
    """Writes the contract down, and the insurance paper of each vehicle that it covers.

    Refuses with `other_platform`, `ends_before_start`, `phone_impossible`.
    """
    require(perms.can_manage_pool(by, platform))
    covered = refuse_strangers(platform, vehicles)
    policy = save(
        InsurancePolicy(
            platform=platform,
            insurer=insurer.strip(),
            number=number.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
            minimum_age=minimum_age,
            minimum_licence_years=minimum_licence_years,
            excess=excess,
            phone=dialled(phone),
            file=files.store_paper(file, platform_id=platform.pk, by=by) if file else None,
        )
    )
    cover(policy, covered)
    record(by, "insurance.policy_added", policy, vehicles=len(covered))
    return policy


@action
def change_policy(
    policy: InsurancePolicy, *, by: User, vehicles: Iterable[Vehicle] | None = None, **changes: Any
) -> InsurancePolicy:
    """New values for any field of the contract. With `vehicles`, those that it covers from now on: others that it
    covered until now are no longer insured by it after today. Refuses as `add_policy` does."""
    require(perms.can_manage_pool(by, policy.platform))
    covered = None if vehicles is None else refuse_strangers(policy.platform, vehicles)
    papers = VehicleDocument.objects.filter(policy=policy)
    if covered is not None:
        lock_all(Vehicle, [one.pk for one in covered])
    policy = lock(policy)
    if "phone" in changes:
        changes["phone"] = dialled(changes["phone"])
    if file := changes.pop("file", None):
        policy.file = files.store_paper(file, platform_id=policy.platform_id, by=by)
    for name, value in changes.items():
        setattr(policy, name, value)
    save(policy)
    today = clock.today()
    current = {paper.vehicle_id: paper for paper in papers if paper.valid_until is None or paper.valid_until >= today}
    kept = current if covered is None else {one.pk: current[one.pk] for one in covered if one.pk in current}
    for vehicle_id, paper in current.items():
        paper.number, paper.issued_on = policy.number, policy.starts_on
        paper.valid_until = policy.ends_on if vehicle_id in kept else max(today, policy.starts_on)
        save(paper, "number", "issued_on", "valid_until")
    if covered is not None:
        cover(policy, [one for one in covered if one.pk not in current])
    record(by, "insurance.policy_changed", policy, fields=sorted(changes))
    return policy


def cover(policy: InsurancePolicy, vehicles: list[Vehicle]) -> None:
    papers = [
        VehicleDocument(
            platform_id=policy.platform_id,
            vehicle=vehicle,
            sort=VehicleDocument.Sort.INSURANCE,
            policy=policy,
            number=policy.number,
            issued_on=policy.starts_on,
            valid_until=policy.ends_on,
        )
        for vehicle in vehicles
    ]
    if papers:
        create_all(VehicleDocument, papers)


def refuse_strangers(platform: Platform, vehicles: Iterable[Vehicle]) -> list[Vehicle]:
    covered = list(vehicles)
    if any(vehicle.platform_id != platform.pk for vehicle in covered):
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")
    return covered
