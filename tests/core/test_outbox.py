"""Nothing lost: what leaves is first a row, and leaves once, whatever the network and the broker do."""

import datetime as dt
import email
import logging
import re
import threading
from email import policy
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from core import bell, clock, outbox, tasks
from core.models import OutboxMessage
from tests.core.servers import Smtp, http, serving
from tests.sms import Provider

SECRET = "ana.dupouy@example.org"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What a room that subscribed to "test.topic" was told."""
    told: list[int] = []
    monkeypatch.setitem(outbox._subscribers, "test.topic", [lambda message: told.append(message.payload["n"])])
    return told


def put(n: int = 1, **given: Any) -> None:
    outbox.send("test.topic", platform_id=None, payload={"n": n}, **({"key": f"test:{n}"} | given))


def test_what_was_put_in_is_delivered_once(db: None, heard: list[int]) -> None:
    put()
    assert outbox.sweep() == 1
    assert outbox.sweep() == 0
    assert heard == [1]


def test_the_same_key_twice_is_one_message(db: None, heard: list[int]) -> None:
    put(1, key="same")
    put(2, key="same")
    outbox.sweep()
    assert heard == [1]


def test_what_was_rolled_back_never_leaves(db: None, heard: list[int]) -> None:
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert outbox.sweep() == 0


def test_what_is_due_later_waits(db: None, heard: list[int]) -> None:
    put(due_at=clock.now() + dt.timedelta(hours=1))
    assert outbox.sweep() == 0
    with clock.travel(dt.timedelta(hours=1, seconds=1)):
        assert outbox.sweep() == 1


def test_a_failure_is_tried_again_later_and_stops_no_other(
    db: None, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(message: OutboxMessage) -> None:
        raise ConnectionError(SECRET)

    monkeypatch.setitem(outbox._subscribers, "broken", [broken])
    outbox.send("broken", key="b", platform_id=None)
    put()
    outbox.sweep()
    assert heard == [1]
    message = OutboxMessage.objects.get(key="b")
    assert (message.attempts, message.last_error, message.done_at) == (1, "ConnectionError", None)
    assert message.due_at > clock.now()
    monkeypatch.setitem(outbox._subscribers, "broken", [])
    with clock.travel(dt.timedelta(minutes=1)):
        assert outbox.sweep() == 1
    assert OutboxMessage.objects.get(key="b").done_at is not None


def test_what_a_failing_subscriber_wrote_is_undone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(message: OutboxMessage) -> None:
        put(7)
        raise ConnectionError

    monkeypatch.setitem(outbox._subscribers, "half", [half])
    outbox.send("half", key="h", platform_id=None)
    outbox.sweep(limit=1)
    assert not OutboxMessage.objects.filter(key="test:7").exists()


def test_after_two_days_of_failures_it_is_given_up_and_said_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(message: OutboxMessage) -> None:
        raise ConnectionError

    monkeypatch.setitem(outbox._subscribers, "broken", [broken])
    outbox.send("broken", key="b", platform_id=None)
    ahead = dt.timedelta()
    for _ in range(outbox.GIVE_UP_AFTER):
        with clock.travel(ahead):
            outbox.sweep()
        ahead += dt.timedelta(hours=12, minutes=1)
    message = OutboxMessage.objects.get(key="b")
    assert (message.attempts, message.given_up_at is not None) == (outbox.GIVE_UP_AFTER, True)


def test_a_dead_broker_delays_and_loses_nothing(
    db: None,
    heard: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    called = threading.Event()

    def dead(**kwargs: Any) -> None:
        called.set()
        raise OSError("no broker here")

    monkeypatch.setattr(tasks.sweep_outbox, "apply_async", dead)
    with django_capture_on_commit_callbacks(execute=True):
        put()
    assert called.wait(10)
    bell.ring_at_last()
    outbox.sweep()  # what the scheduler does every quarter of a minute
    assert heard == [1]


def test_nothing_personal_is_written_into_the_log(
    db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    outbox.text_message("+33667969008", "Bonjour Ana", key="s", platform_id=None)
    outbox.sweep()

    def broken(message: OutboxMessage) -> None:
        raise ConnectionError(f"could not write to {SECRET}")

    monkeypatch.setattr(outbox, "_send_mail", broken)
    outbox.mail(SECRET, "Bonjour", "Ana", key="m", platform_id=None)
    outbox.sweep()
    for secret in ("667969008", "Ana", SECRET):
        assert secret not in caplog.text
    assert OutboxMessage.objects.get(key="m").last_error == "ConnectionError"


# --- mail ---------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings: Any) -> Any:
    with serving(Smtp()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "Remise <remise@plateforme.example>"
        yield server


def test_a_mail_really_leaves_by_smtp(db: None, smtp: Any) -> None:
    outbox.mail(SECRET, "Vos clés sont prêtes", "À demain, 9 h.", key="m", platform_id=None)
    outbox.sweep()
    [raw] = smtp.received
    message = email.message_from_bytes(raw, policy=policy.default)
    assert message["To"] == SECRET
    assert message["Subject"] == "Vos clés sont prêtes"
    assert message.get_content().strip() == "À demain, 9 h."


def test_a_mail_sent_twice_after_a_crash_is_still_one_mail(db: None, smtp: Any) -> None:
    outbox.mail(SECRET, "Bonjour", "Bonjour", key="m", platform_id=None)
    outbox.sweep()
    OutboxMessage.objects.update(done_at=None)  # the worker died between the server's answer and its own commit
    outbox.sweep()
    ids = {re.search(rb"Message-ID: (\S+)", raw)[1].decode() for raw in smtp.received}  # type: ignore[index]
    assert len(smtp.received) == 2
    assert ids == {f"<remise-{OutboxMessage.objects.get().pk}@plateforme.example>"}


def test_a_dead_mail_server_delays_and_loses_nothing(db: None, smtp: Any, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    outbox.mail(SECRET, "Bonjour", "Bonjour", key="m", platform_id=None)
    outbox.sweep()
    assert OutboxMessage.objects.get().last_error == "ConnectionRefusedError"
    settings.EMAIL_PORT = port
    with clock.travel(dt.timedelta(minutes=1)):
        outbox.sweep()
    assert len(smtp.received) == 1


def test_without_a_mail_server_mails_wait_for_days_and_leave_when_there_is_one(
    db: None, settings: Any, capsys: Any
) -> None:
    settings.EMAIL_CONFIGURED = False
    outbox.mail(SECRET, "Bonjour", "Bonjour", key="m", platform_id=None)
    for days in range(5):
        with clock.travel(dt.timedelta(days=days)):
            outbox.sweep()
    message = OutboxMessage.objects.get()
    assert (message.done_at, message.given_up_at, message.attempts) == (None, None, 0)
    assert SECRET not in "".join(capsys.readouterr())
    settings.EMAIL_CONFIGURED = True
    with clock.travel(dt.timedelta(days=6)):
        outbox.sweep()
    assert [sent.to for sent in mail.outbox] == [[SECRET]]


def test_in_a_demo_without_smtp_mails_are_only_shown(db: None, settings: Any) -> None:
    settings.DEMO, settings.EMAIL_CONFIGURED = True, False
    outbox.mail(SECRET, "Bonjour", f"Votre page : {outbox.LINK}", key="m", platform_id=None, link={"user_id": 1})
    outbox.sweep()
    assert mail.outbox == []
    message = OutboxMessage.objects.get()
    assert message.done_at is not None
    assert outbox.LINK in message.payload["text"]


# --- SMS ----------------------------------------------------------------------------------------


def test_an_sms_leaves_as_json_to_the_provider(db: None, settings: Any) -> None:
    with http(lambda handler, body: (202, {})) as (url, asked):
        settings.SMS_BACKEND, settings.SMS_URL, settings.SMS_TOKEN = "core.sms.HttpBackend", url + "/sms", "jeton"
        outbox.text_message("+33667969008", "À demain", key="s", platform_id=None)
        outbox.sweep()
    [(method, path, headers, body)] = asked
    assert (method, path, headers["Authorization"]) == ("POST", "/sms", "Bearer jeton")
    assert body == {
        "to": "+33667969008",
        "text": "À demain",
        "reference": f"remise-{OutboxMessage.objects.get().pk}",
    }
    assert OutboxMessage.objects.get().done_at is not None


def test_a_provider_that_refuses_is_asked_again(db: None, settings: Any) -> None:
    answers = [503, 200]
    with http(lambda handler, body: (answers.pop(0), {})) as (url, asked):
        settings.SMS_BACKEND, settings.SMS_URL = "core.sms.HttpBackend", url
        outbox.text_message("+33667969008", "À demain", key="s", platform_id=None)
        outbox.sweep()
        assert OutboxMessage.objects.get().last_error == "HTTPStatusError"
        with clock.travel(dt.timedelta(minutes=1)):
            outbox.sweep()
    assert len({body["reference"] for _, _, _, body in asked}) == 1
    assert OutboxMessage.objects.get().done_at is not None


def test_sms_never_leave_a_demo(db: None, settings: Any) -> None:
    settings.DEMO = True
    with http(lambda handler, body: (200, {})) as (url, asked):
        settings.SMS_BACKEND, settings.SMS_URL = "core.sms.HttpBackend", url
        outbox.text_message("+33667969008", "À demain", key="s", platform_id=None)
        outbox.sweep()
    assert asked == []


def without_a_provider(settings: Any) -> None:
    settings.SMS_BACKEND, settings.SMS_URL = "core.sms.HttpBackend", ""


def test_a_real_installation_has_no_provider_until_one_is_set() -> None:
    from config import settings as as_installed

    assert as_installed.SMS_BACKEND == "core.sms.HttpBackend"
    assert as_installed.SMS_URL == ""


def test_without_a_provider_sms_wait_and_leave_once_when_there_is_one(db: None, settings: Any) -> None:
    without_a_provider(settings)
    outbox.text_message("+33667969008", "À demain", key="s", platform_id=None)
    for days in range(5):
        with clock.travel(dt.timedelta(days=days)):
            outbox.sweep()
    message = OutboxMessage.objects.get()
    assert (message.done_at, message.given_up_at, message.attempts) == (None, None, 0)
    assert message.waiting_since is not None
    settings.SMS_BACKEND = "tests.sms.Provider"
    with clock.travel(dt.timedelta(days=5)):
        outbox.sweep()
        outbox.sweep()
    assert [(to, text) for to, text, _ in Provider.accepted] == [("+33667969008", "À demain")]


@pytest.mark.parametrize("topic", ["sms", "mail"])
def test_what_has_waited_a_week_is_given_up_and_never_leaves_late(db: None, settings: Any, topic: str) -> None:
    without_a_provider(settings)
    settings.EMAIL_CONFIGURED = False
    write = outbox.text_message if topic == "sms" else outbox.mail
    write("x@example.org", *["Bonjour"] * (1 if topic == "sms" else 2), key="late", platform_id=None)  # type: ignore[operator]
    outbox.sweep()
    for waited in (outbox.WAITS_AT_MOST - dt.timedelta(minutes=1), outbox.WAITS_AT_MOST + dt.timedelta(minutes=11)):
        assert OutboxMessage.objects.get().given_up_at is None
        with clock.travel(waited):
            outbox.sweep()
    assert OutboxMessage.objects.get().given_up_at is not None
    settings.SMS_BACKEND, settings.EMAIL_CONFIGURED = "tests.sms.Provider", True
    with clock.travel(dt.timedelta(days=30)):
        assert outbox.sweep() == 0
    assert (Provider.accepted, mail.outbox) == ([], [])


def test_what_would_tell_of_something_that_is_over_never_leaves(db: None, settings: Any) -> None:
    without_a_provider(settings)
    end = clock.now() + dt.timedelta(hours=2)
    outbox.text_message("+33667969008", "Vous rendez la voiture à 18 h", key="s", platform_id=None, useful_until=end)
    outbox.sweep()
    assert OutboxMessage.objects.get().given_up_at is None
    settings.SMS_BACKEND = "tests.sms.Provider"
    with clock.travel(to=end):
        assert outbox.sweep() == 1
        assert outbox.sweep() == 0
    assert OutboxMessage.objects.get().given_up_at is not None
    assert Provider.accepted == []


def test_what_is_still_useful_leaves_when_there_is_a_way(db: None, settings: Any) -> None:
    without_a_provider(settings)
    end = clock.now() + dt.timedelta(hours=2)
    outbox.tell("+33667969008", "", "Sujet", "Vous rendez la voiture", key="s", platform_id=None, useful_until=end)
    outbox.sweep()
    settings.SMS_BACKEND = "tests.sms.Provider"
    with clock.travel(to=end - dt.timedelta(minutes=1)):
        outbox.sweep()
    assert len(Provider.accepted) == 1


def test_what_is_due_in_a_month_does_not_count_that_month_as_waiting(db: None, settings: Any) -> None:
    without_a_provider(settings)
    month = dt.timedelta(days=30)
    outbox.text_message("+33667969008", "À demain", key="s", platform_id=None, due_at=clock.now() + month)
    with clock.travel(month + dt.timedelta(minutes=1)):
        outbox.sweep()
    assert OutboxMessage.objects.get().given_up_at is None


@pytest.mark.parametrize("debug", [False, True])
def test_the_console_is_for_a_developers_own_machine(db: None, settings: Any, debug: bool) -> None:
    settings.SMS_BACKEND, settings.DEBUG = "core.sms.ConsoleBackend", debug
    outbox.text_message("+33667969008", "À demain", key="s", platform_id=None)
    outbox.sweep()
    assert (OutboxMessage.objects.get().done_at is not None) is debug


ANA = ("+33667969008", SECRET, "Votre prêt", "À demain")


def test_an_sms_that_no_provider_would_take_leaves_by_mail(db: None, settings: Any) -> None:
    without_a_provider(settings)
    assert outbox.way("+33667969008", SECRET) == "mail"
    outbox.tell(*ANA, key="s", platform_id=None)
    outbox.sweep()
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == ([SECRET], "Votre prêt", "À demain")
    message = OutboxMessage.objects.get()
    assert (message.topic, message.payload["to"], message.done_at is not None) == ("mail", SECRET, True)


def test_with_a_provider_the_same_person_gets_one_sms_and_no_mail(db: None) -> None:
    assert outbox.way("+33667969008", SECRET) == "sms"
    outbox.tell(*ANA, key="s", platform_id=None)
    outbox.sweep()
    assert [(to, text) for to, text, _ in Provider.accepted] == [("+33667969008", "À demain")]
    assert mail.outbox == []


def test_with_neither_it_waits_and_takes_the_first_way_that_opens(db: None, settings: Any) -> None:
    without_a_provider(settings)
    settings.EMAIL_CONFIGURED = False
    assert outbox.way("+33667969008", SECRET) == ""
    outbox.tell(*ANA, key="s", platform_id=None)
    outbox.sweep()
    assert OutboxMessage.objects.get().done_at is None
    settings.EMAIL_CONFIGURED = True
    with clock.travel(dt.timedelta(hours=1)):
        outbox.sweep()
    assert [sent.to for sent in mail.outbox] == [[SECRET]]


def test_a_provider_that_is_down_is_no_reason_to_write_a_mail(db: None, settings: Any) -> None:
    settings.SMS_BACKEND, settings.SMS_URL = "core.sms.HttpBackend", "http://127.0.0.1:1/sms"
    outbox.tell(*ANA, key="s", platform_id=None)
    outbox.sweep()
    message = OutboxMessage.objects.get()
    assert (message.topic, message.attempts, mail.outbox) == ("sms", 1, [])
