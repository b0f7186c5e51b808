"""What can happen to a loan; the only writers of it.

The order of locks is vehicles, bookings, accounts, counters.
"""

from bookings.actions.changes import expect_later, extend, move, renew, shorten
from bookings.actions.kerb import hand_over, take_back
from bookings.actions.loan import book, cancel, close
from bookings.actions.passes import review_pass
from bookings.actions.problems import report_problem
from bookings.actions.record import record_loan
from bookings.actions.requests import (
    approve,
    ask_for_documents,
    change_request,
    confirm,
    expire,
    refuse_request,
    request_loan,
    submit,
)
from bookings.actions.vehicles import correct_vehicle, rehouse, replace_vehicle
from bookings.actions.waiting import (
    accept_proposal,
    decline_proposal,
    join_waiting_list,
    leave_waiting_list,
    offer,
    propose,
    save_request_policy,
    wait_for_vehicle,
)
from bookings.actions.wishes import ask_for_longer

__all__ = [
    "accept_proposal",
    "approve",
    "ask_for_documents",
    "ask_for_longer",
    "book",
    "cancel",
    "change_request",
    "close",
    "confirm",
    "correct_vehicle",
    "decline_proposal",
    "expect_later",
    "expire",
    "extend",
    "hand_over",
    "join_waiting_list",
    "leave_waiting_list",
    "move",
    "offer",
    "propose",
    "record_loan",
    "refuse_request",
    "rehouse",
    "renew",
    "replace_vehicle",
    "report_problem",
    "request_loan",
    "review_pass",
    "save_request_policy",
    "shorten",
    "submit",
    "take_back",
    "wait_for_vehicle",
]
