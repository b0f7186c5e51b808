"""What all of the API shares: tokens, limits, pages, platforms, idempotency, the schema and its page."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import actions, limits
from accounts.models import ApiToken, Membership, Role
from core import clock
from core.models import IdempotencyKey
from fleet.models import Site
from tests.factories import MembershipFactory, ParticipantFactory, SiteFactory, VehicleFactory


@pytest.fixture
def api(driss: Any) -> Any:
    return program(driss)


def program(user: Any) -> Any:
    _, secret = actions.create_token(user, name="test", by=user)

    class Program(Client):
        """A client that carries the user's token."""

        def send(self, url: str, given: Any, **headers: str) -> Any:
            return self.post(url, json.dumps(given), content_type="application/json", headers=headers)

    return Program(headers={"Authorization": f"Bearer {secret}"})


# --- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nothing", "Basic eDp5", "Token x"])
def test_without_a_token_nothing_is_said(db: None, header: str | None) -> None:
    answer = Client(headers={"Authorization": header} if header else {}).get("/api/v1/vehicles/")
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "detail"}


def test_a_session_is_no_token(client: Client, driss: Any) -> None:
    client.force_login(driss)
    assert client.get("/api/v1/vehicles/").status_code == 401


def test_a_token_of_one_who_may_not_sign_in_is_no_token(api: Any, driss: Any) -> None:
    driss.is_active = False
    driss.save()
    assert api.get("/api/v1/vehicles/").status_code == 401


def test_its_last_use_is_noted_now_and_then(api: Any) -> None:
    api.get("/api/v1/vehicles/")
    first = ApiToken.objects.get().last_used_at
    api.get("/api/v1/vehicles/")
    assert ApiToken.objects.get().last_used_at == first
    with clock.travel(dt.timedelta(minutes=6)):
        api.get("/api/v1/vehicles/")
    assert ApiToken.objects.get().last_used_at > first


# --- how often -------------------------------------------------------------------------------------


def test_a_program_may_ask_six_thousand_times_a_minute_and_more() -> None:
    from api.throttling import TOKEN_A_MINUTE

    assert TOKEN_A_MINUTE >= 6_000


def test_a_loop_gone_mad_is_stopped_for_a_minute(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.throttling.TOKEN_A_MINUTE", 3)
    assert [api.get("/api/v1/vehicles/").status_code for _ in range(4)] == [200, 200, 200, 429]
    with clock.travel(dt.timedelta(minutes=1)):
        assert api.get("/api/v1/vehicles/").status_code == 200


def test_tries_are_counted_by_kind_and_visitor() -> None:
    assert limits.within(1, "a", "x")
    assert not limits.within(1, "a", "x")
    assert limits.within(1, "a", "y")
    assert limits.within(1, "b", "x")


# --- pages of lists ----------------------------------------------------------------------------------


def test_a_list_is_read_page_by_page_and_misses_nothing(api: Any, platform: Any) -> None:
    site = SiteFactory(platform=platform)
    made = {VehicleFactory(site=site).pk for _ in range(7)}
    seen: list[int] = []
    url: str | None = "/api/v1/vehicles/?page_size=3"
    pages = 0
    while url:
        answer = api.get(url).json()
        assert set(answer) == {"next", "previous", "results"}
        seen += [one["id"] for one in answer["results"]]
        url, pages = answer["next"], pages + 1
        if pages == 1:
            made_later = VehicleFactory(site=site).pk  # what comes in between moves nothing
    assert pages == 3
    assert sorted(seen) == sorted(made)
    assert made_later not in seen


def test_a_page_has_two_hundred_lines_at_most(api: Any) -> None:
    from api.pagination import Pages

    assert Pages.max_page_size == 200
    assert api.get("/api/v1/vehicles/?page_size=100000").status_code == 200
    assert api.get("/api/v1/vehicles/?cursor=broken").status_code == 404


# --- for which platform -----------------------------------------------------------------------------


def test_who_has_several_platforms_names_one(api: Any, driss: Any, platform: Any, other_platform: Any) -> None:
    here, there = SiteFactory(platform=platform), SiteFactory(platform=other_platform)
    MembershipFactory(user=driss, platform=other_platform, role=Role.COORDINATOR)
    both = {one["id"] for one in api.get("/api/v1/sites/").json()["results"]}
    assert both == {here.pk, there.pk}
    one = api.get("/api/v1/sites/?platform=loiret").json()["results"]
    assert [site["id"] for site in one] == [there.pk]
    assert api.send("/api/v1/sites/", {"name": "Dax"}).status_code == 400
    assert api.send("/api/v1/sites/?platform=loiret", {"name": "Dax"}).status_code == 201
    assert Site.objects.get(name="Dax").platform == other_platform


def test_another_platform_is_as_unknown_as_one_that_does_not_exist(api: Any, other_platform: Any) -> None:
    for slug in ("loiret", "nowhere"):
        assert api.send(f"/api/v1/sites/?platform={slug}", {"name": "Dax"}).status_code == 404
    there = SiteFactory(platform=other_platform)
    assert api.get(f"/api/v1/sites/{there.pk}/").status_code == api.get("/api/v1/sites/987654/").status_code == 404


def test_who_is_nobodys_colleague_makes_nothing(api: Any, driss: Any) -> None:
    Membership.objects.all().delete()
    assert api.send("/api/v1/sites/", {"name": "Dax"}).status_code == 403


# --- once -------------------------------------------------------------------------------------------


def test_a_repeated_post_gets_the_first_answer_and_makes_nothing(api: Any) -> None:
    first = api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"})
    again = api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Site.objects.count() == 1


def test_the_same_key_with_something_else_is_refused(api: Any) -> None:
    api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"})
    answer = api.send("/api/v1/sites/", {"name": "Mimizan"}, **{"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


def test_another_programs_key_is_its_own(api: Any, farid: Any) -> None:
    api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"})
    assert program(farid).send("/api/v1/sites/", {"name": "Mimizan"}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_what_was_refused_may_be_sent_again(api: Any, platform: Any) -> None:
    SiteFactory(platform=platform, name="Dax")
    answer = api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "site_exists")
    assert not IdempotencyKey.objects.exists()
    Site.objects.all().delete()
    assert api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_what_failed_for_no_known_reason_may_be_sent_again(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    api.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("fleet.actions.add_site", broken)
        assert api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"}).status_code == 500
    assert api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k1"}).status_code == 201


def test_a_key_is_not_longer_than_a_key(api: Any) -> None:
    assert api.send("/api/v1/sites/", {"name": "Dax"}, **{"Idempotency-Key": "k" * 101}).status_code == 400


def test_every_post_of_the_api_honours_the_key() -> None:
    from api.idempotency import Idempotent
    from tests.test_access import routes

    views = {name: view for name, view in routes() if name.startswith("api:") and getattr(view, "actions", None)}
    assert views
    assert [name for name, view in views.items() if not issubclass(view.cls, Idempotent)] == []


# --- the schema -------------------------------------------------------------------------------------


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    assert "Warning" not in capsys.readouterr().err
    assert "openapi: 3." in (tmp_path / "schema.yml").read_text()[:40]


def test_the_schema_and_its_page_need_no_login(client: Client, db: None) -> None:
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert schema.json()["info"]["title"] == "Remise"
    html = client.get("/api/v1/docs/").content.decode()
    assert "<script src" in html, "the page's own comforts"
    assert "swagger" not in html.lower()
    for address in schema.json()["paths"]:
        assert f"<code>{address}</code>" in html


def test_a_refusal_has_one_shape(api: Any) -> None:
    for answer in (
        api.send("/api/v1/sites/", {}),
        api.get("/api/v1/sites/0/"),
        api.put("/api/v1/sites/"),
        api.post("/api/v1/sites/", "{not json", content_type="application/json"),
    ):
        assert {"code", "detail"} <= set(answer.json()), answer.content


# --- what nobody means -------------------------------------------------------------------------------


def test_a_date_that_nobody_means_is_refused(api: Any, platform: Any) -> None:
    """Programs write « for ever » as 9999: no page could say that moment in the platform's time zone."""
    vehicle = VehicleFactory(site__platform=platform)
    dates = {"starts_at": "2026-03-02T08:00:00Z", "ends_at": "9999-12-31T23:59:59Z"}
    answer = api.send(f"/api/v1/vehicles/{vehicle.pk}/reserve/", dates | {"reason": "Vente"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["ends_at"])


def test_nobody_drove_before_there_were_cars(api: Any, platform: Any) -> None:
    ana, vehicle = ParticipantFactory(platform=platform), VehicleFactory(site__platform=platform)
    answer = api.get(f"/api/v1/participants/{ana.pk}/can_drive/?vehicle={vehicle.pk}&on=1800-01-01")
    assert answer.status_code == 400


def test_a_platform_that_is_no_word_is_unknown(api: Any) -> None:
    assert api.get("/api/v1/vehicles/?platform=%00").json()["results"] == []
    assert api.send("/api/v1/sites/?platform=%00", {"name": "Dax"}).status_code == 404


def test_days_and_hours_are_those_of_the_platforms_wall(api: Any, platform: Any) -> None:
    """21 h 30 UTC is tomorrow on La Réunion: a vehicle that leaves the pool leaves it that day."""
    platform.time_zone = "Indian/Reunion"
    platform.save()
    vehicle = VehicleFactory(site__platform=platform)
    with clock.travel(to=dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.UTC)):
        answer = api.send(f"/api/v1/vehicles/{vehicle.pk}/withdraw/", {"reason": "Vendu"})
    assert answer.json()["withdrawn_on"] == "2026-03-03"
