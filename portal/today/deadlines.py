"""Every dated deadline of a row of ours, in one query: a union of what each subject registers.

A source is a function (platform, until) → QuerySet annotated with COLUMNS (their prefix keeps them apart from fields):
what sort of thing, whose page, who it is about, a detail, the last day. Past days stay until what they ask for is done.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accounts.models import Platform
from bookings.models import Booking
from participants.models import DrivingEntitlement
from portal.today.lines import SHOWN, SOON, Line, expiry

COLUMNS = ("d_what", "d_target", "d_who", "d_detail", "d_last_day")
Source = Callable[[Platform, dt.date], QuerySet[Any]]


def licences(platform: Platform, until: dt.date) -> QuerySet[Any]:
    """Of people who have a vehicle or are promised one."""
    driving = Booking.objects.filter(platform=platform, state__in=Booking.OPEN).values("participant_id")
    titles = DrivingEntitlement.objects.filter(platform=platform, valid_until__lte=until, participant__in=driving)
    return titles.annotate(
        d_what=text(Value("licence")),
        d_target=F("participant_id"),
        d_who=text(Concat("participant__first_name", Value(" "), "participant__last_name")),
        d_detail=text(F("category")),
        d_last_day=F("valid_until"),
    )


def text(expression: Any) -> Any:
    """The same type in every part of the union."""
    return Cast(expression, CharField())


def licence_line(target: int, who: str, detail: str, last_day: dt.date, *, today: dt.date) -> Line:
    return expiry(f"{who}, permis {detail}", last_day, today, reverse("participants:participant", args=[target]))


SOURCES: list[Source] = [licences]
LINES: dict[str, Callable[..., Line]] = {"licence": licence_line}  # by sort


def deadlines(platform: Platform, today: dt.date) -> list[Line]:
    """What falls within the next days or has fallen already, the oldest first. One query."""
    parts = [source(platform, today + dt.timedelta(days=SOON)).order_by().values_list(*COLUMNS) for source in SOURCES]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return [LINES[sort](*row, today=today) for sort, *row in rows.order_by("d_last_day")[: SHOWN + 1]]
