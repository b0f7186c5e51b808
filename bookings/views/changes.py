"""Other dates for a loan. Each page shows what the change costs before it is confirmed, with htmx or without."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from bookings import actions, perms
from bookings.changes import outcome as changes
from bookings.changes.forms import ChangeForm, ComeLaterForm, ExtendForm, MoveForm, RenewForm, ShortenForm
from bookings.changes.values import Change, Extend, Move, Renew, Shorten, Wished
from bookings.forms import as_typed
from bookings.models import Booking
from bookings.offers import choices as offers
from bookings.views.boxes import boxes
from core import clock, words
from core.db import require
from core.web import attempt, once, page

WEEK = dt.timedelta(days=7)
SHOWN = 12  # vehicles to choose from


@dataclass(frozen=True)
class Door:
    """One verb's page: its form, its words, what it opens with."""

    verb: Callable[..., Booking]
    form: type[ChangeForm]
    wished: Callable[[Booking, dict[str, Any]], Wished]
    usual: Callable[[Booking], dict[str, dt.datetime]]
    title: str
    button: str
    icon: str
    done: str


def later_end(loan: Booking) -> dict[str, dt.datetime]:
    return {"until": max(loan.ends_at, clock.now()) + WEEK}


def sooner_end(loan: Booking) -> dict[str, dt.datetime]:
    """Tomorrow at the hour that was agreed, or halfway."""
    first = max(loan.starts_at, clock.now())
    tomorrow = loan.ends_at - dt.timedelta(days=max((loan.ends_at - first).days - 1, 0))
    return {"until": tomorrow if tomorrow < loan.ends_at else first + (loan.ends_at - first) / 2}


def a_week_later(loan: Booking) -> dict[str, dt.datetime]:
    return {"starts_at": loan.starts_at, "ends_at": loan.ends_at}


def tomorrow_same_hour(loan: Booking) -> dict[str, dt.datetime]:
    days = max((clock.now() - loan.starts_at).days, 0) + 1
    return {"starts_at": loan.starts_at + dt.timedelta(days=days)}


EXTEND = Door(
    actions.extend, ExtendForm, lambda _, typed: Extend(typed["until"]), later_end,
    "Prolonger le prêt", "Prolonger", "calendar-plus", "Le prêt est prolongé",
)  # fmt: skip
RENEW = Door(
    actions.renew, RenewForm, lambda _, typed: Renew(typed["until"]), later_end,
    "Prolonger, renouveler", "Renouveler", "calendar-plus", "Le prêt est renouvelé",
)  # fmt: skip
SHORTEN = Door(
    actions.shorten, ShortenForm, lambda _, typed: Shorten(typed["until"]), sooner_end,
    "Raccourcir le prêt", "Raccourcir", "calendar-x", "Le prêt est raccourci",
)  # fmt: skip
MOVE = Door(
    actions.move, MoveForm, lambda _, typed: Move(typed["starts_at"], typed["ends_at"], typed["vehicle"]), a_week_later,
    "Changer les dates", "Changer les dates", "calendar-event", "Les dates du prêt ont changé",
)  # fmt: skip
COME_LATER = Door(
    actions.expect_later, ComeLaterForm,
    lambda loan, typed: Move(typed["starts_at"], loan.ends_at, comes_later=True), tomorrow_same_hour,
    "La personne vient plus tard", "Attendre jusque-là", "hourglass-split", "Le véhicule attend la personne",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@once
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    return change_dates(request, pk, EXTEND)


@require_http_methods(["GET", "POST"])
@once
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    return change_dates(request, pk, RENEW)


@require_http_methods(["GET", "POST"])
@once
def shorten(request: HttpRequest, pk: int) -> HttpResponse:
    return change_dates(request, pk, SHORTEN)


@require_http_methods(["GET", "POST"])
@once
def move(request: HttpRequest, pk: int) -> HttpResponse:
    return change_dates(request, pk, MOVE)


@require_http_methods(["GET", "POST"])
@once
def expect_later(request: HttpRequest, pk: int) -> HttpResponse:
    return change_dates(request, pk, COME_LATER)


def change_dates(request: HttpRequest, pk: int, door: Door) -> HttpResponse:
    """What is wished stands in the address; the form that confirms carries it along, with the price that was seen."""
    loan = find(request, pk)
    form = door.form(typed_or_usual(request, loan, door), loan=loan)
    if form.is_valid() and request.method == "POST":
        changed = attempt(form, door.verb, loan, by=request.user, **form.said(request.POST))
        if changed is not None:
            messages.success(request, f"{door.done}, {words.until(changed.ends_at)}.")
            return redirect("bookings:booking", loan.pk)
        loan = find(request, pk)
    change = None
    nothing_wished = door is MOVE and request.method == "GET" and not request.GET
    if not nothing_wished and (not form.errors or getattr(form, "refused", False)):
        change = changes.preview(loan, door.wished(loan, form.cleaned_data))
    context = (
        {
            "form": form,
            "loan": loan,
            "door": door,
            "change": change,
        }
        | vehicles_to_choose(loan, door, change)
        | boxes(request, form, loan.platform, change.breaches if change else (), papers_of=loan.participant_id)
    )
    if change is not None and not all(one.may_pass for one in context["breaches"] if one.breach.binds):
        context["may_confirm"] = False
    status = 200 if request.method == "GET" else None
    return page(request, "bookings/change.html", context, partial="change", status=status)


def find(request: HttpRequest, pk: int) -> Booking:
    """The loan, for whoever may change it."""
    loans = Booking.objects.visible_to(request.user)
    loans = loans.select_related("participant", "platform", "account", "programme", "series")
    loan: Booking = get_object_or_404(loans, pk=pk)
    require(perms.can_change(request.user, loan))
    return loan


def typed_or_usual(request: HttpRequest, loan: Booking, door: Door) -> Any:
    """What was sent; a page that is opened without a wish begins with the usual one."""
    if request.method == "POST":
        return request.POST
    usual = {name: as_typed(moment) for name, moment in door.usual(loan).items()}
    return usual | {name: value for name, value in request.GET.items() if value}


def vehicles_to_choose(loan: Booking, door: Door, change: Change | None) -> dict[str, Any]:
    """For a move: the vehicle that it keeps, if it can, and the equal ones that are free at the new dates."""
    if door is not MOVE or change is None or change.ends_at <= change.starts_at:
        return {"choices": [], "may_confirm": change is not None and change.possible}
    needs = offers.Needs(loan.kind, loan.needs_automatic, loan.needs_seats)
    found = offers.choices(loan.platform, needs, change.starts_at, change.ends_at, loan.participant)
    choices = [one for one in found if one.possible and one.vehicle != change.vehicle][:SHOWN]
    choices = choices if not {one.code for one in change.refusals} & {"same_dates"} else []
    only_taken = bool(change.refusals) and {one.code for one in change.refusals} <= {"overlap", "late", "turnaround"}
    return {"choices": choices, "may_confirm": change.possible or (only_taken and bool(choices))}
