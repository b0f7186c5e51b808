"""« Règles de prêt », « Règles passées », and passing a rule for a loan that is promised already."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import change_platform
from bookings import actions, perms
from bookings.models import Booking, LoanRules, RulePass
from bookings.rules import reads as rule_reads
from bookings.rules.forms import LawForm, RulesForm, passes_in
from bookings.rules.words import in_words
from bookings.views.boxes import boxes
from core import clock
from core.db import require
from core.forms import DayField
from core.french import in_french
from core.pages import page_of
from core.web import attempt, once, page, row_id, sent
from core.words import calendar_day

# --- what the platform asks ---------------------------------------------------------------------------


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules, the general ones first; those to come beside those in force, those of before folded away."""
    today = clock.today()
    rows = sorted(
        ours(request), key=lambda row: (row.programme_id is not None, in_french(str(row.programme or "")), row.kind)
    )
    for row in rows:
        row.is_over = row.valid_until is not None and row.valid_until <= today
        row.is_coming, row.words = row.valid_from > today, in_words(row)
    law = LawForm(initial={"suspended_b_rides_mopeds": request.platform.suspended_b_rides_mopeds})
    context = {
        "current": [row for row in rows if not row.is_over],
        "over": [row for row in rows if row.is_over],
        "can_set": perms.can_set_rules(request.user, request.platform),
        "law": law,
    }
    return page(request, "bookings/rules.html", context, status=200)


@require_http_methods(["GET", "POST"])
@once
def new_rules(request: HttpRequest) -> HttpResponse:
    """New rules, or with `?depuis=` a new version of some, from a day on."""
    require(perms.can_set_rules(request.user, request.platform))
    since = request.GET.get("depuis", "")
    former = get_object_or_404(ours(request), pk=row_id(since)) if since else None
    form = RulesForm(request.platform, request.POST or None, initial=said_by(former))
    if form.is_valid():
        saved = attempt(form, actions.save_rules, request.platform, by=request.user, **form.said())
        if saved:
            messages.success(request, f"Ces règles valent à partir du {calendar_day(saved.valid_from)}.")
            return redirect("bookings:rules")
    return page(request, "bookings/new_rules.html", {"form": form, "former": former})


class EndForm(forms.Form):
    day = DayField(label="Jour")


@require_http_methods(["GET", "POST"])
@once
def end_rules(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ours(request), pk=pk)
    require(perms.can_set_rules(request.user, request.platform))
    form = EndForm(request.POST or None, initial={"day": clock.today() + dt.timedelta(days=1)})
    if form.is_valid() and attempt(
        form, actions.end_rules, found, by=request.user, valid_until=form.cleaned_data["day"]
    ):
        messages.success(request, f"Ces règles ne valent plus à partir du {calendar_day(form.cleaned_data['day'])}.")
        return redirect("bookings:rules")
    return page(request, "bookings/end_rules.html", {"form": form, "rules": found, "words": in_words(found)})


@require_POST
@once
def settle_law(request: HttpRequest) -> HttpResponse:
    """How the platform reads the law where sources disagree."""
    form = LawForm(request.POST)
    form.is_valid()
    change_platform(request.platform, by=request.user, **form.cleaned_data)
    messages.success(request, "C’est enregistré.")
    return redirect("bookings:rules")


def ours(request: HttpRequest) -> Any:
    found = LoanRules.objects.visible_to(request.user).filter(platform=request.platform)
    return found.select_related("programme", "platform")


def said_by(former: LoanRules | None) -> dict[str, Any]:
    """What the form opens with: the former rules, from the first of next month on."""
    if former is None:
        return {"valid_from": clock.today()}
    first = (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    shown = {name: getattr(former, name) for name in ("programme", "kind", *actions.rules.SAID)}
    return shown | {
        "valid_from": max(first, former.valid_from),
        "no_documents": former.documents == [],
        "only_coordination": former.passed_by == [],
    }


# --- what was passed ------------------------------------------------------------------------------------


@require_safe
def passes(request: HttpRequest) -> HttpResponse:
    """Which rules were passed, by whom, why: those that nobody has read yet, or with `?vues=1` the others."""
    read = request.GET.get("vues") == "1"
    found = RulePass.objects.visible_to(request.user).filter(platform=request.platform, reviewed_at__isnull=not read)
    found = found.select_related("booking__participant", "by", "reviewed_by").order_by("-at", "-pk")
    can_review = perms.can_review_passes(request.user, request.platform)
    context = {"page": page_of(request, found), "read": read, "can_review": can_review}
    return page(request, "bookings/passes.html", context)


@require_POST
@once
def review_pass(request: HttpRequest, pk: int) -> HttpResponse:
    found = RulePass.objects.visible_to(request.user).filter(platform=request.platform)
    actions.review_pass(get_object_or_404(found.select_related("booking", "platform"), pk=pk), by=request.user)
    return redirect("bookings:passes")


@require_http_methods(["GET", "POST"])
@once
def pass_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands between a promised loan and its keys: papers and aptitude test are passed here, the law is not."""
    loans = Booking.objects.visible_to(request.user).select_related("participant", "platform")
    loan = get_object_or_404(loans, pk=pk)
    require(perms.can_change(request.user, loan))
    form = forms.Form(*sent(request))
    if form.is_valid() and attempt(form, actions.pass_rules, loan, by=request.user, passes=passes_in(request.POST)):
        messages.success(request, "C’est noté, avec sa raison.")
        return redirect("bookings:booking", loan.pk)
    context = {"form": form, "loan": loan} | boxes(
        request, form, loan.platform, rule_reads.before_loan(loan), papers_of=loan.participant_id
    )
    context["may_pass"] = any(one.may_pass and one.breach.binds for one in context["breaches"])
    return page(request, "bookings/pass_rules.html", context, partial="beside")
