"""What could be had instead: other dates for as long, another kind that the person may drive, another site. Reads."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from django.db.models import Count

from accounts.models import Platform
from bookings.offers.choices import KindOffer, Needs, free_vehicles
from core import clock, words
from core.french import in_french
from fleet import gaps
from fleet.models import Vehicle
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import Participant


@dataclass(frozen=True)
class Span:
    """A period of the wished length in which a vehicle of the kind is free."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    vehicle_id: int


@dataclass(frozen=True)
class SiteOffer:
    site_id: int
    name: str
    free: int


@dataclass
class Alternatives:
    earlier: Span | None = None
    later: Span | None = None
    kinds: list[KindOffer] = field(default_factory=list)
    sites: list[SiteOffer] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [span for span in (self.earlier, self.later) if span]

    def __bool__(self) -> bool:
        return bool(self.spans or self.kinds or self.sites)


def nearest_dates(
    platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime
) -> tuple[Span | None, Span | None]:
    """The nearest periods of the same length, before and after the wished one: one query for any pool.

    At the same hour of the day where the gap leaves room for it, for people come at the hours that they know.
    """
    now = clock.now()
    pool = needs.matching(Vehicle.objects.filter(platform=platform))
    length = end - start + needs.before + needs.after
    found = gaps.nearest(pool, start - needs.before, length, now)
    earlier, later = (fitted(gap, needs, start, end, platform.time_zone) if gap else None for gap in found)
    return earlier, later


def fitted(gap: gaps.Gap, needs: Needs, start: dt.datetime, end: dt.datetime, zone: str) -> Span:
    """The wished length laid into the gap, at the wished hour if that fits."""
    raw = gap.start + needs.before
    local, wanted = raw.astimezone(ZoneInfo(zone)), start.astimezone(ZoneInfo(zone)).time()
    later = raw >= start
    day = local.date()
    if later and wanted < local.time():
        day += dt.timedelta(days=1)
    elif not later and wanted > local.time():
        day -= dt.timedelta(days=1)
    at_the_hour = clock.at(day, wanted, zone)
    for begins in (at_the_hour, raw):
        ends = as_long(begins, start, end, zone)
        fits = begins - needs.before >= gap.free_from and (
            gap.free_until is None or ends + needs.after <= gap.free_until
        )
        if fits or begins == raw:
            return Span(begins, ends, gap.vehicle_id)
    raise AssertionError("unreachable")


def as_long(begins: dt.datetime, start: dt.datetime, end: dt.datetime, zone: str) -> dt.datetime:
    """As long on the wall clock as from `start` to `end`."""
    wall = ZoneInfo(zone)
    length = end.astimezone(wall).replace(tzinfo=None) - start.astimezone(wall).replace(tzinfo=None)
    local = begins.astimezone(wall).replace(tzinfo=None) + length
    return clock.at(local.date(), local.time(), zone)


def free_sites(platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime) -> list[SiteOffer]:
    """Where vehicles of the kind are free, wherever that is. One query."""
    rows = free_vehicles(platform, start, end, needs).order_by()
    counted = rows.values_list("site_id", "site__name").annotate(Count("pk"))
    return sorted((SiteOffer(*row) for row in counted), key=lambda one: in_french(one.name))


def instead_of(
    platform: Platform,
    needs: Needs,
    start: dt.datetime,
    end: dt.datetime,
    kinds: Iterable[KindOffer] = (),
    participant: Participant | None = None,
) -> Alternatives:
    """The nearest alternatives to a wish that nothing meets. Two queries with a site, one without."""
    earlier, later = nearest_dates(platform, needs, start, end)
    others = [offer for offer in kinds if offer.free and offer.kind != needs.kind]
    if participant is not None:
        driver, on = Driver.of(participant), clock.local_date(start, platform.time_zone)
        others = [offer for offer in others if can_drive(driver, ToDrive(offer.kind, automatic=True), on).allowed]
    anywhere = replace(needs, site=None)
    sites = (
        [one for one in free_sites(platform, anywhere, start, end) if one.site_id != needs.site] if needs.site else []
    )
    return Alternatives(earlier, later, others, sites)


def in_a_sentence(platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime) -> str:
    """« Au plus près, pour aussi longtemps : du … au …, ou du … au …. »; empty when the pool has no such vehicle."""
    spans = [span for span in nearest_dates(platform, needs, start, end) if span]
    if not spans:
        return ""
    said = ", ou ".join(words.span(span.starts_at, span.ends_at) for span in spans)
    return f" Au plus près, pour aussi longtemps : {said}."
