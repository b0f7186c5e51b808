"""The loans: their list, one of them, and the verbs that need no condition report."""

from dataclasses import replace
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, lists, perms, story
from bookings.actions.vehicles import needs_of
from bookings.forms import FilterForm, OtherVehicleForm, ReasonForm
from bookings.models import Booking
from bookings.offers import choices as offers
from bookings.rules import approvals
from bookings.rules.forms import passes_in
from bookings.rules.house import PassReason
from bookings.views.boxes import TURNAROUND
from core import clock
from core.db import refuse, require
from core.pages import page_of
from core.web import attempt, once, page
from fleet.models import Vehicle


@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """All loans, filtered in the address."""
    form = FilterForm(request.GET, platform=request.platform, by=request.user)
    form.is_valid()
    loans = Booking.objects.visible_to(request.user).filter(platform=request.platform)
    loans = lists.with_vehicle(lists.matching(loans, form.cleaned_data, clock.now()))
    context = {"filters": form, "page": page_of(request, loans), "now": clock.now()}
    return page(request, "bookings/bookings.html", context, partial="rows", status=200)


@require_safe
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    """One loan: what happened and comes next, the two or three verbs that make sense now, account, papers."""
    loan = story.loan_with_account(request.user, pk)
    return page(request, "bookings/booking.html", story.story_of_loan(loan, request.user))


@require_safe
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written to the participant about the loan, and whether it left."""
    loan = find(request, pk)
    return page(request, "bookings/messages.html", {"loan": loan, "messages_sent": story.messages_about(loan)})


@require_http_methods(["GET", "POST"])
@once
def close(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    return with_reason(request, loan, actions.close, "bookings/close.html")


@require_http_methods(["GET", "POST"])
@once
def replace_vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    """Another vehicle for the rest of the loan: what is free, the same kind first."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    now = clock.now()
    start, end = actions.vehicles.rest_of(loan, now)
    free = offers.free_vehicles(loan.platform, start, end, squeezing=True)
    chosen = {"vehicle": request.GET.get("vehicle", "")}  # where the board was dropped
    form = OtherVehicleForm(request.POST or None, initial=chosen, vehicles=free.select_related("site"))
    passes = passes_in(request.POST)
    if form.is_valid() and attempt(
        form, actions.replace_vehicle, loan, by=request.user, passes=passes, **form.cleaned_data
    ):
        return redirect("bookings:booking", loan.pk)
    rules = approvals.terms_of(loan)
    on_the_way = loan.state == Booking.State.ACTIVE  # turnaround gives way by itself then
    needs = replace(needs_of(loan, rules), squeezing=on_the_way)
    choices = offers.choices(loan.platform, needs, start, end, loan.participant)
    context = {"form": form, "loan": loan, "choices": choices, "others": others(free, loan, choices)}
    if not on_the_way and perms.can_pass(request.user, loan.platform_id, rules.passed_by):
        context |= {"reasons": PassReason.choices, "squeezed_because": request.POST.get(TURNAROUND)}
    return page(request, "bookings/replace_vehicle.html", context)


def others(free: Any, loan: Booking, choices: list[offers.Choice]) -> list[Vehicle]:
    """Free vehicles of another kind, that do not meet the needs, or that nobody has time to make ready; the staff may
    still choose one."""
    known = {choice.vehicle.pk for choice in choices}
    return [vehicle for vehicle in free.select_related("site")[:60] if vehicle.pk not in known]


@require_http_methods(["GET", "POST"])
@once
def correct_vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    """The keys that left were another vehicle's."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    pool = Vehicle.objects.visible_to(request.user).filter(platform=loan.platform).in_service().select_related("site")
    form = OtherVehicleForm(request.POST or None, vehicles=pool)
    if form.is_valid() and attempt(form, actions.correct_vehicle, loan, by=request.user, **form.cleaned_data):
        return redirect("bookings:booking", loan.pk)
    same_kind = pool.filter(kind=loan.kind).exclude(assignments__in=loan.assignments.current())
    return page(request, "bookings/correct_vehicle.html", {"form": form, "loan": loan, "vehicles": same_kind})


@require_POST
@once
def rehouse(request: HttpRequest, pk: int) -> HttpResponse:
    """An equal vehicle for a loan whose own was taken away."""
    loan = find(request, pk)
    current = loan.assignments.current().select_related("booking").order_by(F("hold").asc(nulls_last=True)).last()
    if current is None:
        raise refuse("Ce prêt n’a plus besoin d’un véhicule.", "not_displaced")
    actions.rehouse(current, by=request.user)
    return redirect("bookings:booking", loan.pk)


def find(request: HttpRequest, pk: int) -> Booking:
    loans = Booking.objects.visible_to(request.user)
    return get_object_or_404(loans.select_related("participant__user", "platform", "account"), pk=pk)


def with_reason(request: HttpRequest, loan: Booking, verb: Any, template: str) -> HttpResponse:
    require(perms.can_change(request.user, loan))
    form = ReasonForm(request.POST or None)
    if form.is_valid() and attempt(form, verb, loan, by=request.user, **form.cleaned_data):
        return redirect("bookings:booking", loan.pk)
    return page(request, template, {"form": form, "loan": loan})
