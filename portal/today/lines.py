"""What a list of the page is made of: lines, each with one button."""

import datetime as dt
from dataclasses import dataclass, field, replace

from core import words
from fleet.models import Vehicle

SHOWN = 15  # lines of a list that are read, at most; the rest stands behind « Tout voir »
SHOWN_OF_WHAT_CAN_WAIT = 6
SOON = 30  # days before a paper expires


@dataclass
class Line:
    """Who, which vehicle, when, one button."""

    who: str
    when: str
    url: str
    verb: str
    plate: str = ""
    vehicle: str = ""
    tone: str = ""
    label: str = ""
    phone: str = ""
    is_post: bool = False  # the button carries the verb out; else it leads to where that is done
    more: str = ""  # the page that tells more, when the button is a verb


@dataclass
class Part:
    """One list of the page."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    tone: str = ""
    all_url: str = ""
    nothing: str = ""  # what its empty state says; an empty part without one is not shown
    icon: str = "check-circle"
    column: int = 0  # where there is room for two: 0 the keys, 1 money and machines

    def to_read(self) -> "Part":
        """For whoever may look and not act: each button leads to the page that tells more."""
        lines = [replace(one, url=one.more or one.url, verb="Voir", is_post=False) for one in self.lines]
        return replace(self, lines=lines)

    @property
    def most(self) -> int:
        return SHOWN_OF_WHAT_CAN_WAIT if self.column else SHOWN

    @property
    def is_cut(self) -> bool:
        return len(self.lines) > self.most

    @property
    def shown(self) -> list[Line]:
        return self.lines[: self.most]


def named(vehicle: Vehicle | None) -> dict[str, str]:
    return {"plate": vehicle.plate, "vehicle": f"{vehicle.fleet_number} {vehicle.label}".strip()} if vehicle else {}


def expiry(name: str, day: dt.date, today: dt.date, url: str, **vehicle: str) -> Line:
    past = day < today
    return Line(
        who=name,
        when=("depuis le " if past else "jusqu’au ") + words.calendar_day(day, with_year=day.year != today.year),
        url=url,
        verb="Voir",
        tone="now" if past else "soon",
        label="Périmé" if past else "Bientôt",
        **vehicle,
    )
