"""The planning board: which columns a hold takes, which days it fills, how a large pool is cut in sheets."""

import datetime as dt
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from bookings.board import sheets_of, window_of
from core import clock
from fleet.models import Hold, Kind
from tests.bookings.conftest import DAY, MONDAY
from tests.factories import HoldFactory, SiteFactory, VehicleFactory

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


class TestWindow:
    @pytest.mark.parametrize(
        ("scale", "first", "columns"),
        [
            ("jour", dt.date(2026, 3, 11), 48),
            ("semaine", dt.date(2026, 3, 9), 42),
            ("mois", dt.date(2026, 3, 1), 62),
            ("trimestre", dt.date(2026, 3, 1), 92),
        ],
    )
    def test_it_begins_where_people_expect(self, scale: str, first: dt.date, columns: int) -> None:
        window = window_of(scale, dt.date(2026, 3, 11), PARIS)
        assert (window.first, window.columns) == (first, columns)

    @pytest.mark.parametrize(
        ("start", "end", "days"),
        [
            ("2026-03-09T09:00", "2026-03-10T09:00", [0, 1]),
            ("2026-03-09T09:00", "2026-03-10T00:00", [0]),  # midnight ends the day before
            ("2026-03-08T22:00", "2026-03-09T00:00", [0]),  # over when the week begins: one column, as it is drawn
            ("2026-03-15T23:00", "2026-03-20T00:00", [6]),
            ("2026-03-16T00:00", "2026-03-20T00:00", []),
        ],
    )
    def test_the_days_on_which_a_hold_takes_a_vehicle(self, start: str, end: str, days: list[int]) -> None:
        window = window_of("semaine", dt.date(2026, 3, 9), PARIS)
        assert list(window.days_between(at(start), at(end))) == days

    @pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
    def test_on_both_nights_of_the_clock_change_noon_is_the_middle_of_the_day(self, day: dt.date) -> None:
        window = window_of("jour", day, PARIS)
        assert window.column_at(clock.at(day, dt.time(12), PARIS)) == 24


class TestSheets:
    def pool(self, *sizes: int) -> list[Any]:
        sites = [SimpleNamespace(name=f"Site {number}") for number, _ in enumerate(sizes, start=1)]
        return [SimpleNamespace(site=site) for site, size in zip(sites, sizes, strict=True) for _ in range(size)]

    def test_sites_share_a_sheet_while_they_fit(self) -> None:
        assert [(one.label, len(one.vehicles)) for one in sheets_of(self.pool(3, 4, 5), most=8)] == [
            ("Site 1, Site 2", 7),
            ("Site 3", 5),
        ]

    def test_a_site_larger_than_a_sheet_is_cut_and_nobody_is_left_out(self) -> None:
        sheets = sheets_of(self.pool(20), most=8)
        assert [one.label for one in sheets] == ["Site 1 (1 à 8)", "Site 1 (9 à 16)", "Site 1 (17 à 20)"]
        assert sum(len(one.vehicles) for one in sheets) == 20

    def test_an_empty_pool_is_one_empty_sheet(self) -> None:
        assert [len(one.vehicles) for one in sheets_of([])] == [0]


class TestPage:
    def board(self, desk: Client, **asked: Any) -> str:
        answer = desk.get(reverse("bookings:board"), asked)
        assert answer.status_code == 200
        return answer.content.decode()

    @pytest.mark.parametrize(
        ("state", "shown"), [("", True), ("loan", True), ("free", False), ("late", False), ("maintenance", False)]
    )
    def test_it_filters_by_what_takes_the_vehicle(
        self, desk: Client, loan: Any, car: Any, state: str, shown: bool
    ) -> None:
        page = self.board(desk, vue="mois", le="2026-03-01", etat=state)
        assert (f'data-vehicle="{car.pk}"' in page) == shown

    def test_a_vehicle_that_is_late_is_not_free(self, desk: Client, loan: Any, car: Any) -> None:
        Hold.objects.update(out_at=MONDAY)
        with clock.travel(to=loan.ends_at + DAY):
            assert f'data-vehicle="{car.pk}"' in self.board(desk, le="2026-06-01", etat="late")
            assert f'data-vehicle="{car.pk}"' not in self.board(desk, le="2026-06-01", etat="free")

    def test_the_table_says_who_has_what_and_when(self, desk: Client, loan: Any, other_car: Any) -> None:
        page = self.board(desk, vue="mois", le="2026-03-01", forme="tableau")
        assert "Ana Dupouy" in page
        assert "Libre tout du long" in page

    def test_a_promised_loan_may_be_moved_a_loan_that_is_out_only_ended(self, desk: Client, loan: Any) -> None:
        page = self.board(desk, vue="mois", le="2026-03-01")
        assert " data-move" in page
        Hold.objects.update(out_at=MONDAY)
        page = self.board(desk, vue="mois", le="2026-03-01")
        assert " data-move" not in page
        assert " data-resize" in page

    def test_every_sheet_of_a_large_pool_is_reached_and_the_strip_counts_all_of_it(
        self, desk: Client, platform: Any, django_assert_max_num_queries: Any
    ) -> None:
        site = SiteFactory(platform=platform, name="Zéro")
        scooters = VehicleFactory.create_batch(130, platform=platform, site=site, kind=Kind.MOPED)
        for scooter in (scooters[0], scooters[-1]):
            HoldFactory(vehicle=scooter, starts_at=MONDAY, ends_at=MONDAY + DAY)
        with django_assert_max_num_queries(4 + 3):  # and session, user, membership
            first = self.board(desk, vue="semaine", le="2026-03-02", kind=Kind.MOPED)
        second = self.board(desk, vue="semaine", le="2026-03-02", kind=Kind.MOPED, feuille="2")
        seen = {scooter.pk for scooter in scooters if f'data-vehicle="{scooter.pk}"' in first + second}
        assert len(seen) == 130
        for page in (first, second):
            assert 'free">128</li>' in page

    def test_a_loan_stands_beside_the_board_as_a_fragment(self, desk: Client, loan: Any) -> None:
        page = desk.get(reverse("bookings:board_loan", args=[loan.pk]), headers={"HX-Request": "true"})
        assert "Remettre les clés" in page.content.decode()
        assert "<html" not in page.content.decode()
