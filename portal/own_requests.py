"""What a participant asked for and waits for, on their own page; read along with what the page reads anyway."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from bookings.messages import on
from bookings.models import Booking, WaitingEntry
from bookings.requests.messages import a_vehicle
from core import clock
from fleet.models import Kind, Vehicle
from participants.models import Participant

LENGTHS = ((7, "1 semaine"), (14, "2 semaines"), (30, "1 mois"), (90, "3 mois"))
MORNING = dt.time(9)
# Annotated on the participant, whom every page reads: no query of its own.
WAITS = ArraySubquery(
    WaitingEntry.objects.filter(participant=OuterRef("pk"), state=WaitingEntry.State.WAITING)
    .order_by("pk")
    .values(row=JSONObject(pk="pk", kind="kind"))
)


@dataclass
class OwnRequests:
    asked: list[Booking] = field(default_factory=list)
    offers: list[Booking] = field(default_factory=list)  # kept for them, and they were told
    waits: list[dict[str, Any]] = field(default_factory=list)
    may_ask: bool = False


def split(loans: list[Booking]) -> tuple[list[Booking], list[Booking], list[Booking]]:
    """Requests; offers to answer; and the other loans. What is kept for somebody who was not told stays unsaid."""
    asked = [loan for loan in loans if loan.is_request and loan.state != Booking.State.DRAFT]
    kept = [loan for loan in loans if loan.is_provisional and getattr(loan, "proposal", None)]
    offers = [loan for loan in kept if loan.proposal.told_at]
    others = [loan for loan in loans if not loan.is_request and loan not in kept]
    return asked, offers, others


def of(participant: Any, loans: list[Booking]) -> OwnRequests:
    asked, offers, _ = split(loans)
    for loan in (*asked, *offers):
        loan.what = a_vehicle(loan.kind)  # type: ignore[attr-defined]
        # The day's own name, never « demain »: the page may be read aloud tomorrow.
        loan.span_words = f"du {on(loan.starts_at)} au {on(loan.ends_at)}"  # type: ignore[attr-defined]
        loan.until_words = on(loan.promised_until) if loan.promised_until else ""  # type: ignore[attr-defined]
    waits = [one | {"what": a_vehicle(one["kind"])} for one in participant.waits]
    policy = getattr(participant.platform, "request_policy", None)
    return OwnRequests(asked, offers, waits, bool(policy and policy.participants_may_ask))


def kinds_to_ask_for(participant: Participant) -> list[tuple[str, str]]:
    """What the pool has: « une voiture »… One query."""
    there = Vehicle.objects.filter(platform=participant.platform_id).in_service().order_by().values_list("kind")
    known = {kind for (kind,) in there.distinct()}
    return [(kind.value, a_vehicle(kind)) for kind in Kind if kind in known]


def span_of(starts_on: dt.date, days: int, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """From nine o'clock on the wall, for so many days."""
    return clock.at(starts_on, MORNING, zone), clock.at(starts_on + dt.timedelta(days=days), MORNING, zone)
