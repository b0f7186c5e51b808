"""A calendar as programs read it (RFC 5545). Pure: the same entries always give the same bytes.

Every moment is written in UTC, so that no reader must know a time zone: 2 h 30 of a night on which the clock goes back
is one of two, and each is itself.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from icalendar import Calendar, Event

PRODUCT = "-//Remise//Agendas//FR"
READ_AGAIN = dt.timedelta(hours=1)  # what we ask of programs; they do as they like


@dataclass(frozen=True)
class Entry:
    """One line of an agenda, half-open [starts_at, ends_at). `uid` stays when it moves, `written_at` does too."""

    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    summary: str
    written_at: dt.datetime
    place: str = ""
    more: str = ""
    url: str = ""
    is_provisional: bool = False
    is_moment: bool = False  # a departure or a return: it takes nobody's day


def as_ical(title: str, zone: str, entries: Iterable[Entry]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", _utc(entry.written_at))
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(max(entry.ends_at, entry.starts_at + dt.timedelta(minutes=1))))
    event.add("summary", entry.summary)
    event.add("status", "TENTATIVE" if entry.is_provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_moment else "OPAQUE")
    event.add("class", "PRIVATE")
    for name, value in (("location", entry.place), ("description", entry.more), ("url", entry.url)):
        if value:
            event.add(name, value)
    return event


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(microsecond=0)
