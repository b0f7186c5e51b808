"""By which day something must be done when a vehicle was hit, stolen, fined or impounded: French law as data.

Pure. Each figure stands with the day since which it holds; a change of the law is a new line. Sources: Code des
assurances, art. L113-2 (accident, theft); Code de la route, art. L121-6 (who drove), L325-7 (impound), L419-1 and
R419-2 (tolls); CGCT, art. L2333-87 and L2333-87-5 (parking charges); Code de procédure pénale, art. 529-2 and 529-6.

The day from which a delay runs is not counted, and its last day is: what is done on it is in time. A delay counted in
calendar days is never moved to the next working day, though some courts would: early is safe, late is not.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import holidays

from core.days import months_later

LONG_AGO = dt.date(1900, 1, 1)
Figure = tuple[tuple[dt.date, int], ...]  # (since, value), the oldest first


class Step(StrEnum):
    """What must be done next, and is kept beside its day."""

    COMPLAIN = "complain"
    INSURE = "insure"
    FETCH = "fetch"
    DESIGNATE = "designate"
    CONTEST = "contest"
    PAY = "pay"


# --- the law --------------------------------------------------------------------------------------

ACCIDENT_WORKING_DAYS: Figure = ((LONG_AGO, 5),)
THEFT_WORKING_DAYS: Figure = ((LONG_AGO, 2),)
DESIGNATION_DAYS: Figure = ((LONG_AGO, 45),)  # from the sending or the hand-over of the notice, not from the offence
CONTRAVENTION_DAYS: Figure = ((LONG_AGO, 45),)  # to pay or contest, when nobody has to be named
PARKING_PAY_MONTHS: Figure = ((dt.date(2018, 1, 1), 3),)
PARKING_APPEAL_MONTHS: Figure = ((dt.date(2018, 1, 1), 1),)
TOLL_HOURS: Figure = ((LONG_AGO, 72),)  # from the passage
TOLL_REDUCED_DAYS: Figure = ((LONG_AGO, 15),)  # from the notice: the reduced indemnity
TOLL_APPEAL_MONTHS: Figure = ((LONG_AGO, 2),)
IMPOUND_DAYS: Figure = ((LONG_AGO, 30), (dt.date(2021, 4, 1), 15))  # then it counts as abandoned
IMPOUND_LOW_VALUE_DAYS: Figure = ((LONG_AGO, 10),)  # many old cars: then it is destroyed
OFFENCE_LAPSES_MONTHS = 12  # art. 9 of the Code de procédure pénale: until then a notice may still come


@dataclass(frozen=True)
class Notice:
    """From how many days before its last day a deadline is soon, and from how many it is now."""

    soon: int
    now: int


WARN: dict[str, Notice] = {
    Step.COMPLAIN: Notice(soon=30, now=4),  # four days: what ends on a Monday or Tuesday is red on the Friday before
    Step.INSURE: Notice(soon=30, now=4),
    Step.FETCH: Notice(soon=30, now=5),  # it costs every day
    Step.DESIGNATE: Notice(soon=21, now=7),
    Step.CONTEST: Notice(soon=14, now=4),
    Step.PAY: Notice(soon=21, now=4),
}


def in_force(figure: Figure, on: dt.date) -> int:
    """The value that holds on that day, or the first that ever did."""
    return ([value for since, value in figure if since <= on] or [figure[0][1]])[-1]


# --- working days ------------------------------------------------------------------------------------

# The territories of which the wall clock tells that they keep days of their own. Alsace and Moselle share that of
# Paris: their two more holidays are worked here, so that a delay ends early rather than late.
OVERSEAS = {
    "America/Guadeloupe": "971",
    "America/Martinique": "972",
    "America/Cayenne": "973",
    "Indian/Reunion": "974",
    "Indian/Mayotte": "976",
    "America/Miquelon": "PM",
    "Pacific/Noumea": "NC",
    "Pacific/Tahiti": "PF",
    "Pacific/Wallis": "WF",
}


@lru_cache(maxsize=256)
def public_holidays(year: int, time_zone: str = "Europe/Paris") -> frozenset[dt.date]:
    """Those of the territory whose wall clock the platform keeps."""
    return frozenset(holidays.France(years=year, subdiv=OVERSEAS.get(time_zone)))


def is_working_day(day: dt.date, time_zone: str = "Europe/Paris") -> bool:
    """*Jour ouvré*: Monday to Friday, but the public holidays."""
    return day.weekday() < 5 and day not in public_holidays(day.year, time_zone)


def working_days_after(day: dt.date, number: int, time_zone: str = "Europe/Paris") -> dt.date:
    """The `number`th working day after `day`, which is not counted itself."""
    while number:
        day += dt.timedelta(days=1)
        number -= is_working_day(day, time_zone)
    return day


# --- the last days -----------------------------------------------------------------------------------


def insure_accident_by(known_on: dt.date, time_zone: str) -> dt.date:
    """From the day on which the platform knew of it."""
    return working_days_after(known_on, in_force(ACCIDENT_WORKING_DAYS, known_on), time_zone)


def insure_theft_by(known_on: dt.date, time_zone: str) -> dt.date:
    return working_days_after(known_on, in_force(THEFT_WORKING_DAYS, known_on), time_zone)


def designate_by(sent_on: dt.date) -> dt.date:
    return sent_on + dt.timedelta(days=in_force(DESIGNATION_DAYS, sent_on))


def settle_contravention_by(sent_on: dt.date) -> dt.date:
    return sent_on + dt.timedelta(days=in_force(CONTRAVENTION_DAYS, sent_on))


def pay_parking_by(sent_on: dt.date) -> dt.date:
    return months_later(sent_on, in_force(PARKING_PAY_MONTHS, sent_on))


def appeal_parking_by(sent_on: dt.date) -> dt.date:
    return months_later(sent_on, in_force(PARKING_APPEAL_MONTHS, sent_on))


def pay_toll_by(passed_at: dt.datetime) -> dt.datetime:
    """The last moment at which the toll alone is due. Counted in hours that pass: a clock change takes none away."""
    hours = in_force(TOLL_HOURS, passed_at.date())
    return (passed_at.astimezone(dt.UTC) + dt.timedelta(hours=hours)).astimezone(passed_at.tzinfo)


def pay_reduced_toll_by(sent_on: dt.date) -> dt.date:
    return sent_on + dt.timedelta(days=in_force(TOLL_REDUCED_DAYS, sent_on))


def appeal_toll_by(sent_on: dt.date) -> dt.date:
    return months_later(sent_on, in_force(TOLL_APPEAL_MONTHS, sent_on))


def fetch_by(notified_on: dt.date, *, low_value: bool) -> dt.date:
    """The last day before a vehicle at the pound counts as abandoned."""
    figure = IMPOUND_LOW_VALUE_DAYS if low_value else IMPOUND_DAYS
    return notified_on + dt.timedelta(days=in_force(figure, notified_on))


def tone(step: str, due_on: dt.date, today: dt.date) -> str:
    """`now` (red) before it is missed and ever after, `soon` (amber), or nothing yet."""
    left, warning = (due_on - today).days, WARN[step]
    return "now" if left <= warning.now else "soon" if left <= warning.soon else ""
