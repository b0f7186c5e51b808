"""The one clock. Everything that asks what time it is asks here.

The demo can be moved in time (`script/manage clock +1d`), so that a late return needs no waiting; the
shift stands in a file in `var/`, since a demo is one computer. Outside the demo that file is not read.
Tests move the clock with `travel`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_travelled: dt.timedelta = dt.timedelta()


def now() -> dt.datetime:
    """The current instant, aware, in UTC."""
    shift = _travelled
    if settings.DEMO:
        shift += demo_shift()
    return timezone.now() + shift


def true_now() -> dt.datetime:
    """The computer's own instant, whatever the demo plays: to compare with what the computer dated, such as a file."""
    return timezone.now()


def today(tz: dt.tzinfo | None = None) -> dt.date:
    """The date on the wall in `tz` (the current time zone when none is given)."""
    return timezone.localtime(now(), tz).date()


def at(day: dt.date, time: dt.time, tz: str | dt.tzinfo) -> dt.datetime:
    """The instant at which the wall clock of `tz` shows `time` on `day` (the first one, when it shows it twice)."""
    zone = ZoneInfo(tz) if isinstance(tz, str) else tz
    return dt.datetime.combine(day, time, tzinfo=zone)


@contextmanager
def travel(shift: dt.timedelta | None = None, *, to: dt.datetime | None = None) -> Iterator[None]:
    """For tests: the clock runs `shift` ahead, or from the instant `to`."""
    global _travelled
    before = _travelled
    _travelled = before + shift if shift is not None else to - timezone.now()  # type: ignore[operator]
    try:
        yield
    finally:
        _travelled = before


def demo_clock_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-clock"


def demo_shift() -> dt.timedelta:
    """How far the demo was moved; every process of the computer sees a change at once."""
    file = demo_clock_file()
    try:
        return _read_shift(str(file), file.stat().st_mtime_ns)
    except FileNotFoundError:
        return dt.timedelta()


@lru_cache(maxsize=1)
def _read_shift(file: str, _modified: int) -> dt.timedelta:
    return dt.timedelta(seconds=float(Path(file).read_text()))


def move_demo(shift: dt.timedelta | None) -> dt.timedelta:
    """Moves the demo's clock by `shift` more, or back to the true time with None; returns the whole shift."""
    if not settings.DEMO:
        raise RuntimeError("The clock can be moved in the demo only.")
    total = dt.timedelta() if shift is None else demo_shift() + shift
    demo_clock_file().write_text(str(total.total_seconds()))
    return total


def local_date(moment: dt.datetime, tz: str) -> dt.date:
    """The date on the wall of `tz` at that moment."""
    return moment.astimezone(ZoneInfo(tz)).date()
