"""A real Chromium, and axe on what it shows. Run by script/test, which finds the browser."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from core import clock

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
PATIENCE = 30_000  # milliseconds: a machine with other work is slow, not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would take that for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def a_monday_in_june() -> Iterator[None]:
    """Morning, and far from the nights on which the clock changes: whatever the day on which the tests run."""
    with clock.travel(to=dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    # axe is put into the page as text, which the Content-Security-Policy would rightly refuse.
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", bypass_csp=True)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; a script that fails in it fails the test."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert not failures


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)`: axe finds nothing, and nothing is wider than the window."""

    def check(page: Page) -> None:
        page.wait_for_load_state()  # a click returns as soon as the next page begins: half of it would be read
        if not page.evaluate("() => Boolean(window.axe)"):
            page.evaluate(AXE)
        found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        violations = [
            f"{v['id']}: {v['help']}\n    " + "\n    ".join(node["html"][:200] for node in v["nodes"])
            for v in found["violations"]
        ]
        assert not violations, f"{page.url}\n" + "\n".join(violations)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
            f"{page.url} is wider than its window"
        )

    return check
