"""Who of the team drove what; and vehicles that never came back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import perms
from bookings.actions import lost
from bookings.actions import trips as verbs
from bookings.cases import forms as case_forms
from bookings.changes import outcome as changes
from bookings.changes.values import EndWithoutReturn
from bookings.models import Trip, UnreturnedLoan
from bookings.views import cases
from bookings.views.cases import ask
from bookings.views.incidents import EITHER, on
from bookings.views.loans import find as find_loan
from core import clock, words
from core.db import require
from core.pages import page_of
from core.web import attempt, once, page, sent
from fleet.models import Vehicle
from fleet.perms import can_handle_vehicle


@require_safe
def trips(request: HttpRequest) -> HttpResponse:
    """Every trip of the team, latest first; `?vehicule=` of one vehicle."""
    rows = Trip.objects.visible_to(request.user).filter(platform=request.platform)
    if (vehicle := cases.first_vehicle(request)) is not None:
        rows = rows.filter(vehicle=vehicle)
    shown = page_of(request, rows.select_related("vehicle", "driver", "to_site"))
    return page(
        request, "bookings/cases/trips.html", {"page": shown, "may": can_handle_vehicle(request.user, on(request))}
    )


@require_http_methods(EITHER)
@once
def note_trip(request: HttpRequest) -> HttpResponse:
    """`?vehicule=` chooses the vehicle; whoever notes it drove, unless said otherwise."""
    require(can_handle_vehicle(request.user, on(request)))
    first = {"vehicle": cases.first_vehicle(request), "driver": request.user.pk, "sort": Trip.Sort.STAFF}
    form = case_forms.TripForm(*sent(request), platform=request.platform, by=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        if attempt(form, verbs.note_trip, told.pop("vehicle"), by=request.user, **told):
            messages.success(request, "Le trajet est noté.")
            return redirect("bookings:trips")
    context = {"case": None, "form": form, "back": reverse("bookings:trips"), "title": "Noter un trajet de l’équipe",
               "label": "Noter le trajet", "sign": "key", "tone": "primary",
               "hint": "Un trajet terminé : si un avis arrive, on saura qui conduisait."}  # fmt: skip
    return page(request, "bookings/cases/verb.html", context)


@require_POST
@once
def drop_trip(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Trip.objects.visible_to(request.user).filter(platform=request.platform)
    found = get_object_or_404(rows.select_related("vehicle__platform"), pk=pk)
    verbs.drop_trip(found, by=request.user)
    messages.success(request, "Le trajet est effacé.")
    return redirect("bookings:trips")


@require_http_methods(EITHER)
@once
def not_returned(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a loan whose vehicle does not come back; the last day of rent decides what it costs."""
    loan = find_loan(request, pk)
    require(perms.can_change(request.user, loan))
    out = dict(loan.assignments.out().values_list("vehicle_id", "hold__out_at"))
    first = {"vehicle": cases.first_vehicle(request), "since": clock.now(), "rent_until": clock.today()}
    goes_on = loan.assignments.current().count() > 1
    form = case_forms.NotReturnedForm(*sent(request), vehicles=list(out), goes_on=goes_on, initial=first)
    last_day = case_forms.last_day_of_rent(request.POST or request.GET, first["rent_until"])
    first_day = words.local_date(min([loan.starts_at, *out.values()]))
    possible = not goes_on and first_day <= last_day <= clock.today()
    return ask(
        request, loan, form,
        lambda: lost.end_without_return(loan, by=request.user, **{"rent_until": last_day} | form.cleaned_data),
        back=reverse("bookings:booking", args=[loan.pk]),
        title="Véhicule jamais rendu" if goes_on else "Finir le prêt sans retour",
        label="Noter qu’il n’est pas rendu" if goes_on else "Finir le prêt",
        done="C’est noté. Le véhicule reste bloqué jusqu’à ce qu’il soit retrouvé ou retiré du parc.",
        sign="slash-circle", tone="danger", template="bookings/cases/not_returned.html", loan=loan,
        goes_on=goes_on, cost=changes.preview(loan, EndWithoutReturn(last_day)) if possible else None, partial="cost",
    )  # fmt: skip


@require_http_methods(EITHER)
@once
def recovered(request: HttpRequest, pk: int) -> HttpResponse:
    """A vehicle that did not come back is found."""
    pool = Vehicle.objects.visible_to(request.user).filter(platform=request.platform).select_related("platform", "site")
    vehicle = get_object_or_404(pool, pk=pk)
    require(can_handle_vehicle(request.user, vehicle))
    missing = UnreturnedLoan.objects.filter(assignment__vehicle=vehicle, recovered_at__isnull=True)
    lost_one = get_object_or_404(missing.select_related("booking__participant"))
    form = case_forms.RecoveredForm(
        *sent(request), platform=request.platform, by=request.user,
        initial={"at": clock.now(), "site": vehicle.site_id},
    )  # fmt: skip
    return ask(
        request, vehicle, form, lambda: lost.recovered(vehicle, by=request.user, **form.cleaned_data),
        back=reverse("fleet:vehicle", args=[vehicle.pk]), title="Véhicule retrouvé", label="Le véhicule est là",
        done="Le véhicule est de nouveau dans le parc.", sign="box-arrow-in-down",
        template="bookings/cases/recovered.html", lost=lost_one, vehicle=vehicle,
    )  # fmt: skip
