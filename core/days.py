"""Counting days as the law does, and which of them anybody means."""

import calendar
import datetime as dt

REAL_YEARS = range(1900, 2200)  # other years are slips, and the ends of the calendar cannot be said in every time zone


def is_real(day: dt.date) -> bool:
    """Somebody may mean this day or moment."""
    return day.year in REAL_YEARS


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_later(day: dt.date, years: int) -> dt.date:
    """The anniversary; that of 29 February falls on the 28th when the year has no 29th."""
    return months_later(day, 12 * years)
