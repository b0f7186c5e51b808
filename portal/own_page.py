"""What the participant's own page tells, read in a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When

from bookings import wishes
from bookings.messages import on, the_vehicle
from bookings.models import Assignment, Booking, ConditionReport, Period, Wish
from bookings.series.reads import pattern_of
from core import clock, words
from fleet.models import Kind, Site
from fleet.opening import Hours, hours_of
from maintenance.models import RepairJob
from participants.models import Participant
from portal import own_requests
from portal.own_requests import OwnRequests
from pricing.models import Account, Deposit, Receipt
from pricing.models.accounts import balances

WITHOUT_LICENCE = {Kind.E_BIKE, Kind.BIKE}
CURRENT = (Booking.State.ACTIVE, Booking.State.RESERVED)
CURRENT_FIRST = Case(When(state__in=[*CURRENT, *Booking.REQUESTS], then=Value(0)), default=Value(1))
SHOWN = 14  # loans, current and past
HOW_IT_STANDS = {
    RepairJob.State.TO_DECIDE: "La plateforme regarde.",
    RepairJob.State.OFFERED: "Nous cherchons un garage.",
    RepairJob.State.DONE: "C’est réparé.",
    RepairJob.State.COLLECTED: "C’est réparé.",
    RepairJob.State.CANCELLED: "C’est fermé.",
}


@dataclass
class OwnLoan:
    """One loan as its participant reads it."""

    loan: Booking
    now: dt.datetime
    assignments: list[Assignment] = field(default_factory=list)
    account: Any = None  # with its balance
    deposit: Deposit | None = None  # promised, not given yet
    hours: Hours | None = None  # of the site

    @property
    def the_vehicle(self) -> str:
        return the_vehicle(self.loan.kind)

    @property
    def it(self) -> str:
        """« la » or « le », as in « la garder »."""
        return "la" if self.the_vehicle.startswith("la ") else "le"

    @property
    def is_out(self) -> bool:
        return self.loan.state == Booking.State.ACTIVE

    @property
    def is_late(self) -> bool:
        return self.loan.is_late(self.now)

    @property
    def until(self) -> str:
        """« mardi 3 mars à 18 h »: always the day's own name, for the page may be read aloud tomorrow."""
        return on(self.loan.ends_at)

    @property
    def since(self) -> str:
        return on(self.loan.starts_at)

    @property
    def current(self) -> Assignment | None:
        """The vehicle that they have, or will: the latest one of those that have not ended."""
        return self.assignments[-1] if self.assignments else None

    @property
    def shows_vehicle(self) -> bool:
        return self.current is not None and self.current.hold is not None and self.current.is_told

    @property
    def to_bring_back(self) -> list[Assignment]:
        """A first vehicle that was replaced and is still with them."""
        return [one for one in self.assignments[:-1] if one.hold and one.hold.is_out]

    @property
    def site(self) -> Site | None:
        """Where they come for the keys; once they have them, where the vehicle belongs."""
        one = self.current
        if one is None:
            return None
        return one.vehicle.site if self.is_out or one.site is None else one.site

    @property
    def pattern_words(self) -> str:
        """« la nuit, du lundi au vendredi, de 20 h à 6 h », of a recurring loan."""
        return pattern_of(self.loan.series).words() if self.loan.series else ""

    @property
    def last_day(self) -> str:
        """Of a recurring loan, as it was agreed or stopped."""
        series = self.loan.series
        return words.calendar_day(series.ended_on or series.until_on) if series else ""

    @property
    def opening_words(self) -> str:
        return self.hours.words() if self.hours else ""

    @property
    def site_news(self) -> list[str]:
        """Closures and exceptional openings of the next weeks."""
        return self.hours.coming(self.now) if self.hours else []

    @property
    def due(self) -> Decimal:
        return self.account.own_due if self.account else Decimal(0)

    @property
    def to_pay_later(self) -> Decimal:
        """The participant's own part of what falls due by the end, when nothing is due yet."""
        return self.account.own_balance if self.account and self.due <= 0 else Decimal(0)

    @property
    def needs_licence(self) -> bool:
        return self.loan.kind not in WITHOUT_LICENCE


class OwnLoans(NamedTuple):
    """What they have and are promised, what is over, accounts of that on which they still owe, what they ask for."""

    current: list[OwnLoan]
    past: list[Booking]
    owed: list[Account]
    requests: OwnRequests


def loans_of(participant: Participant) -> OwnLoans:
    """Everything that the page tells of their loans.

    Five queries.
    """
    assignments = (
        Assignment.objects.filter(ended_at__isnull=True)
        .select_related("hold", "vehicle__site__address", "vehicle__site__platform", "vehicle__photo")
        .select_related("site__address", "site__platform")
        .order_by("pk")
    )
    # Of a recurring loan the next date stands for those that follow.
    sooner = Booking.objects.filter(series=OuterRef("series"), state=Booking.State.RESERVED)
    sooner = sooner.filter(starts_at__lt=OuterRef("starts_at"), series__isnull=False)
    loans = list(
        Booking.objects.visible_to(participant.user)
        .filter(participant=participant)
        .annotate(to_sign=Exists(Period.objects.standing().filter(booking=OuterRef("pk"), awaits_signature=True)))
        .select_related("request", "proposal")
        .exclude(Exists(sooner))
        .select_related("series__event__rule", "series__platform")
        .prefetch_related(Prefetch("assignments", queryset=assignments, to_attr="vehicles_now"))
        .order_by(CURRENT_FIRST, "-starts_at")[:SHOWN]
    )
    requests = own_requests.of(participant, loans)
    current = [loan for loan in own_requests.split(loans)[2] if loan.state in CURRENT]
    ids = [loan.account_id for loan in current]
    accounts = Account.objects.filter(participant=participant).filter(Q(pk__in=ids) | Q(outstanding__gt=0))
    accounts = accounts.with_balance(clock.today()).annotate(own_balance=balances(dt.date.max)["own_due"])
    by_id = {one.pk: one for one in accounts.order_by("pk")}
    deposits = {one.account_id: one for one in Deposit.objects.filter(account__in=ids, state=Deposit.State.EXPECTED)}
    now = clock.now()
    own = [
        OwnLoan(loan, now, loan.vehicles_now, by_id.get(loan.account_id), deposits.get(loan.account_id))  # type: ignore[attr-defined]
        for loan in current
    ]
    own.sort(key=lambda one: (not one.is_out, one.loan.starts_at))
    hours = hours_of({one.site for one in own if one.site})
    for one in own:
        one.hours = hours[one.site.pk] if one.site else None
    past = [loan for loan in loans if loan.state in Booking.OVER]
    owed = [one for pk, one in by_id.items() if pk not in ids and one.own_due > 0]
    return OwnLoans(own, past, owed, requests)


def wish(own: OwnLoan | None) -> Wish | None:
    """What they asked last, and the answer. One query."""
    return wishes.latest(own.loan) if own and own.is_out else None


def to_sign(participant: Participant) -> list[Period]:
    """Renewals whose contract page they have still to sign. One query."""
    waiting = Period.objects.to_sign().filter(booking__participant=participant)
    return list(waiting.select_related("booking").order_by("starts_at"))


def papers(participant: Participant) -> dict[str, QuerySet[Any]]:
    """Contracts, condition reports and receipts that they may open. Three queries."""
    periods = Period.objects.filter(booking__participant=participant, contract__isnull=False)
    reports = ConditionReport.objects.filter(
        assignment__booking__participant=participant, signed_at__isnull=False, pdf__isnull=False
    )
    receipts = Receipt.objects.filter(
        payment__account__participant=participant, payment__payer__isnull=True, pdf__isnull=False
    ).select_related("payment")
    return {
        "contracts": periods.order_by("-starts_at")[:10],
        "reports": reports.select_related("assignment__vehicle").order_by("-happened_at")[:10],
        "receipts": receipts.order_by("-pk")[:20],
    }


def reported(participant: Participant) -> list[RepairJob]:
    """The problems that they told us of in the last two months, with how each stands."""
    since = clock.now() - dt.timedelta(days=60)
    jobs = RepairJob.objects.filter(reported_by=participant.user_id, reported_at__gte=since).order_by("-reported_at")
    found = list(jobs[:5])
    for job in found:
        job.how_it_stands = HOW_IT_STANDS.get(RepairJob.State(job.state), "Un garage s’en occupe.")  # type: ignore[attr-defined]
    return found
