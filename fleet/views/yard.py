"""The yard: « Prêt », and a drive to another site."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.web import attempt, once, page, row_id
from fleet import perms, yard
from fleet.forms import TransferForm
from fleet.views.records import hold_for
from fleet.views.vehicles import vehicle_for


@require_POST
@once
def ready(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = yard.ready(vehicle_for(request, pk), by=request.user)
    messages.success(request, f"{vehicle} : prêt à repartir.")
    return back(request, vehicle.pk)


@require_http_methods(["GET", "POST"])
@once
def plan_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_handle_vehicle(request.user, vehicle):
        raise PermissionDenied
    now = clock.now()
    first = {"to_site": row_id(request.GET.get("vers", "")), "starts_at": now, "ends_at": now + dt.timedelta(hours=3)}
    form = TransferForm(request.POST or None, platform=vehicle.platform, but=vehicle.site, initial=first)
    if form.is_valid() and attempt(form, yard.plan_transfer, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "Le déplacement est prévu.")
        return redirect("fleet:vehicle", vehicle.pk)
    return page(request, "fleet/transfer.html", {"form": form, "vehicle": vehicle})


@require_POST
@once
def transfer_done(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = yard.transfer_done(hold_for(request, pk), by=request.user)
    messages.success(request, f"{vehicle} est à {vehicle.site}.")
    return back(request, vehicle.pk)


def back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page from which the button was tapped."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return redirect(came_from)
    return redirect("fleet:vehicle", pk)
