import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from core import clock
from pricing import tariff_actions
from pricing.models import Tariff
from pricing.tariff_choice import tariff_for
from pricing.tariffs import Band, Terms
from tests.factories import ProgrammeFactory
from tests.pricing.factories import TariffBandFactory, TariffFactory

DAY = dt.date(2026, 3, 2)
THREE = [Band(1, Decimal("3.00"))]


def chosen(platform: Any, kind: str, programme_id: int | None, audiences: set[str], on: dt.date) -> Tariff | None:
    found = tariff_for(platform.pk, kind, programme_id, lambda: audiences, on)
    return found[0] if found else None


def put(platform: Any, by: Any, since: dt.date, **more: Any) -> Tariff:
    case: dict[str, Any] = {"name": "Voiture", "kind": "car", "bands": THREE} | more
    return tariff_actions.save_tariff(platform, by=by, valid_from=since, **case)


def test_a_new_tariff_closes_the_one_before(platform: Any, agathe: Any) -> None:
    old = put(platform, agathe, dt.date(2026, 1, 1))
    new = put(platform, agathe, DAY, bands=[Band(1, Decimal("4.00"))])
    old.refresh_from_db()
    assert (old.valid_until, new.valid_until) == (DAY, None)
    assert chosen(platform, "car", None, set(), DAY - dt.timedelta(days=1)) == old
    assert chosen(platform, "car", None, set(), DAY) == new


def test_a_tariff_put_before_a_later_one_ends_where_that_begins(platform: Any, agathe: Any) -> None:
    later = put(platform, agathe, DAY)
    earlier = put(platform, agathe, dt.date(2026, 1, 1))
    assert earlier.valid_until == later.valid_from


def test_a_tariff_that_has_not_begun_can_be_corrected(platform: Any, agathe: Any) -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    wrong = put(platform, agathe, tomorrow, bands=[Band(1, Decimal("30.00")), Band(31, Decimal("4.00"))])
    right = put(platform, agathe, tomorrow)
    assert right.pk == wrong.pk
    assert Tariff.objects.count() == 1
    assert Terms.of(Tariff.objects.get()).bands == tuple(THREE)


def test_a_tariff_that_holds_is_never_rewritten(platform: Any, agathe: Any) -> None:
    put(platform, agathe, clock.today())
    with pytest.raises(ValidationError) as refusal:
        put(platform, agathe, clock.today(), bands=[Band(1, Decimal("4.00"))])
    assert refusal.value.code == "starts_same_day"
    assert Terms.of(Tariff.objects.get()).bands == tuple(THREE)


@pytest.mark.parametrize("bands", [[], [Band(2, Decimal(3))]])
def test_the_first_band_starts_on_the_first_day(platform: Any, agathe: Any, bands: list[Band]) -> None:
    with pytest.raises(ValidationError) as refusal:
        put(platform, agathe, DAY, bands=bands)
    assert refusal.value.code == "bands_missing"


def test_two_bands_do_not_start_on_one_day(platform: Any, agathe: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        put(platform, agathe, DAY, bands=[*THREE, Band(31, Decimal(4)), Band(31, Decimal(5))])
    assert refusal.value.code == "band_exists"
    assert not Tariff.objects.exists()


def test_a_tariff_ends_without_another(platform: Any, agathe: Any) -> None:
    tariff = put(platform, agathe, dt.date(2026, 1, 1))
    tariff_actions.end_tariff(tariff, by=agathe, valid_until=DAY)
    assert chosen(platform, "car", None, set(), DAY) is None
    with pytest.raises(ValidationError) as refusal:
        tariff_actions.end_tariff(tariff, by=agathe, valid_until=dt.date(2026, 1, 1))
    assert refusal.value.code == "ends_before_start"


@pytest.mark.parametrize("who", ["bruno", "farid", "eve", "nobody"])
def test_only_accountants_and_coordinators_set_prices(request: Any, platform: Any, who: str) -> None:
    with pytest.raises(PermissionDenied):
        put(platform, request.getfixturevalue(who), DAY)
    assert not Tariff.objects.exists()


def test_no_case_has_two_tariffs_on_one_day(platform: Any) -> None:
    one = TariffFactory(platform=platform, valid_from=dt.date(2026, 1, 1), valid_until=DAY)
    TariffFactory(platform=platform, valid_from=DAY)
    TariffFactory(platform=platform, valid_from=DAY, audience="rsa")
    TariffFactory(platform=platform, valid_from=DAY, programme=ProgrammeFactory(platform=platform))
    TariffFactory(platform=platform, valid_from=DAY, kind="moped")
    with pytest.raises(IntegrityError, match="one_tariff_a_case_and_day"), transaction.atomic():
        TariffFactory(platform=platform, valid_from=one.valid_from + dt.timedelta(days=3))


@pytest.mark.parametrize("wrong", [{"deposit": -1}, {"late_fee_per_day": -1}, {"excess_km_price": Decimal("-0.1")}])
def test_no_price_is_negative(platform: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="a_tariff_is_not_negative"), transaction.atomic():
        TariffFactory(platform=platform, **wrong)


@pytest.mark.parametrize("wrong", [{"day_price": -1}, {"week_price": -1}, {"month_price": -1}, {"from_day": 0}])
def test_no_band_is_negative(platform: Any, wrong: dict[str, Any]) -> None:
    tariff = TariffFactory(platform=platform, band=None)
    with pytest.raises(IntegrityError, match="a_band_starts_on_a_day"), transaction.atomic():
        TariffBandFactory(tariff=tariff, **wrong)


def test_the_most_particular_tariff_wins(platform: Any) -> None:
    programme = ProgrammeFactory(platform=platform)
    general = TariffFactory(platform=platform)
    ours = TariffFactory(platform=platform, programme=programme)
    rsa = TariffFactory(platform=platform, audience="rsa", band__day_price=1)
    young = TariffFactory(platform=platform, audience="under_26", band__day_price=2)
    both = TariffFactory(platform=platform, audience="under_26", programme=programme)
    other = ProgrammeFactory(platform=platform).pk

    assert chosen(platform, "car", None, set(), DAY) == general
    assert chosen(platform, "car", other, {"senior"}, DAY) == general
    assert chosen(platform, "car", programme.pk, set(), DAY) == ours
    assert chosen(platform, "car", programme.pk, {"rsa"}, DAY) == rsa
    assert chosen(platform, "car", other, {"rsa", "under_26"}, DAY) == rsa, "the cheaper of two audiences"
    assert chosen(platform, "car", programme.pk, {"under_26"}, DAY) == both
    assert chosen(platform, "car", other, {"under_26"}, DAY) == young
    assert chosen(platform, "moped", None, set(), DAY) is None


def test_choosing_a_tariff_takes_one_query_and_asks_for_audiences_only_where_a_tariff_is_for_one(
    platform: Any, django_assert_num_queries: Any
) -> None:
    def nobody_asks() -> set[str]:
        raise AssertionError

    general = TariffFactory(platform=platform)
    terms = Terms.of(general)
    with django_assert_num_queries(1):
        assert tariff_for(platform.pk, "car", None, nobody_asks, DAY) == (general, terms)
    TariffFactory(platform=platform, audience="rsa")
    with django_assert_num_queries(1):
        found = tariff_for(platform.pk, "car", None, lambda: {"rsa"}, DAY)
    assert found is not None
    assert (found[0].audience, found[1].bands[0].from_day) == ("rsa", 1)


def test_a_payer_is_known_by_one_name_and_a_true_siret(platform: Any, agathe: Any, bruno: Any) -> None:
    payer = tariff_actions.add_payer(platform, by=agathe, name="Département", siret="123 456 782 00010")
    assert payer.siret == "12345678200010"
    with pytest.raises(ValidationError) as refusal:
        tariff_actions.add_payer(platform, by=agathe, name="Département")
    assert refusal.value.code == "payer_exists"


def test_a_wrong_siret_is_refused(platform: Any, agathe: Any, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        tariff_actions.add_payer(platform, by=agathe, name="CCAS", siret="12345678901234")
    assert refusal.value.code == "invalid_siret"
    with pytest.raises(PermissionDenied):
        tariff_actions.add_payer(platform, by=bruno, name="CCAS")
