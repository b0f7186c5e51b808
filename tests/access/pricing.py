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
]
