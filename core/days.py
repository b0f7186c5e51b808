"""Counting days as the law does."""

import calendar
import datetime as dt


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_later(day: dt.date, years: int) -> dt.date:
    """The anniversary; that of 29 February falls on the 28th when the year has no 29th."""
    return months_later(day, 12 * years)
