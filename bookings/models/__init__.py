"""The loan, from request to return: what was agreed, which vehicles served it, what was seen at each key."""

from bookings.models.loans import Assignment, Booking, Period
from bookings.models.reports import ConditionReport, ReportedDamage, ReportPhoto
from bookings.models.series import Series

__all__ = [
    "Assignment",
    "Booking",
    "ConditionReport",
    "Period",
    "ReportPhoto",
    "ReportedDamage",
    "Series",
]
