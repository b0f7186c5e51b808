"""« Incidents et amendes », its first half: breakdowns, accidents, thefts, impounds."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bookings.actions import fines as fine_actions
from bookings.actions import incidents as verbs
from bookings.cases import deadlines
from bookings.cases import forms as case_forms
from bookings.cases import perms as case_perms
from bookings.cases import verbs as case_verbs
from bookings.cases.policies import policy_of
from bookings.cases.steps import pound_cost
from bookings.models import Booking, Fine, Incident, UnreturnedLoan
from bookings.views import cases
from bookings.views.cases import ask
from core import clock
from core.db import require
from core.pages import page_of
from core.web import attempt, once, page, row_id, sent
from fleet.models import Vehicle

Sort = Incident.Sort
EITHER = ["GET", "POST"]
LAST = 6  # of each, for one vehicle


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """All incidents, those that wait first; filtered in the address."""
    filters = case_forms.CaseFilters(request.GET, sorts=Sort.choices, platform=request.platform, by=request.user)
    rows = Incident.objects.visible_to(request.user).filter(platform=request.platform)
    rows = cases.only(rows.select_related("vehicle", "booking__participant"), filters, (Incident.State.CLOSED,))
    shown = page_of(request, rows.order_by("state", "-happened_at", "-pk"))
    today = clock.today()
    for row in shown:
        row.due_tone = deadlines.tone(row.due_step, row.due_on, today) if row.due_on else ""
    context = {"filters": filters, "page": shown, "may": case_perms.can_handle(request.user, on(request))}
    return page(request, "bookings/cases/incidents.html", context, partial="rows", status=200)


@require_http_methods(EITHER)
@once
def open_incident(request: HttpRequest) -> HttpResponse:
    """`?nature=` says what happened; without it one chooses. `?vehicule=` and `?pret=` say to what."""
    require(case_perms.can_handle(request.user, on(request)))
    sort = request.GET.get("nature", "")
    if sort not in Sort.values:
        query = request.GET.urlencode()
        return page(
            request, "bookings/cases/choose.html", {"sorts": Sort.choices, "query": f"&{query}" if query else ""}
        )
    loan = chosen_loan(request)
    vehicle = cases.first_vehicle(request) or (vehicle_of(loan) if loan else None)
    first = {"vehicle": vehicle, "happened_at": clock.now(), "known_on": clock.today()}
    form = case_forms.OpenForm(*sent(request), sort=sort, platform=request.platform, by=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        told = {"sort": sort, "by": request.user, "booking": loan} | form.facts()
        if found := attempt(form, verbs.open_incident, form.cleaned_data["vehicle"], **told):
            return redirect("bookings:incident", found.pk)
    context = {"form": form, "title": Sort(sort).label, "loan": loan}
    return page(request, "bookings/cases/open.html", context)


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: its next step and deadline, what is known, the loan, the repair, the papers."""
    found = find(request, pk)
    today = clock.today()
    steps = case_verbs.verbs_of_incident(found, request.user)
    return page(
        request,
        "bookings/cases/incident.html",
        {
            "incident": found,
            "primary": steps[0] if steps and found.state != Incident.State.CLOSED else None,
            "verbs": steps[1:] if found.state != Incident.State.CLOSED else steps,
            "tone": deadlines.tone(found.due_step, found.due_on, today) if found.due_on else "",
            "pound_cost": pound_cost(found, today) if found.sort == Sort.IMPOUND else None,
            "papers": list(found.papers.select_related("file")),
            "damages": list(found.damages.all()),
            "steps": cases.timeline(found),
            "unreturned": unreturned_of(found),
            "may": case_perms.can_handle(request.user, found),
        },
    )


@require_safe
def of_vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    """The last incidents and notices of one vehicle: a page, or the fragment that its own page asks for."""
    pool = Vehicle.objects.visible_to(request.user).filter(platform=request.platform)
    vehicle = get_object_or_404(pool, pk=pk)
    context = {
        "vehicle": vehicle,
        "incidents": list(Incident.objects.filter(vehicle=vehicle)[:LAST]),
        "fines": list(Fine.objects.filter(vehicle=vehicle).order_by("-noted_at", "-pk")[:LAST]),
    }
    return page(request, "bookings/cases/of_vehicle.html", context, partial="lines")


def unreturned_of(incident: Incident) -> Any:
    """The loan that ended without its vehicle, while that is not found."""
    lost = UnreturnedLoan.objects.filter(booking=incident.booking_id, assignment__vehicle=incident.vehicle_id)
    return lost.filter(recovered_at__isnull=True).first()


@require_http_methods(EITHER)
@once
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    first = {name: getattr(found, name) for name in verbs.FACTS}
    form = case_forms.FactsForm(*sent(request), sort=found.sort, initial=first)
    return ask(
        request, found, form, lambda: verbs.complete(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Compléter", label="Compléter l’incident", done="C’est noté.", sign="pencil",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def add_paper(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.PaperForm(*sent(request))
    return ask(
        request, found, form, lambda: verbs.add_paper(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Ajouter un papier", label="Ajouter", done="Le papier est gardé.", sign="paperclip",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.ComplaintForm(*sent(request), initial={"on": clock.today()})
    return ask(
        request, found, form, lambda: verbs.lodge_complaint(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Plainte", label="Noter la plainte", done="La plainte est notée.",
        sign="shield-exclamation", hint="La police ou la gendarmerie donne un récépissé : l’assurance le demande.",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.DeclareForm(*sent(request), initial={"on": clock.today(), "claim_number": found.claim_number})
    return ask(
        request, found, form, lambda: verbs.declare(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Déclaration à l’assurance", label="Noter la déclaration",
        done="La déclaration est notée.", sign="shield-check",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    first = {"on": clock.today(), "removal_cost": found.removal_cost, "daily_cost": found.daily_cost}
    form = case_forms.FetchForm(*sent(request), initial=first)
    return ask(
        request, found, form, lambda: verbs.fetch(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Sortie de fourrière", label="Noter la sortie", done="La sortie est notée.",
        sign="unlock", hint="Si le prêt est fini sans retour, notez aussi que le véhicule est retrouvé.",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def close(request: HttpRequest, pk: int) -> HttpResponse:
    found = handled(request, pk)
    form = case_forms.OutcomeForm(*sent(request))
    return ask(
        request, found, form, lambda: verbs.close_incident(found, by=request.user, **form.cleaned_data),
        back=here(found), title="Clore l’incident", label="Clore", done="L’incident est clos.", sign="check-circle",
        hint="Ce choix ne se défait pas. Des papiers et des notes peuvent encore s’ajouter.",
    )  # fmt: skip


@require_safe
def paper(request: HttpRequest, pk: int, file: str) -> HttpResponse:
    return cases.paper(request, find(request, pk), file)


@require_http_methods(EITHER)
@once
def policy(request: HttpRequest) -> HttpResponse:
    """What the platform asks for a designation, and for how long it keeps a fine."""
    require(case_perms.can_set_policy(request.user, request.platform))
    known = policy_of(request.platform)
    form = case_forms.PolicyForm(*sent(request), initial={"fine_fee": known.fine_fee, "keep_months": known.keep_months})
    return ask(
        request, None, form,
        lambda: fine_actions.save_policy(request.platform, by=request.user, **form.cleaned_data),
        back="bookings:incident_policy", leave="bookings:incidents", title="Incidents et amendes",
        label="Enregistrer ces réglages", done="C’est enregistré.",
    )  # fmt: skip


def on(request: HttpRequest) -> Any:
    """A row of the platform, for predicates that ask of which one."""
    return Vehicle(platform=request.platform)


def chosen_loan(request: HttpRequest) -> Booking | None:
    loans = Booking.objects.visible_to(request.user).filter(platform=request.platform)
    return loans.filter(pk=row_id(request.GET.get("pret", ""))).select_related("participant").first()


def vehicle_of(loan: Booking) -> int | None:
    """The vehicle that the loan has, or had last."""
    out = loan.assignments.out().order_by("pk") if loan.state == Booking.State.ACTIVE else loan.assignments.all()
    return out.values_list("vehicle_id", flat=True).last()


def find(request: HttpRequest, pk: int) -> Incident:
    rows = Incident.objects.visible_to(request.user).filter(platform=request.platform)
    rows = rows.select_related("vehicle__site", "platform", "booking__participant", "job", "reported_by")  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def handled(request: HttpRequest, pk: int) -> Incident:
    found = find(request, pk)
    require(case_perms.can_handle(request.user, found))
    return found


def here(incident: Incident) -> str:
    return reverse("bookings:incident", args=[incident.pk])
