"""« Rappels » and « Clauses »: what people are reminded of and when, and what the contract says."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, perms
from bookings.day.forms import ClauseForm, EndClauseForm, ReminderForm, ReminderPolicyForm, RewordForm
from bookings.models import Clause, ReminderPolicy, ReminderStep
from bookings.reminders.words import WORDS, said_when
from core import clock
from core.db import require
from core.web import attempt, once, page, sent
from core.words import calendar_day

# --- reminders --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@once
def reminders(request: HttpRequest) -> HttpResponse:
    """The schedule, for the whole staff; the hours of the day, for whoever may set them."""
    may_set = perms.can_set_reminders(request.user, request.platform)
    policy = ReminderPolicy.objects.filter(platform=request.platform).first() or ReminderPolicy(is_on=False)
    shown = {name: getattr(policy, name) for name in ReminderPolicyForm.base_fields}
    if request.method == "POST":
        require(may_set)
    form = ReminderPolicyForm(*sent(request), initial=shown)
    if form.is_valid() and attempt(
        form, actions.save_reminder_policy, request.platform, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "Les heures sont enregistrées.")
        return redirect("bookings:reminders")
    steps = list(ReminderStep.objects.visible_to(request.user).filter(platform=request.platform))
    rows = [(step, said_when(step)) for step in sorted(steps, key=in_order)]
    return page(request, "bookings/reminders.html", {"form": form, "policy": policy, "rows": rows, "may_set": may_set})


def in_order(step: ReminderStep) -> tuple[bool, int]:
    hours = step.offset * (24 if step.unit == ReminderStep.Unit.DAYS else 1)
    return step.anchor != ReminderStep.Anchor.START, hours


@require_http_methods(["GET", "POST"])
@once
def new_reminder(request: HttpRequest) -> HttpResponse:
    require(perms.can_set_reminders(request.user, request.platform))
    form = ReminderForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_reminder, request.platform, by=request.user, **form.cleaned_data):
        messages.success(request, "Le rappel est ajouté.")
        return redirect("bookings:reminders")
    return page(request, "bookings/reminder.html", {"form": form, "step": None, "words": WORDS})


@require_http_methods(["GET", "POST"])
@once
def change_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    step = find_step(request, pk)
    require(perms.can_set_reminders(request.user, step.platform))
    form = ReminderForm(request.POST or None, initial=ReminderForm.of(step))
    if form.is_valid() and attempt(form, actions.change_reminder, step, by=request.user, **form.cleaned_data):
        messages.success(request, "Le rappel est changé.")
        return redirect("bookings:reminders")
    return page(request, "bookings/reminder.html", {"form": form, "step": step, "words": WORDS})


@require_POST
@once
def drop_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    actions.drop_reminder(find_step(request, pk), by=request.user)
    messages.success(request, "Le rappel est supprimé.")
    return redirect("bookings:reminders")


def find_step(request: HttpRequest, pk: int) -> ReminderStep:
    mine = ReminderStep.objects.visible_to(request.user).filter(platform=request.platform)
    return get_object_or_404(mine.select_related("platform"), pk=pk)


# --- clauses ----------------------------------------------------------------------------------------


@require_safe
def clauses(request: HttpRequest) -> HttpResponse:
    """What the contract says now, by part; what comes, and what it said before."""
    today = clock.today()
    rows = list(Clause.objects.visible_to(request.user).filter(platform=request.platform))
    for row in rows:
        row.is_coming = row.valid_from > today
        row.for_whom = [dict(row._meta.get_field("kinds").base_field.flatchoices)[kind] for kind in row.kinds]
    over = [row for row in rows if row.valid_until is not None and row.valid_until <= max(today, row.valid_from)]
    parts = [
        {"label": label, "rows": [row for row in rows if row.part == part and row not in over]}
        for part, label in Clause.Part.choices
    ]
    may_set = perms.can_set_clauses(request.user, request.platform)
    return page(request, "bookings/clauses.html", {"parts": parts, "over": over, "may_set": may_set, "any": rows})


@require_http_methods(["GET", "POST"])
@once
def new_clause(request: HttpRequest) -> HttpResponse:
    require(perms.can_set_clauses(request.user, request.platform))
    form = ClauseForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_clause, request.platform, by=request.user, **form.cleaned_data):
        messages.success(request, "La clause est ajoutée.")
        return redirect("bookings:clauses")
    return page(request, "bookings/clause.html", {"form": form, "clause": None})


@require_http_methods(["GET", "POST"])
@once
def reword_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """The same promise in other words, from a day on."""
    clause = find_clause(request, pk)
    require(perms.can_set_clauses(request.user, clause.platform))
    form = RewordForm(request.POST or None, initial={"text": clause.text})
    if form.is_valid():
        after = attempt(form, actions.reword_clause, clause, by=request.user, **form.cleaned_data)
        if after:
            messages.success(request, f"Les contrats le disent ainsi à partir du {calendar_day(after.valid_from)}.")
            return redirect("bookings:clauses")
    return page(request, "bookings/clause.html", {"form": form, "clause": clause})


@require_http_methods(["GET", "POST"])
@once
def end_clause(request: HttpRequest, pk: int) -> HttpResponse:
    clause = find_clause(request, pk)
    require(perms.can_set_clauses(request.user, clause.platform))
    form = EndClauseForm(*sent(request))
    if form.is_valid() and attempt(form, actions.end_clause, clause, by=request.user, **form.cleaned_data):
        messages.success(request, "Les prochains contrats ne le diront plus.")
        return redirect("bookings:clauses")
    return page(request, "bookings/end_clause.html", {"form": form, "clause": clause})


def find_clause(request: HttpRequest, pk: int) -> Clause:
    mine: Any = Clause.objects.visible_to(request.user).filter(platform=request.platform)
    return get_object_or_404(mine.select_related("platform"), pk=pk)
