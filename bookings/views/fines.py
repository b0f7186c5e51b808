"""« Incidents et amendes », its second half: fines, parking charges and tolls, each with who drove at that minute."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.actions import fines as verbs
from bookings.actions.incidents import add_paper as keep
from bookings.actions.notices import notice_came
from bookings.cases import deadlines, designations, uses
from bookings.cases import forms as case_forms
from bookings.cases import perms as case_perms
from bookings.cases import steps as case_steps
from bookings.cases import verbs as case_verbs
from bookings.cases.policies import policy_of
from bookings.forms import ReasonForm
from bookings.identity import Identity
from bookings.models import Fine
from bookings.views import cases
from bookings.views.cases import ask
from bookings.views.incidents import EITHER, on
from core import clock, words
from core.db import require
from core.pages import page_of
from core.web import attempt, once, page, sent


@require_safe
def fines(request: HttpRequest) -> HttpResponse:
    """All notices, those whose last day comes first on top; filtered in the address."""
    filters = case_forms.CaseFilters(request.GET, sorts=Fine.Sort.choices, platform=request.platform, by=request.user)
    rows = Fine.objects.visible_to(request.user).filter(platform=request.platform)
    rows = cases.only(rows.select_related("vehicle", "assignment__booking__participant", "trip__driver",
                                          "transfer__driver", "job__garage"), filters, Fine.OVER)  # fmt: skip
    shown = page_of(request, rows.order_by("due_on", "-noted_at", "-pk"))
    today = clock.today()
    for row in shown:
        row.due_tone = deadlines.tone(row.due_step, row.due_on, today) if row.due_on else ""
    context = {"filters": filters, "page": shown, "may": case_perms.can_handle(request.user, on(request))}
    return page(request, "bookings/cases/fines.html", context, partial="rows", status=200)


@require_http_methods(EITHER)
@once
def record_fine(request: HttpRequest) -> HttpResponse:
    """What the notice says; `?vehicule=` chooses the vehicle."""
    require(case_perms.can_handle(request.user, on(request)))
    first = {"vehicle": cases.first_vehicle(request)}
    form = case_forms.FineForm(*sent(request), platform=request.platform, by=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        if found := attempt(form, verbs.record_fine, told.pop("vehicle"), by=request.user, **told):
            return redirect("bookings:fine", found.pk)
    return page(request, "bookings/cases/record_fine.html", {"form": form})


@require_safe
def fine(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: its next step and deadline, who drove, what was paid and passed on."""
    found = find(request, pk)
    steps = case_verbs.verbs_of_fine(found, request.user)
    may = case_perms.can_handle(request.user, found)
    named = found.use != "" or bool(found.driver)
    return page(
        request,
        "bookings/cases/fine.html",
        {
            "fine": found,
            "primary": steps[0] if steps and found.state not in Fine.OVER else None,
            "verbs": steps[1:] if found.state not in Fine.OVER else steps,
            "tone": deadlines.tone(found.due_step, found.due_on, clock.today()) if found.due_on else "",
            "appeal_by": case_steps.appeal_by(found) if found.state == Fine.State.RECEIVED else None,
            "use": uses.use_of_fine(found),
            "others": others(found) if may else [],
            "around": () if named or found.offence_at is None else uses.around(found.vehicle, found.offence_at),
            "driver": Identity.from_json(found.driver),
            "with_driver": found.sort in verbs.WITH_DRIVER,
            "papers": list(found.papers.select_related("file")),
            "steps": cases.timeline(found),
            "may": may,
        },
    )


def others(fine: Fine) -> list[uses.Use]:
    """Uses of that minute that contradict the one that was noted."""
    if fine.offence_at is None or not fine.driver_may_change:
        return []
    noted = uses.use_of_fine(fine).key
    return [one for one in uses.uses_at(fine.vehicle, fine.offence_at) if one.key != noted]


@require_http_methods(EITHER)
@once
def driver(request: HttpRequest, pk: int) -> HttpResponse:
    """Which use it was, and who the driver is as the designation asks for it."""
    found = handled(request, pk)
    known = uses.uses_at(found.vehicle, found.offence_at) if found.offence_at else []
    current = uses.use_of_fine(found)
    if current.key and current.key not in {one.key for one in known}:
        known.append(current)
    first = case_forms.DriverForm.known(Identity.from_json(found.driver)) | {"use": current.key}
    form = case_forms.DriverForm(*sent(request), uses=known, initial=first)
    return ask(
        request, found, form, lambda: verbs.name_driver(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Qui conduisait", label="Noter qui conduisait", done="C’est noté.", sign="person-check",
        template="bookings/cases/driver.html",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def designate(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    fee = policy_of(found.platform).fine_fee
    asked = words.euros(fee) if fee and found.assignment_id else ""
    form = case_forms.DesignateForm(*sent(request), fee=asked, initial={"on": clock.today()})
    return ask(
        request, found, form, lambda: verbs.designate(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Désigner le conducteur", label="La désignation est envoyée",
        done="La désignation est notée. La fiche envoyée est gardée.", sign="send",
        template="bookings/cases/designate.html", driver=Identity.from_json(found.driver),
    )  # fmt: skip


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The designation as PDF, to copy into the administration's form or to send with it."""
    found = handled(request, pk)
    answer = HttpResponse(designations.sheet_pdf(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="designation-{found.pk}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(EITHER)
@once
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    require(case_perms.can_pay(request.user, found))
    form = case_forms.PayForm(*sent(request), initial={"on": clock.today(), "amount": found.amount})
    return ask(
        request, found, form, lambda: verbs.pay_fine(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Paiement", label="Noter le paiement", done="Le paiement est noté.", sign="cash-coin",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.NoticeForm(*sent(request), initial={"amount": found.amount})
    return ask(
        request, found, form, lambda: notice_came(found, by=request.user, **form.cleaned_data),
        back=here(found), title="L’avis est arrivé", label="Noter l’avis", done="L’avis est noté.", sign="envelope",
        hint="Le péage était déjà noté : le délai part maintenant de l’avis.",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def contest(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.ContestForm(*sent(request), initial={"on": clock.today()})
    return ask(
        request, found, form, lambda: verbs.contest(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Contester", label="La contestation est envoyée", done="La contestation est notée.",
        sign="flag", hint="Véhicule volé, plaque copiée, conducteur introuvable : joignez la preuve, et ne payez pas.",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = ReasonForm(request.POST or None)
    return ask(
        request, found, form, lambda: verbs.withdraw_fine(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Noté par erreur", label="Retirer cet avis", done="L’avis est retiré.", sign="trash",
        tone="danger", hint="Pour un avis noté deux fois, ou sur le mauvais véhicule. Ce choix ne se défait pas.",
    )  # fmt: skip


@require_POST
@once
def rebill(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    verbs.rebill(found, by=request.user)
    return redirect("bookings:fine", found.pk)


@require_POST
@once
def close(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(request, pk)
    verbs.close_fine(found, by=request.user)
    return redirect("bookings:fine", found.pk)


@require_http_methods(EITHER)
@once
def add_paper(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.PaperForm(*sent(request))
    return ask(
        request, found, form, lambda: keep(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Ajouter un papier", label="Ajouter", done="Le papier est gardé.", sign="paperclip",
    )  # fmt: skip


@require_safe
def paper(request: HttpRequest, pk: int, file: str) -> HttpResponse:
    return cases.paper(request, find(request, pk), file)


def find(request: HttpRequest, pk: int) -> Fine:
    rows = Fine.objects.visible_to(request.user).filter(platform=request.platform)
    rows = rows.select_related(
        "vehicle__site", "platform", "assignment__hold", "assignment__booking__participant", "trip__driver",
        "transfer__driver", "job__garage", "job__hold", "charge",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def handled(request: HttpRequest, pk: int) -> Fine:
    found = find(request, pk)
    require(case_perms.can_handle(request.user, found))
    return found


def here(fine: Fine) -> str:
    return reverse("bookings:fine", args=[fine.pk])
