"""« Liste d’attente »: who waits, in which order and why; what is kept for whom; and its verbs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, perms
from bookings.forms import ReasonForm, as_typed
from bookings.models import Proposal, WaitingEntry
from bookings.requests import promises
from bookings.requests.forms import JoinForm, ProposeForm, WaitForm, WaitingFilter
from bookings.rules.forms import passes_in
from bookings.views.book import address_with, whom_to_find
from bookings.views.boxes import boxes
from bookings.views.requests import wish_in
from bookings.waiting import reads as waiting_reads
from core.db import require
from core.web import attempt, once, page, row_id, sent
from fleet.models import Vehicle

SHOWN, SHOWN_TO_PROPOSE = 100, 30


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Everybody who waits, as they are served: why this order, what each could have now, or why nothing."""
    form = WaitingFilter(request.GET, platform=request.platform, by=request.user)
    form.is_valid()
    wanted = form.cleaned_data
    site = wanted.get("site")
    policy = promises.policy_of(request.platform.pk)
    places = waiting_reads.places_of(
        request.platform, policy, kind=wanted.get("kind") or "", site=site.pk if site else None, greedy=True
    )
    context = {
        "filters": form,
        "places": places[:SHOWN],
        "is_cut": len(places) > SHOWN,
        "policy": policy,
        "order": [policy.Order(name).label for name in policy.order],
        "may_book": perms.can_book(request.user, request.platform),
        "may_set": perms.can_set_request_policy(request.user, request.platform),
    }
    return page(request, "bookings/waiting.html", context, partial="rows", status=200)


@require_http_methods(["GET", "POST"])
@once
def join(request: HttpRequest) -> HttpResponse:
    """From « Réserver », when nothing is free: the wish comes along in the address."""
    require(perms.can_book(request.user, request.platform))
    form = JoinForm(*sent(request)[:1], platform=request.platform, by=request.user, initial=first_values(request))
    if form.is_valid() and attempt(
        form, actions.join_waiting_list, request.platform, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "La personne est sur la liste d’attente.")
        return redirect("bookings:waiting")
    number = row_id(str((request.POST or request.GET).get("participant", "")))
    person = form.fields["participant"].queryset.filter(pk=number).first()  # type: ignore[attr-defined]
    context = {"form": form, "participant": person, "back": address_with(request)}
    return page(request, "bookings/waiting_join.html", context | whom_to_find("waits"))


def first_values(request: HttpRequest) -> dict[str, Any]:
    """The wish of « Réserver »: from its start, for as many days."""
    wish = wish_in(request.GET)
    form = JoinForm(platform=request.platform, by=request.user)
    field = form.fields["earliest_at"]
    try:
        start, end = (field.clean(wish.get(name)) for name in ("starts_at", "ends_at"))
    except ValidationError:  # an address that says no dates starts without
        return wish
    return wish | {"earliest_at": wish.get("starts_at"), "days": max((end.date() - start.date()).days, 1)}


@require_http_methods(["GET", "POST"])
@once
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Other dates, another site, more seats: the place on the list stays."""
    entry = find(request, pk)
    require(perms.can_book(request.user, entry.platform))
    names = ("days", "latest_on", "needs_seats", "needs_automatic", "work_starts_on", "purpose", "destination")
    first = {name: getattr(entry, name) for name in names}
    first |= {"site": entry.site_id, "earliest_at": as_typed(entry.earliest_at)}
    form = WaitForm(*sent(request)[:1], platform=entry.platform, by=request.user, initial=first)
    if form.is_valid() and attempt(form, actions.change_waiting, entry, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est changé. La personne garde sa place.")
        return redirect("bookings:waiting")
    return page(request, "bookings/waiting_change.html", {"form": form, "entry": entry})


@require_http_methods(["GET", "POST"])
@once
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Which vehicle is kept for this person, each with the dates at which it could serve; any of the kind, elsewhere
    too, for whoever proposes may know better."""
    entry = find(request, pk)
    require(perms.can_book(request.user, entry.platform))
    rows, broken = waiting_reads.could_be_kept(entry)
    pool = Vehicle.objects.filter(platform=entry.platform, kind=entry.kind).in_service()
    form = ProposeForm(*sent(request)[:1], vehicles=pool)
    if form.is_valid():
        wanted = form.cleaned_data
        when = {one.vehicle: one.chance.starts_at for one in rows}
        wanted["starts_at"] = wanted["starts_at"] or when.get(wanted["vehicle"])
        proposal = attempt(form, actions.propose, entry, by=request.user, passes=passes_in(request.POST), **wanted)
        if proposal:
            messages.success(request, "Le véhicule est gardé pour cette personne.")
            return redirect("bookings:booking", proposal.booking_id)
    context = {"form": form, "entry": entry, "rows": rows[:SHOWN_TO_PROPOSE]}
    shown = boxes(request, form, entry.platform, broken, papers_of=entry.participant_id)
    return page(request, "bookings/waiting_propose.html", context | shown)


@require_http_methods(["GET", "POST"])
@once
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    entry = find(request, pk)
    require(perms.can_book(request.user, entry.platform))
    form = ReasonForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.leave_waiting_list, entry, by=request.user, **form.cleaned_data):
        messages.success(request, "Cette personne n’attend plus.")
        return redirect("bookings:waiting")
    return page(request, "bookings/waiting_leave.html", {"form": form, "entry": entry})


@require_POST
@once
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = find_proposal(request, pk)
    actions.offer(proposal, by=request.user)
    messages.success(request, "La personne est prévenue. Elle répond depuis sa page.")
    return redirect("bookings:booking", proposal.booking_id)


@require_POST
@once
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = find_proposal(request, pk)
    actions.accept_proposal(proposal, by=request.user)
    messages.success(request, "Le prêt est confirmé.")
    return redirect("bookings:booking", proposal.booking_id)


@require_POST
@once
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = find_proposal(request, pk)
    actions.decline_proposal(proposal, by=request.user)
    messages.success(request, "C’est noté. Le véhicule est libre pour la personne suivante.")
    return redirect("bookings:waiting")


def find(request: HttpRequest, pk: int) -> WaitingEntry:
    rows = WaitingEntry.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("participant", "platform", "site"), pk=pk)


def find_proposal(request: HttpRequest, pk: int) -> Proposal:
    rows = Proposal.objects.visible_to(request.user).select_related("booking", "entry__participant", "entry__platform")
    return get_object_or_404(rows, pk=pk)
