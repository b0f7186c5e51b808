"""A calendar as programs read it (RFC 5545). Pure: the same entries always give the same bytes.

Written by hand, since an agenda of two thousand lines is read again every hour: a library's component tree takes fifty
times as long. The tests read it with one (icalendar).

Every moment is written in UTC, so that no reader must know a time zone: 2 h 30 of a night on which the clock goes back
is one of two, and each is itself.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PRODUCT = "-//Remise//Agendas//FR"
LINE = 75  # octets, the longest line that the standard allows
A_MINUTE = dt.timedelta(minutes=1)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # what no text of a calendar may hold; a line feed is escaped


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
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{text(title)}",
        f"X-WR-TIMEZONE:{zone}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",  # what we ask of programs; they do as they like
        "X-PUBLISHED-TTL:PT1H",
        *(line for entry in entries for line in event(entry)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(entry.uid)}"
    yield f"DTSTAMP:{utc(entry.written_at)}"
    yield f"DTSTART:{utc(entry.starts_at)}"
    yield f"DTEND:{utc(max(entry.ends_at, entry.starts_at + A_MINUTE))}"
    yield f"SUMMARY:{text(entry.summary)}"
    yield "STATUS:TENTATIVE" if entry.is_provisional else "STATUS:CONFIRMED"
    yield "TRANSP:TRANSPARENT" if entry.is_moment else "TRANSP:OPAQUE"
    yield "CLASS:PRIVATE"
    if entry.place:
        yield f"LOCATION:{text(entry.place)}"
    if entry.more:
        yield f"DESCRIPTION:{text(entry.more)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield "END:VEVENT"


def text(words: str) -> str:
    """A value of type TEXT: backslash, semicolon, comma and line feed are escaped."""
    words = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return CONTROL.sub("", words.replace("\r\n", "\n").replace("\n", "\\n"))


def utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def folded(line: str) -> bytes:
    """Lines of at most 75 octets, each further one begun by a space; no character is cut in two."""
    raw = line.encode()
    if len(raw) <= LINE:
        return raw + b"\r\n"
    parts, start, room = [], 0, LINE
    while start < len(raw):
        end = min(start + room, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        parts.append(raw[start:end])
        start, room = end, LINE - 1
    return b"\r\n ".join(parts) + b"\r\n"
