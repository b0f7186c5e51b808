"""Aujourd'hui: what waits for somebody, late on top, in a fixed number of queries."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import clock
from portal import today

NOON = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)  # noon in Paris


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.travel(to=NOON):
        yield


def part(platform: Any, name: str) -> today.Part:
    return next(one for one in today.parts(platform) if one.name == name)


def test_an_empty_day_is_a_small_joy(client: Client, bruno: Any) -> None:
    client.force_login(bruno)
    assert "Rien ne vous attend" in client.get("/aujourdhui/").content.decode()
