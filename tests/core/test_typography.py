import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.middleware import TypographyMiddleware
from core.typography import unbreakable

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("html", "read"),
    [
        ("<p>Pourquoi ?</p>", f"<p>Pourquoi{NBSP}?</p>"),
        ("<p>Prêt : voiture ; vite !</p>", f"<p>Prêt{NBSP}: voiture{NBSP}; vite{NBSP}!</p>"),
        ("<p>« Prêt » et « Fait »</p>", f"<p>«{NBSP}Prêt{NBSP}» et «{NBSP}Fait{NBSP}»</p>"),
        ("<p>9 h – 12 h</p>", f"<p>9 h{NBSP}– 12 h</p>"),
        ("<p>à 9:30, ou https://remise.example/?a=1</p>", "<p>à 9:30, ou https://remise.example/?a=1</p>"),
        ('<input value="a : b"><p data-x="« ?">c</p>', '<input value="a : b"><p data-x="« ?">c</p>'),
        ("<textarea>Écrit : ainsi</textarea>", "<textarea>Écrit : ainsi</textarea>"),
        ("<code>a : b</code> : oui", f"<code>a : b</code>{NBSP}: oui"),
        ("", ""),
    ],
)
def test_a_space_before_a_sign_never_breaks_the_line(html: str, read: str) -> None:
    assert unbreakable(html) == read


def answered(answer: HttpResponse) -> HttpResponse:
    return TypographyMiddleware(lambda request: answer)(RequestFactory().get("/"))


def test_pages_are_set_and_nothing_else_is_touched() -> None:
    assert answered(HttpResponse("<p>Quand ?</p>")).content.decode() == f"<p>Quand{NBSP}?</p>"
    assert answered(HttpResponse('{"a": "b ?"}', content_type="application/json")).content == b'{"a": "b ?"}'
    assert answered(HttpResponse("BEGIN : ?", content_type="text/calendar")).content == b"BEGIN : ?"
