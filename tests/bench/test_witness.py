"""The checker finds what is wrong in a history that was made wrong, and nothing in one that is right."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from bench.clients import Attempt
from bench.witness import FOREVER, Checker, History, Version

DAY = dt.timedelta(days=1)
MONDAY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
CAR, OTHER = 1, 2


def attempt(verb: str = "book", *, status: int = 409, code: str = "overlap", at: float = 10.0, **more: Any) -> Attempt:
    asked = {"vehicle": CAR, "starts_at": MONDAY, "ends_at": MONDAY + DAY} | more.pop("asked", {})
    took = more.pop("took", 0.1)
    return Attempt(verb, asked, at, at + took, status, code if status == 409 else "", **more)


def history(
    holds: list[tuple[float, float, dict[str, Any]]] = [],  # noqa: B006 - never changed
    loans: list[tuple[float, float, dict[str, Any]]] = [],  # noqa: B006
    assignments: list[tuple[float, float, dict[str, Any]]] = [],  # noqa: B006
) -> History:
    found = History()
    for sort, rows in (("hold", holds), ("booking", loans), ("assignment", assignments)):
        for since, until, row in rows:
            found.versions[sort].setdefault(row["id"], []).append(Version(since, until, row))
    return found


def hold(vehicle: int = CAR, *, id: int = 7, start: dt.datetime = MONDAY, days: int = 1) -> dict[str, Any]:
    return {"id": id, "vehicle_id": vehicle, "purpose": "loan", "starts_at": start, "ends_at": start + days * DAY}


def loan(state: str = "reserved", *, id: int = 3, days: int = 1) -> dict[str, Any]:
    return {"id": id, "state": state, "starts_at": MONDAY, "ends_at": MONDAY + days * DAY}


def serves(booking: int = 3, hold_id: int | None = 7) -> dict[str, Any]:
    return {"id": 5, "booking_id": booking, "vehicle_id": CAR, "hold_id": hold_id, "ended_at": None}


def is_explained(found: History, one: Attempt) -> bool:
    return Checker(found, [one], [CAR, OTHER]).unexplained() == []


class TestBursts:
    def burst(self, *statuses: int) -> list[int]:
        asked = [attempt(status=status, burst=4) for status in statuses]
        return Checker(history(), asked, [CAR]).bursts_without_one_winner()

    def test_one_winner_is_right(self) -> None:
        assert self.burst(409, 201, 409) == []

    @pytest.mark.parametrize("statuses", [(201, 201), (409, 409)])
    def test_two_winners_or_none_are_wrong(self, statuses: tuple[int, ...]) -> None:
        assert self.burst(*statuses) == [4]


class TestLost:
    def lost(self, told: Counter[tuple[str, int]]) -> list[str]:
        return Checker(history(), [attempt(status=201, row=3), attempt("cancel", status=200, row=3)], [CAR]).lost(told)

    def test_what_was_confirmed_stands_in_the_journal(self) -> None:
        assert self.lost(Counter({("booking.booked", 3): 1, ("booking.cancelled", 3): 1})) == []

    def test_a_confirmed_loan_that_is_nowhere_is_lost(self) -> None:
        assert self.lost(Counter({("booking.booked", 3): 1})) == [
            "booking.cancelled of loan 3: confirmed 1 times, journal 0"
        ]

    def test_a_loan_that_nobody_was_told_of_is_wrong_too(self) -> None:
        told = Counter({("booking.booked", 3): 1, ("booking.cancelled", 3): 1, ("booking.booked", 4): 1})
        assert len(self.lost(told)) == 1


class TestRefusals:
    def test_overlap_wants_a_hold_of_that_vehicle_at_that_time(self) -> None:
        assert is_explained(history([(1, FOREVER, hold())]), attempt())
        assert not is_explained(history(), attempt())
        assert not is_explained(history([(1, FOREVER, hold(OTHER))]), attempt())
        assert not is_explained(history([(1, FOREVER, hold(start=MONDAY + DAY))]), attempt())

    def test_a_hold_explains_only_what_was_asked_while_it_stood(self) -> None:
        assert not is_explained(history([(1, 9.5, hold())]), attempt(at=10))
        assert is_explained(history([(1, 10.05, hold())]), attempt(at=10))
        assert not is_explained(history([(10.2, FOREVER, hold())]), attempt(at=10))

    def test_a_loan_is_not_in_its_own_way(self) -> None:
        own = history([(1, FOREVER, hold())], [(1, FOREVER, loan())], [(1, FOREVER, serves())])
        later = attempt("extend", row=3, asked={"vehicle": CAR, "until": MONDAY + 3 * DAY})
        assert not is_explained(own, later)
        own.versions["hold"][8] = [Version(1, FOREVER, hold(id=8, start=MONDAY + DAY))]
        del later.asked["starts_at"], later.asked["ends_at"]
        assert is_explained(own, later)

    def test_none_free_wants_every_vehicle_taken(self) -> None:
        asked = attempt(code="none_free")
        both = [(1.0, FOREVER, hold()), (1.0, FOREVER, hold(OTHER, id=8))]
        assert is_explained(history(both), asked)
        assert not is_explained(history(both[:1]), asked)

    def test_wrong_state_wants_another_state(self) -> None:
        asked = attempt("cancel", code="wrong_state", row=3)
        assert is_explained(history(loans=[(1, 5, loan()), (5, FOREVER, loan("cancelled"))]), asked)
        assert not is_explained(history(loans=[(1, FOREVER, loan())]), asked)

    def test_busy_is_said_only_after_waiting(self) -> None:
        assert is_explained(history(), attempt(code="busy", took=4.2))
        assert not is_explained(history(), attempt(code="busy", took=0.2))

    @pytest.mark.parametrize("status", [0, 400, 403, 404, 429, 500, 503])
    def test_anything_but_a_refusal_is_never_explained(self, status: int) -> None:
        assert not is_explained(history([(1, FOREVER, hold())]), attempt(status=status))

    def test_a_reason_that_the_checker_does_not_know_explains_nothing(self) -> None:
        assert not is_explained(history([(1, FOREVER, hold())]), attempt(code="mystery"))
