"""How an SMS leaves: the console (it is only logged as sent), or any provider that takes a JSON POST."""

import logging
from typing import Protocol

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


class Backend(Protocol):
    def send(self, to: str, text: str, *, reference: str) -> None:
        """Hands the SMS over, or raises; `reference` is the same when the same SMS is tried again."""


class ConsoleBackend:
    """Sends nothing. The text stands in the outbox; the log says only that there was one."""

    def send(self, to: str, text: str, *, reference: str) -> None:
        log.info("SMS %s (%d characters) would leave here.", reference, len(text))


class HttpBackend:
    """POSTs `{"to", "text", "reference"}` to `SMS_URL` with `SMS_TOKEN` as bearer (if any); any 2xx means accepted."""

    def send(self, to: str, text: str, *, reference: str) -> None:
        response = httpx.post(
            settings.SMS_URL,
            json={"to": to, "text": text, "reference": reference},
            headers={"Authorization": f"Bearer {settings.SMS_TOKEN}"} if settings.SMS_TOKEN else {},
            timeout=10,
        )
        response.raise_for_status()


def backend() -> Backend:
    return import_string(settings.SMS_BACKEND)()
