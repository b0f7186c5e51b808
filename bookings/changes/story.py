"""What happened to the dates of a loan, for its timeline. Reads only."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from bookings.models import Booking, Period, Wish
from core import words
from core.models import JournalEntry


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


def with_changes(loans: QuerySet[Booking]) -> QuerySet[Booking]:
    """Loans with what their timeline and their page need of the journal and of a wish: no query more."""
    of_loan = {"target_type": "bookings.booking", "target_id": Cast(OuterRef("pk"), CharField())}
    entries = JournalEntry.objects.filter(verb__in=TOLD, **of_loan).order_by("pk")
    wishes = Wish.objects.filter(booking=OuterRef("pk")).exclude(state=Wish.State.REPLACED).order_by("-asked_at", "-pk")
    return loans.annotate(
        told=ArraySubquery(entries.values(entry=JSONObject(verb="verb", at="at", facts="facts"))),
        last_wish=Subquery(
            wishes.values(wish=JSONObject(id="pk", until="until", reason="reason", state="state", answer="answer"))[:1]
        ),
    )


def wish_of(loan: Booking) -> Wish | None:
    """The last wish of a loan that `with_changes` read, answered or not."""
    known: dict[str, Any] | None = loan.last_wish  # type: ignore[attr-defined]
    if known is None:
        return None
    return Wish(booking=loan, **known | {"until": dt.date.fromisoformat(known["until"])})


def changes_told(loan: Booking, periods: Sequence[Period]) -> Iterator[Told]:
    """What the journal knows of its dates, of a loan that `with_changes` read, and the renewals that were given up."""
    for entry in loan.told:  # type: ignore[attr-defined]
        what, icon = TOLD[entry["verb"]]
        at = dt.datetime.fromisoformat(entry["at"])
        yield Told(what, at, icon, told_words(entry["verb"], entry["facts"]))
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
