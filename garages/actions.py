"""What can happen to the garages that a platform works with."""

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts import links
from accounts.models import Platform, User
from accounts.users import free_email, new_user, rename
from core import clock, outbox
from core.db import action, lock, refuse, require, save
from core.journal import record
from core.phones import dialled
from garages import messages, newcomers, perms
from garages.models import Garage, GarageMember, GarageRate
from places.addresses import write_address


@action
def add_garage(platform: Platform, *, name: str, by: User, **facts: Any) -> Garage:
    """A new garage; see `newcomers.enrol` for what may be told of it."""
    require(perms.can_manage(by, platform.pk))
    garage = newcomers.enrol(platform, name=name, **facts)
    record(by, "garage.added", garage)
    return garage


@action
def change_garage(garage: Garage, *, by: User, **facts: Any) -> Garage:
    """Changes what is told; street, postcode and city go together. Unchanged values change nothing."""
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    place = {part: facts.pop(part) for part in ("street", "postcode", "city") if part in facts}
    told = newcomers.clean(facts)
    changed = [field for field, value in told.items() if getattr(garage, field) != value]
    for field in changed:
        setattr(garage, field, told[field])
    if place and place != place_of(garage):
        garage.address = write_address(garage.platform, **place, address=garage.address)
        changed.append("address")
    if changed:
        save(garage)
        if "name" in changed:
            rename(garage.user, name=garage.name, email=garage.user.email)
        record(by, "garage.changed", garage, fields=sorted(changed))
    return garage


def place_of(garage: Garage) -> dict[str, str]:
    address = garage.address
    return {part: getattr(address, part) if address else "" for part in ("street", "postcode", "city")}


@action
def set_rate(
    garage: Garage,
    *,
    hourly_rate: Decimal,
    by: User,
    tier: str = GarageRate.Tier.PLATFORM,
    valid_from: dt.date | None = None,
) -> GarageRate:
    """The labour rate for a tier from a day on (today when none is said); the ones before stay what they were."""
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    rate = save(
        GarageRate(
            platform_id=garage.platform_id,
            garage=garage,
            tier=tier,
            hourly_rate=hourly_rate,
            valid_from=valid_from or clock.today(),
        )
    )
    record(by, "garage.rate_set", garage, tier=tier, hourly_rate=str(hourly_rate), from_day=str(rate.valid_from))
    return rate


@action
def add_member(garage: Garage, *, name: str, by: User, phone: str = "", email: str = "") -> GarageMember:
    """Somebody who answers for the garage, and who with an address signs in by a code."""
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    user = new_user(name=name, email=email) if free_email(email) else None
    member = save(
        GarageMember(
            platform_id=garage.platform_id,
            garage=garage,
            user=user,
            name=name.strip(),
            phone=dialled(phone),
            email=email.strip(),
        )
    )
    record(by, "garage.member_added", garage, member=member.pk)
    return member


@action
def remove_member(member: GarageMember, *, by: User) -> None:
    """This person does not answer for the garage any more, and can no longer come in."""
    garage = lock(member.garage)
    require(perms.can_manage(by, garage.platform_id))
    record(by, "garage.member_removed", garage, member=member.pk)
    if member.user is not None:
        member.user.is_active = False
        save(member.user, "is_active")
    member.delete()


@action
def send_link(garage: Garage, *, by: User) -> Garage:
    """A new personal link to the garage's page, by mail and by SMS where it has one."""
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    if not garage.is_active:
        raise refuse("La plateforme ne travaille plus avec ce garage : il n’a plus de page.", "stopped")
    if not messages.can_be_written_to(garage):
        raise refuse("Ce garage n’a ni e-mail ni portable. Ajoutez l’un des deux, ou appelez-le.", "unreachable")
    messages.tell(
        garage,
        subject=f"Votre page pour {garage.platform.name}",
        text=f"Bonjour,\n\nVoici votre page, avec les travaux que {garage.platform.name} vous confie :\n{outbox.LINK}",
        sms=f"{garage.platform.name} : vos travaux sont ici {outbox.LINK}",
        key=f"garage.link:{garage.pk}:{clock.now().timestamp():.0f}",
        about=garage,
    )
    record(by, "garage.link_sent", garage)
    return garage


@action
def stop_working_with(garage: Garage, *, by: User) -> Garage:
    """It is not asked any more, its people are signed out and see nothing.

    What it has in hand stays on the staff's pages.
    """
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    if garage.is_active:
        garage.is_active = False
        save(garage, "is_active")
        links.revoke_all(garage.user, *(member.user for member in garage.members.select_related("user")))
        record(by, "garage.stopped", garage)
    return garage


@action
def work_again_with(garage: Garage, *, by: User) -> Garage:
    garage = lock(garage)
    require(perms.can_manage(by, garage.platform_id))
    if not garage.is_active:
        garage.is_active = True
        save(garage, "is_active")
        record(by, "garage.resumed", garage)
    return garage
