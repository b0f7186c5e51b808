"""Every dated deadline of a row of ours, in one query: a union of what each subject registers.

A source is a function (platform, until) → QuerySet annotated with COLUMNS (their prefix keeps them apart from fields):
what sort of thing, whose page, what its line says, the last day. Past days stay until what they ask for is done.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, Func, JSONField, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.models import Platform
from bookings.cases.deadlines import tone
from bookings.models import Booking, Fine, Incident
from bookings.models.incidents import DUE_STEPS
from core import words
from participants.models import DrivingEntitlement
from portal.today.lines import SHOWN, SOON, Line, expiry

COLUMNS = ("d_what", "d_target", "d_facts", "d_last_day")
Source = Callable[[Platform, dt.date], QuerySet[Any]]


class Facts(Func):
    """What a line says, as one value that has the same type in every part of the union."""

    function = "JSONB_BUILD_ARRAY"
    output_field = JSONField()


def licences(platform: Platform, until: dt.date) -> QuerySet[Any]:
    """Of people who have a vehicle or are promised one."""
    driving = Booking.objects.filter(platform=platform, state__in=Booking.OPEN).values("participant_id")
    titles = DrivingEntitlement.objects.filter(platform=platform, valid_until__lte=until, participant__in=driving)
    return titles.annotate(
        d_what=text(Value("licence")),
        d_target=F("participant_id"),
        d_facts=Facts("participant__first_name", "participant__last_name", "category"),
        d_last_day=F("valid_until"),
    )


def text(expression: Any) -> Any:
    """Of a known type, wherever it stands."""
    return Cast(expression, CharField())


def licence_line(target: int, facts: list[str], last_day: dt.date, *, today: dt.date) -> Line:
    first_name, last_name, category = facts
    url = reverse("participants:participant", args=[target])
    return expiry(f"{first_name} {last_name}, permis {category}", last_day, today, url)


def incidents(platform: Platform, until: dt.date) -> QuerySet[Any]:
    """What the insurance, the police or the pound wait for: all of it, however far."""
    return case_columns(Incident.objects.filter(platform=platform).due(), "incident", text("daily_cost"))


def fines(platform: Platform, until: dt.date) -> QuerySet[Any]:
    """Drivers to designate, charges and tolls to pay: all of them, however far."""
    return case_columns(Fine.objects.filter(platform=platform).due(), "fine")


def to_rebill(platform: Platform, until: dt.date) -> QuerySet[Any]:
    """What was paid for somebody, and is not on their account yet."""
    person = "assignment__booking__participant"
    return (
        Fine.objects.filter(platform=platform)
        .to_rebill()
        .annotate(
            d_what=text(Value("rebill")),
            d_target=F("pk"),
            d_facts=Facts("sort", f"{person}__first_name", f"{person}__last_name", text("paid_amount")),
            d_last_day=F("paid_on"),
        )
    )


def case_columns(cases: QuerySet[Any], what: str, *more: Any) -> QuerySet[Any]:
    vehicle = ("vehicle__fleet_number", "vehicle__make", "vehicle__plate")
    return cases.annotate(
        d_what=text(Value(what)),
        d_target=F("pk"),
        d_facts=Facts("sort", "due_step", *vehicle, *more),
        d_last_day=F("due_on"),
    )


def rebill_line(target: int, facts: list[str], last_day: dt.date, *, today: dt.date) -> Line:
    sort, first_name, last_name, amount = facts
    paid = f"payé le {words.calendar_day(last_day, with_year=False)}"
    return Line(
        who=f"{first_name} {last_name}",
        when=f"{SHORT.get(Fine.Sort(sort), 'péage')} {paid}, à refacturer",
        url=reverse("bookings:fine", args=[target]),
        verb="Refacturer",
        tone="soon",
        label=words.euros(Decimal(amount)),
    )


def incident_line(target: int, facts: list[Any], last_day: dt.date, *, today: dt.date) -> Line:
    url = reverse("bookings:incident", args=[target])
    return case_line(Incident.Sort(facts[0]).label, url, facts, last_day, today)


def fine_line(target: int, facts: list[Any], last_day: dt.date, *, today: dt.date) -> Line:
    label = SHORT.get(Fine.Sort(facts[0]), "péage")
    return case_line(label, reverse("bookings:fine", args=[target]), facts, last_day, today)


def case_line(what: str, url: str, facts: list[Any], last_day: dt.date, today: dt.date) -> Line:
    _, step, number, make, plate, *by_day = facts
    left = (last_day - today).days
    past = f"dépassé le {words.calendar_day(last_day, with_year=False)}"
    return Line(
        who=f"{DUE_STEPS[step]} ({what.lower() if what != 'FPS' else what})",
        when=(past if left < 0 else f"au plus tard {words.day(last_day)}")
        + "".join(f" · {words.euros(Decimal(cost))} par jour" for cost in by_day if cost is not None),
        url=url,
        verb=DO[step],
        tone=tone(step, last_day, today) or "neutral",
        label="Dépassé" if left < 0 else {0: "Aujourd’hui", 1: "Demain"}.get(left, f"{left} jours"),
        plate=plate,
        vehicle=f"{number} {make}".strip(),
    )


DO = {
    "complain": "Noter la plainte",
    "insure": "Déclarer",
    "fetch": "Voir",
    "designate": "Désigner",
    "contest": "Voir",
    "pay": "Voir",
}
SHORT = {Fine.Sort.OFFENCE: "amende", Fine.Sort.STOPPING: "amende de stationnement", Fine.Sort.PARKING: "FPS"}
SOURCES: list[Source] = [licences, incidents, fines, to_rebill]
LINES: dict[str, Callable[..., Line]] = {  # by sort
    "licence": licence_line,
    "incident": incident_line,
    "fine": fine_line,
    "rebill": rebill_line,
}
LEGAL = frozenset({"incident", "fine"})  # sorts that have a list of their own: what the law waits for


@dataclass
class Due:
    """The lines of the one query: what the law waits for, what is to be passed on, and papers that expire."""

    legal: list[Line] = field(default_factory=list)
    money: list[Line] = field(default_factory=list)
    papers: list[Line] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """That of the most urgent line of the law."""
        tones = {line.tone for line in self.legal}
        return next((tone for tone in ("now", "soon") if tone in tones), "")


def deadlines(platform: Platform, today: dt.date) -> Due:
    """What falls within the next days or has fallen already, the oldest first. One query."""
    parts = [source(platform, today + dt.timedelta(days=SOON)).order_by().values_list(*COLUMNS) for source in SOURCES]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    due = Due()
    for sort, *row in rows.order_by("d_last_day")[: 4 * SHOWN]:
        lines = due.legal if sort in LEGAL else due.money if sort == "rebill" else due.papers
        lines.append(LINES[sort](*row, today=today))
    return due
