"""The planning in a real browser: a loan is dragged, or moved by keyboard, sees its price, and has new dates; axe."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from bookings.models import Booking
from core import clock
from fleet.models import Vehicle
from tests.bookings.loans import promised_loan
from tests.factories import VehicleFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("a_monday_in_june")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def loan(platform: Any, bruno: Any) -> Booking:
    return promised_loan(platform, by=bruno)


def later_by(was: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """The board speaks in minutes."""
    return now - was + was.second * dt.timedelta(seconds=1) + was.microsecond * dt.timedelta(microseconds=1)


@pytest.fixture
def other_car(loan: Booking) -> Vehicle:
    return VehicleFactory(site=loan.assignments.get().vehicle.site, fleet_number="Z99")


@pytest.fixture
def board(page: Page, live_server: Any, bruno: Any, loan: Booking, other_car: Vehicle) -> Page:
    """Bruno's, over the month in which the loan begins."""
    signed_in = Client()
    signed_in.force_login(bruno)
    cookie = signed_in.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 1280, "height": 900})
    day = clock.local_date(loan.starts_at, loan.platform.time_zone)
    page.goto(f"{live_server.url}/planning/?vue=trimestre&le={day}")
    return page


def bar(page: Page) -> Locator:
    return page.locator(".bar[data-loan]:not(.ghost)")


def a_column(page: Page) -> float:
    track = page.locator(".lane[data-vehicle] .track").first.bounding_box()
    assert track
    return track["width"] / int(page.locator(".board").get_attribute("data-columns") or 1)


def drag(page: Page, what: Locator, columns: float, *, grip: float = 6, to: Locator | None = None) -> None:
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box
    x, y = box["x"] + grip if grip > 0 else box["x"] + box["width"] + grip, box["y"] + box["height"] / 2
    there = to.bounding_box() if to else None
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + columns * a_column(page) / 2, y, steps=4)
    page.mouse.move(x + columns * a_column(page), there["y"] + there["height"] / 2 if there else y, steps=4)
    page.mouse.up()


def confirm(page: Page) -> None:
    """The price stands beside the board; one click, and the board is drawn anew."""
    expect(page.locator("#beside")).to_be_visible()
    with page.expect_event("load"):
        page.locator("#beside .btn-primary").click()
    expect(page.locator("#beside")).to_be_hidden()


def test_a_loan_is_dragged_to_other_days(board: Page, loan: Booking, accessible: Any) -> None:
    accessible(board)
    drag(board, bar(board), 2)
    expect(board.locator("#beside")).to_contain_text("Changer les dates")
    accessible(board)
    confirm(board)
    was = (loan.starts_at, loan.ends_at)
    loan.refresh_from_db()
    assert (later_by(was[0], loan.starts_at), later_by(was[1], loan.ends_at)) == (2 * DAY, 2 * DAY)


def test_a_loan_is_dragged_to_another_vehicle(board: Page, loan: Booking, other_car: Vehicle) -> None:
    drag(board, bar(board), 0, to=board.locator(f'.lane[data-vehicle="{other_car.pk}"]'))
    confirm(board)
    assert loan.assignments.current().get().vehicle == other_car


def test_its_end_is_pulled_longer(board: Page, loan: Booking) -> None:
    drag(board, bar(board), 2, grip=-4)
    confirm(board)
    was = loan.ends_at
    loan.refresh_from_db()
    assert later_by(was, loan.ends_at) == 2 * DAY


def test_the_keyboard_does_the_same_and_escape_leaves_everything_as_it_was(board: Page, loan: Booking) -> None:
    link = bar(board).locator("a")
    link.focus()
    board.keyboard.press("Shift+ArrowRight")
    expect(board.locator(".board-said")).to_contain_text("au ")
    board.keyboard.press("Escape")
    expect(board.locator(".ghost")).to_have_count(0)
    link.focus()
    board.keyboard.press("Shift+ArrowRight")
    board.keyboard.press("Enter")
    confirm(board)
    was = loan.starts_at
    loan.refresh_from_db()
    assert later_by(was, loan.starts_at) == DAY


def test_a_click_opens_the_loan_beside_and_a_drag_is_no_click(board: Page, loan: Booking, accessible: Any) -> None:
    bar(board).locator("a").click()
    expect(board.locator("#beside")).to_contain_text("Remettre les clés")
    accessible(board)
    board.keyboard.press("Escape")
    expect(board.locator("#beside")).to_be_hidden()


@pytest.mark.parametrize("address", ["?vue=jour", "?vue=semaine", "?forme=tableau", "?etat=late"])
def test_every_way_to_look_at_it_is_accessible(board: Page, live_server: Any, accessible: Any, address: str) -> None:
    board.goto(f"{live_server.url}/planning/{address}")
    accessible(board)
    board.set_viewport_size({"width": 390, "height": 844})
    accessible(board)


def test_on_a_phone_the_filters_fold_behind_what_they_say(board: Page, accessible: Any) -> None:
    kind = board.locator("#id_kind")
    expect(kind).to_be_visible()
    board.set_viewport_size({"width": 390, "height": 800})
    expect(kind).to_be_hidden()
    accessible(board)
    board.get_by_text("Trimestre, tous les véhicules").click()
    expect(kind).to_be_visible()
    accessible(board)
