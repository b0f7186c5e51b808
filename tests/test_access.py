"""The access table (tests/access/): cast × address × method → status, for pages and API.

The list of addresses is read from the resolver, so that a new one without a line fails here.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.access
from accounts.models import ApiToken
from accounts.secrets import hash_of
from core import clock
from tests.access import LOGIN, OK, PEOPLE, Row
from tests.access.world import World
from tests.conftest import ReadingClient

PAST_THE_GUARDS = {200, 201, 202, 204, 301, 302, 303, 400, 409, 422}

ROWS: list[Row] = [
    line
    for module in sorted(m.name for m in pkgutil.iter_modules(tests.access.__path__))
    for line in getattr(importlib.import_module(f"tests.access.{module}"), "ROWS", [])
]

# Open without a log-in, and why; nothing else may be.
OPEN = {
    "core:healthz": "for whoever watches the server",
    "core:readyz": "for whoever watches the server",
    "accounts:open_link": "the link is the key",
    "accounts:open_qr": "the printed code is the key",
    "accounts:ask_for_link": "goes to the person's own telephone or mailbox",
    "bookings:feed": "the secret in the address is the key",
    "account_login": "",
    "account_request_login_code": "",
    "account_confirm_login_code": "",
    "account_choose_person": "between the code and the page of whoever shares the mailbox",
    "account_logout": "for whoever is not there, nothing happens",
    "account_signup": "says that the platform opens accounts",
    "account_inactive": "",
    "account_reset_password": "",
    "account_reset_password_done": "",
    "account_reset_password_from_key": "",
    "account_reset_password_from_key_done": "",
    "account_email_verification_sent": "not a page of ours",
    "mfa_authenticate": "between the password and the second proof",
    "mfa_login_webauthn": "",
    "api:docs": "says nothing that the source does not",
    "api:schema": "says nothing that the source does not",
}


def routes(patterns: list[Any] | None = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """Every address that has a name, as `reverse` knows it, and its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback


def wanted() -> Iterator[tuple[str, str]]:
    """(method or "", name) for each thing that must stand in the table; the API's views say their methods."""
    for name, view in routes():
        if name == "None" and settings.DEBUG:
            continue  # the style guide
        actions = getattr(view, "actions", None)
        if actions:
            yield from ((method.upper(), name) for method in actions if method != "head")  # which follows get
        else:
            yield "", name


def test_every_route_is_in_the_table() -> None:
    told = {(line.method, line.name) for line in ROWS} | {("", line.name) for line in ROWS}
    missing = sorted({f"{method} {name}".strip() for method, name in wanted() if (method, name) not in told})
    assert not missing, "no line in tests/access/ for:\n" + "\n".join(missing)


def test_no_line_is_about_a_route_that_is_gone() -> None:
    known = {name for name, _ in routes()}
    assert not sorted({line.name for line in ROWS} - known)


def test_what_is_open_is_listed() -> None:
    is_api = {name for name, view in routes() if hasattr(view, "cls") and hasattr(view.cls, "permission_classes")}
    opened = {name for name, view in routes() if not getattr(view, "login_required", True)}
    assert sorted(opened - is_api - set(OPEN)) == []


def test_the_api_asks_for_a_token_but_for_its_schema() -> None:
    free = {
        name
        for name, view in routes()
        if hasattr(view, "cls")
        and any(
            p.__name__ == "AllowAny" for p in view.initkwargs.get("permission_classes", view.cls.permission_classes)
        )
    }
    assert free <= set(OPEN)


@pytest.mark.parametrize("line", ROWS, ids=str)
def test_who_gets_what(line: Row, db: None) -> None:
    world = World()
    given = {key: value_of(world, value) for key, value in line.kwargs.items()}
    url = reverse(line.name, kwargs=given)
    data = line.data(world) if callable(line.data) else line.data
    for person in PEOPLE:
        with transaction.atomic():
            answer = ask(world, person, line, url, data)
            if answer.streaming:
                b"".join(answer.streaming_content)  # closes the file
            transaction.set_rollback(True)
        assert fits(answer, line.expected[person]), (
            f"{line.method} {url} as {person}: {answer.status_code} {answer.headers.get('Location', '')}, "
            f"not {line.expected[person]}"
        )


def value_of(world: World, value: Any) -> Any:
    """What stands in the address: a maker's row by its key, or the thing itself."""
    made = world.get(value) if callable(value) else value
    return getattr(made, "pk", made)


def ask(world: World, person: str, line: Row, url: str, data: Any) -> Any:
    cache.clear()  # the limits of open doors count every visitor of this table as one
    client: Client = ReadingClient() if line.method == "GET" else Client()
    headers = {}
    user = world.people.get(person)
    if line.name.startswith("api:"):
        if user is not None:
            ApiToken.objects.create(
                user=user, name="test", prefix="test", secret_hash=hash_of(person), last_used_at=clock.now()
            )
            headers["Authorization"] = f"Bearer {person}"
        if line.method != "GET":
            return client.generic(line.method, url, as_json(data), "application/json", headers=headers)
        return client.get(url, data, headers=headers)
    if user is not None:
        client.force_login(user)
    return getattr(client, line.method.lower())(url, data)


def as_json(data: Any) -> str:
    import json

    return json.dumps(data if data is not None else {})


def fits(answer: Any, expected: str | int) -> bool:
    leads_to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/compte/login/?")
    if expected == LOGIN:
        return leads_to_login
    if expected == OK:
        return answer.status_code in PAST_THE_GUARDS and not leads_to_login
    return answer.status_code == expected
