"""What can happen to a loan; the only writers of it.

The order of locks is participants, vehicles, bookings, accounts, counters.
"""

from bookings.actions.changes import expect_later, extend, move, renew, shorten
from bookings.actions.clauses import add_clause, end_clause, reword_clause
from bookings.actions.contracts import attach_signed_copy
from bookings.actions.feeds import make_feed, revoke_feed
from bookings.actions.fines import (
    close_fine,
    contest,
    designate,
    name_driver,
    pay_fine,
    rebill,
    record_fine,
    withdraw_fine,
)
from bookings.actions.giving_up import cancel, no_show
from bookings.actions.incidents import (
    add_paper,
    close_incident,
    complete,
    declare,
    fetch,
    lodge_complaint,
    open_incident,
)
from bookings.actions.kerb import hand_over, take_back
from bookings.actions.loan import book, close
from bookings.actions.lost import end_without_return, recovered
from bookings.actions.notices import notice_came
from bookings.actions.passes import pass_rules, review_pass
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
from bookings.actions.rules import end_rules, save_rules
from bookings.actions.series import book_series, drop_occurrence, end_series
from bookings.actions.series_requests import approve_series, request_series
from bookings.actions.signing import sign_contract
from bookings.actions.trips import drop_trip, note_trip
from bookings.actions.vehicles import correct_vehicle, rehouse, replace_vehicle
from bookings.actions.waiting import (
    accept_proposal,
    change_waiting,
    decline_proposal,
    join_waiting_list,
    leave_waiting_list,
    offer,
    propose,
    save_request_policy,
    wait_for_vehicle,
)
from bookings.actions.wishes import ask_for_longer, refuse_wish

__all__ = [
    "accept_proposal",
    "add_clause",
    "add_paper",
    "add_proof",
    "add_reminder",
    "approve",
    "approve_series",
    "ask_for_documents",
    "ask_for_longer",
    "attach_signed_copy",
    "book",
    "book_series",
    "cancel",
    "change_reminder",
    "change_request",
    "change_waiting",
    "close",
    "close_fine",
    "close_incident",
    "complete",
    "confirm",
    "contact_made",
    "contest",
    "correct_vehicle",
    "declare",
    "decline_proposal",
    "designate",
    "drop_occurrence",
    "drop_reminder",
    "drop_trip",
    "end_clause",
    "end_rules",
    "end_series",
    "end_without_return",
    "expect_later",
    "expire",
    "extend",
    "fetch",
    "hand_over",
    "join_waiting_list",
    "leave_waiting_list",
    "lodge_complaint",
    "make_feed",
    "make_room",
    "meet_at",
    "move",
    "name_driver",
    "no_show",
    "note_trip",
    "notice_came",
    "offer",
    "open_incident",
    "pass_rules",
    "pay_fine",
    "pin",
    "propose",
    "rebill",
    "record_fine",
    "record_loan",
    "recovered",
    "refuse_request",
    "refuse_wish",
    "rehouse",
    "remind",
    "renew",
    "replace_vehicle",
    "report_problem",
    "request_loan",
    "request_series",
    "review_pass",
    "revoke_feed",
    "reword_clause",
    "save_reminder_policy",
    "save_request_policy",
    "save_rules",
    "shorten",
    "sign_contract",
    "submit",
    "take_back",
    "tick",
    "unpin",
    "untick",
    "wait_for_vehicle",
    "withdraw_fine",
    "write_letter",
]
