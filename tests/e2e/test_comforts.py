"""The style guide in a real browser: every component is accessible, and remise.js keeps its few promises."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.urls("tests.e2e.style_urls"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def guide(live_server: Any) -> str:
    return f"{live_server.url}/style/"


@pytest.mark.parametrize(
    ("door", "scheme", "width"),
    [
        ("desk", "light", 1280),
        ("desk", "dark", 1280),
        ("desk", "light", 320),
        ("person", "light", 320),
        ("person", "dark", 390),
        ("garage", "light", 390),
    ],
)
def test_every_component_is_accessible(
    page: Page, guide: str, accessible: Any, door: str, scheme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{guide}?door={door}")
    accessible(page)


def test_the_content_security_policy_lets_every_page_be(browser: Any, guide: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(guide, wait_until="networkidle")
    context.close()
    assert said == []


def count_posts(page: Page) -> list[str]:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    return posts


def test_a_double_click_sends_once(page: Page, guide: str) -> None:
    page.goto(guide)
    page.locator("form:has(#id_agreed)").evaluate("form => { form.noValidate = true; }")
    posts = count_posts(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer la remise").dblclick()
    page.wait_for_load_state("networkidle")
    assert len(posts) == 1


def test_a_question_is_asked_before_what_cannot_be_undone(page: Page, guide: str) -> None:
    page.goto(guide)
    posts = count_posts(page)
    button = page.get_by_role("button", name="Avec question")
    button.click()
    expect(page.get_by_role("dialog")).to_contain_text("Supprimer cette note ?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert posts == []
    button.click()
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="Avec question").click()
    assert len(posts) == 1


def test_a_photo_is_shown_and_made_smaller_before_it_leaves(page: Page, guide: str, tmp_path: Path) -> None:
    photo = tmp_path / "pare-choc.png"
    Image.effect_noise((2400, 1800), 60).save(photo)
    page.goto(guide)
    page.set_input_files("#id_photo", photo)
    expect(page.get_by_alt_text("Photo 1")).to_be_visible()
    name, size = page.evaluate("() => { const [file] = id_photo.files; return [file.name, file.size]; }")
    assert name == "pare-choc.jpg"
    assert size < photo.stat().st_size


def test_what_is_wrong_is_read_first(page: Page, guide: str) -> None:
    page.goto(guide)
    expect(page.locator(".errors-summary")).to_be_focused()


def test_the_rooms_that_do_not_fit_a_phone_are_one_tap_away(page: Page, guide: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(guide)
    settings = page.get_by_role("link", name="Réglages").locator("visible=true")
    expect(settings).to_have_count(0)
    page.get_by_text("Plus", exact=True).click()
    expect(settings).to_have_count(1)
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)
