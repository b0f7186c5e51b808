"""The staff's verbs: their own, and each of the garage's on its behalf. One address a verb."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core import clock
from core.db import require
from core.web import attempt, once, page, row_id, sent
from fleet.models import Vehicle
from garages.models import Garage
from maintenance import actions, forms, perms
from maintenance.garage_verbs import VERBS, first_values
from maintenance.models import RepairJob
from maintenance.steps import policy_of
from maintenance.views.garage import rate_of
from participants.models import Participant


def own(request: HttpRequest) -> QuerySet[RepairJob]:
    return (
        RepairJob.objects.visible_to(request.user)
        .filter(platform=request.platform)
        .select_related("vehicle__site", "garage", "platform", "hold")
    )


def ask(
    request: HttpRequest,
    job: RepairJob,
    form: django_forms.Form,
    act: Callable[..., Any],
    *,
    title: str,
    label: str,
    done: str,
    sign: str = "",
    tone: str = "primary",
    hint: str = "",
    template: str = "maintenance/verb.html",
    **context: Any,
) -> HttpResponse:
    """A verb with questions: its page, then the job's."""
    if request.method == "POST" and form.is_valid() and attempt(form, act):
        messages.success(request, done)
        return redirect("maintenance:job", job.pk)
    told = {"job": job, "form": form, "title": title, "label": label, "sign": sign, "tone": tone, "hint": hint}
    return page(request, template, told | context)


def done(request: HttpRequest, job: RepairJob, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("maintenance:job", job.pk)


# --- reporting --------------------------------------------------------------------------------------


@once
def report(request: HttpRequest) -> HttpResponse:
    """A defect of one of our vehicles; `?vehicule=` chooses it."""
    require(perms.can_report(request.user, request.platform.pk))
    pool = Vehicle.objects.visible_to(request.user).filter(platform=request.platform)
    vehicle = pool.filter(pk=row_id(request.GET.get("vehicule", ""))).first()
    first = {"vehicle": vehicle, "work": "mechanics", "sort": "repair"}
    form = forms.ReportForm(*sent(request), platform=request.platform, vehicle=vehicle, initial=first)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        told["vehicle_rolls"] = not told.pop("vehicle_does_not_roll")
        told["needs_vehicle"] = not told.pop("during_a_loan")
        if told["needed_by"]:
            told["needed_by"] = clock.at(told["needed_by"], dt.time(8), request.platform.time_zone)
        job = attempt(form, actions.report_defect, told.pop("vehicle"), by=request.user, **told)
        if job is not None:
            messages.success(request, "Le défaut est signalé. Choisissez maintenant un garage.")
            return redirect("maintenance:job", job.pk)
    return page(request, "maintenance/report.html", {"form": form})


@once
def report_own(request: HttpRequest, participant: int) -> HttpResponse:
    """A participant's own vehicle, to be repaired by a partner garage."""
    require(perms.can_report(request.user, request.platform.pk))
    people = Participant.objects.visible_to(request.user).filter(platform=request.platform)
    person = get_object_or_404(people, pk=participant)
    form = forms.OwnVehicleForm(*sent(request), initial={"work": "mechanics", "sort": "repair"})
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        told["vehicle_rolls"] = not told.pop("vehicle_does_not_roll")
        told |= {"platform": request.platform, "participant": person}
        job = attempt(form, actions.report_defect, by=request.user, **told)
        if job is not None:
            messages.success(request, "C’est noté. Choisissez maintenant un garage.")
            return redirect("maintenance:job", job.pk)
    return page(request, "maintenance/report_own.html", {"form": form, "participant": person})


@once
def change(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_report(request.user, job.platform_id))
    first = {field: getattr(job, field) for field in forms.ChangeForm.base_fields}
    form = forms.ChangeForm(*sent(request), initial=first)
    return ask(
        request, job, form, lambda: actions.change(job, by=request.user, **form.cleaned_data),
        title="Corriger", label="Enregistrer", done="C’est corrigé.", sign="pencil",
    )  # fmt: skip


@once
def add_photos(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_answer(request.user, job))
    form = forms.PhotosForm(*sent(request))
    return ask(
        request, job, form, lambda: actions.add_photos(job, form.cleaned_data["photos"], by=request.user),
        title="Ajouter des photos", label="Ajouter", done="Les photos sont ajoutées.", sign="camera",
    )  # fmt: skip


# --- finding a garage -------------------------------------------------------------------------------


@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """POST `garage`: asks this one."""
    job = get_object_or_404(own(request), pk=pk)
    garages = Garage.objects.visible_to(request.user).filter(platform=request.platform)
    garage = get_object_or_404(garages, pk=row_id(request.POST.get("garage", "")))
    actions.offer(job, garage, by=request.user)
    return done(request, job, f"Le travail est proposé à {garage.name}.")


@require_POST
def offer_next(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    made = actions.offer_next(job, by=request.user)
    return done(request, job, f"Le travail est proposé à {made.garage.name}.")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    actions.withdraw(job, by=request.user)
    return done(request, job, "Le travail est retiré au garage, qui est prévenu.")


@once
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """To a garage of the list or to one that is typed in."""
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_place(request.user, job))
    form = forms.GiveForm(*sent(request), platform=request.platform, initial={"garage": request.GET.get("garage")})

    def act() -> RepairJob:
        told = dict(form.cleaned_data)
        garage = told.pop("garage")
        if garage:
            return actions.give(job, garage, by=request.user, appointment_at=told["appointment_at"])
        return actions.give_to_new_garage(job, by=request.user, **told)

    return ask(
        request, job, form, act, title="Confier directement à un garage", label="Confier", sign="shop",
        done="Le travail est confié au garage.", template="maintenance/give.html",
    )  # fmt: skip


@once
def on_behalf(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of the garage, noted by staff who heard it from the garage."""
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_place(request.user, job))
    wanted = VERBS[verb]
    first = first_values(wanted, job, rate_of(job) if verb == "quote" else None)
    form = wanted.form(*sent(request), job=job, on_its_behalf=True, initial=first)
    if "more" in request.POST or "sum" in request.POST:
        form.is_valid()
        context = {"job": job, "form": form, "title": wanted.title, "asked_for_more": True}
        return page(request, "maintenance/quote.html", context, status=200)
    return ask(
        request, job, form, lambda: wanted.action(job, by=request.user, **form.told()),
        title=wanted.title, label=wanted.label, sign=wanted.sign, done=wanted.done,
        hint="Vous notez ce que le garage vous a dit.", asked_for_more=False,
        template="maintenance/quote.html" if verb == "quote" else "maintenance/verb.html",
    )  # fmt: skip


# --- deciding ---------------------------------------------------------------------------------------


@require_POST
def approve_quote(request: HttpRequest, pk: int) -> HttpResponse:
    job = actions.approve_quote(get_object_or_404(own(request), pk=pk), by=request.user)
    return done(request, job, "Le devis est approuvé. Le garage est prévenu, il peut commencer.")


@once
def refuse_quote(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_decide(request.user, job))
    form = forms.RefuseQuoteForm(*sent(request))
    return ask(
        request, job, form, lambda: actions.refuse_quote(job, by=request.user, **form.cleaned_data),
        title="Refuser le devis", label="Refuser le devis", sign="x-circle", tone="danger",
        done="Le devis est refusé. Le garage est prévenu.",
    )  # fmt: skip


@once
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_decide(request.user, job))
    form = forms.CancelForm(*sent(request))
    hint = "Le véhicule redevient libre, et le garage est prévenu. On ne peut pas revenir en arrière."
    return ask(
        request, job, form, lambda: actions.cancel(job, by=request.user, **form.cleaned_data),
        title="Annuler ce travail", label="Annuler ce travail", sign="x-circle", tone="danger",
        done="Le travail est annulé.", hint=hint,
    )  # fmt: skip


@once
def collect(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_collect(request.user, job))
    first = {"site": job.vehicle.site_id if job.vehicle else None}
    form = forms.CollectForm(*sent(request), job=job, initial=first)
    return ask(
        request, job, form, lambda: actions.collect(job, by=request.user, **form.cleaned_data),
        title="Récupérer le véhicule", label="Récupérer le véhicule", sign="key",
        done="Le véhicule est de retour : il peut de nouveau être prêté.",
    )  # fmt: skip


@once
def correct_stay(request: HttpRequest, pk: int, stay: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    require(perms.can_collect(request.user, job))
    found = get_object_or_404(job.stays.all(), pk=stay)
    first = {"arrived_at": found.arrived_at, "left_at": found.left_at}
    form = forms.StayForm(*sent(request), initial=first)
    return ask(
        request, job, form, lambda: actions.correct_stay(job, stay=stay, by=request.user, **form.cleaned_data),
        title="Corriger les heures au garage", label="Corriger", done="Les heures sont corrigées.", sign="pencil",
        hint="Pendant ces heures, le garage avait les clés : une amende porte son nom. Rien d’autre ne change.",
    )  # fmt: skip


@require_POST
def mark_paid(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(own(request), pk=pk)
    form = forms.PaidForm(request.POST)
    day = form.cleaned_data["on"] if form.is_valid() else None
    actions.mark_paid(job, by=request.user, on=day)
    return done(request, job, "La facture est notée payée.")


@once
def policy(request: HttpRequest) -> HttpResponse:
    """How the platform decides on repairs."""
    require(perms.can_change_policy(request.user, request.platform.pk))
    now = policy_of(request.platform.pk)
    first = {field: getattr(now, field) for field in forms.PolicyForm.base_fields}
    form = forms.PolicyForm(*sent(request), initial=first)
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, actions.save_policy, request.platform, by=request.user, **form.cleaned_data)
        if saved is not None:
            messages.success(request, "Les réglages sont enregistrés.")
            return redirect("maintenance:policy")
    return page(request, "maintenance/policy.html", {"form": form})
