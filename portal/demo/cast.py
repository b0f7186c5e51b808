"""Who is there: the platform, its team, the people it accompanies, the garages that repair for it."""

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, Platform, Role, User
from bookings.actions.clauses import default_clauses
from bookings.actions.reminders import default_reminders
from core import clock
from garages.models import Garage, GarageMember, GarageRate
from maintenance.models import RepairPolicy
from participants.models import (
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from participants.names import key_of
from places.models import Address
from portal.demo.names import PROJECTS, People, siret
from portal.demo.shape import Place, PlatformSpec
from pricing.models import Tariff, TariffBand, ThirdPartyPayer

PASSWORD = "remise-en-route"
NETWORK = ("reseau@remise.example", "Maud Terrasson")  # coordinates all five: shows the switcher
ROLE_ADDRESSES = {
    Role.COORDINATOR: "coordination",
    Role.ADVISER: "conseil",
    Role.FLEET_MANAGER: "parc",
    Role.ACCOUNTANT: "compta",
}
YEAR = dt.timedelta(days=365)


@dataclass
class World:
    """One platform while it is made: its rows so far, and the dice that make it the same every time."""

    spec: PlatformSpec
    rng: Random
    today: dt.date
    now: dt.datetime
    people: People = None  # type: ignore[assignment]
    platform: Platform = None  # type: ignore[assignment]
    staff: dict[str, User] = field(default_factory=dict)
    desk: list[User] = field(default_factory=list)  # who gives and takes keys and money
    programmes: list[Programme] = field(default_factory=list)
    payers: list[ThirdPartyPayer] = field(default_factory=list)
    tariffs: list[Tariff] = field(default_factory=list)
    sites: list[Any] = field(default_factory=list)
    vehicles: list[Any] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    audiences: dict[int, set[str]] = field(default_factory=dict)  # by participant id
    entitlements: dict[int, list[DrivingEntitlement]] = field(default_factory=dict)
    garages: list[Garage] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.platform.time_zone)

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        return clock.at(day, dt.time(hour, minute), self.zone)

    def address(self, street: str, place: Place) -> Address:
        """Not written yet. Coordinates come with the demo, so that neither communes nor a geocoder are needed."""
        near = self.rng.uniform(-0.006, 0.006), self.rng.uniform(-0.006, 0.006)
        return Address(
            platform=self.platform,
            street=street,
            postcode=place.postcode,
            city=place.commune,
            latitude=round(place.latitude + near[0], 5),
            longitude=round(place.longitude + near[1], 5),
            precision=Address.Precision.STREET,
            geocoded_at=self.now - YEAR,
        )


def found_platform(world: World, network: User, password: str) -> None:
    spec, rng = world.spec, world.rng
    world.people = People(rng, spec.series)
    began = world.now - YEAR - dt.timedelta(days=20)
    machine = User.objects.create(name=f"Remise ({spec.name})", password=make_password(None), created_at=began)
    first = spec.sites[0]
    world.platform = Platform.objects.create(
        name=spec.name,
        slug=spec.slug,
        legal_name=spec.legal_name,
        siret=siret(rng),
        postal_address=f"{spec.street}, {first.place.postcode} {first.place.commune}",
        phone=spec.landline,
        assistance_phone=spec.landline[:-2] + "99",
        email=f"contact@{spec.slug}.example",
        machine_user=machine,
        is_demo=True,
        created_at=began,
    )
    team = []
    for role, address in ROLE_ADDRESSES.items():
        for number in ("", "2") if role == Role.ADVISER else ("",):
            first_name, last_name = world.people.name()
            email = f"{address}{number}@{spec.slug}.example"
            team.append(
                (role, User(name=f"{first_name} {last_name}", email=email, password=password, created_at=began))
            )
    User.objects.bulk_create([user for _, user in team])
    Membership.objects.bulk_create(
        [Membership(user=user, platform=world.platform, role=role, created_at=began) for role, user in team]
        + [Membership(user=network, platform=world.platform, role=Role.COORDINATOR, created_at=began)]
    )
    world.staff = dict(reversed(team))
    world.desk = [user for role, user in team if role in (Role.ADVISER, Role.FLEET_MANAGER)]


def settle_settings(world: World) -> None:
    """Programmes, prescribers, payers, the repair policy; tariffs, some of which were others a year ago."""
    spec, platform = world.spec, world.platform
    world.programmes = Programme.objects.bulk_create(
        [
            Programme(platform=platform, name=name, funder=funder, eligibility=whom, is_default=number == 0)
            for number, (name, funder, whom) in enumerate(spec.programmes)
        ]
    )
    world.payers = ThirdPartyPayer.objects.bulk_create(
        [ThirdPartyPayer(platform=platform, name=name, siret=siret(world.rng)) for name in spec.payers]
    )
    RepairPolicy.objects.create(platform=platform, quote_ceiling=spec.quote_ceiling)
    default_reminders(platform)
    default_clauses(platform)
    changed_on = world.today - dt.timedelta(days=200)
    bands: list[TariffBand] = []
    for one in spec.tariffs:
        case = f" {one.audience.upper()}" if one.audience else ""
        terms = {
            "platform": platform,
            "kind": one.kind,
            "audience": one.audience,
            "deposit": one.deposit,
            "late_fee_per_day": one.late_fee,
            "km_per_day": one.km_per_day,
            "excess_km_price": one.excess_km_price,
            "unused_days": one.unused_days,
            "cancel_fee": one.cancel_fee,
            "cancel_free_days": one.cancel_free_days,
            "no_show_fee": one.no_show_fee,
            "name": f"{Tariff(kind=one.kind).get_kind_display()}{case}",
        }
        began = world.today - dt.timedelta(days=800)
        if one.before and one.before != one.bands[0][1]:
            former = Tariff.objects.create(**terms, valid_from=began, valid_until=changed_on)
            world.tariffs.append(former)
            bands.append(TariffBand(platform=platform, tariff=former, from_day=1, day_price=one.before))
            began = changed_on
        current = Tariff.objects.create(**terms, valid_from=began)
        world.tariffs.append(current)
        bands += [
            TariffBand(
                platform=platform, tariff=current, from_day=day, day_price=price, week_price=week, month_price=month
            )
            for day, price, week, month in one.bands
        ]
    TariffBand.objects.bulk_create(bands)
    ours = Tariff.objects.filter(platform=platform).prefetch_related("bands").order_by("pk")
    world.tariffs = list(ours)


def welcome_participants(world: World) -> None:
    """People with their audiences and their right to drive; some have but a name and a telephone."""
    spec, rng, platform = world.spec, world.rng, world.platform
    organizations = PrescriberOrganization.objects.bulk_create(
        [PrescriberOrganization(platform=platform, name=name, sort=sort) for name, sort in spec.prescribers]
    )
    referents = Referent.objects.bulk_create(
        [
            Referent(
                platform=platform,
                organization=organization,
                name=" ".join(world.people.name()),
                phone=world.people.phone(),
                email=f"referent{number}.{n}@{spec.slug}.example",
            )
            for n, organization in enumerate(organizations)
            for number in (1, 2)
        ]
    )
    names = [world.people.name() for _ in range(spec.people)]
    entered = [world.today - dt.timedelta(days=rng.randint(3, 560)) for _ in names]
    users = User.objects.bulk_create(
        [
            User(name=f"{first} {last}", password="!", created_at=world.at(day, 10))
            for (first, last), day in zip(names, entered, strict=True)
        ]
    )
    addresses = Address.objects.bulk_create(
        [world.address(world.people.street(), rng.choice(spec.homes)) for _ in names]
    )
    advisers = [user for user in world.desk if user != world.staff[Role.FLEET_MANAGER]]
    rows = []
    for user, (first, last), day, address in zip(users, names, entered, addresses, strict=True):
        knows_little = rng.random() < 0.06
        organization = rng.choice(organizations)
        rows.append(
            Participant(
                platform=platform,
                user=user,
                first_name=first,
                last_name=last,
                name_key=key_of(first, last),
                birth_date=None if knows_little else world.today - dt.timedelta(days=rng.randint(19 * 366, 60 * 365)),
                birth_place="" if knows_little else address.city,
                phone="" if rng.random() < 0.02 else world.people.phone(),
                address=None if knows_little else address,
                programme=world.programmes[0] if rng.random() < 0.8 else world.programmes[-1],
                prescriber=None if knows_little else organization,
                referent=None
                if knows_little
                else rng.choice([one for one in referents if one.organization_id == organization.pk]),
                adviser=rng.choice(advisers),
                licence_declared=Participant.LicenceDeclared.HELD,
                french_level="" if knows_little else rng.choice(["A2", "B1", "B1", "B1"]),
                project="" if knows_little else rng.choice(PROJECTS),
                entered_on=day,
                created_at=world.at(day, 10),
            )
        )
    entitle(world, rows)


def entitle(world: World, rows: list[Participant]) -> None:
    """Rights to drive by four sorts of people: licence B, B for automatic cars, AM, none."""
    rng = world.rng
    sorts = [rng.choices(("B", "B78", "AM", "none"), (62, 5, 21, 12))[0] for _ in rows]
    for row, sort in zip(rows, sorts, strict=True):
        if sort == "none":
            row.licence_declared = rng.choice([Participant.LicenceDeclared.NONE, Participant.LicenceDeclared.LEARNING])
    world.participants = Participant.objects.bulk_create(rows)
    entitlements, audiences = [], []
    for row, sort in zip(world.participants, sorts, strict=True):
        entered = row.entered_on or world.today
        theirs = rng.sample(list(world.spec.audiences), rng.randint(1, min(2, len(world.spec.audiences))))
        audiences += [
            AudienceMembership(
                platform=world.platform,
                participant=row,
                audience=audience,
                starts_on=entered - dt.timedelta(days=60),
                proof_seen_on=entered if rng.random() < 0.8 else None,
            )
            for audience in theirs
        ]
        if sort == "none":
            continue
        born = row.birth_date or world.today - dt.timedelta(days=30 * 365)
        verified = max(entered, world.today - dt.timedelta(days=300)) if rng.random() < 0.85 else None
        entitlements.append(
            DrivingEntitlement(
                platform=world.platform,
                participant=row,
                category="AM" if sort == "AM" else "B",
                number="".join(str(rng.randint(0, 9)) for _ in range(12)),
                obtained_on=min(born + dt.timedelta(days=rng.randint(18 * 366, 18 * 366 + 200)), entered),
                restriction_codes=["78"] if sort == "B78" else ["01"] if rng.random() < 0.2 else [],
                method=DrivingEntitlement.Method.ORIGINAL if verified else "",
                verified_on=verified,
                verified_by=row.adviser if verified else None,
                recorded_at=world.at(entered, 11),
            )
        )
    AudienceMembership.objects.bulk_create(audiences)
    DrivingEntitlement.objects.bulk_create(entitlements)
    for membership in audiences:
        world.audiences.setdefault(membership.participant_id, set()).add(membership.audience)
    for entitlement in entitlements:
        world.entitlements.setdefault(entitlement.participant_id, []).append(entitlement)


def work_with_garages(world: World) -> None:
    spec = world.spec
    users = User.objects.bulk_create([User(name=one.name, password="!") for one in spec.garages])
    addresses = Address.objects.bulk_create([world.address(one.street, one.place) for one in spec.garages])
    world.garages = Garage.objects.bulk_create(
        [
            Garage(
                platform=world.platform,
                user=user,
                name=one.name,
                sort=one.sort,
                address=address,
                phone=f"{spec.landline[:-2]}{20 + number}",
                email=f"garage{number + 1}@{spec.slug}.example",
                siret=siret(world.rng),
                repairs=[str(kind) for kind in one.repairs],
                works=[str(work) for work in one.works],
                usual_delay_days=one.delay,
                can_tow=one.tows,
                jobs_at_once=one.at_once,
                receiving_hours="du lundi au vendredi, 8 h à 12 h et 14 h à 18 h",
                created_at=world.now - YEAR,
            )
            for number, (one, user, address) in enumerate(zip(spec.garages, users, addresses, strict=True))
        ]
    )
    GarageRate.objects.bulk_create(
        [
            GarageRate(
                platform=world.platform,
                garage=garage,
                tier=tier,
                hourly_rate=rate,
                valid_from=world.today - dt.timedelta(days=700),
            )
            for garage, one in zip(world.garages, spec.garages, strict=True)
            for tier, rate in ((GarageRate.Tier.PLATFORM, one.rate), (GarageRate.Tier.FULL, float(one.rate) + 22))
        ]
    )
    GarageMember.objects.bulk_create(
        [
            GarageMember(
                platform=world.platform,
                garage=garage,
                name=" ".join(world.people.name()),
                phone=world.people.phone(),
                email=garage.email,
            )
            for garage in world.garages
        ]
    )
