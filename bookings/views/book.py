"""« Réserver »: who, when, what, on one page; and « Enregistrer un prêt » for what already happened."""

import datetime as dt
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bookings import actions, perms
from bookings.forms import NewParticipantForm, RecordForm, WishForm, as_typed, usual_dates
from bookings.offers import alternatives, load
from bookings.offers import choices as offers
from bookings.offers.choices import Needs
from bookings.rules import approvals, closed
from bookings.rules import reads as rule_reads
from bookings.rules.forms import passes_in
from bookings.rules.house import Breach, PassReason, Terms
from bookings.views.boxes import beside, boxes, has_its_box
from core import clock, words
from core.db import require
from core.web import attempt, once, page, row_id
from fleet.models import Site
from fleet.opening import hours_of_site
from participants.actions import register
from participants.file import unpack
from participants.search import find_people

SHOWN = 30  # free vehicles, as the template says
# When it is not booked at once.
LEADS_TO = {"asks": "request_loan", "waits": "join_waiting_list", "makes_room": "make_room"}
# Where somebody who was found, or added, is wanted.
BACK_TO = {"record": "record", "series": "new_series", "asks": "request_loan", "waits": "join_waiting_list"}
LENGTHS = (("1 semaine", 7), ("2 semaines", 14), ("1 mois", 30), ("3 mois", 90))


@require_http_methods(["GET", "POST"])
@once
def book(request: HttpRequest) -> HttpResponse:
    """The whole wish stands in the address, without a name, so that it can be kept, sent and gone back to."""
    refuse_others(request)
    typed = request.POST if request.method == "POST" else with_usual_dates(request.GET)
    form = WishForm(typed, platform=request.platform, by=request.user)
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data | {"kind": "" if form.cleaned_data["vehicle"] else form.cleaned_data["kind"]}
        del wish["site"]  # where one looked
        booking = attempt(form, actions.book, request.platform, by=request.user, passes=passes_in(request.POST), **wish)
        if booking:
            return redirect("bookings:booking", booking.pk)
    shown = what_is_free(request, form)
    if request.method == "GET":
        form.wait_for_the_rest()
    context = shown | {"form": form} | whom_to_find("")
    return page(request, "bookings/book.html", context, partial="offer", status=None if request.POST else 200)


def what_is_free(request: HttpRequest, form: WishForm) -> dict[str, Any]:
    """For the wish as far as it is known: kinds with their counts, free vehicles, what is taken and why, the price."""
    wish = form.wish()
    start, end = wish.get("starts_at"), wish.get("ends_at")
    shown: dict[str, Any] = {
        "wish": wish,
        "participant": wish.get("participant"),
        "kinds": [],
        "choices": [],
        "more": False,
        "any_possible": False,
        "taken": [],
        "instead": None,
        "asks": "",
        "decides": "",
        "waits": "",
        "makes_room": "",
        "quote": None,
        "breaches": [],
        "reasons": PassReason.choices,
        "open_hours": [],
        "may_book": True,
        "may_squeeze": False,
        "any_tight": False,
        "squeezed": None,
        "squeezed_because": None,
        "tariff_missing": False,
        "lengths": [],
        "loads": [],
        "backwards": bool(start and end and start >= end),
    }
    if start:
        shown["lengths"] = [(label, address_with(request, ends_at=later(start, days))) for label, days in LENGTHS]
    if not start or not end or start >= end:
        return shown
    platform, person, kind = request.platform, wish.get("participant"), wish.get("kind")
    if person:
        unpack(person)
    site = wish.get("site")
    case = (person.programme_id if person else None, clock.local_date(start, platform.time_zone))
    needs = Needs(kind or "", wish.get("needs_automatic", False), wish.get("needs_seats"), site.pk if site else None)
    rules = rule_reads.terms_of(platform)
    counted = partial(offers.kinds_with_counts, platform, start, end, needs, lambda one: rules(one, *case).margins)
    if not kind:
        shown["kinds"] = counted()
        return shown
    terms = rules(kind, *case)
    needs = needs.around(terms.margins)
    shown["choices"] = offers.choices(platform, needs, start, end, person, limit=SHOWN + 1, with_law=True)
    shown["more"] = len(shown["choices"]) > SHOWN
    del shown["choices"][SHOWN:]
    shown["loads"] = half_hours(request, start, end, [choice.vehicle.site for choice in shown["choices"]])
    shown["any_possible"] = any(choice.possible for choice in shown["choices"])
    shown |= beside(request, platform, needs, (start, end), terms)
    if not approvals.may_promise(request.user, platform, terms):
        shown["decides"] = approvals.in_words(approvals.approvers(terms))
    if not shown["any_possible"]:
        shown["kinds"] = counted()
        found = alternatives.instead_of(platform, needs, start, end, shown["kinds"], person)
        shown |= {"instead": found, **ways_to(request, found)}
    kept = address_with(request).partition("?")[2]
    shown |= {name: f"{reverse(f'bookings:{where}')}?{kept}" for name, where in LEADS_TO.items()}
    if person:
        programme = person.programme_id
        broken = rule_reads.breaches_of(platform, person, kind, start, end, programme, rules=terms, known=True)
        lent = wish.get("vehicle") or next((one.vehicle for one in shown["choices"]), None)  # who may drive it first
        if lent is not None:
            shut, shown["open_hours"] = while_it_is_open(request, lent.site, start, end, terms)
            broken += shut
        told = {"apart": has_its_box(shown), "papers_of": person.pk, "here": address_with(request)}
        shown |= boxes(request, form, platform, broken, **told)
        shown["may_book"] = all(one.may_pass for one in shown["breaches"] if one.breach.binds)
        priced = offers.price(platform, kind, start, end, programme=person.programme, participant=person)
        shown["quote"] = priced[1] if priced else None
        shown["tariff_missing"] = priced is None
    return shown


def while_it_is_open(
    request: HttpRequest, site: Site, start: Any, end: Any, terms: Terms
) -> tuple[list[Breach], list[tuple[str, str]]]:
    """What of the two moments falls outside the site's hours, and the addresses of the nearest that do not."""
    site.platform = request.platform
    hours = hours_of_site(site)
    near = [
        (f"{verb} {words.moment(at)}", address_with(request, **{name: as_typed(at)}))
        for name, verb, moment in (("starts_at", "Partir", start), ("ends_at", "Revenir", end))
        if not hours.is_open(moment)
        for at in closed.nearest(hours, moment)
    ]
    return closed.closed(hours, str(site), start, end, terms.passed_by), near


def half_hours(request: HttpRequest, start: Any, end: Any, sites: list[Any]) -> list[tuple[load.Load, list[Any]]]:
    """How busy the sites are when this loan starts and ends, with the addresses of quieter hours."""
    shown = []
    for one in load.loads(request.platform, start, end, sites):
        name = "starts_at" if one.is_start else "ends_at"
        quieter = [(at, address_with(request, **{name: at.strftime("%Y-%m-%dT%H:%M")})) for at in one.quieter]
        shown.append((one, quieter))
    return shown


def ways_to(request: HttpRequest, found: alternatives.Alternatives) -> dict[str, Any]:
    """Each alternative with the address that it is one click away."""
    return {
        "other_dates": [
            (one, address_with(request, starts_at=as_typed(one.starts_at), ends_at=as_typed(one.ends_at), vehicle=""))
            for one in found.spans
        ],
        "other_sites": [(one, address_with(request, site=str(one.site_id), vehicle="")) for one in found.sites],
        "other_kinds": [(one, address_with(request, kind=one.kind.value, vehicle="")) for one in found.kinds],
    }


def whom_to_find(wanted: str) -> dict[str, Any]:
    """What the search for a person asks the page for; `wanted` says where the choice leads (`BACK_TO`)."""
    return {"new_participant": NewParticipantForm(), "next": wanted, "q": ""}


def later(start: Any, days: int) -> str:
    """As many days later on the wall clock, whatever the nights of the clock change do."""
    local = timezone.localtime(start).replace(tzinfo=None) + dt.timedelta(days=days)
    return local.strftime("%Y-%m-%dT%H:%M")


def with_usual_dates(typed: QueryDict) -> QueryDict:
    if "starts_at" in typed and "ends_at" in typed:
        return typed
    filled = typed.copy()
    for name, value in usual_dates().items():
        filled.setdefault(name, value)
    return filled


def address_with(request: HttpRequest, **changed: str) -> str:
    kept = with_usual_dates(request.POST if request.method == "POST" else request.GET).copy()
    for name in ("csrfmiddlewaretoken", "submission"):
        kept.pop(name, None)
    for name, value in changed.items():
        kept[name] = value
    return f"{reverse('bookings:book')}?{kept.urlencode()}"


@require_POST
def find_participant(request: HttpRequest) -> HttpResponse:
    """People whose name, telephone or birth date fits what was typed; a POST, so that no address holds a name."""
    refuse_others(request)
    people = find_people(request.user, request.platform, request.POST.get("q", ""))
    wanted = request.POST.get("next", "")
    back = reverse(f"bookings:{BACK_TO.get(wanted, 'book')}")
    kept = QueryDict(request.POST.get("kept", ""), mutable=True)
    kept.pop("participant", None)
    context = {
        "people": people,
        "back": back,
        "kept": kept.urlencode(),
        "q": request.POST.get("q", ""),
        "next": wanted,
        "new_participant": None,
    }
    return page(request, "bookings/find_participant.html", context, partial="people")


@require_POST
@once
def new_participant(request: HttpRequest) -> HttpResponse:
    """Somebody new, in place: back to the booking with that person chosen."""
    refuse_others(request)
    form = NewParticipantForm(request.POST)
    wanted = request.POST.get("next", "")
    back = reverse(f"bookings:{BACK_TO.get(wanted, 'book')}")
    kept = QueryDict(request.POST.get("kept", ""), mutable=True)
    if form.is_valid():
        person = attempt(form, register, request.platform, by=request.user, **form.cleaned_data)
        if person:
            kept["participant"] = str(person.pk)
            return redirect(f"{back}?{kept.urlencode()}")
    context = {"form": form, "kept": kept.urlencode(), "back": back, "next": wanted}
    return page(request, "bookings/new_participant.html", context)


@require_http_methods(["GET", "POST"])
@once
def record(request: HttpRequest) -> HttpResponse:
    refuse_others(request)
    chosen = {name: request.GET[name] for name in ("participant", "vehicle") if name in request.GET}
    form = RecordForm(request.POST or None, platform=request.platform, by=request.user, initial=chosen)
    if form.is_valid():
        booking = attempt(form, actions.record_loan, request.platform, by=request.user, **form.cleaned_data)
        if booking:
            return redirect("bookings:booking", booking.pk)
    number = row_id((request.POST or request.GET).get("participant", ""))
    person = form.fields["participant"].queryset.filter(pk=number).first()  # type: ignore[attr-defined]
    return page(request, "bookings/record.html", {"form": form, "participant": person, "q": "", "next": "record"})


def refuse_others(request: HttpRequest) -> None:
    require(perms.can_book(request.user, request.platform))
