"""What the demo knows of a platform before it is one: see specs.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fleet.models import Kind
from garages.models import Work
from participants.models import Audience

MOTORS = (Kind.CAR, Kind.VAN)
SCOOTERS = (Kind.MOPED, Kind.MOTORCYCLE_125)
CYCLES = (Kind.E_BIKE, Kind.BIKE)
ALL_WORKS = (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES, Work.INSPECTION)
Week = Sequence[tuple[Sequence[int], Sequence[tuple[int, int, int, int]]]]  # days; from hour, minute, to hour, minute
WEEKDAYS: Week = (((0, 1, 2, 3, 4), ((9, 0, 12, 30), (14, 0, 17, 30))),)
TUESDAY_AND_THURSDAY: Week = (((1, 3), ((9, 0, 17, 0),)),)
MONDAY_AND_WEDNESDAY: Week = (((0, 2), ((9, 0, 12, 30),)),)


class Place(NamedTuple):
    commune: str
    postcode: str
    latitude: float
    longitude: float


class SiteSpec(NamedTuple):
    name: str
    street: str
    place: Place
    week: Week = WEEKDAYS
    remark: str = ""


class TariffSpec(NamedTuple):
    kind: str
    bands: Sequence[tuple[int, str, str | None, str | None]]  # from day; a day, a week, a month
    deposit: str
    late_fee: str
    audience: str = ""
    km_per_day: int | None = None
    excess_km_price: str | None = None
    before: str = ""  # what a day cost in the year before
    unused_days: str = "given_back"
    cancel_fee: str = "0"
    cancel_free_days: int = 0
    no_show_fee: str = "0"


class GarageSpec(NamedTuple):
    name: str
    sort: str
    street: str
    place: Place
    repairs: Sequence[str]
    works: Sequence[str]
    rate: str
    delay: int
    tows: bool
    at_once: int


@dataclass(frozen=True)
class PlatformSpec:
    slug: str
    name: str
    legal_name: str
    series: int  # of telephone numbers
    landline: str
    street: str
    sites: Sequence[SiteSpec]
    homes: Sequence[Place]
    pool: Mapping[str, int]
    tariffs: Sequence[TariffSpec]
    garages: Sequence[GarageSpec]
    programmes: Sequence[tuple[str, str, str]]  # name, funder, for whom; the first is the default one
    prescribers: Sequence[tuple[str, str]]
    payers: Sequence[str]
    people: int
    quote_ceiling: str
    audiences: Sequence[str] = (Audience.RSA, Audience.JOBSEEKER, Audience.UNDER_26, Audience.DELD)


def flat(kind: str, day: str, deposit: str, late_fee: str, before: str = "") -> TariffSpec:
    return TariffSpec(kind, [(1, day, None, None)], deposit, late_fee, before=before)
