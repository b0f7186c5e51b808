"""Whether the database says what the model says: read by rows, nothing derived by the code under test."""

import collections
from itertools import combinations
from typing import Any

from django.db.models import Sum

from bookings.models import Assignment, Booking, Period
from fleet.models import Hold, Vehicle
from pricing.models import Charge, Deposit
from tests.machine.loans import Loans
from tests.machine.model import OPEN, Loan
from tests.machine.model import Hold as Taken


def agree(model: Loans, known: dict[int, Loan]) -> None:
    """`known`: the model's loan of each booking."""
    holds = {row.pk: facts(row) for row in Hold.objects.all()}
    same("holds", sorted(holds.values()), sorted(taken(hold) for hold in model.holds))
    nothing_overlaps(holds)
    cars = {pk: (site, on is None) for pk, site, on in Vehicle.objects.values_list("pk", "site_id", "withdrawn_on")}
    same("vehicles", cars, {pk: (car.site, car.in_service) for pk, car in model.cars.items()})
    bookings = {row.pk: row for row in Booking.objects.all()}
    same("loans", sorted(bookings), sorted(known))
    parts, periods, charged = parts_of(holds), periods_of(), charges_of()
    expected = set(Deposit.objects.filter(state=Deposit.State.EXPECTED).values_list("account_id", flat=True))
    for pk, row in bookings.items():
        loan, name = known[pk], f"loan {pk}"
        said = (row.state, row.starts_at, row.ends_at, row.promised_until)
        same(name, said, (loan.state, loan.start, loan.end, loan.until))
        mine = [(part.car, part.start, part.end, part.hold and taken(part.hold), part.ended) for part in loan.parts]
        same(f"{name}: vehicles", parts[pk], mine)
        agreed = [(one.start, one.end, one.total, not one.signed) for one in loan.standing]
        same(f"{name}: periods", periods[pk], agreed)
        same(f"{name}: account", charged.get(row.account_id, 0), loan.due)
        assert not (row.state in Booking.OVER and row.account_id in expected), f"{name} expects a deposit"
        assert row.state not in OPEN or any(not ended for *_, ended in parts[pk]), f"{name} has no vehicle at all"


def facts(row: Hold) -> tuple[Any, ...]:
    return (
        row.vehicle_id,
        row.starts_at,
        row.ends_at,
        row.purpose,
        str(row.out_at),
        str(row.back_at),
        row.ready_at is not None,
        row.after,
    )


def taken(hold: Taken) -> tuple[Any, ...]:
    return (hold.car, hold.start, hold.end, hold.purpose, str(hold.out), str(hold.back), hold.ready, hold.after)


def nothing_overlaps(holds: dict[int, tuple[Any, ...]]) -> None:
    by_vehicle = collections.defaultdict(list)
    for vehicle, start, end, *_ in holds.values():
        by_vehicle[vehicle].append((start, end))
    for vehicle, spans in by_vehicle.items():
        for one, other in combinations(spans, 2):
            assert one[1] <= other[0] or other[1] <= one[0], f"vehicle {vehicle} is taken twice: {one}, {other}"


def parts_of(holds: dict[int, tuple[Any, ...]]) -> dict[int, list[Any]]:
    found = collections.defaultdict(list)
    for row in Assignment.objects.order_by("pk"):
        hold = holds[row.hold_id] if row.hold_id else None
        found[row.booking_id].append((row.vehicle_id, row.starts_at, row.ends_at, hold, row.end_reason))
        assert (row.ended_at is None) == (not row.end_reason)
    return found


def periods_of() -> dict[int, list[Any]]:
    found = collections.defaultdict(list)
    for row in Period.objects.filter(given_up_at__isnull=True).order_by("starts_at"):
        found[row.booking_id].append((row.starts_at, row.ends_at, int(row.total), row.awaits_signature))
    return found


def charges_of() -> dict[int, int]:
    sums = Charge.objects.order_by().values_list("account_id").annotate(due=Sum("amount"))
    return {account: int(due) for account, due in sums}


def same(what: str, database: Any, model: Any) -> None:
    assert database == model, f"{what}\n  database: {database}\n  model:    {model}"
