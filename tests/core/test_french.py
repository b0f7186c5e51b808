"""Names stand where a French reader looks for them, in PostgreSQL as in Python."""

import random
from typing import Any

from django.db import connection

from accounts.models import Membership, Platform
from core.french import InFrench, in_french
from fleet.models import Site, Vehicle
from garages.models import Garage
from participants.models import Participant, Programme
from participants.names import key_of
from tests.factories import (
    AddressFactory,
    GarageFactory,
    MembershipFactory,
    ParticipantFactory,
    PlatformFactory,
    SiteFactory,
    VehicleFactory,
)

NAMES = [
    "Ana", "Élodie", "Emma", "Étienne", "Hélène", "L’Abri", "l'atelier", "Œuvre sociale", "Oeuvres", "Saint-Paul",
    "Saint-Vincent", "SAINTE-FOY", "Tyrosse", "Zoé",
]  # fmt: skip


def shuffled() -> list[str]:
    return random.Random(7).sample(NAMES, len(NAMES))


def test_python_puts_names_in_order() -> None:
    assert sorted(shuffled(), key=in_french) == NAMES


def test_lists_of_names_are_in_order(platform: Any) -> None:
    for name in shuffled():
        SiteFactory(platform=platform, name=name)
        GarageFactory(platform=platform, name=name)
        Programme.objects.create(platform=platform, name=name)
        MembershipFactory(platform=platform, user__name=name)
        PlatformFactory(name=name)
    assert [site.name for site in Site.objects.all()] == NAMES
    assert [garage.name for garage in Garage.objects.all()] == NAMES
    assert [programme.name for programme in Programme.objects.filter(name__in=NAMES)] == NAMES
    assert [found.name for found in Platform.objects.filter(name__in=NAMES)] == NAMES
    team = Membership.objects.filter(platform=platform).order_by(InFrench("user__name"))
    assert [member.user.name for member in team] == NAMES


def test_a_relation_is_ordered_by_the_names_it_leads_to(platform: Any) -> None:
    for name in ("Zoé", "Élodie", "Emma"):
        GarageFactory(platform=PlatformFactory(name=name))
    assert [garage.platform.name for garage in Garage.objects.order_by("platform")] == ["Élodie", "Emma", "Zoé"]


def test_people_are_in_order_and_so_are_the_places_where_they_live(platform: Any) -> None:
    for name in shuffled():
        address = AddressFactory(platform=platform, city=name)
        ParticipantFactory(platform=platform, last_name=name, name_key=key_of("Ana", name), address=address)
    in_order = [person.address.city for person in Participant.objects.order_by("address__city_key")]
    assert in_order == NAMES
    people = [person.last_name for person in Participant.objects.all()]
    assert people.index("Élodie") < people.index("Emma") < people.index("Étienne") < people.index("Zoé")


def test_vehicles_stand_by_site_in_order(platform: Any) -> None:
    for name in ("Zoé", "Élodie"):
        VehicleFactory(platform=platform, site=SiteFactory(platform=platform, name=name))
    assert [vehicle.site.name for vehicle in Vehicle.objects.order_by("site__name_key")] == ["Élodie", "Zoé"]


def test_the_key_follows_the_name(platform: Any) -> None:
    site = SiteFactory(platform=platform, name="Zoé")
    site.name = "Élan"
    site.save()
    site.refresh_from_db()
    assert site.name_key == "elan"


def test_postgresql_and_python_agree(db: None) -> None:
    """Of every letter and sign of the languages that are written in Latin letters."""
    signs = [chr(code) for code in range(0x20, 0x250) if chr(code).isprintable()]
    names = [f"{sign}a{sign.upper()}{sign}" for sign in signs]
    with connection.cursor() as cursor:
        key = InFrench.written("name")
        cursor.execute(f"SELECT {key} FROM unnest(%s::text[]) WITH ORDINALITY AS t (name, n) ORDER BY n", [names])
        theirs = [row[0] for row in cursor.fetchall()]
    assert dict(zip(names, theirs, strict=True)) == {name: in_french(name) for name in names}
