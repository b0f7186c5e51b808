"""« Prêt régulier »: a pattern and its dates before they are agreed on; one series, its dates, its end."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, perms
from bookings.forms import NewParticipantForm, as_typed
from bookings.models import Booking, Series
from bookings.rules import approvals
from bookings.series import reads as series_reads
from bookings.series.forms import EndSeriesForm, SeriesForm, pattern_asked, usual_pattern
from bookings.series.plan import Plan, preview_series
from bookings.views.boxes import boxes
from core import clock
from core.db import refuse, require
from core.pages import page_of
from core.web import attempt, once, page, row_id


@require_safe
def all_series(request: HttpRequest) -> HttpResponse:
    """Those that run or are to come first."""
    found = Series.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    rows = series_reads.listed(found).order_by("-coming", "-pk")
    shown = page_of(request, rows)
    lines = [(one, series_reads.pattern_of(one)) for one in shown]
    may_book = perms.can_book(request.user, request.platform)  # type: ignore[attr-defined]
    return page(request, "bookings/all_series.html", {"page": shown, "lines": lines, "may_book": may_book})


@require_http_methods(["GET", "POST"])
@once
def new_series(request: HttpRequest) -> HttpResponse:
    """The whole wish stands in the address, without a name; each date with its conflict, and the price of all. With
    `?demande=` it is the answer to that request."""
    require(perms.can_book(request.user, request.platform))  # type: ignore[attr-defined]
    asked = asked_for(request)
    typed = request.POST if request.method == "POST" else with_usual_pattern(request.GET, asked)
    form = SeriesForm(typed, platform=request.platform, by=request.user)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        series = attempt(form, promise, request, form, asked)
        if series:
            messages.success(request, "Le prêt régulier est réservé. La personne est prévenue, une fois pour toutes.")
            return redirect("bookings:series", series.pk)
    return with_dates(request, form, asked)


@require_POST
@once
def request_series(request: HttpRequest) -> HttpResponse:
    """The dates that were looked at are asked for; whoever may promise them answers."""
    require(perms.can_book(request.user, request.platform))  # type: ignore[attr-defined]
    form = SeriesForm(request.POST, platform=request.platform, by=request.user)  # type: ignore[attr-defined]
    if form.is_valid():
        booking = attempt(form, actions.request_series, request.platform, by=request.user, **form.asked())  # type: ignore[attr-defined]
        if booking:
            messages.success(request, "La demande est enregistrée.")
            return redirect("bookings:booking", booking.pk)
    return with_dates(request, form, None)


def asked_for(request: HttpRequest) -> Booking | None:
    """The request that is being answered."""
    number = (request.POST or request.GET).get("demande", "")
    if not number:
        return None
    loans = Booking.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    loans = loans.select_related("participant", "platform", "programme", "request")
    return get_object_or_404(loans.exclude(request=None).exclude(request__pattern={}), pk=row_id(number))


def promise(request: HttpRequest, form: SeriesForm, asked: Booking | None) -> Series:
    if asked is None:
        return actions.book_series(request.platform, by=request.user, **form.booked())  # type: ignore[attr-defined]
    said = form.booked()
    if said.pop("participant") != asked.participant:
        raise refuse("Cette demande est celle d’une autre personne.", "other_person")
    return actions.approve_series(asked, by=request.user, **said)


def with_dates(request: HttpRequest, form: SeriesForm, asked: Booking | None) -> HttpResponse:
    context = shown(request, form) | {"asked": asked}
    if request.method == "GET":
        form.wait_for_the_rest()
    status = None if request.method == "POST" else 200
    return page(request, "bookings/new_series.html", context, partial="preview", status=status)


def with_usual_pattern(typed: QueryDict, asked: Booking | None) -> QueryDict:
    """What a page that is opened without a wish begins with: what was asked for, or weeknights."""
    filled = typed.copy()
    if "first_on" not in typed:
        for name, values in (usual_pattern() if asked is None else pattern_asked(asked)).items():
            filled.setlistdefault(name, values)
    return filled


def shown(request: HttpRequest, form: SeriesForm) -> dict[str, Any]:
    plan: Plan | None = None
    if form.is_valid() or not set(form.errors) - {"__all__"}:
        plan = attempt(form, preview_series, request.platform, **form.wish())  # type: ignore[attr-defined]
    number = row_id(form.data.get("participant", ""))
    person = form.fields["participant"].queryset.filter(pk=number).first() if number else None  # type: ignore[attr-defined]
    broken = [*plan.passed.values(), *plan.broken.values()] if plan else []
    platform = request.platform  # type: ignore[attr-defined]
    decides = ""
    if plan and not approvals.may_promise(request.user, platform, plan.rules):
        decides = approvals.in_words(approvals.approvers(plan.rules))
    return {
        "form": form,
        "participant": person,
        "plan": plan,
        "waits": waiting_address(form, plan) if plan and plan.lacks_a_vehicle else "",
        "decides": decides,
        "new_participant": NewParticipantForm(),
        "next": "series",
        "q": "",
    } | boxes(request, form, platform, broken, typed=form.data, papers_of=person.pk if person else None)


def waiting_address(form: SeriesForm, plan: Plan) -> str:
    """Where they may wait for a vehicle that they keep from the first date to the last."""
    said = form.cleaned_data
    wish = {"participant": said["participant"].pk, "kind": form.wish()["needs"].kind}
    wish |= {"starts_at": as_typed(plan.occurrences[0].starts_at), "ends_at": as_typed(plan.occurrences[-1].ends_at)}
    wish |= {"needs_automatic": "on"} if said["needs_automatic"] else {}
    wish |= {name: said[name] for name in ("needs_seats", "purpose", "destination") if said[name]}
    return f"{reverse('bookings:join_waiting_list')}?{urlencode(wish)}"


@require_safe
def series(request: HttpRequest, pk: int) -> HttpResponse:
    """One series: what was agreed, and what became of each date."""
    found = series_for(request, pk)
    whole = series_reads.whole(found)
    context = {
        "series": found,
        "whole": whole,
        "pattern": series_reads.pattern_of(found),
        "deposits": list(found.account.deposits.all()),
        "may_change": perms.can_change_series(request.user, found),
        "may_end": bool(whole.coming) and found.ended_on is None,
        "now": clock.now(),
    }
    return page(request, "bookings/series.html", context)


@require_POST
@once
def drop_occurrence(request: HttpRequest, pk: int) -> HttpResponse:
    """One date is given up; the others stay."""
    loans = Booking.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    loan = get_object_or_404(loans.select_related("participant__user", "platform", "account", "series"), pk=pk)
    actions.drop_occurrence(loan, by=request.user)
    messages.success(request, "Cette date est retirée. Les autres ne changent pas.")
    return redirect("bookings:series", loan.series_id)


@require_http_methods(["GET", "POST"])
@once
def end_series(request: HttpRequest, pk: int) -> HttpResponse:
    found = series_for(request, pk)
    require(perms.can_change_series(request.user, found))
    form = EndSeriesForm(request.POST or None, initial={"on": clock.today(found.zone)})
    if form.is_valid() and attempt(form, actions.end_series, found, by=request.user, **form.cleaned_data):
        messages.success(request, "Le prêt régulier est arrêté. La personne est prévenue.")
        return redirect("bookings:series", found.pk)
    context = {"series": found, "form": form, "coming": series_reads.whole(found).coming}
    return page(request, "bookings/end_series.html", context)


def series_for(request: HttpRequest, pk: int) -> Series:
    rows = Series.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("account", "contract", *series_reads.WITH_EVENT), pk=pk)
