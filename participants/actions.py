"""What can happen to the people whom the platform accompanies, and to what they are accompanied under."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import Platform, User
from accounts.perms import is_staff
from accounts.users import free_email, new_user, rename
from core import clock
from core.db import action, create_all, lock, refuse, require, save
from core.journal import record
from core.phones import dialled
from participants import perms
from participants.models import (
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from participants.names import key_of
from participants.programmes import default_programme
from places.addresses import write_address

# What `register` and `change` write as it is given; name, telephone, mail and address have rules of their own.
PLAIN = (
    "birth_date",
    "birth_place",
    "prescriber",
    "referent",
    "adviser",
    "licence_declared",
    "licence_remark",
    "french_level",
    "project",
    "entered_on",
)


@action
def register(
    platform: Platform,
    *,
    first_name: str,
    last_name: str,
    by: User,
    phone: str = "",
    email: str = "",
    street: str = "",
    postcode: str = "",
    city: str = "",
    programme: Programme | None = None,
    audiences: Iterable[str] = (),
    **plain: Any,
) -> Participant:
    """A new person, with a user of their own. A name is enough; a telephone is better.

    `plain` takes the fields of PLAIN. Refuses with `participant_exists` a name and birth date already known,
    and with `phone_impossible` a number that cannot be dialled. Several people
    may share an address.
    """
    require(perms.can_register(by, platform))
    refuse_unknown(plain)
    refuse_stranger(platform.pk, plain.get("adviser"))
    first_name, last_name = tidy_names(first_name, last_name)
    email = email.strip()
    user = new_user(name=f"{first_name} {last_name}", email=free_email(email))
    participant = save(
        Participant(
            platform=platform,
            user=user,
            first_name=first_name,
            last_name=last_name,
            name_key=key_of(first_name, last_name),
            phone=dialled(phone),
            email=email,
            address=write_address(platform, street=street, postcode=postcode, city=city),
            programme=programme or default_programme(platform),
            **({"entered_on": clock.today()} | plain),
        )
    )
    wanted = dict.fromkeys(audiences)
    if wanted:
        create_all(
            AudienceMembership,
            [AudienceMembership(platform=platform, participant=participant, audience=one) for one in wanted],
        )
    record(by, "participant.registered", participant)
    return participant


@action
def change(participant: Participant, *, by: User, **changes: Any) -> Participant:
    """New values for any of the fields that `register` takes; what is not given stays."""
    require(perms.can_change(by, participant))
    participant = lock(participant)
    named = {"first_name", "last_name", "phone", "email", "street", "postcode", "city", "programme"}
    refuse_unknown({name: value for name, value in changes.items() if name not in named})
    if "first_name" in changes or "last_name" in changes:
        participant.first_name, participant.last_name = tidy_names(
            changes.get("first_name", participant.first_name), changes.get("last_name", participant.last_name)
        )
        participant.name_key = key_of(participant.first_name, participant.last_name)
    if "phone" in changes:
        participant.phone = dialled(changes["phone"])
    if "programme" in changes:
        participant.programme = changes["programme"] or default_programme(participant.platform)
    if changes.get("adviser") is not None and changes["adviser"].pk != participant.adviser_id:
        refuse_stranger(participant.platform_id, changes["adviser"])
    for name in changes.keys() & set(PLAIN):
        setattr(participant, name, changes[name])
    if changes.keys() & {"street", "postcode", "city"}:
        move(participant, changes)
    follow_user(participant, changes.get("email"))
    save(participant)
    record(by, "participant.changed", participant, fields=sorted(changes))
    return participant


def move(participant: Participant, changes: dict[str, Any]) -> None:
    """The address as it will read: parts that are not given stay."""
    known = participant.address
    parts = {name: changes.get(name, getattr(known, name, "")) for name in ("street", "postcode", "city")}
    participant.address = write_address(participant.platform, address=known, **parts)


def follow_user(participant: Participant, email: str | None) -> None:
    """The person's user carries their name, and their address for signing in when nobody else has it."""
    user = participant.user
    name, login = f"{participant.first_name} {participant.last_name}", user.email
    if email is not None:
        participant.email = email.strip()
        if participant.email.lower() != (user.email or "").lower():
            login = free_email(participant.email)
    if (user.name, user.email) != (name, login):
        rename(user, name=name, email=login)


def tidy_names(first_name: str, last_name: str) -> tuple[str, str]:
    first_name, last_name = " ".join(first_name.split()), " ".join(last_name.split())
    if not key_of(first_name, last_name):
        raise refuse("Donnez au moins un nom.", "name_missing")
    return first_name, last_name


def refuse_stranger(platform_id: int, adviser: User | None) -> None:
    """A person is advised by somebody of the team. Refuses with `not_of_the_team`."""
    if adviser is not None and not is_staff(adviser, platform_id):
        raise refuse("Cette personne ne fait pas partie de l’équipe : choisissez quelqu’un d’autre.", "not_of_the_team")


def refuse_unknown(plain: dict[str, Any]) -> None:
    """A field that no participant has is a caller's mistake, not a person's."""
    if unknown := set(plain) - set(PLAIN):
        raise TypeError(f"a participant has no {', '.join(sorted(unknown))}")


# --- publics ------------------------------------------------------------------------------------


@action
def add_audience(
    participant: Participant,
    *,
    audience: str,
    by: User,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    proof_seen_on: dt.date | None = None,
) -> AudienceMembership:
    """The person belongs to this public from a day (or since before anybody wrote it down)."""
    require(perms.can_change(by, participant))
    lock(participant)
    if starts_on and ends_on and ends_on <= starts_on:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    membership = save(
        AudienceMembership(
            platform_id=participant.platform_id,
            participant=participant,
            audience=audience,
            starts_on=starts_on,
            ends_on=ends_on,
            proof_seen_on=proof_seen_on,
        )
    )
    record(by, "participant.audience_added", participant, audience=audience)
    return membership


@action
def end_audience(membership: AudienceMembership, *, by: User, ends_on: dt.date | None = None) -> AudienceMembership:
    """From this day (today when none is given) the person is no longer of this public."""
    require(perms.can_change(by, membership.participant))
    membership = lock(membership)
    if membership.ends_on is not None:
        raise refuse("Ce public est déjà terminé.", "wrong_state")
    membership.ends_on = ends_on or clock.today()
    if membership.starts_on and membership.ends_on < membership.starts_on:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    save(membership, "ends_on")
    record(by, "participant.audience_ended", membership.participant, audience=membership.audience)
    return membership


# --- rights to drive ------------------------------------------------------------------------------


@action
def record_entitlement(
    participant: Participant, *, category: str, by: User, sort: str = "licence", **facts: Any
) -> DrivingEntitlement:
    """Notes a paper, or corrects what was noted of it: one a category and sort.

    `facts` are fields of DrivingEntitlement. With a `method`, it counts as seen on `verified_on` (today when
    none is given) by whoever records it.
    """
    require(perms.can_record_entitlement(by, participant))
    lock(participant)
    title = DrivingEntitlement.objects.filter(participant=participant, category=category, sort=sort).first()
    title = title or DrivingEntitlement(
        platform_id=participant.platform_id, participant=participant, category=category, sort=sort
    )
    for name, value in facts.items():
        setattr(title, name, value)
    if facts.get("method"):
        title.verified_on, title.verified_by = facts.get("verified_on") or clock.today(), by
    refuse_disorder(title)
    save(title)
    record(by, "participant.entitlement_recorded", participant, category=category, sort=sort)
    return title


def refuse_disorder(title: DrivingEntitlement) -> None:
    if title.obtained_on and title.valid_until and title.valid_until < title.obtained_on:
        raise refuse("Ce permis finirait avant d’avoir commencé : vérifiez les deux dates.", "ends_before_start")
    if title.obtained_on and title.obtained_on > clock.today():
        raise refuse("La date d’obtention est à venir : vérifiez-la.", "in_the_future")
    if title.verified_on and title.verified_on > clock.today():
        raise refuse("La date de vérification est à venir : vérifiez-la.", "in_the_future")


@action
def verify_entitlement(
    title: DrivingEntitlement, *, method: str, by: User, verified_on: dt.date | None = None
) -> DrivingEntitlement:
    """Somebody saw the original, or read the ADCS."""
    require(perms.can_verify_entitlement(by, title))
    title = lock(title)
    if method not in {DrivingEntitlement.Method.ORIGINAL, DrivingEntitlement.Method.ADCS}:
        raise refuse("Dites ce qui a été vu : l’original, ou l’attestation (ADCS).", "method_missing")
    title.method, title.verified_on, title.verified_by = method, verified_on or clock.today(), by
    refuse_disorder(title)
    save(title, "method", "verified_on", "verified_by")
    record(by, "participant.entitlement_verified", title.participant, category=title.category, method=method)
    return title


# --- what people are accompanied under, and who sends them -------------------------------------------


@action
def add_programme(
    platform: Platform, *, name: str, by: User, funder: str = "", eligibility: str = "", is_default: bool = False
) -> Programme:
    """A *dispositif*. The first one, or one that is asked to, becomes the one that is offered."""
    require(perms.can_settle_programmes(by, platform))
    programmes = Programme.objects.filter(platform=platform)
    is_default = is_default or not programmes.filter(is_default=True).exists()
    if is_default:
        programmes.filter(is_default=True).update(is_default=False)
    programme = save(
        Programme(platform=platform, name=name.strip(), funder=funder, eligibility=eligibility, is_default=is_default)
    )
    record(by, "programme.added", programme)
    return programme


@action
def change_programme(programme: Programme, *, by: User, is_default: bool | None = None, **changes: str) -> Programme:
    """New values for `name`, `funder`, `eligibility`. The default one stays so until another takes its place."""
    require(perms.can_settle_programmes(by, programme.platform))
    programme = lock(programme)
    if is_default and not programme.is_default:
        Programme.objects.filter(platform_id=programme.platform_id, is_default=True).update(is_default=False)
        programme.is_default = True
    write(programme, changes, "name", "funder", "eligibility")
    record(by, "programme.changed", programme)
    return programme


@action
def add_prescriber(platform: Platform, *, name: str, by: User, sort: str = "OTHER") -> PrescriberOrganization:
    require(perms.can_add_prescriber(by, platform))
    prescriber = save(PrescriberOrganization(platform=platform, name=name.strip(), sort=sort))
    record(by, "prescriber.added", prescriber)
    return prescriber


@action
def change_prescriber(prescriber: PrescriberOrganization, *, by: User, **changes: str) -> PrescriberOrganization:
    """New values for `name` and `sort`."""
    require(perms.can_add_prescriber(by, prescriber.platform))
    prescriber = lock(prescriber)
    write(prescriber, changes, "name", "sort")
    record(by, "prescriber.changed", prescriber)
    return prescriber


@action
def add_referent(
    platform: Platform,
    *,
    name: str,
    by: User,
    organization: PrescriberOrganization | None = None,
    phone: str = "",
    email: str = "",
) -> Referent:
    require(perms.can_add_prescriber(by, platform))
    referent = save(
        Referent(
            platform=platform, organization=organization, name=name.strip(), phone=dialled(phone), email=email.strip()
        )
    )
    record(by, "referent.added", referent)
    return referent


@action
def change_referent(referent: Referent, *, by: User, **changes: Any) -> Referent:
    """New values for `name`, `organization`, `phone`, `email`. Refuses with `phone_impossible`."""
    require(perms.can_add_prescriber(by, referent.platform))
    referent = lock(referent)
    if "phone" in changes:
        changes["phone"] = dialled(changes["phone"])
    write(referent, changes, "name", "organization", "phone", "email")
    record(by, "referent.changed", referent)
    return referent


def write(row: Any, changes: dict[str, Any], *known: str) -> None:
    """What is given is written, what is not stays."""
    for name in known:
        if name in changes:
            value = changes[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    save(row)
