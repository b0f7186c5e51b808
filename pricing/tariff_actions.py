"""Tariffs change by a new version from a day on; what was priced before keeps its price. And who else pays."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Platform, User
from core import clock
from core.db import action, create_all, lock, lock_all, refuse, require, save
from core.journal import record
from core.siret import tidied
from participants.models import Programme
from pricing import perms
from pricing.models import Tariff, TariffBand, ThirdPartyPayer
from pricing.tariffs import Band


@action
def save_tariff(
    platform: Platform,
    *,
    by: User,
    name: str,
    kind: str,
    valid_from: dt.date,
    bands: Sequence[Band],
    programme: Programme | None = None,
    audience: str = "",
    day_rule: str = Tariff.DayRule.STARTED_24H,
    deposit: Decimal = Decimal(0),
    late_fee_per_day: Decimal = Decimal(0),
    km_per_day: int | None = None,
    excess_km_price: Decimal | None = None,
    unused_days: str = Tariff.UnusedDays.GIVEN_BACK,
    cancel_free_days: int = 0,
    cancel_fee: Decimal = Decimal(0),
    no_show_fee: Decimal = Decimal(0),
) -> Tariff:
    """The tariff of a case (kind, programme, audience) from a day on: it closes the one before, and ends where a
    later one begins. One that has not begun yet is replaced by another of the same first day.

    Refuses with `bands_missing` unless the first band starts on day 1, `starts_same_day` when one already began then.
    """
    require(perms.can_set_tariffs(by, platform))
    bands = sorted(bands, key=lambda band: band.from_day)
    if not bands or bands[0].from_day != 1:
        raise refuse("Le premier palier commence au jour 1 du prêt.", "bands_missing")
    tariff = Tariff(
        platform=platform,
        name=name,
        kind=kind,
        programme=programme,
        audience=audience,
        valid_from=valid_from,
        day_rule=day_rule,
        deposit=deposit,
        late_fee_per_day=late_fee_per_day,
        km_per_day=km_per_day,
        excess_km_price=excess_km_price,
        unused_days=unused_days,
        cancel_free_days=cancel_free_days,
        cancel_fee=cancel_fee,
        no_show_fee=no_show_fee,
    )
    others = lock_all(Tariff, Tariff.objects.same_case(tariff).values_list("pk", flat=True))
    before = next((other for other in others if other.valid_on(valid_from)), None)
    if before is not None and before.valid_from == valid_from:
        _replace(before, tariff)
    else:
        tariff.valid_until = min((o.valid_from for o in others if o.valid_from > valid_from), default=None)
        if before is not None:
            before.valid_until = valid_from
            save(before, "valid_until")
    save(tariff)
    create_all(TariffBand, [_row(tariff, band) for band in bands])
    record(by, "tariff.saved", tariff, kind=kind, valid_from=valid_from.isoformat())
    return tariff


@action
def end_tariff(tariff: Tariff, *, by: User, valid_until: dt.date) -> Tariff:
    """The tariff holds no longer from that day on, and nothing replaces it."""
    tariff = lock(tariff)
    require(perms.can_set_tariffs(by, tariff.platform))
    tariff.valid_until = valid_until
    save(tariff, "valid_until")
    record(by, "tariff.ended", tariff, valid_until=valid_until.isoformat())
    return tariff


@action
def add_payer(platform: Platform, *, by: User, name: str, siret: str = "", postal_address: str = "") -> ThirdPartyPayer:
    require(perms.can_manage_payers(by, platform))
    payer = ThirdPartyPayer(platform=platform, name=name, siret=tidied(siret), postal_address=postal_address)
    save(payer)
    record(by, "payer.added", payer)
    return payer


@action
def change_payer(
    payer: ThirdPartyPayer, *, by: User, name: str, siret: str = "", postal_address: str = ""
) -> ThirdPartyPayer:
    payer = lock(payer)
    require(perms.can_manage_payers(by, payer.platform))
    payer.name, payer.siret, payer.postal_address = name, tidied(siret), postal_address
    save(payer)
    record(by, "payer.changed", payer)
    return payer


def _replace(former: Tariff, tariff: Tariff) -> None:
    """The row of a tariff that has not begun takes the new terms: quotes that were made with it keep their price."""
    if former.valid_from <= clock.today(ZoneInfo(tariff.platform.time_zone)):
        raise refuse(
            "Un tarif vaut déjà à partir de ce jour. Choisissez un jour plus tard : les prêts déjà chiffrés gardent "
            "leur prix.",
            "starts_same_day",
        )
    former.bands.all().delete()
    tariff.pk, tariff.valid_until = former.pk, former.valid_until
    tariff._state.adding = False


def _row(tariff: Tariff, band: Band) -> TariffBand:
    return TariffBand(
        platform_id=tariff.platform_id,
        tariff=tariff,
        from_day=band.from_day,
        day_price=band.day_price,
        week_price=band.week_price,
        month_price=band.month_price,
    )
