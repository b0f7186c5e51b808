"""How an SMS leaves: any provider that takes a JSON POST, or a class of one's own. Without one, SMS wait."""

import logging
from typing import Protocol

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


class NoSmsProvider(Exception):
    """No provider is set: the SMS waits, as mails wait for a mail server. Nothing is gone that nobody got."""


class Backend(Protocol):
    @property
    def is_set_up(self) -> bool:
        """Whether an SMS handed over now would reach somebody."""

    def send(self, to: str, text: str, *, reference: str) -> None:
        """Hands the SMS over, or raises; `reference` is the same when the same SMS is tried again."""


class HttpBackend:
    """POSTs `{"to", "text", "reference"}` to `SMS_URL` with `SMS_TOKEN` as bearer (if any); any 2xx means accepted."""

    @property
    def is_set_up(self) -> bool:
        return bool(settings.SMS_URL)

    def send(self, to: str, text: str, *, reference: str) -> None:
        if not self.is_set_up:
            raise NoSmsProvider
        response = httpx.post(
            settings.SMS_URL,
            json={"to": to, "text": text, "reference": reference},
            headers={"Authorization": f"Bearer {settings.SMS_TOKEN}"} if settings.SMS_TOKEN else {},
            timeout=10,
        )
        response.raise_for_status()


class ConsoleBackend:
    """For a developer's own machine (`DEBUG`): the log says that there was one. Anywhere else SMS wait."""

    @property
    def is_set_up(self) -> bool:
        return bool(settings.DEBUG)

    def send(self, to: str, text: str, *, reference: str) -> None:
        if not self.is_set_up:
            raise NoSmsProvider
        log.info("SMS %s (%d characters) would leave here.", reference, len(text))


def backend() -> Backend:
    return import_string(settings.SMS_BACKEND)()


def is_set_up() -> bool:
    return backend().is_set_up
