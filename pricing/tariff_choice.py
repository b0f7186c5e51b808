"""Which tariff holds for a case on a day."""

import datetime as dt
from collections.abc import Callable, Collection
from decimal import Decimal
from itertools import groupby

from django.db.models import Q

from pricing.models import Tariff, TariffBand
from pricing.models.tariffs import valid_on
from pricing.tariffs import Terms


def tariff_for(
    platform_id: int, kind: str, programme_id: int | None, audiences: Callable[[], Collection[str]], on: dt.date
) -> tuple[Tariff, Terms] | None:
    """The most particular tariff that holds on that day, and its terms; None when there is none. One query.

    One for an audience wins over one for a programme, which wins over the general one. Somebody who belongs to
    several audiences pays the cheapest first day among theirs; which these are is asked only where a tariff is for one.
    """
    bands = TariffBand.objects.filter(
        Q(tariff__programme=None) | Q(tariff__programme=programme_id),
        valid_on(on, "tariff__"),
        tariff__platform_id=platform_id,
        tariff__kind=kind,
    )
    rows = bands.select_related("tariff").order_by("tariff_id", "from_day")
    found = [list(of_one) for _, of_one in groupby(rows, key=lambda band: band.tariff_id)]
    if any(of_one[0].tariff.audience for of_one in found):
        theirs = {"", *audiences()}
        found = [of_one for of_one in found if of_one[0].tariff.audience in theirs]
    chosen = min(found, key=_order, default=None)
    if chosen is None:
        return None
    tariff = chosen[0].tariff
    return tariff, Terms.of(tariff, chosen)


def _order(bands: list[TariffBand]) -> tuple[bool, bool, Decimal, int]:
    tariff = bands[0].tariff
    return tariff.audience == "", tariff.programme_id is None, bands[0].day_price, tariff.pk
