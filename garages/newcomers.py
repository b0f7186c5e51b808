"""The step that writes a garage which was not known. Its caller has checked who may, and journals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Platform
from accounts.users import new_user
from core import clock, siret
from core.db import refuse, save
from core.phones import dialled
from garages.models import Garage, GarageRate
from places.addresses import write_address

FACTS = (
    "name", "sort", "phone", "email", "siret", "repairs", "works", "usual_delay_days", "can_tow", "jobs_at_once",
    "receiving_hours",
)  # fmt: skip


def enrol(
    platform: Platform,
    *,
    name: str,
    street: str = "",
    postcode: str = "",
    city: str = "",
    hourly_rate: Decimal | None = None,
    **facts: Any,
) -> Garage:
    """A garage, the user behind its link, and its hourly rate for the platform's vehicles from today.

    `facts` are those of FACTS. Refuses with `siret_taken`, `invalid_siret`, `phone_impossible` or `name_missing`.
    """
    told = clean({"name": name, **facts})
    garage = Garage(platform=platform, **told)
    garage.address = write_address(platform, street=street, postcode=postcode, city=city)
    garage.user = new_user(name=garage.name)
    save(garage)
    if hourly_rate is not None:
        save(
            GarageRate(platform=platform, garage=garage, hourly_rate=hourly_rate, valid_from=clock.today()),
        )
    return garage


def clean(facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts as they are kept: telephone in E.164, SIRET of 14 digits, lists without repeats."""
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not facts of a garage: {unknown}")
    facts = dict(facts)
    if "name" in facts:
        facts["name"] = " ".join(facts["name"].split())
        if not facts["name"]:
            raise refuse("Donnez le nom du garage.", "name_missing")
    if facts.get("phone"):
        facts["phone"] = dialled(facts["phone"])
    if facts.get("siret"):
        facts["siret"] = siret.tidied(facts["siret"])
    for lists in ("repairs", "works"):
        if lists in facts:
            facts[lists] = without_repeats(facts[lists])
    return facts


def without_repeats(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
