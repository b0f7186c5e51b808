"""A loan is given up: why, and what it costs before it is confirmed; and somebody who did not come."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from bookings import actions
from bookings.changes import outcome as changes
from bookings.changes.forms import GiveUpForm, NoShowForm
from bookings.changes.values import GiveUp
from bookings.models import Booking
from bookings.views.changes import find
from core import clock
from core.web import attempt, once, page
from pricing.perms import can_waive


@require_http_methods(["GET", "POST"])
@once
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """The reason decides what it costs: the page shows it as soon as one is chosen."""
    return give_up(request, find(request, pk), GiveUpForm, actions.cancel, "bookings/cancel.html")


@require_http_methods(["GET", "POST"])
@once
def no_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The vehicle waits: they come later, at other dates, or the loan is given up."""
    return give_up(request, find(request, pk), NoShowForm, actions.no_show, "bookings/no_show.html")


def give_up(request: HttpRequest, loan: Booking, form_class: Any, verb: Any, template: str) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(form, verb, loan, by=request.user, **form.said()):
        return redirect("bookings:booking", loan.pk)
    because = form.because(request.GET if request.method == "GET" else request.POST)
    cost = changes.preview(loan, GiveUp(because))
    context = {
        "form": form,
        "loan": loan,
        "cost": cost,
        "because": because,
        "can_waive": can_waive(request.user, loan),
        "is_due": loan.starts_at <= clock.now(),
    }
    return page(request, template, context, partial="cost", status=200 if request.method == "GET" else None)
