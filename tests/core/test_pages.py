from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.template.loader import render_to_string
from django.test import RequestFactory

from core.middleware import above
from core.style_guide import style_guide


@pytest.mark.parametrize("door", ["desk", "person", "garage"])
def test_the_style_guide_shows_every_component(door: str, bruno: Any) -> None:
    request = RequestFactory().get("/style/", {"door": door})
    request.user, request.session = bruno, {}
    request._messages = FallbackStorage(request)
    assert "Guide de style" in style_guide(request).content.decode()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "413", "429", "500"])
def test_an_error_says_what_to_do_and_needs_no_context(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert "<h1>" in html
    assert "Revenir à l’accueil" in html


def test_a_refusal_is_a_sentence() -> None:
    html = render_to_string("core/refusal.html", {"sentence": "Ce véhicule est pris."})
    assert "Ce véhicule est pris." in html
    fragment = render_to_string("core/refusal.html#sentence", {"sentence": "Ce véhicule est pris."})
    assert fragment.startswith('<div class="notice now"')


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/prets/12/a-reloger/", "/prets/12/"),
        ("/prets/attente/5/proposer/", "/prets/attente/"),
        ("/planning/", ""),
    ],
)
def test_the_thing_of_an_address_is_the_nearest_page_above_it(path: str, page: str) -> None:
    assert above(path) == page
