"""What did not leave: why, whom to call, and that somebody did."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts import unsent
from core import clock, outbox
from core.models import JournalEntry, OutboxMessage
from portal import invitations, today
from portal.today.lines import Line
from tests.api.client import Program
from tests.factories import GarageFactory, ParticipantFactory
from tests.sms import Provider

PHONE = "+33667969008"


@pytest.fixture(autouse=True)
def no_provider(settings: Any) -> None:
    settings.SMS_BACKEND, settings.SMS_URL = "core.sms.HttpBackend", ""


@pytest.fixture
def waiting(platform: Any) -> OutboxMessage:
    outbox.text_message(PHONE, "Bonjour Ana. Nous vous prêtons la voiture.", key="w", platform_id=platform.pk)
    outbox.sweep()
    return OutboxMessage.objects.get()


def lines(platform: Any) -> list[Line]:
    return next(part for part in today.parts(platform) if part.name == "failed").lines


def test_aujourdhui_says_why_and_whom_to_call(platform: Any, waiting: OutboxMessage) -> None:
    [line] = lines(platform)
    assert line.who.startswith("Bonjour Ana")
    assert line.when.endswith("pas de service de SMS")
    assert (line.phone, line.label, line.verb) == (PHONE, "Attend", "C’est dit")


def test_what_has_just_been_written_is_on_its_way(platform: Any) -> None:
    outbox.text_message(PHONE, "Bonjour", key="w", platform_id=platform.pk)
    assert lines(platform) == []


def test_the_page_says_why_and_what_to_do(client: Client, bruno: Any, waiting: OutboxMessage, settings: Any) -> None:
    client.force_login(bruno)
    html = client.get("/messages/?state=failed").content.decode()
    for words in ("Aucun service de SMS n’est réglé", "Appelez les personnes", "pas de service de SMS", "C’est dit"):
        assert words in html, words
    assert 'href="tel:+33-6-67-96-90-08"' in html
    settings.SMS_BACKEND = "tests.sms.Provider"
    assert "Aucun service de SMS" not in client.get("/messages/").content.decode()


def test_what_was_told_by_word_of_mouth_never_leaves(
    client: Client, platform: Any, bruno: Any, waiting: OutboxMessage, settings: Any
) -> None:
    client.force_login(bruno)
    answer = client.post(f"/messages/{waiting.pk}/dit/", headers={"Referer": "http://testserver/aujourdhui/"})
    assert answer["Location"] == "http://testserver/aujourdhui/"
    settings.SMS_BACKEND = "tests.sms.Provider"
    with clock.travel(dt.timedelta(hours=1)):
        outbox.sweep()
    assert Provider.accepted == []
    assert lines(platform) == []
    assert "Dit de vive voix" in client.get("/messages/").content.decode()
    entry = JournalEntry.objects.get(verb="message.told")
    assert (entry.actor_id, entry.target_id, entry.facts) == (bruno.pk, str(waiting.pk), {})


def test_the_same_through_the_api(bruno: Any, waiting: OutboxMessage) -> None:
    program = Program(bruno)
    [listed] = program.rows("messages/", not_gone="true")
    assert (listed["id"], listed["to"], listed["why"]) == (waiting.pk, PHONE, "pas de service de SMS")
    assert program.post(f"messages/{waiting.pk}/told/")["told_at"]
    assert program.rows("messages/", not_gone="true") == []
    program.refused(f"messages/{waiting.pk}/told/", "already_told")


def test_what_has_left_needs_no_telling(bruno: Any, waiting: OutboxMessage, settings: Any) -> None:
    settings.SMS_BACKEND = "tests.sms.Provider"
    with clock.travel(dt.timedelta(hours=1)):
        outbox.sweep()
    with pytest.raises(ValidationError) as refused:
        unsent.told_otherwise(waiting, by=bruno)
    assert refused.value.code == "already_gone"
    waiting.refresh_from_db()
    assert (waiting.told_at, waiting.given_up_at) == (None, None)


def test_a_stranger_tells_nothing(eve: Any, waiting: OutboxMessage) -> None:
    with pytest.raises(PermissionDenied):
        unsent.told_otherwise(waiting, by=eve)
    waiting.refresh_from_db()
    assert waiting.told_at is None
    assert not JournalEntry.objects.filter(verb="message.told").exists()


def test_what_is_over_asks_nobody_to_call(platform: Any, waiting: OutboxMessage) -> None:
    waiting.useful_until = clock.now() + dt.timedelta(hours=2)
    waiting.save()
    assert len(lines(platform)) == 1
    with clock.travel(dt.timedelta(hours=3)):
        outbox.sweep()
        assert lines(platform) == []
        waiting.refresh_from_db()
        assert waiting.given_up_at is not None
        assert unsent.why(waiting) == "pas de service de SMS, n’était plus utile"


def test_one_given_up_after_a_week_stands_a_fortnight_with_its_reason(platform: Any, waiting: OutboxMessage) -> None:
    with clock.travel(outbox.WAITS_AT_MOST + dt.timedelta(hours=1)):
        outbox.sweep()
        [line] = lines(platform)
        assert (line.label, line.when.endswith("a attendu une semaine")) == ("Pas parti", True)
    with clock.travel(outbox.WAITS_AT_MOST + dt.timedelta(days=15)):
        assert lines(platform) == []


def test_a_link_that_can_only_wait_is_not_said_to_leave(client: Client, platform: Any, bruno: Any) -> None:
    client.force_login(bruno)
    person = ParticipantFactory(platform=platform, phone=PHONE, email="")
    html = client.post(f"/participants/{person.pk}/lien/", follow=True).content.decode()
    assert "il attend" in html
    assert "Un lien part" not in html


def test_a_link_goes_by_mail_to_who_has_an_address(platform: Any, bruno: Any, mailoutbox: Any) -> None:
    person = ParticipantFactory(platform=platform, phone=PHONE, email="ana@example.org")
    assert invitations.send_link(person, by=bruno) == "mail"
    outbox.sweep()
    assert "/lien/" in mailoutbox[0].body


def test_a_garage_that_has_an_address_gets_the_mail_alone(platform: Any, farid: Any) -> None:
    from garages.actions import send_link

    send_link(GarageFactory(platform=platform, phone="+33688318680", email="atelier@example.org"), by=farid)
    send_link(GarageFactory(platform=platform, phone="+33688318681", email=""), by=farid)
    written = OutboxMessage.objects.filter(topic__in=["mail", "sms"]).order_by("pk")
    assert [one.payload["to"] for one in written] == ["atelier@example.org", "+33688318681"]
