"""What happened to the dates of a loan, for its timeline. Reads only."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from bookings.models import Booking, Period
from core import words
from core.journal import story_of


class Told(NamedTuple):
    what: str
    at: dt.datetime
    icon: str
    detail: str


TOLD = {
    "booking.extended": ("Prolongé", "calendar-plus"),
    "booking.renewed": ("Renouvelé", "calendar-plus"),
    "booking.shortened": ("Raccourci", "calendar-x"),
    "booking.moved": ("Dates changées", "calendar-event"),
    "booking.comes_later": ("Vient plus tard", "hourglass-split"),
    "booking.contract_signed": ("Contrat signé", "pencil"),
    "booking.longer_asked": ("Voudrait garder le véhicule plus longtemps", "calendar-plus"),
    "booking.longer_refused": ("Demande refusée", "calendar-x"),
}


def changes_told(loan: Booking, periods: Sequence[Period]) -> Iterator[Told]:
    """What the journal knows of its dates, and the renewals that were given up. One query."""
    for entry in story_of(loan).filter(verb__in=TOLD):
        what, icon = TOLD[entry.verb]
        yield Told(what, entry.at, icon, told_words(entry.verb, entry.facts))
    for period in periods:
        if period.given_up_at:
            yield Told("Renouvellement abandonné", period.given_up_at, "calendar-x", words.until(period.ends_at))


def told_words(verb: str, facts: dict[str, Any]) -> str:
    """« du mardi 3 mars à 9 h au … », « jusqu’au vendredi 6 mars »; with what it costs in addition."""
    if "from" in facts:
        start, end = (dt.datetime.fromisoformat(facts[name]) for name in ("from", "until"))
        said = words.span(start, end) if verb in {"booking.moved", "booking.comes_later"} else words.until(end)
        difference = Decimal(facts.get("difference", 0))
        return f"{said}, {'+' if difference > 0 else ''}{words.euros(difference)}" if difference else said
    return words.until(dt.date.fromisoformat(facts["until"])) if "until" in facts else ""
