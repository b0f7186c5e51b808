import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from core import clock
from pricing import actions
from pricing.models import Account, Charge, Deposit, Payment, Tariff, ThirdPartyPayer
from tests.factories import ParticipantFactory
from tests.pricing.factories import (
    AccountFactory,
    ChargeFactory,
    DepositFactory,
    TariffBandFactory,
    TariffFactory,
    ThirdPartyPayerFactory,
)


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


@pytest.fixture
def books(client: Client, agathe: Any) -> Client:
    client.force_login(agathe)
    return client


@pytest.fixture
def account(platform: Any) -> Account:
    ana = ParticipantFactory(platform=platform, first_name="Ana", last_name="Dupouy")
    return AccountFactory(participant=ana)


@pytest.fixture
def charge(account: Account) -> Charge:
    return ChargeFactory(account=account, due_on=clock.today())


def text(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_unpaid_accounts_come_first_and_add_up(desk: Client, charge: Charge, platform: Any) -> None:
    ChargeFactory(
        account__participant=ParticipantFactory(platform=platform), amount=Decimal("3.50"), due_on=clock.today()
    )
    AccountFactory(participant=ParticipantFactory(platform=platform, last_name="Payé"))
    page = text(desk.get(reverse("pricing:accounts")))
    assert "93,50 €" in page
    assert "Ana Dupouy" in page
    assert "Payé</a>" not in page
    assert "Payé</a>" in text(desk.get(reverse("pricing:accounts") + "?voir=tous"))


def test_nothing_to_collect_is_a_small_joy(desk: Client) -> None:
    assert "Rien à encaisser" in text(desk.get(reverse("pricing:accounts")))
    assert "Aucun dépôt à rendre" in text(desk.get(reverse("pricing:accounts") + "?voir=depots"))
    assert "Rien n’a été encaissé" in text(desk.get(reverse("pricing:takings")))
    assert "Aucun tarif" in text(desk.get(reverse("pricing:tariffs")))
    assert "Personne d’autre ne paie" in text(desk.get(reverse("pricing:payers")))


def test_a_list_is_exported_as_it_is_shown(desk: Client, charge: Charge) -> None:
    answer = desk.get(reverse("pricing:accounts") + "?export=1")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["F2"].value) == ("Ana Dupouy", 90)


def test_a_payment_is_taken_and_its_receipt_downloaded(desk: Client, charge: Charge) -> None:
    url = reverse("pricing:pay", args=[charge.account_id])
    assert 'value="90,00"' in text(desk.get(url))
    answer = desk.post(url, {"amount": "93,00 €", "means": "cash", "submission": "one"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("pricing:account", args=[charge.account_id]))
    desk.post(url, {"amount": "93,00 €", "means": "cash", "submission": "one"})
    payment = Payment.objects.get()
    assert payment.amount == 93
    page = text(desk.get(reverse("pricing:account", args=[charge.account_id])))
    assert payment.receipt.label in page
    assert "Trop payé" in page
    pdf = desk.get(reverse("pricing:receipt", args=[payment.receipt.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")


def test_a_refused_payment_keeps_what_was_typed(desk: Client, charge: Charge) -> None:
    answer = desk.post(reverse("pricing:pay", args=[charge.account_id]), {"amount": "1200", "means": "cash"})
    assert answer.status_code == 409
    assert "La loi limite les espèces à 1 000,00 €" in text(answer)
    assert 'value="1200"' in text(answer)
    assert not Payment.objects.exists()


def test_a_form_that_does_not_stand_says_where(desk: Client, charge: Charge) -> None:
    answer = desk.post(reverse("pricing:pay", args=[charge.account_id]), {"amount": "beaucoup", "means": "cash"})
    assert answer.status_code == 422
    assert "Montant reçu" in text(answer)


def test_amounts_are_added_waived_and_reversed(desk: Client, charge: Charge) -> None:
    account = charge.account
    desk.post(
        reverse("pricing:add_charge", args=[account.pk]),
        {"sort": "cleaning", "label": "Intérieur très sale", "quantity": "1", "unit_price": "15"},
    )
    desk.post(reverse("pricing:waive", args=[charge.pk]), {"amount": "9", "reason": "Trois jours de panne"})
    added = Charge.objects.get(sort="cleaning")
    desk.post(reverse("pricing:reverse_charge", args=[added.pk]), {"reason": "Ce n’était pas lui"})
    account.refresh_from_db()
    assert account.outstanding == 81
    page = text(desk.get(reverse("pricing:account", args=[account.pk])))
    for words in ("Intérieur très sale", "Trois jours de panne", "Ce n’était pas lui", "81,00 €"):
        assert words in page


def test_a_payment_is_reversed(desk: Client, charge: Charge, bruno: Any) -> None:
    payment = actions.pay(charge.account, amount=Decimal(90), means="cheque", by=bruno, reference="123")
    answer = desk.post(reverse("pricing:reverse_payment", args=[payment.pk]), {"reason": "Sans provision"})
    assert answer.status_code == 302
    assert "Annulation" in text(desk.get(reverse("pricing:account", args=[charge.account_id])))
    again = desk.post(reverse("pricing:reverse_payment", args=[payment.pk]), {"reason": "Encore"})
    assert (again.status_code, "déjà annulé" in text(again)) == (409, True)


def test_a_deposit_goes_from_hand_to_hand(desk: Client, account: Account) -> None:
    deposit = DepositFactory(account=account)
    receive = reverse("pricing:receive_deposit", args=[deposit.pk])
    assert desk.post(receive, {"amount": "150", "means": "cheque"}).status_code == 409
    desk.post(receive, {"amount": "150", "means": "cheque", "cheque_number": "7654321", "bank": "Crédit coopératif"})
    page = text(desk.get(reverse("pricing:accounts") + "?voir=depots"))
    assert "7654321" in page
    assert "150,00 €" in page
    assert desk.get(reverse("pricing:accounts") + "?voir=depots&export=1").status_code == 200
    assert "7654321" in text(desk.get(reverse("pricing:return_deposit", args=[deposit.pk])))
    assert desk.post(reverse("pricing:return_deposit", args=[deposit.pk])).status_code == 302
    deposit.refresh_from_db()
    assert deposit.state == "returned"


def test_a_deposit_is_kept_or_waived(desk: Client, account: Account, bruno: Any) -> None:
    kept, waived = DepositFactory(account=account), DepositFactory(account=account)
    actions.receive_deposit(kept, by=bruno, means="cash")
    desk.post(reverse("pricing:keep_deposit", args=[kept.pk]), {"amount": "60", "reason": "Rétroviseur"})
    desk.post(reverse("pricing:waive_deposit", args=[waived.pk]), {"reason": "Minima sociaux"})
    assert [d.state for d in Deposit.objects.order_by("pk")] == ["kept", "waived"]
    assert "Rétroviseur" in text(desk.get(reverse("pricing:account", args=[account.pk])))


def test_a_cheque_that_soon_cannot_be_cashed_is_said(desk: Client, account: Account) -> None:
    DepositFactory(
        account=account,
        state="held",
        means="cheque",
        cheque_number="1",
        received_at=clock.now() - dt.timedelta(days=350),
    )
    assert "Chèque bientôt périmé" in text(desk.get(reverse("pricing:accounts") + "?voir=depots"))


def test_the_days_takings_are_added_by_means(desk: Client, account: Account, bruno: Any) -> None:
    for amount, means in ((40, "cash"), (50, "cash"), (25, "cheque")):
        actions.pay(account, amount=Decimal(amount), means=means, by=bruno)
    wrong = actions.pay(account, amount=Decimal(5), means="cash", by=bruno)
    actions.reverse_payment(wrong, by=bruno, reason="Erreur")
    page = text(desk.get(reverse("pricing:takings")))
    for words in ("90,00 €", "25,00 €", "115,00 €", "−5,00 €"):
        assert words in page
    yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
    assert "Rien n’a été encaissé" in text(desk.get(reverse("pricing:takings") + f"?jour={yesterday}"))
    assert desk.get(reverse("pricing:takings") + "?export=1").status_code == 200
    for nonsense in ("2026-13-45", "0001-01-01", "9999-12-31", "demain"):
        assert desk.get(reverse("pricing:takings") + f"?jour={nonsense}").status_code == 200


def test_the_participant_opens_their_own_receipt_and_no_other(client: Client, account: Account, bruno: Any) -> None:
    ours = actions.pay(account, amount=Decimal(5), means="cash", by=bruno).receipt
    other = AccountFactory(participant=ParticipantFactory(platform=account.platform))
    theirs = actions.pay(other, amount=Decimal(5), means="cash", by=bruno).receipt
    client.force_login(account.participant.user)
    answer = client.get(reverse("pricing:receipt", args=[ours.pk]))
    assert answer.status_code == 200
    b"".join(answer.streaming_content)
    assert client.get(reverse("pricing:receipt", args=[theirs.pk])).status_code == 404


def test_a_stranger_finds_nothing(client: Client, eve: Any, charge: Charge, bruno: Any) -> None:
    payment = actions.pay(charge.account, amount=Decimal(5), means="cash", by=bruno)
    deposit = DepositFactory(account=charge.account)
    client.force_login(eve)
    for name, pk in (
        ("account", charge.account_id),
        ("pay", charge.account_id),
        ("add_charge", charge.account_id),
        ("reverse_charge", charge.pk),
        ("waive", charge.pk),
        ("reverse_payment", payment.pk),
        ("receive_deposit", deposit.pk),
        ("return_deposit", deposit.pk),
        ("keep_deposit", deposit.pk),
        ("waive_deposit", deposit.pk),
        ("receipt", payment.receipt.pk),
    ):
        assert client.get(reverse(f"pricing:{name}", args=[pk])).status_code == 404, name


# --- tariffs ---------------------------------------------------------------------------------


def bands(*rows: tuple[Any, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {"bands-TOTAL_FORMS": len(rows), "bands-INITIAL_FORMS": 0}
    for n, row in enumerate(rows):
        for name, value in zip(("from_day", "day_price", "week_price", "month_price"), row, strict=True):
            fields[f"bands-{n}-{name}"] = value
    return fields


def a_tariff(**more: Any) -> dict[str, Any]:
    return {
        "name": "Voiture",
        "kind": "car",
        "valid_from": "2026-01-01",
        "day_rule": "started_24h",
        "deposit": "150",
        "unused_days": "given_back",
        "cancel_fee": "0",
        "cancel_free_days": "0",
        "no_show_fee": "0",
        "late_fee_per_day": "3",
        **bands((1, "3,00", "", ""), ("", "", "", "")),
        **more,
    }


def test_a_tariff_is_made_with_its_bands_without_javascript(books: Client, platform: Any) -> None:
    assert books.get(reverse("pricing:new_tariff")).status_code == 200
    degressive = a_tariff(**bands((1, "3", "21", ""), (31, "3,5", "24,50", ""), (61, "4", "", ""), ("", "", "", "")))
    answer = books.post(reverse("pricing:new_tariff"), degressive)
    assert answer.status_code == 302
    tariff = Tariff.objects.get()
    assert [(b.from_day, b.day_price, b.week_price) for b in tariff.bands.all()] == [
        (1, Decimal("3.00"), Decimal("21.00")),
        (31, Decimal("3.50"), Decimal("24.50")),
        (61, Decimal("4.00"), None),
    ]
    assert "24,50 €/semaine" in text(books.get(reverse("pricing:tariffs")))


def test_a_band_without_its_price_is_said(books: Client, platform: Any) -> None:
    answer = books.post(reverse("pricing:new_tariff"), a_tariff(**bands((1, "3", "", ""), (31, "", "20", ""))))
    assert answer.status_code == 422
    assert "Par jour" in text(answer)
    answer = books.post(reverse("pricing:new_tariff"), a_tariff(**bands((2, "3", "", ""))))
    assert answer.status_code == 409
    assert "Le premier palier commence au jour 1" in text(answer)
    assert not Tariff.objects.exists()


def test_a_new_version_opens_with_the_former_terms(books: Client, platform: Any) -> None:
    former = TariffFactory(platform=platform, name="Voiture au mois", deposit=Decimal("315.00"))
    TariffBandFactory(tariff=former, from_day=31, day_price=Decimal("4.00"))
    page = text(books.get(reverse("pricing:new_tariff") + f"?depuis={former.pk}"))
    for words in ("Voiture au mois", "315,00", 'value="31"'):
        assert words in page
    books.post(reverse("pricing:new_tariff"), a_tariff(valid_from="2026-06-01"))
    former.refresh_from_db()
    assert former.valid_until == dt.date(2026, 6, 1)


def test_a_tariff_is_stopped(books: Client, platform: Any) -> None:
    tariff = TariffFactory(platform=platform)
    url = reverse("pricing:end_tariff", args=[tariff.pk])
    assert books.get(url).status_code == 200
    assert books.post(url, {"day": "2024-01-01"}).status_code == 409
    assert books.post(url, {"day": "2026-01-01"}).status_code == 302
    assert "tarif d’avant" in text(books.get(reverse("pricing:tariffs")))


def test_an_adviser_reads_prices_and_sets_none(desk: Client, platform: Any) -> None:
    tariff = TariffFactory(platform=platform)
    page = text(desk.get(reverse("pricing:tariffs")))
    assert tariff.name in page
    assert "Créer un tarif" not in page
    for name, args in (("new_tariff", []), ("end_tariff", [tariff.pk]), ("new_payer", [])):
        assert desk.get(reverse(f"pricing:{name}", args=args)).status_code == 403


def test_payers_are_added_and_corrected(books: Client, platform: Any) -> None:
    assert books.post(reverse("pricing:new_payer"), {"name": "CCAS", "siret": "12"}).status_code == 409
    assert books.post(reverse("pricing:new_payer"), {"name": "CCAS"}).status_code == 302
    payer = ThirdPartyPayer.objects.get()
    url = reverse("pricing:payer", args=[payer.pk])
    assert "CCAS" in text(books.get(url))
    books.post(url, {"name": "CCAS de Dax", "postal_address": "Place de la Mairie, 40100 Dax"})
    assert "CCAS de Dax" in text(books.get(reverse("pricing:payers")))


def test_what_somebody_else_pays_is_chosen_in_the_form(desk: Client, account: Account, other_platform: Any) -> None:
    ours = ThirdPartyPayerFactory(platform=account.platform, name="Département")
    theirs = ThirdPartyPayerFactory(platform=other_platform)
    url = reverse("pricing:pay", args=[account.pk])
    assert "Département" in text(desk.get(url))
    wrong = desk.post(url, {"amount": "5", "means": "transfer", "payer": theirs.pk})
    assert wrong.status_code == 422
    desk.post(url, {"amount": "5", "means": "transfer", "payer": ours.pk})
    assert Payment.objects.get().payer == ours


# --- the same number of queries, whatever there is ---------------------------------------------


@pytest.mark.parametrize("address", ["", "?voir=tous", "?voir=depots"])
def test_lists_ask_no_more_for_more(
    desk: Client, platform: Any, address: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        made = ChargeFactory(account__participant=ParticipantFactory(platform=platform), due_on=clock.today())
        DepositFactory(account=made.account, state="held", means="cash", received_at=clock.now())
    with django_assert_max_num_queries(8):
        desk.get(reverse("pricing:accounts") + address)


def test_an_account_asks_no_more_for_more(
    desk: Client, account: Account, bruno: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        ChargeFactory(account=account)
        actions.reverse_payment(
            actions.pay(account, amount=Decimal(5), means="cash", by=bruno), by=bruno, reason="Encore"
        )
        DepositFactory(account=account)
    with django_assert_max_num_queries(9):
        desk.get(reverse("pricing:account", args=[account.pk]))
