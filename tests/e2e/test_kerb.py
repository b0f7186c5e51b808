"""The keys on a phone: photos taken, a damage tapped, two signatures drawn with a finger, axe on every step."""

import math
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page

from bookings.models import Booking, ConditionReport
from fleet.models import Damage
from tests.bookings.loans import promised_loan
from tests.e2e.steps import press

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("a_monday_in_june")]


@pytest.fixture
def phone(page: Page, live_server: Any, bruno: Any) -> Page:
    """Bruno's, signed in."""
    signed_in = Client()
    signed_in.force_login(bruno)
    cookie = signed_in.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    return page


@pytest.fixture
def loan(platform: Any, bruno: Any) -> Booking:
    return promised_loan(platform, by=bruno)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """As a phone takes it: larger than what is sent."""
    Image.effect_noise((2400, 1800), 50).convert("RGB").save(tmp_path / "photo.jpg", quality=90)
    return str(tmp_path / "photo.jpg")


def on(page: Page) -> None:
    """The step's verb."""
    press(page.locator(".kerb-foot .btn-primary"))


def draw(page: Page, number: int) -> None:
    canvas = page.locator("[data-pad] canvas").nth(number)
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    page.mouse.down()
    for i in range(30):
        page.mouse.move(box["x"] + 20 + 9 * i, box["y"] + box["height"] / 2 + 40 * math.sin(i / 3))
    page.mouse.up()


def test_the_keys_are_handed_over_on_a_phone(phone, loan, live_server, photo, accessible):
    phone.goto(f"{live_server.url}/prets/{loan.pk}/remise/")
    accessible(phone)
    on(phone)

    accessible(phone)
    for box in phone.locator(".tick").all():
        box.click()
    on(phone)

    accessible(phone)
    phone.get_by_label("Kilomètres", exact=True).fill("84 210")
    phone.locator(".gauge .segment").nth(6).click()
    on(phone)

    phone.locator("[data-silhouette] [data-zone=roof]").first.click()
    assert phone.locator("#id_d-zone").input_value() == "roof"
    phone.locator("#id_d-sort").select_option("dent")
    accessible(phone)
    press(phone.get_by_role("button", name="Ajouter ce dégât"))
    press(phone.get_by_role("button", name="Tout le reste est en ordre"))
    accessible(phone)
    on(phone)

    press(phone.get_by_role("button", name="Tout le reste est là"))
    accessible(phone)
    on(phone)

    for _ in range(phone.locator(".take").count() - 1):
        with phone.expect_navigation():
            phone.locator(".take input").first.set_input_files(photo)
    accessible(phone)
    on(phone)

    accessible(phone)
    assert "Ana Dupouy reçoit la voiture" in phone.locator(".aloud").inner_text()
    on(phone)

    draw(phone, 0)
    draw(phone, 1)
    accessible(phone)
    on(phone)

    assert "/remise/fait/" in phone.url
    accessible(phone)
    report = ConditionReport.objects.get()
    assert report.is_frozen
    assert report.photos.count() == 6
    assert all(taken.file.width == 1600 for taken in report.photos.select_related("file"))
    assert Damage.objects.get().zone == "roof"
    assert Booking.objects.get().state == Booking.State.ACTIVE
    phone.goto(f"{live_server.url}/etats-des-lieux/{report.pk}/")
    accessible(phone)
