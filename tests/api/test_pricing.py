"""Money over the API: the same verbs, the same refusals, the same numbers as on the pages."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken
from accounts.secrets import hash_of
from core import clock
from pricing import actions
from pricing.models import Payment, Tariff
from tests.factories import ParticipantFactory
from tests.pricing.factories import AccountFactory, ChargeFactory, DepositFactory, TariffFactory


class Api:
    def __init__(self, user: Any) -> None:
        ApiToken.objects.create(user=user, name="t", prefix="t", secret_hash=hash_of(f"s{user.pk}"))
        self.client, self.headers = Client(), {"Authorization": f"Bearer s{user.pk}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, data: Any = None, key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", data or {}, "application/json", headers=headers)


@pytest.fixture
def desk(bruno: Any) -> Api:
    return Api(bruno)


@pytest.fixture
def books(agathe: Any) -> Api:
    return Api(agathe)


@pytest.fixture
def charge(platform: Any) -> Any:
    return ChargeFactory(account__participant=ParticipantFactory(platform=platform), due_on=clock.today())


def test_a_payment_is_made_once_for_one_key(desk: Api, charge: Any) -> None:
    given = {"account": charge.account_id, "amount": "93.00", "means": "cash"}
    first, again = desk.post("payments/", given, key="k1"), desk.post("payments/", given, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["receipt_number"] == f"R{clock.today().year}-0001"
    assert Payment.objects.count() == 1
    paper = desk.get(f"receipts/{first.json()['receipt']}/pdf/")
    assert paper["Content-Type"] == "application/pdf"
    assert b"".join(paper.streaming_content).startswith(b"%PDF")


def test_the_refusal_is_the_one_of_the_page(desk: Api, charge: Any) -> None:
    answer = desk.post("payments/", {"account": charge.account_id, "amount": "1200", "means": "cash"})
    assert (answer.status_code, answer.json()["code"]) == (409, "cash_ceiling")
    again = desk.post(f"charges/{charge.pk}/reverse/", {"reason": "Erreur"})
    assert again.status_code == 201
    answer = desk.post(f"charges/{charge.pk}/reverse/", {"reason": "Encore"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_reversed")
    answer = desk.post("payments/", {"account": charge.account_id, "amount": "beaucoup", "means": "cash"})
    assert (answer.status_code, "amount" in answer.json()["fields"]) == (400, True)


def test_an_account_tells_its_balance(desk: Api, charge: Any) -> None:
    AccountFactory(participant=charge.account.participant)
    found = desk.get("accounts/", is_due="true").json()["results"]
    assert [(one["id"], one["due"], one["balance"]) for one in found] == [(charge.account_id, "90.00", "90.00")]
    added = desk.post(
        f"accounts/{charge.account_id}/add_charge/", {"sort": "excess_km", "unit_price": "0.125", "quantity": "35"}
    )
    assert added.json()["amount"] == "4.38"
    waived = desk.post(f"charges/{charge.pk}/waive/", {"reason": "Panne", "amount": "9.00"})
    assert waived.json()["amount"] == "-9.00"
    desk.post(f"accounts/{charge.account_id}/pay/", {"amount": "80", "means": "desk_card"})
    assert desk.get(f"accounts/{charge.account_id}/").json()["due"] == "5.38"
    assert len(desk.get("charges/", account=charge.account_id).json()["results"]) == 3
    assert len(desk.get("accounts/", is_due="false").json()["results"]) == 1


def test_deposits_by_their_verbs(desk: Api, charge: Any) -> None:
    deposit = DepositFactory(account=charge.account)
    answer = desk.post(f"deposits/{deposit.pk}/receive/", {"means": "cheque"})
    assert answer.json()["code"] == "cheque_number_missing"
    assert (
        desk.post(f"deposits/{deposit.pk}/receive/", {"means": "cheque", "cheque_number": "12"}).json()["state"]
        == "held"
    )
    assert desk.get("deposits/", state="held").json()["results"][0]["cheque_number"] == "12"
    assert desk.post(f"deposits/{deposit.pk}/give_back/").json()["state"] == "returned"
    assert desk.post(f"deposits/{deposit.pk}/keep/", {"reason": "x", "amount": "1"}).json()["code"] == "wrong_state"


def test_payments_are_listed_by_their_day(desk: Api, charge: Any, bruno: Any) -> None:
    before = clock.now() - dt.timedelta(days=2)
    actions.pay(charge.account, amount=Decimal(5), means="cash", by=bruno, received_at=before)
    actions.pay(charge.account, amount=Decimal(6), means="cash", by=bruno)
    since = (clock.now() - dt.timedelta(days=1)).isoformat()
    assert [p["amount"] for p in desk.get("payments/", received_from=since).json()["results"]] == ["6.00"]


def test_a_tariff_is_put_and_ended(books: Api, platform: Any) -> None:
    TariffFactory(platform=platform, kind="moped")
    given = {
        "name": "Voiture",
        "kind": "car",
        "valid_from": "2026-01-01",
        "bands": [{"from_day": 1, "day_price": "3.00", "week_price": "21.00"}, {"from_day": 31, "day_price": "3.50"}],
        "deposit": "250",
    }
    made = books.post("tariffs/", given)
    assert made.status_code == 201
    assert [band["day_price"] for band in made.json()["bands"]] == ["3.00", "3.50"]
    assert [t["kind"] for t in books.get("tariffs/", valid_on="2026-02-01", kind="car").json()["results"]] == ["car"]
    ended = books.post(f"tariffs/{made.json()['id']}/end/", {"valid_until": "2026-03-01"})
    assert ended.json()["valid_until"] == "2026-03-01"
    assert books.post("tariffs/", given | {"bands": []}).json()["code"] == "bands_missing"
    assert Tariff.objects.count() == 2


def test_payers(books: Api, platform: Any) -> None:
    made = books.post("payers/", {"name": "CCAS"}).json()
    assert books.post(f"payers/{made['id']}/change/", {"name": "CCAS de Dax"}).json()["name"] == "CCAS de Dax"
    assert books.post("payers/", {"name": "CCAS de Dax"}).json()["code"] == "payer_exists"


def test_a_participant_reads_their_own_account(charge: Any, platform: Any) -> None:
    other = ChargeFactory(account__participant=ParticipantFactory(platform=platform))
    theirs = Api(charge.account.participant.user)
    assert [one["id"] for one in theirs.get("accounts/").json()["results"]] == [charge.account_id]
    assert theirs.get(f"accounts/{other.account_id}/").status_code == 404
    assert theirs.post(f"accounts/{charge.account_id}/pay/", {"amount": "5", "means": "cash"}).status_code == 403


@pytest.mark.parametrize("path", ["accounts/", "charges/", "payments/", "deposits/", "receipts/", "tariffs/"])
def test_lists_ask_no_more_for_more(
    desk: Api, platform: Any, bruno: Any, path: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        made = ChargeFactory(account__participant=ParticipantFactory(platform=platform))
        DepositFactory(account=made.account)
        actions.pay(made.account, amount=Decimal(5), means="cash", by=bruno)
    TariffFactory(platform=platform)
    with django_assert_max_num_queries(6):
        assert desk.get(path).json()["results"]
