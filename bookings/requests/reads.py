"""The requests that wait, as lists and pages show them: for whom, since when, at what price today."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Platform, User
from bookings.models import Booking, LoanRequest
from bookings.offers import choices as offers
from bookings.rules import approvals
from bookings.rules.house import Terms
from bookings.series.recurrence import Pattern
from core import words

State = Booking.State
OPEN = Q(state__in=Booking.REQUESTS) | Q(state=State.RESERVED, promised_until__isnull=False)
WAITS_FOR = {
    "": OPEN,
    "decision": Q(state=State.AWAITING_APPROVAL),
    "papers": Q(state=State.AWAITING_DOCUMENTS),
    "draft": Q(state=State.DRAFT),
    "answer": Q(state=State.RESERVED, promised_until__isnull=False),
}


def waiting(platform: Platform, user: User, waits_for: str = "", kind: str = "") -> QuerySet[Booking]:
    """Requests without an answer, and promises « sous réserve »: the oldest first. One query."""
    loans = Booking.objects.visible_to(user).filter(WAITS_FOR.get(waits_for, OPEN), platform=platform)
    if kind:
        loans = loans.filter(kind=kind)
    return (
        loans.select_related("participant", "request__site", "request__asked_by", "proposal")
        .annotate(since=Coalesce(F("request__submitted_at"), F("created_at")))
        .order_by("since", "pk")
    )


def waits_for_words(loan: Any) -> str:
    """Whom or what it waits for, in the words of the list."""
    if loan.state == State.AWAITING_APPROVAL:
        return "une décision"
    if loan.state == State.AWAITING_DOCUMENTS:
        return ", ".join(paper.lower() for paper in loan.request.papers_in_words)
    if loan.state == State.DRAFT:
        return "d’être envoyée"
    return f"une confirmation avant {words.moment(loan.promised_until)}"


@dataclass
class Asked:
    """How a loan was asked for, on its page."""

    row: LoanRequest | None
    proposal: Any
    estimate: Any = None  # today's price, while it is a request
    decides: str = ""  # who must say yes, when that is not everybody
    may_decide: bool = False
    pattern: Pattern | None = None  # of a recurring loan


def asked_of(loan: Booking, user: User, rules: Terms | None = None) -> Asked:
    """No query but those of today's tariff and rules, for a request."""
    found = Asked(getattr(loan, "request", None), getattr(loan, "proposal", None))
    if found.row and found.row.pattern:
        found.pattern = Pattern.from_json(found.row.pattern)
    if loan.is_request:
        priced = offers.price(
            loan.platform, loan.kind, loan.starts_at, loan.ends_at, programme=loan.programme,
            participant=loan.participant,
        )  # fmt: skip
        found.estimate = priced[1] if priced else None
        rules = rules or approvals.terms_of(loan)
        found.decides = approvals.in_words(approvals.approvers(rules))
        found.may_decide = approvals.may_promise(user, loan.platform, rules)
    return found
