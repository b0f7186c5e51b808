"""Several people may share a mailbox: the code proves it, then they choose whose page to open."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client

from accounts.mailboxes import residents, same_address
from accounts.models import Role
from core import outbox
from garages.models import GarageMember
from tests.factories import GarageFactory, MembershipFactory, ParticipantFactory, UserFactory

SHARED = "famille.dupouy@example.org"
CHOICE = "/compte/login/qui/"


@pytest.fixture
def ana(platform: Any) -> Any:
    """Her user has the address; who came later only has it in their file."""
    return ParticipantFactory(
        platform=platform, first_name="Ana", last_name="Dupouy", email=SHARED, user=UserFactory(email=SHARED)
    )


@pytest.fixture
def luis(platform: Any) -> Any:
    return ParticipantFactory(platform=platform, first_name="Luis", last_name="Dupouy", email=SHARED)


@pytest.fixture
def zoe(other_platform: Any) -> Any:
    """Written with capitals, on another platform."""
    return ParticipantFactory(
        platform=other_platform, first_name="Zoé", last_name="Dupouy", email="Famille.Dupouy@example.org"
    )


def ask_code(client: Client, email: str = SHARED) -> str:
    """What the page says after asking; the code itself is in the mailbox."""
    return client.post("/compte/login/code/", {"email": email}, follow=True).content.decode()


def code_in_mailbox() -> str:
    outbox.sweep()
    [message] = mail.outbox
    found = re.search(r"^    (\S+)$", message.body, re.MULTILINE)
    assert found
    return found[1]


def prove(client: Client, email: str = SHARED) -> Any:
    ask_code(client, email)
    return client.post("/compte/login/code/confirm/", {"code": code_in_mailbox()})


def signed_in(client: Client) -> Any:
    return client.session.get("_auth_user_id")


def test_who_shares_a_mailbox_chooses_whose_page_to_open(client: Client, ana: Any, luis: Any, zoe: Any) -> None:
    answer = prove(client)
    assert answer["Location"] == CHOICE
    assert signed_in(client) is None, "not before the choice"
    html = client.get(CHOICE).content.decode()
    assert [html.index(name) for name in ("Ana Dupouy", "Luis Dupouy", "Zoé Dupouy")]
    assert "Loiret" in html
    client.post(CHOICE, {"person": luis.user_id})
    assert signed_in(client) == str(luis.user_id)
    assert "Luis" in client.get("/moi/").content.decode()


def test_each_of_them_may_be_chosen(client: Client, ana: Any, zoe: Any) -> None:
    prove(client)
    client.post(CHOICE, {"person": zoe.user_id})
    assert signed_in(client) == str(zoe.user_id)


def test_an_address_that_only_a_file_knows_receives_a_code(client: Client, luis: Any) -> None:
    prove(client)
    assert signed_in(client) == str(luis.user_id), "alone there: nothing to choose"


def test_who_is_alone_in_a_mailbox_chooses_nothing(client: Client, ana: Any) -> None:
    prove(client)
    assert signed_in(client) == str(ana.user_id)


def test_no_name_is_shown_before_the_code(client: Client, ana: Any, luis: Any) -> None:
    page = ask_code(client)
    assert "Dupouy" not in page.replace(SHARED, "")
    answer = client.get(CHOICE)
    assert (answer.status_code, answer["Location"]) == (302, "/compte/login/")
    assert client.post(CHOICE, {"person": luis.user_id})["Location"] == "/compte/login/"
    client.post("/compte/login/code/confirm/", {"code": "WRONG1"})
    assert client.post(CHOICE, {"person": luis.user_id})["Location"] == "/compte/login/"
    assert signed_in(client) is None


def test_an_unknown_address_gets_the_same_answer_and_no_message(client: Client, ana: Any, luis: Any) -> None:
    known = ask_code(client).replace(SHARED, "@")
    unknown = ask_code(Client(), "personne@example.org").replace("personne@example.org", "@")
    token = re.compile(r'csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", known) == token.sub("", unknown)
    outbox.sweep()
    assert [message.to for message in mail.outbox] == [[SHARED]]


def test_nobody_else_may_be_chosen(client: Client, ana: Any, luis: Any, bruno: Any) -> None:
    prove(client)
    for person in (bruno.pk, "", "x"):
        assert client.post(CHOICE, {"person": person})["Location"] == CHOICE
    assert signed_in(client) is None


def test_who_moves_to_another_mailbox_meanwhile_is_not_chosen(client: Client, ana: Any, luis: Any) -> None:
    prove(client)
    luis.email = "luis@example.org"
    luis.save()
    client.post(CHOICE, {"person": luis.user_id})
    assert signed_in(client) is None
    client.post(CHOICE, {"person": ana.user_id})
    assert signed_in(client) == str(ana.user_id)


def test_whose_access_is_closed_is_not_there(client: Client, ana: Any, luis: Any) -> None:
    luis.user.is_active = False
    luis.user.save()
    assert [one.name for one in residents(SHARED)] == ["Ana Dupouy"]


def test_a_password_speaks_for_one_person(client: Client, luis: Any) -> None:
    bruno = MembershipFactory(platform=luis.platform, role=Role.ADVISER, user__email=SHARED).user
    bruno.set_password("trois mots sans rapport")
    bruno.save()
    client.post("/compte/login/", {"login": SHARED, "password": "trois mots sans rapport"})
    assert signed_in(client) == str(bruno.pk)


def test_staff_are_not_reached_through_a_participants_file(client: Client, ana: Any, luis: Any, bruno: Any) -> None:
    MembershipFactory(user=luis.user, platform=luis.platform, role=Role.COORDINATOR)
    assert [one.name for one in residents(SHARED)] == ["Ana Dupouy"]


def test_an_adviser_who_lent_an_address_chooses_too(client: Client, luis: Any) -> None:
    adviser = MembershipFactory(platform=luis.platform, role=Role.ADVISER, user__email=SHARED, user__name="Bruno").user
    prove(client)
    html = client.get(CHOICE).content.decode()
    assert "Bruno" in html
    assert "Luis Dupouy" in html
    client.post(CHOICE, {"person": adviser.pk})
    assert signed_in(client) == str(adviser.pk)


def test_whose_second_proof_is_set_up_is_asked_for_it_and_nobody_else(client: Client, luis: Any) -> None:
    adviser = MembershipFactory(platform=luis.platform, role=Role.ADVISER, user__email=SHARED).user
    TOTP.activate(adviser, generate_totp_secret())
    prove(client)
    assert client.post(CHOICE, {"person": adviser.pk})["Location"] == "/compte/2fa/authenticate/"
    assert signed_in(client) is None
    assert client.post(CHOICE, {"person": luis.user_id})["Location"] == "/compte/login/", "chosen is chosen"
    assert signed_in(client) is None


def test_a_garage_of_two_platforms_chooses_for_which(client: Client, platform: Any, other_platform: Any) -> None:
    here = GarageFactory(platform=platform, name="Solid’Auto", email=SHARED)
    there = GarageFactory(platform=other_platform, name="Solid’Auto", email=SHARED)
    GarageMember.objects.create(platform=platform, garage=here, name="Chloé", email=SHARED)
    assert sorted(one.where for one in residents(SHARED)) == ["Loiret", "Sud Landes"], "each garage once"
    prove(client)
    client.post(CHOICE, {"person": there.user_id})
    assert signed_in(client) == str(there.user_id)
    assert client.get("/garage/").status_code == 200


def test_a_stopped_garage_is_not_there(platform: Any) -> None:
    garage = GarageFactory(platform=platform, email=SHARED, is_active=False)
    GarageMember.objects.create(platform=platform, garage=garage, name="Chloé", email=SHARED)
    assert residents(SHARED) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana@Example.org", "ana@example.org", True),
        ("mıke@example.org", "mike@example.org", False),  # a dotless i: PostgreSQL's upper case of both is the same
        ("mi\u212ae@example.org", "mike@example.org", False),  # the sign of Kelvin
        ("élodie@example.org", "élodie@example.org", True),
    ],
)
def test_a_mailbox_that_only_looks_alike_is_another(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same


def test_a_code_goes_to_the_mailbox_in_the_file_and_to_no_lookalike(client: Client, platform: Any) -> None:
    ParticipantFactory(platform=platform, email="mike@example.org")
    for lookalike in ("mi\u212ae@example.org", "m\u0131ke@example.org"):
        ask_code(client, lookalike)
    outbox.sweep()
    assert {address for message in mail.outbox for address in message.to} <= {"mike@example.org"}
