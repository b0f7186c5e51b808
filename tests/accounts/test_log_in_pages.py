"""Log-in is allauth's, its pages and mails are ours: they speak French and use our components."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.users import new_user
from core import outbox

PASSWORD = "trois mots sans rapport"


@pytest.fixture
def signed_in(client: Client, bruno: Any) -> Client:
    bruno.set_password(PASSWORD)
    bruno.save()
    client.post("/compte/login/?next=/compte/2fa/", {"login": "bruno@example.org", "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("login/", "Recevoir un code par e-mail"),
        ("login/code/", "Envoyer le code"),
        ("password/reset/", "Mot de passe oublié"),
        ("password/reset/done/", "Regardez votre messagerie"),
        ("password/reset/key/1-abc-def/", "Ce lien ne sert plus"),
        ("password/reset/key/done/", "Votre mot de passe est changé"),
        ("signup/", "Les comptes sont ouverts par la plateforme"),
        ("inactive/", "Ce compte est fermé"),
    ],
)
def test_a_page_before_log_in(client: Client, db: None, url: str, words: str) -> None:
    assert words in client.get(f"/compte/{url}").content.decode()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("2fa/", "Ma connexion"),
        ("2fa/webauthn/", "Aucune clé"),
        ("password/change/", "Changer le mot de passe"),
        ("reauthenticate/", "Est-ce bien vous"),
        ("logout/", "Se déconnecter"),
    ],
)
def test_a_page_after_log_in(signed_in: Client, url: str, words: str) -> None:
    assert words in signed_in.get(f"/compte/{url}").content.decode()


@pytest.mark.parametrize(
    ("url", "words"), [("2fa/totp/activate/", "Activer l’application"), ("2fa/webauthn/add/", "Ajouter la clé")]
)
def test_a_second_factor_is_set_up_by_who_proves_to_be_there(signed_in: Client, url: str, words: str) -> None:
    signed_in.post("/compte/reauthenticate/?next=/compte/2fa/", {"password": PASSWORD})
    assert words in signed_in.get(f"/compte/{url}").content.decode()


def test_a_wrong_password_keeps_the_address(client: Client, bruno: Any) -> None:
    html = client.post("/compte/login/", {"login": "bruno@example.org", "password": "faux"}).content.decode()
    assert 'value="bruno@example.org"' in html
    assert "incorrects" in html


def test_capitals_of_an_address_do_not_matter(client: Client, platform: Any) -> None:
    anne = new_user(name="Anne", email="Anne.Marie@Example.org")
    anne.set_password(PASSWORD)
    anne.save()
    client.post("/compte/login/", {"login": "ANNE.marie@example.org", "password": PASSWORD})
    assert client.session.get("_auth_user_id") == str(anne.pk)


def test_a_code_comes_by_mail_in_french(client: Client, bruno: Any) -> None:
    page = client.post("/compte/login/code/", {"email": "bruno@example.org"}, follow=True).content.decode()
    assert "Écrivez le code" in page
    outbox.sweep()
    [message] = mail.outbox
    assert message.subject == "Votre code pour Remise"
    assert re.search(r"^    \S+$", message.body, re.MULTILINE)
