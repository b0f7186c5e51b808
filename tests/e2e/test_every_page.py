"""Every page of the access table in a real browser: axe finds nothing, and none is wider than a phone.

The coordinator's pages at a desk, then as narrow as a telephone; the participant's and the garage's own at 320 px.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests.access import OK, Row
from tests.access.world import World
from tests.test_access import ROWS, value_of
from tests.test_growth import OTHERS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

DESK, PHONE, SMALLEST = 1280, 390, 320
OTHER_THAN_PAGES = ("api:", *OTHERS)


def pages_of(person: str) -> list[Row]:
    """What this person may read and, but for the coordinator, what is theirs alone."""
    return [
        line
        for line in ROWS
        if line.method == "GET"
        and not line.name.startswith(OTHER_THAN_PAGES)
        and line.expected[person] == OK
        and (person == "coordinator" or line.expected["coordinator"] != OK)
    ]


def signed_in(context: BrowserContext, world: World, person: str, base: str) -> Client:
    client = Client()
    client.force_login(world.people[person])
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    return client


def is_page(client: Client, url: str, data: Any) -> bool:
    """Not a file, nor a place that leads elsewhere, nor a piece of a page."""
    answer = client.get(url, data)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content


@pytest.mark.parametrize(
    ("person", "widths"),
    [("coordinator", (DESK, PHONE)), ("participant", (SMALLEST,)), ("garage", (SMALLEST,))],
)
def test_every_page_is_accessible(
    page: Page, live_server: Any, accessible: Callable[[Page], None], person: str, widths: tuple[int, ...]
) -> None:
    world = World()
    lines = pages_of(person)
    assert lines
    for line in lines:
        for value in line.kwargs.values():
            value_of(world, value)
    client = signed_in(page.context, world, person, live_server.url)
    wrong = []
    for line in lines:
        url = reverse(line.name, kwargs={key: value_of(world, value) for key, value in line.kwargs.items()})
        data = line.data(world) if callable(line.data) else line.data
        if not is_page(client, url, data):
            continue
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(live_server.url + url, wait_until="load")
        wrong += problems(page, accessible, widths[1:])
    assert not wrong, "\n".join(wrong)


def problems(page: Page, accessible: Callable[[Page], None], narrower: tuple[int, ...]) -> list[str]:
    found = []
    try:
        accessible(page)
    except AssertionError as error:
        found.append(str(error))
    for width in narrower:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{page.url} is wider than {width} px")
    return found
