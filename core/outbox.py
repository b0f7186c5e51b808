"""Nothing lost: what must leave the database, or wake an upper room, is first a row, in the same transaction.

Celery is only the wake-up call (core/bell.py). A sweep re-reads what is due, so a dead or emptied broker delays and
never loses. A mail carries a Message-ID made from its key: sent twice after a crash, it is still one mail.
Where no mail server or SMS provider is set, messages wait, a week at most, and never beyond the moment until which
they are useful (docs/decisions/012).

    outbox.send("vehicle.blocked", key=f"blocked:{hold.pk}", platform_id=…, payload={"vehicle": 3})
    outbox.mail(address, subject, text, key=…, about=booking)       # and text_message(…)

    @outbox.subscribe("vehicle.blocked")                            # in an upper room's tasks.py
    def rehouse(message: OutboxMessage) -> None: …
"""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction

from core import bell, clock, sms
from core.journal import name_of
from core.models import OutboxMessage

log = logging.getLogger(__name__)

Subscriber = Callable[[OutboxMessage], None]
LINK = "⟦lien⟧"  # stands in a stored message where a personal link is minted when it leaves
GIVE_UP_AFTER = 12  # attempts; with the pauses below, about two days
LOOK_AGAIN = dt.timedelta(minutes=10)  # whether somebody has set a mail server or an SMS provider meanwhile
WAITS_AT_MOST = dt.timedelta(days=7)  # what is older would tell people of things that are over
_subscribers: dict[str, list[Subscriber]] = {}
_mint: Callable[[OutboxMessage], str] | None = None


class NoMailServer(Exception):
    """`EMAIL_URL` is not set: the mail waits until it is. It never lands in a log, for it may hold a personal link."""


NO_WAY_OUT = (NoMailServer, sms.NoSmsProvider)
WAITS_FOR = {NoMailServer.__name__: "mail", sms.NoSmsProvider.__name__: "sms"}  # `last_error` → what is not set


def subscribe(topic: str) -> Callable[[Subscriber], Subscriber]:
    def register(subscriber: Subscriber) -> Subscriber:
        _subscribers.setdefault(topic, []).append(subscriber)
        return subscriber

    return register


def links_are_minted_by(mint: Callable[[OutboxMessage], str]) -> Callable[[OutboxMessage], str]:
    """`accounts` says how the personal link of a message is made; core does not know what a link opens."""
    global _mint
    _mint = mint
    return mint


def send(
    topic: str,
    *,
    key: str,
    platform_id: int | None,
    payload: dict[str, Any] | None = None,
    user_id: int | None = None,
    about: models.Model | None = None,
    due_at: dt.datetime | None = None,
    useful_until: dt.datetime | None = None,
) -> None:
    """Puts a message in the outbox. The same `key` a second time changes nothing; from `useful_until` on it does not
    leave any more."""
    target_type, target_id = name_of(about) if about is not None else ("", "")
    message = OutboxMessage(
        platform_id=platform_id,
        topic=topic,
        key=key,
        payload=payload or {},
        user_id=user_id,
        target_type=target_type,
        target_id=target_id,
        due_at=due_at or clock.now(),
        useful_until=useful_until,
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    if due_at is None or due_at <= clock.now():
        transaction.on_commit(bell.ring, robust=True)


def send_all(topic: str, messages: dict[str, dict[str, Any]], *, platform_id: int | None) -> None:
    """`send` for many at once: key → payload."""
    if not messages:
        return
    rows = [OutboxMessage(platform_id=platform_id, topic=topic, key=k, payload=p) for k, p in messages.items()]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(bell.ring, robust=True)


def mail(
    to: str,
    subject: str,
    text: str,
    *,
    key: str,
    platform_id: int | None,
    user_id: int | None = None,
    about: models.Model | None = None,
    link: dict[str, Any] | None = None,
    due_at: dt.datetime | None = None,
    useful_until: dt.datetime | None = None,
) -> None:
    """A mail. `text` may hold `outbox.LINK`; then `link` says what for (see accounts/links.py)."""
    payload = {"to": to, "subject": subject, "text": text} | ({"link": link} if link else {})
    times = {"due_at": due_at, "useful_until": useful_until}
    send("mail", key=key, platform_id=platform_id, payload=payload, user_id=user_id, about=about, **times)


def text_message(
    to: str,
    text: str,
    *,
    key: str,
    platform_id: int | None,
    user_id: int | None = None,
    about: models.Model | None = None,
    link: dict[str, Any] | None = None,
    due_at: dt.datetime | None = None,
    useful_until: dt.datetime | None = None,
    or_mail: dict[str, str] | None = None,
) -> None:
    """An SMS to an E.164 number. `text` may hold `outbox.LINK`, as for a mail.

    `or_mail` ({"to", "subject"}) is the way it takes where no SMS provider is set and a mail server is.
    """
    payload: dict[str, Any] = {"to": to, "text": text} | ({"link": link} if link else {})
    if or_mail:
        payload["mail"] = or_mail
    times = {"due_at": due_at, "useful_until": useful_until}
    send("sms", key=key, platform_id=platform_id, payload=payload, user_id=user_id, about=about, **times)


def tell(phone: str, email: str, subject: str, text: str, **named: Any) -> None:
    """Writes to a person: by SMS where they have a telephone, else by mail; to nobody who has neither.

    An SMS that no provider would take leaves by mail, if they have an address and there is a mail server.
    """
    if phone:
        text_message(phone, text, or_mail={"to": email, "subject": subject} if email else None, **named)
    elif email:
        mail(email, subject, text, **named)


def way(phone: str, email: str) -> str:
    """How `tell` would reach this person now: "sms", "mail", or "" when what is written would only wait."""
    if phone and sms_leaves():
        return "sms"
    return "mail" if email and mail_leaves() else ""


def sms_leaves() -> bool:
    return shown_instead_of_sent("sms") or sms.is_set_up()


def mail_leaves() -> bool:
    return shown_instead_of_sent("mail") or settings.EMAIL_CONFIGURED


def sweep(limit: int = 200) -> int:
    """Delivers what is due, oldest first; returns how many were tried. Any number may sweep at once."""
    tried = 0
    while tried < limit and deliver_next():
        tried += 1
    return tried


def deliver_next() -> bool:
    """Takes one due message that nobody else holds and delivers it; False when there is none."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.filter(done_at__isnull=True, given_up_at__isnull=True, due_at__lte=clock.now())
            .select_for_update(skip_locked=True)
            .order_by("due_at", "pk")
            .first()
        )
        if message is None:
            return False
        if message.useful_until is not None and message.useful_until <= clock.now():
            message.given_up_at = clock.now()
            message.save(update_fields=["given_up_at"])
            return True
        _turn_to_mail(message)
        try:
            with transaction.atomic():
                _deliver(message)
        except NO_WAY_OUT as reason:
            _wait(message, reason)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
            # Only the kind of error is kept: its text may hold an address or a number.
            log.warning("Message %s (%s) failed: %s", message.pk, message.topic, type(error).__name__)
            message.attempts += 1
            message.last_error = type(error).__name__
            message.due_at = clock.now() + pause(message.attempts)
            if message.attempts >= GIVE_UP_AFTER:
                message.given_up_at = clock.now()
        else:
            message.attempts += 1
            message.last_error = ""
            message.done_at = clock.now()
        message.save()
    return True


def _turn_to_mail(message: OutboxMessage) -> None:
    """An SMS that no provider would take goes by mail, where its reader has an address and there is a mail server."""
    other = message.payload.get("mail")
    if message.topic == "sms" and other and settings.EMAIL_CONFIGURED and not sms_leaves():
        message.topic = "mail"
        message.payload = {name: value for name, value in message.payload.items() if name != "mail"} | other


def _wait(message: OutboxMessage, reason: Exception) -> None:
    """Until there is a way out, but not for ever: after a week it is given up, and said so."""
    message.last_error = type(reason).__name__
    message.waiting_since = message.waiting_since or clock.now()
    message.due_at = clock.now() + LOOK_AGAIN
    if clock.now() - message.waiting_since >= WAITS_AT_MOST:
        message.given_up_at = clock.now()


def pause(attempts: int) -> dt.timedelta:
    """15 s after the first failure, then twice as long each time, at most 12 hours."""
    return min(dt.timedelta(seconds=15 * 2 ** (attempts - 1)), dt.timedelta(hours=12))


def _deliver(message: OutboxMessage) -> None:
    if message.topic == "mail":
        _send_mail(message)
    elif message.topic == "sms":
        _send_sms(message)
    for subscriber in _subscribers.get(message.topic, []):
        subscriber(message)


def _text(message: OutboxMessage) -> str:
    text = message.payload["text"]
    if LINK not in text or shown_instead_of_sent(message.topic):
        return text
    if _mint is None:
        raise LookupError("no room says how personal links are made")
    return text.replace(LINK, _mint(message))


def shown_instead_of_sent(topic: str) -> bool:
    """In a demo without SMTP, messages only stand on the page that lists them. SMS never leave a demo."""
    return settings.DEMO and (topic == "sms" or not settings.EMAIL_CONFIGURED)


def _send_mail(message: OutboxMessage) -> None:
    if shown_instead_of_sent("mail"):
        return
    if not settings.EMAIL_CONFIGURED:
        raise NoMailServer
    text = _text(message)
    sender_host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    EmailMessage(
        subject=message.payload["subject"],
        body=text,
        to=[message.payload["to"]],
        headers={"Message-ID": f"<remise-{message.pk}@{sender_host}>"},
    ).send()


def _send_sms(message: OutboxMessage) -> None:
    text = _text(message)
    if not shown_instead_of_sent("sms"):
        sms.backend().send(message.payload["to"], text, reference=f"remise-{message.pk}")
