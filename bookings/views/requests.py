"""« Demandes »: what waits for whom, and the verbs of a request. Its page is the loan's."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, perms
from bookings.forms import as_typed
from bookings.models import Booking
from bookings.offers import choices as offers
from bookings.offers.choices import Needs
from bookings.requests import promises
from bookings.requests import reads as request_reads
from bookings.requests.forms import (
    ApproveForm,
    ChangeRequestForm,
    LatestForm,
    PapersForm,
    PolicyForm,
    RefusalForm,
    RequestFilter,
    RequestForm,
)
from bookings.rules import approvals
from bookings.rules import reads as rule_reads
from bookings.rules.forms import passes_in
from bookings.views.book import address_with, whom_to_find, with_usual_dates
from bookings.views.boxes import beside, boxes, has_its_box
from core import clock
from core.db import require
from core.pages import page_of
from core.web import attempt, once, page, row_id, sent

SHOWN = 30


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Everything that was asked for and has no final answer, the oldest first, filtered in the address."""
    form = RequestFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    loans = request_reads.waiting(request.platform, request.user, wanted.get("attend") or "", wanted.get("kind") or "")
    shown = page_of(request, loans)
    for loan in shown:
        loan.waits_for = request_reads.waits_for_words(loan)
    context = {"filters": form, "page": shown, "may_book": perms.can_book(request.user, request.platform)}
    return page(request, "bookings/requests.html", context, partial="rows", status=200)


@require_http_methods(["GET", "POST"])
@once
def ask(request: HttpRequest) -> HttpResponse:
    """A request that the staff write down; from « Réserver » its wish comes along in the address."""
    require(perms.can_book(request.user, request.platform))
    typed = request.POST if request.method == "POST" else None
    form = RequestForm(typed, platform=request.platform, by=request.user, initial=wish_in(request.GET))
    if form.is_valid():
        booking = attempt(form, actions.request_loan, request.platform, by=request.user, **form.cleaned_data)
        if booking:
            messages.success(request, "La demande est enregistrée.")
            return redirect("bookings:booking", booking.pk)
    number = row_id(str((request.POST or request.GET).get("participant", "")))
    person = form.fields["participant"].queryset.filter(pk=number).first()  # type: ignore[attr-defined]
    context = {"form": form, "participant": person, "back": address_with(request)}
    return page(request, "bookings/request_form.html", context | whom_to_find("asks"))


def wish_in(typed: QueryDict) -> dict[str, Any]:
    """What stands in the address of « Réserver », as this form calls it."""
    return {name: value for name, value in with_usual_dates(typed).items() if value}


@require_http_methods(["GET", "POST"])
@once
def change_request(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    asked = getattr(loan, "request", None)
    names = ("kind", "needs_seats", "needs_automatic", "purpose", "destination")
    first = {name: getattr(loan, name) for name in names}
    first |= {"starts_at": as_typed(loan.starts_at), "ends_at": as_typed(loan.ends_at)}
    first |= {"site": getattr(asked, "site_id", None), "work_starts_on": getattr(asked, "work_starts_on", None)}
    form = ChangeRequestForm(*sent(request)[:1], platform=loan.platform, by=request.user, initial=first)
    if form.is_valid() and attempt(form, actions.change_request, loan, by=request.user, **form.cleaned_data):
        return redirect("bookings:booking", loan.pk)
    return page(request, "bookings/request_change.html", {"form": form, "loan": loan})


@require_http_methods(["GET", "POST"])
@once
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Which vehicle, firm or « sous réserve »; the first that fits when none is chosen."""
    loan = find(request, pk)
    require(perms.can_decide(request.user, loan))
    free = offers.free_vehicles(loan.platform, loan.starts_at, loan.ends_at, squeezing=True)
    form = ApproveForm(*sent(request)[:1], vehicles=free.select_related("site"))
    passes = passes_in(request.POST)
    if form.is_valid() and attempt(form, actions.approve, loan, by=request.user, passes=passes, **form.cleaned_data):
        messages.success(request, "La demande est approuvée.")
        return redirect("bookings:booking", loan.pk)
    return page(request, "bookings/approve.html", what_is_free(request, loan, form) | {"form": form, "loan": loan})


def what_is_free(request: HttpRequest, loan: Booking, form: ApproveForm) -> dict[str, Any]:
    """The vehicles that would serve the request, those that only their turnaround keeps, and the rules it breaks."""
    span, rules = (loan.starts_at, loan.ends_at), approvals.terms_of(loan)
    needs = Needs(loan.kind, loan.needs_automatic, loan.needs_seats).around(rules.margins)
    choices = offers.choices(loan.platform, needs, *span, loan.participant, with_law=True)[:SHOWN]
    broken = rule_reads.breaches_of(loan.platform, loan.participant, loan.kind, *span, loan.programme_id, rules=rules)
    taken = beside(request, loan.platform, needs, span, rules)
    chosen = str(form["vehicle"].value() or "")
    lent = next((one.vehicle for one in choices if str(one.vehicle.pk) == chosen), None)
    if lent := lent or next((one.vehicle for one in choices), None):
        broken += rule_reads.closed_at(loan.platform, lent, *span, rules)
    return (
        {
            "choices": choices,
            "any_possible": any(choice.possible for choice in choices),
            "asked": request_reads.asked_of(loan, request.user, rules),
            "is_past": loan.starts_at < clock.now(),
        }
        | taken
        | boxes(request, form, loan.platform, broken, apart=has_its_box(taken), papers_of=loan.participant_id)
    )


@require_http_methods(["GET", "POST"])
@once
def refuse_request(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    require(perms.can_decide(request.user, loan))
    form = RefusalForm(*sent(request)[:1])
    return with_form(request, loan, form, actions.refuse_request, "bookings/request_refuse.html")


@require_http_methods(["GET", "POST"])
@once
def ask_for_documents(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    known = getattr(loan, "request", None)
    form = PapersForm(*sent(request)[:1], initial={"documents": known.papers if known else []})
    return with_form(request, loan, form, actions.ask_for_documents, "bookings/request_papers.html")


@require_http_methods(["GET", "POST"])
@once
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """The request becomes a place on the waiting list."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    form = LatestForm(*sent(request)[:1])
    if form.is_valid() and attempt(form, actions.wait_for_vehicle, loan, by=request.user, **form.cleaned_data):
        messages.success(request, "La personne est sur la liste d’attente.")
        return redirect("bookings:waiting")
    return page(request, "bookings/request_wait.html", {"form": form, "loan": loan})


@require_POST
@once
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    actions.submit(loan, by=request.user)
    return redirect("bookings:booking", loan.pk)


@require_POST
@once
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    actions.confirm(loan, by=request.user)
    messages.success(request, "Le prêt est confirmé.")
    return redirect("bookings:booking", loan.pk)


@require_http_methods(["GET", "POST"])
@once
def policy(request: HttpRequest) -> HttpResponse:
    """How requests come in, and in which order the waiting list is served."""
    require(perms.can_set_request_policy(request.user, request.platform))
    now = promises.policy_of(request.platform.pk)
    names = ("participants_may_ask", "offers_by_itself", "answer_hours", "priority_audiences")
    first = {name: getattr(now, name) for name in names}
    first |= dict(zip(("first", "second", "third"), now.order, strict=True))
    form = PolicyForm(*sent(request)[:1], initial=first)
    if form.is_valid() and attempt(
        form, actions.save_request_policy, request.platform, by=request.user, **form.values()
    ):
        messages.success(request, "Les réglages sont enregistrés.")
        return redirect("bookings:request_policy")
    return page(request, "bookings/request_policy.html", {"form": form})


def find(request: HttpRequest, pk: int) -> Booking:
    loans = Booking.objects.visible_to(request.user)
    people = ("participant__user", "platform", "account", "programme", "request__site", "proposal")
    return get_object_or_404(loans.select_related(*people), pk=pk)


def with_form(request: HttpRequest, loan: Booking, form: Any, verb: Any, template: str) -> HttpResponse:
    if form.is_valid() and attempt(form, verb, loan, by=request.user, **form.cleaned_data):
        return redirect("bookings:booking", loan.pk)
    return page(request, template, {"form": form, "loan": loan})
