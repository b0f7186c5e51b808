"""Which tariff holds for a case on a day."""

import datetime as dt
from collections.abc import Callable, Collection
from decimal import Decimal

from pricing.models import Tariff, TariffBand
from pricing.tariffs import Terms


def tariff_for(
    platform_id: int, kind: str, programme_id: int | None, audiences: Callable[[], Collection[str]], on: dt.date
) -> tuple[Tariff, Terms] | None:
    """The most particular tariff that holds on that day, and its terms; None when there is none. One query.

    One for an audience wins over one for a programme, which wins over the general one. Somebody who belongs to
    several audiences pays the cheapest first day among theirs; which these are is asked only where a tariff is for one.
    """
    rows = TariffBand.objects.filter(platform=platform_id, tariff__kind=kind).select_related("tariff").order_by()
    found: dict[int, list[TariffBand]] = {}  # of a platform's few rows the plainest question costs least
    for band in rows:
        if band.tariff.programme_id in {None, programme_id} and band.tariff.valid_on(on):
            found.setdefault(band.tariff_id, []).append(band)
    theirs = {"", *audiences()} if any(bands[0].tariff.audience for bands in found.values()) else {""}
    chosen = min((bands for bands in found.values() if bands[0].tariff.audience in theirs), key=_order, default=None)
    if chosen is None:
        return None
    tariff = chosen[0].tariff
    return tariff, Terms.of(tariff, chosen)


def _order(bands: list[TariffBand]) -> tuple[bool, bool, Decimal, int]:
    tariff = bands[0].tariff
    first = min(bands, key=lambda band: band.from_day)
    return tariff.audience == "", tariff.programme_id is None, first.day_price, tariff.pk
