"""What can happen to a loan; the only writers of it.

The order of locks is vehicles, bookings, accounts, counters.
"""

from bookings.actions.changes import expect_later, extend, move, renew, shorten
from bookings.actions.clauses import add_clause, end_clause, reword_clause
from bookings.actions.contracts import attach_signed_copy
from bookings.actions.feeds import make_feed, revoke_feed
from bookings.actions.kerb import hand_over, take_back
from bookings.actions.loan import book, cancel, close
from bookings.actions.passes import review_pass
from bookings.actions.preparation import meet_at, tick, untick
from bookings.actions.problems import report_problem
from bookings.actions.record import record_loan
from bookings.actions.recovery import add_proof, contact_made, write_letter
from bookings.actions.reminders import add_reminder, change_reminder, drop_reminder, remind, save_reminder_policy
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
from bookings.actions.room import make_room, pin, unpin
from bookings.actions.series import book_series, drop_occurrence, end_series
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
    "add_clause",
    "add_proof",
    "add_reminder",
    "approve",
    "ask_for_documents",
    "ask_for_longer",
    "attach_signed_copy",
    "book",
    "book_series",
    "cancel",
    "change_reminder",
    "change_request",
    "close",
    "confirm",
    "contact_made",
    "correct_vehicle",
    "decline_proposal",
    "drop_occurrence",
    "drop_reminder",
    "end_clause",
    "end_series",
    "expect_later",
    "expire",
    "extend",
    "hand_over",
    "join_waiting_list",
    "leave_waiting_list",
    "make_feed",
    "make_room",
    "meet_at",
    "move",
    "offer",
    "pin",
    "propose",
    "record_loan",
    "refuse_request",
    "rehouse",
    "remind",
    "renew",
    "replace_vehicle",
    "report_problem",
    "request_loan",
    "review_pass",
    "revoke_feed",
    "reword_clause",
    "save_reminder_policy",
    "save_request_policy",
    "shorten",
    "submit",
    "take_back",
    "tick",
    "unpin",
    "untick",
    "wait_for_vehicle",
    "write_letter",
]
