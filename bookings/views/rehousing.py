"""« À reloger »: promised loans whose vehicle was taken away, and what can be done for each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from bookings import actions, perms
from bookings.day import rehousing
from bookings.day.forms import RehouseForm
from bookings.models import Assignment
from bookings.views.loans import find
from core import clock
from core.db import refuse, require
from core.pages import page_of
from core.web import attempt, once, page


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
    shown = rehousing.alternatives(one)
    form = RehouseForm(request.POST or None, vehicles=shown.vehicles)
    if form.is_valid():
        chosen = form.cleaned_data["vehicle"]
        if shown.is_equal(chosen):
            housed = attempt(form, actions.rehouse, one, by=request.user, vehicle=chosen)
        else:
            reason = "Le véhicule promis n’est plus disponible"
            housed = attempt(form, actions.replace_vehicle, loan, by=request.user, vehicle=chosen, reason=reason)
        if housed:
            return redirect("bookings:booking", loan.pk)
    return page(request, "bookings/alternatives.html", {"form": form, "loan": loan, "one": one, "shown": shown})
