"""The loan, from request to return: what was agreed, which vehicles served it, what was seen at each key."""

from bookings.models.changes import ContractSignature, Wish
from bookings.models.clauses import Clause
from bookings.models.feeds import CalendarFeed
from bookings.models.fines import Fine, IncidentPolicy, Trip
from bookings.models.incidents import CasePaper, Incident, UnreturnedLoan
from bookings.models.loans import Assignment, Booking, Period
from bookings.models.preparation import PreparationTick
from bookings.models.recovery import RecoveryStep
from bookings.models.reminders import ReminderPolicy, ReminderStep
from bookings.models.reports import ConditionReport, ReportedDamage, ReportPhoto
from bookings.models.requests import LoanRequest, RequestPolicy
from bookings.models.rules import LoanRules, RulePass
from bookings.models.series import Series
from bookings.models.waiting import Proposal, WaitingEntry

__all__ = [
    "Assignment",
    "Booking",
    "CalendarFeed",
    "CasePaper",
    "Clause",
    "ConditionReport",
    "ContractSignature",
    "Fine",
    "Incident",
    "IncidentPolicy",
    "LoanRequest",
    "LoanRules",
    "Period",
    "PreparationTick",
    "Proposal",
    "RecoveryStep",
    "ReminderPolicy",
    "ReminderStep",
    "ReportPhoto",
    "ReportedDamage",
    "RequestPolicy",
    "RulePass",
    "Series",
    "Trip",
    "UnreturnedLoan",
    "WaitingEntry",
    "Wish",
]
