"""What can happen to a loan; the only writers of it.

The order of locks is vehicles, bookings, accounts, counters.
"""

from bookings.actions.changes import expect_later, extend, move, renew, shorten
from bookings.actions.kerb import hand_over, take_back
from bookings.actions.loan import book, cancel, close
from bookings.actions.problems import report_problem
from bookings.actions.record import record_loan
from bookings.actions.vehicles import correct_vehicle, rehouse, replace_vehicle
from bookings.actions.wishes import ask_for_longer

__all__ = [
    "ask_for_longer",
    "book",
    "cancel",
    "close",
    "correct_vehicle",
    "expect_later",
    "extend",
    "hand_over",
    "move",
    "record_loan",
    "rehouse",
    "renew",
    "replace_vehicle",
    "report_problem",
    "shorten",
    "take_back",
]
