import datetime as dt
from decimal import Decimal
from typing import Any

from pricing import actions
from tests.access import FORBIDDEN, HIDDEN, OK, row
from tests.access.world import World, participant
from tests.pricing import factories as made

REASON = {"reason": "Erreur de saisie"}


def account(world: World) -> Any:
    return made.AccountFactory(participant=world.get(participant))


def charge(world: World) -> Any:
    return made.ChargeFactory(account=world.get(account))


def payment(world: World) -> Any:
    return actions.pay(world.get(account), amount=Decimal(5), means="cheque", by=world.people["accountant"])


def receipt(world: World) -> Any:
    return world.get(payment).receipt


def deposit(world: World) -> Any:
    return made.DepositFactory(account=world.get(account))


def held_deposit(world: World) -> Any:
    return actions.receive_deposit(
        made.DepositFactory(account=world.get(account)), by=world.people["accountant"], means="cash"
    )


def tariff(world: World) -> Any:
    return made.TariffFactory(platform=world.platform, valid_from=dt.date(2025, 1, 1))


def payer(world: World) -> Any:
    return made.ThirdPartyPayerFactory(platform=world.platform)


ONLY_MONEY = {"staff": OK, "fleet_manager": FORBIDDEN}  # advisers and accountants
ONLY_BOOKS = {"staff": FORBIDDEN, "accountant": OK}

A_TARIFF = {
    "name": "Voiture",
    "kind": "car",
    "valid_from": "2026-01-01",
    "bands": [{"from_day": 1, "day_price": "3.00"}],
}

ROWS = [
    row("GET", "pricing:accounts", staff=OK),
    row("GET", "pricing:takings", staff=OK),
    row("GET", "pricing:account", {"pk": account}, staff=OK),
    row("GET", "pricing:pay", {"pk": account}, staff=OK),
    row("POST", "pricing:pay", {"pk": account}, data={"amount": "5", "means": "cheque"}, **ONLY_MONEY),
    row(
        "POST",
        "pricing:add_charge",
        {"pk": account},
        data={"sort": "other", "quantity": "1", "unit_price": "5"},
        **ONLY_MONEY,
    ),
    row("POST", "pricing:reverse_charge", {"pk": charge}, data=REASON, **ONLY_MONEY),
    row("POST", "pricing:waive", {"pk": charge}, data=REASON | {"amount": "5"}, **ONLY_MONEY),
    row("POST", "pricing:reverse_payment", {"pk": payment}, data=REASON, **ONLY_MONEY),
    row("POST", "pricing:receive_deposit", {"pk": deposit}, data={"amount": "5", "means": "cash"}, staff=OK),
    row("POST", "pricing:return_deposit", {"pk": held_deposit}, data={"x": "x"}, staff=OK),
    row("POST", "pricing:keep_deposit", {"pk": held_deposit}, data=REASON | {"amount": "5"}, **ONLY_MONEY),
    row("POST", "pricing:waive_deposit", {"pk": deposit}, data=REASON, **ONLY_MONEY),
    row("GET", "pricing:receipt", {"pk": receipt}, staff=OK, outsiders=HIDDEN, participant=OK),
    row("GET", "pricing:tariffs", staff=OK),
    row("GET", "pricing:new_tariff", **ONLY_BOOKS),
    row("POST", "pricing:new_tariff", data={"bands-TOTAL_FORMS": 0, "bands-INITIAL_FORMS": 0}, **ONLY_BOOKS),
    row("POST", "pricing:end_tariff", {"pk": tariff}, data={"day": "2026-01-01"}, **ONLY_BOOKS),
    row("GET", "pricing:payers", staff=OK),
    row("POST", "pricing:new_payer", data={"name": "CCAS"}, **ONLY_BOOKS),
    row("POST", "pricing:payer", {"pk": payer}, data={"name": "CCAS"}, **ONLY_BOOKS),
    # the API: a participant reads their own accounts, and what stands on them
    *[
        row(
            "GET",
            f"api:{name}-{kind}",
            {"pk": maker} if kind == "detail" else None,
            staff=OK,
            **({"participant": OK} if own else {}),
        )
        for name, maker, own in (
            ("account", account, True),
            ("charge", charge, True),
            ("payment", payment, True),
            ("deposit", deposit, True),
            ("receipt", receipt, True),
            ("tariff", tariff, False),
            ("payer", payer, False),
        )
        for kind in ("list", "detail")
    ],
    row("GET", "api:receipt-pdf", {"pk": receipt}, staff=OK, participant=OK),
    *[
        row("POST", f"api:{name}", {"pk": maker}, data=data, participant=FORBIDDEN, **who)
        for name, maker, data, who in (
            ("account-add-charge", account, {"sort": "other", "unit_price": "5"}, ONLY_MONEY),
            ("account-pay", account, {"amount": "5", "means": "cheque"}, ONLY_MONEY),
            ("charge-reverse", charge, REASON, ONLY_MONEY),
            ("charge-waive", charge, REASON, ONLY_MONEY),
            ("payment-reverse", payment, REASON, ONLY_MONEY),
            ("deposit-receive", deposit, {"means": "cash"}, {"staff": OK}),
            ("deposit-give-back", held_deposit, {}, {"staff": OK}),
            ("deposit-keep", held_deposit, REASON | {"amount": "5"}, ONLY_MONEY),
            ("deposit-waive", deposit, REASON, ONLY_MONEY),
        )
    ],
    row(
        "POST",
        "api:payment-list",
        data=lambda world: {"account": world.get(account).pk, "amount": "5", "means": "cheque"},
        outsiders=400,  # an account that they cannot see is unknown
        stranger=400,
        participant=FORBIDDEN,
        **ONLY_MONEY,
    ),
    row("POST", "api:tariff-list", data=A_TARIFF, **ONLY_BOOKS),
    row("POST", "api:tariff-end", {"pk": tariff}, data={"valid_until": "2026-01-01"}, **ONLY_BOOKS),
    row("POST", "api:payer-list", data={"name": "CCAS"}, **ONLY_BOOKS),
    row("POST", "api:payer-change", {"pk": payer}, data={"name": "CCAS"}, **ONLY_BOOKS),
]
