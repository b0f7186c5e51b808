"""The loan, from request to return: what was agreed, which vehicles served it, what was seen at each key."""

from bookings.models.fines import Fine, IncidentPolicy, Trip
from bookings.models.incidents import CasePaper, Incident, UnreturnedLoan
from bookings.models.loans import Assignment, Booking, Period
from bookings.models.reports import ConditionReport, ReportedDamage, ReportPhoto
from bookings.models.series import Series

__all__ = [
    "Assignment",
    "Booking",
    "CasePaper",
    "ConditionReport",
    "Fine",
    "Incident",
    "IncidentPolicy",
    "Period",
    "ReportPhoto",
    "ReportedDamage",
    "Series",
    "Trip",
    "UnreturnedLoan",
]
