"""Working days of a French garage: Monday to Friday, but the public holidays (Code du travail, art. L.3133-1)."""

import datetime as dt
from functools import lru_cache

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # month, day
AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year)


def working_days_after(day: dt.date, number: int) -> dt.date:
    """The `number`th working day after `day`; with 0, `day` itself or the first working day that follows."""
    while number == 0 and not is_working_day(day):
        day += dt.timedelta(days=1)
    for _ in range(number):
        day += dt.timedelta(days=1)
        while not is_working_day(day):
            day += dt.timedelta(days=1)
    return day


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[dt.date]:
    moving = (easter(year) + dt.timedelta(days=days) for days in AFTER_EASTER)
    return frozenset([*(dt.date(year, month, day) for month, day in FIXED), *moving])


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + ell - 7 * ((a + 11 * h + 22 * ell) // 451) + 114, 31)
    return dt.date(year, month, day + 1)
