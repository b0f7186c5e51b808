"""Which tariff holds for a case on a day."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q

from pricing.models import Tariff


def tariff_for(
    platform_id: int, kind: str, programme_id: int | None, audiences: Iterable[str], on: dt.date
) -> Tariff | None:
    """The most particular tariff that holds on that day, with its bands; None when there is none.

    One for an audience wins over one for a programme, which wins over the general one. Somebody who belongs to
    several audiences pays the cheapest first day among theirs.
    """
    candidates = (
        Tariff.objects.filter(platform_id=platform_id, kind=kind)
        .valid_on(on)
        .filter(Q(programme=None) | Q(programme=programme_id), audience__in=["", *audiences])
        .prefetch_related("bands")
    )
    return min(candidates, key=_order, default=None)


def _order(tariff: Tariff) -> tuple[bool, bool, Decimal, int]:
    first = tariff.bands.all()[:1]
    return tariff.audience == "", tariff.programme_id is None, first[0].day_price if first else Decimal(0), tariff.pk
