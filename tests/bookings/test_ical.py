"""What we write by hand, read by a library."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from bookings.feeds.ical import CONTROL, LINE, Entry, as_ical

MOMENTS = st.floats(946_684_800, 4_102_444_800).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def entry(**given: object) -> Entry:
    start = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)
    usual = {
        "uid": "1@x",
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=1),
        "summary": "x",
        "written_at": start,
    }
    return Entry(**(usual | given))  # type: ignore[arg-type]


def read_as(words: str) -> str:
    return CONTROL.sub("", words.replace("\r\n", "\n"))


@given(words=WORDS, place=WORDS, start=MOMENTS, minutes=st.integers(-10, 100_000))
def test_whatever_is_written_is_read_the_same(words: str, place: str, start: dt.datetime, minutes: int) -> None:
    end = start + dt.timedelta(minutes=minutes)
    raw = as_ical(words, "Europe/Paris", [entry(starts_at=start, ends_at=end, summary=words, place=place)])
    assert all(len(line) <= LINE for line in raw.split(b"\r\n"))
    raw.decode()
    [event] = Calendar.from_ical(raw).walk("VEVENT")
    assert str(event["summary"]) == read_as(words)
    assert str(event.get("location", "")) == read_as(place)
    start = start.replace(microsecond=0)
    assert event.decoded("dtstart") == start
    assert event.decoded("dtend") == max(end.replace(microsecond=0), start + dt.timedelta(minutes=1))


def test_nobody_writes_a_second_event_into_a_name() -> None:
    raw = as_ical("x", "Europe/Paris", [entry(summary="x\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:y")])
    assert len(Calendar.from_ical(raw).walk("VEVENT")) == 1


def test_the_same_entries_give_the_same_bytes() -> None:
    assert as_ical("x", "Europe/Paris", [entry()]) == as_ical("x", "Europe/Paris", [entry()])
