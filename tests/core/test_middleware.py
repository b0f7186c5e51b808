"""What stands between the server and the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import middleware

pytestmark = pytest.mark.django_db


def a_photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", b"1" * 300_000, "image/jpeg")


def test_a_refusal_waits_until_all_was_sent() -> None:
    """Of a page whose token is gone, and of a program whose token is wrong: neither looks at the photo."""
    page = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"photo": a_photo()})
    program = Client().post("/api/v1/bookings/", {"photo": a_photo()}, headers={"Authorization": "Bearer wrong"})
    assert (page.status_code, program.status_code) == (403, 401)
    for answer in (page, program):
        assert answer.wsgi_request.read() == b""


def test_nobody_is_waited_for_without_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(middleware, "LONGEST_BODY", 100_000)
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"photo": a_photo()})
    assert answer.status_code == 403
    assert len(answer.wsgi_request.read()) > 100_000
