"""A personal link lets one person in, from one tap on, until it expires or is revoked."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import actions, links
from accounts.models import Membership, PersonalLink
from core import clock, outbox
from core.models import JournalEntry, OutboxMessage
from tests.factories import GarageFactory, ParticipantFactory


@pytest.fixture
def ana(platform: Any) -> Any:
    return ParticipantFactory(platform=platform).user


def path_of(url: str) -> str:
    return url.removeprefix("http://localhost:8000")


@pytest.fixture
def link(ana: Any, platform: Any) -> str:
    return path_of(links.mint(ana, platform=platform, purpose="person", path="/moi/"))


def signed_in(client: Client) -> Any:
    return client.session.get("_auth_user_id")


def test_its_secret_is_nowhere_but_in_the_link(link: str) -> None:
    row = PersonalLink.objects.get()
    secret = link.strip("/").split("/")[-1]
    assert len(secret) >= 43
    assert secret not in str(PersonalLink.objects.values().get())
    assert row.secret_hash == links.hash_of(secret)


def test_opening_it_shows_one_button_and_signs_nobody_in(client: Client, link: str) -> None:
    answer = client.get(link)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Sud Landes" in html
    assert html.count('<button class="btn btn-primary') == 1
    assert signed_in(client) is None
    assert answer["Referrer-Policy"] == "same-origin", "no other site learns it; with less, the POST has no origin"
    assert "no-store" in answer["Cache-Control"]


def test_one_tap_signs_in_and_leads_on(client: Client, link: str, ana: Any) -> None:
    answer = client.post(link)
    assert (answer.status_code, answer["Location"]) == (302, "/moi/")
    assert signed_in(client) == str(ana.pk)
    assert PersonalLink.objects.get().last_used_at is not None


def test_on_that_phone_it_lasts_a_month(client: Client, link: str) -> None:
    client.post(link)
    age = Session.objects.get().expire_date - clock.now()
    assert dt.timedelta(days=29) < age <= dt.timedelta(days=30)


def test_an_expired_link_offers_a_new_one(client: Client, link: str) -> None:
    with clock.travel(dt.timedelta(days=61)):
        answer = client.post(link)
        assert answer.status_code == 410
        assert "Recevoir un nouveau lien" in answer.content.decode()
        assert signed_in(client) is None
        assert client.post(f"{link}nouveau/").status_code == 200
    assert OutboxMessage.objects.get(topic="link.asked").payload["purpose"] == "person"


def test_a_link_that_still_opens_asks_for_no_other(client: Client, link: str) -> None:
    client.post(f"{link}nouveau/")
    assert not OutboxMessage.objects.filter(topic="link.asked").exists()


def test_an_altered_link_says_so_and_tells_nothing(client: Client, link: str) -> None:
    answer = client.post(link[:-3] + "xx/")
    assert answer.status_code == 404
    assert "Ce lien ne marche pas" in answer.content.decode()
    assert client.post(link[:-3] + "xx/nouveau/").status_code == 200, "as for a link that exists"
    assert signed_in(client) is None


def test_a_revoked_link_opens_nothing_and_ends_what_it_opened(client: Client, link: str, bruno: Any) -> None:
    client.post(link)
    assert client.get("/moi/merci/probleme/").status_code == 200
    actions.revoke_link(PersonalLink.objects.get(), by=bruno)
    assert client.get("/moi/merci/probleme/").status_code == 302
    assert signed_in(client) is None
    answer = client.get(link)
    assert answer.status_code == 410
    assert "05" in answer.content.decode(), "the platform's number"
    assert JournalEntry.objects.get(verb="link.revoked").actor_id == bruno.pk


@pytest.mark.parametrize("how", ["a code", "another link", "a password"])
def test_revoking_a_link_signs_its_person_out_everywhere(
    client: Client, link: str, ana: Any, platform: Any, bruno: Any, how: str
) -> None:
    if how == "another link":
        client.post(path_of(links.mint(ana, platform=platform, purpose="person")))
    else:
        client.force_login(ana)
    neighbour = Client()
    neighbour.force_login(ParticipantFactory(platform=platform).user)
    assert client.get("/moi/merci/probleme/").status_code == 200
    actions.revoke_link(PersonalLink.objects.earliest("pk"), by=bruno)
    assert client.get("/moi/merci/probleme/").status_code == 302
    assert signed_in(client) is None
    assert neighbour.get("/moi/merci/probleme/").status_code == 200


def test_who_was_signed_out_may_come_in_again(client: Client, link: str, ana: Any, platform: Any, bruno: Any) -> None:
    actions.revoke_link(PersonalLink.objects.get(), by=bruno)
    fresh = links.mint(ana, platform=platform, purpose="person", path="/moi/")
    assert client.post(path_of(fresh))["Location"] == "/moi/"
    assert client.get("/moi/merci/probleme/").status_code == 200


def test_revoked_once_it_ends_no_later_session(client: Client, link: str, ana: Any, bruno: Any) -> None:
    row = PersonalLink.objects.get()
    actions.revoke_link(row, by=bruno)
    client.force_login(type(ana).objects.get(pk=ana.pk))
    actions.revoke_link(row, by=bruno)
    assert client.get("/moi/merci/probleme/").status_code == 200


def test_a_session_outlives_a_new_secret_key_but_not_its_revocation(
    client: Client, link: str, settings: Any, bruno: Any
) -> None:
    client.post(link)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert client.get("/moi/merci/probleme/").status_code == 200
    actions.revoke_link(PersonalLink.objects.get(), by=bruno)
    assert client.get("/moi/merci/probleme/").status_code == 302


def test_its_expiry_ends_no_session(client: Client, link: str) -> None:
    client.post(link)
    with clock.travel(dt.timedelta(days=61)):
        assert client.get("/moi/merci/probleme/").status_code == 200


def test_a_stranger_revokes_nothing(link: str, eve: Any) -> None:
    client = Client()
    client.force_login(eve)
    assert client.post(f"/liens/{PersonalLink.objects.get().pk}/revoquer/").status_code == 404
    assert PersonalLink.objects.get().revoked_at is None


def test_staff_have_no_link(platform: Any, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        links.mint(bruno, platform=platform, purpose="person")
    assert refusal.value.code == "staff_link"


def test_a_link_does_not_open_the_account_of_one_who_has_become_staff(
    client: Client, link: str, ana: Any, platform: Any
) -> None:
    Membership.objects.create(user=ana, platform=platform, role="coordinator")
    assert client.post(link).status_code == 410
    assert signed_in(client) is None


def test_nor_of_one_who_may_not_sign_in(client: Client, link: str, ana: Any) -> None:
    ana.is_active = False
    ana.save()
    assert client.post(link).status_code == 410


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_it_leads_nowhere_but_to_a_page_of_ours(ana: Any, platform: Any, path: str) -> None:
    with pytest.raises(ValueError, match="not a path of ours"):
        links.mint(ana, platform=platform, purpose="person", path=path)


def test_a_printed_code_opens_until_it_is_revoked(client: Client, ana: Any, platform: Any) -> None:
    row, url = links.qr_url(ana, platform, "/moi/")
    assert links.qr_url(ana, platform, "/moi/") == (row, url), "printed again, it is the same"
    with clock.travel(dt.timedelta(days=400)):
        assert client.post(path_of(url))["Location"] == "/moi/"
    links.revoke(row)
    assert Client().post(path_of(url)).status_code == 410


def test_an_altered_code_opens_nothing(client: Client, ana: Any, platform: Any) -> None:
    row, url = links.qr_url(ana, platform, "/moi/")
    other = PersonalLink.objects.create(user=ana, platform=platform, purpose="qr")
    forged = path_of(url).replace(str(row.public_id), str(other.public_id))
    assert client.post(forged).status_code == 404
    assert client.post("/qr/nothing/").status_code == 404


def test_a_link_is_made_when_its_message_leaves(ana: Any, platform: Any, mailoutbox: Any) -> None:
    outbox.mail(
        "ana@example.org",
        "Votre page",
        f"La voici : {outbox.LINK}",
        key="m",
        platform_id=platform.pk,
        link={"user_id": ana.pk, "purpose": "person", "path": "/moi/", "days": 3},
    )
    assert not PersonalLink.objects.exists()
    outbox.sweep()
    url = mailoutbox[0].body.split()[-1]
    assert Client().post(path_of(url))["Location"] == "/moi/"
    assert url not in str(OutboxMessage.objects.values_list("payload", flat=True).get())
    assert PersonalLink.objects.get().expires_at - clock.now() < dt.timedelta(days=3)


def test_a_garages_link_shows_it_its_jobs(client: Client, platform: Any) -> None:
    garage = GarageFactory(platform=platform)
    link = path_of(links.mint(garage.user, platform=platform, purpose="garage", path="/garage/"))
    assert "Voir les travaux" in client.get(link).content.decode()


def test_who_is_signed_in_as_staff_is_told_before_leaving_that_account(client: Client, link: str, bruno: Any) -> None:
    client.force_login(bruno)
    assert "vous quittez ce compte" in client.get(link).content.decode()
    assert signed_in(client) == str(bruno.pk)


def test_a_visitor_may_not_try_link_after_link(client: Client, db: None) -> None:
    with clock.travel(to=clock.now().replace(second=1)):  # a minute that has just begun
        tried = [client.get(f"/lien/guess-{n}/").status_code for n in range(31)]
    assert tried == [404] * 30 + [429]
