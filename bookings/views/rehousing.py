"""« À reloger »: promised loans whose vehicle was taken away, and what can be done for each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from bookings import actions, perms
from bookings.day import rehousing
from bookings.day.forms import RehouseForm
from bookings.models import Assignment
from bookings.rules import approvals
from bookings.rules.forms import passes_in
from bookings.views.boxes import beside, boxes, has_its_box
from bookings.views.loans import find
from core import clock
from core.db import refuse, require
from core.pages import page_of
from core.web import attempt, once, page
from fleet.models import Vehicle


@require_safe
def displaced(request: HttpRequest) -> HttpResponse:
    """All of them, the first to leave on top."""
    waiting = Assignment.objects.visible_to(request.user).filter(platform=request.platform)
    return page(
        request,
        "bookings/displaced.html",
        {"page": page_of(request, rehousing.waiting(waiting)), "now": clock.now(), "may_change": perms.can_book(
            request.user, request.platform
        )},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@once
def alternatives(request: HttpRequest, pk: int) -> HttpResponse:
    """For one of them: an equal vehicle, one that is free later, another kind that they may drive, other dates."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    one = rehousing.waiting(loan.assignments.all()).first()
    if one is None:
        raise refuse("Ce prêt a déjà un véhicule.", "not_displaced")
    rules = approvals.terms_of(loan)
    needs = rehousing.needs_of(loan, rules)
    shown = rehousing.alternatives(one, needs)
    taken = beside(request, loan.platform, needs, rehousing.when(one), rules)
    tight = [other.vehicle for other in taken["taken"] if other.tight] if taken["may_squeeze"] else []
    form = RehouseForm(request.POST or None, vehicles=[*shown.vehicles, *tight])
    if form.is_valid() and attempt(form, give, request, one, form.cleaned_data["vehicle"]):
        return redirect("bookings:booking", loan.pk)
    context = {"form": form, "loan": loan, "one": one, "shown": shown} | taken
    context |= boxes(request, form, loan.platform, apart=has_its_box(taken))
    return page(request, "bookings/alternatives.html", context)


def give(request: HttpRequest, one: Assignment, vehicle: Vehicle) -> Assignment:
    """An equal one re-houses the loan; of another kind, it takes the place of what was promised."""
    passes = passes_in(request.POST)
    if vehicle.kind == one.booking.kind:
        return actions.rehouse(one, by=request.user, vehicle=vehicle, passes=passes)
    reason = "Le véhicule promis n’est plus disponible"
    return actions.replace_vehicle(one.booking, by=request.user, vehicle=vehicle, reason=reason, passes=passes)
