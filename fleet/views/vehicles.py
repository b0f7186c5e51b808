"""The list of the pool, a vehicle's page, and the verbs that make, describe, move and withdraw it."""

from typing import Any

from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from core import clock, export, files
from core.web import attempt, once, page
from fleet import actions, inspections, lists, perms, whereabouts
from fleet.forms import MoveForm, NewVehicleForm, PoolFilters, VehicleForm, WithdrawForm
from fleet.models import OdometerReading, Vehicle

AT_ONCE = 100
OUT = Q(out_at__isnull=False, back_at__isnull=True)
NOT_READY = Q(purpose="loan", back_at__isnull=False, ready_at__isnull=True)


def vehicle_for(request: HttpRequest, pk: int) -> Vehicle:
    """One that the caller may see on the platform at hand; else 404."""
    rows = Vehicle.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("site", "platform"), pk=pk)


@require_GET
def vehicles(request: HttpRequest) -> HttpResponse:
    """Filters and order stand in the address; `format=xlsx` gives what the page shows, all of it."""
    platform = request.platform  # type: ignore[attr-defined]
    filters = PoolFilters(request.GET, platform=platform)
    filters.is_valid()
    asked = filters.cleaned_data
    pool = lists.pool(Vehicle.objects.visible_to(request.user).filter(platform=platform), clock.now())
    wanted = {name: asked.get(name) or "" for name in ("kind", "site", "state")}
    found = lists.in_order(lists.matching(pool, **wanted), asked.get("sort") or "number")
    if request.GET.get("format") == "xlsx":
        return export.xlsx("vehicules", lists.HEADINGS, map(lists.row, lists.described(found)))
    shown = Paginator(found, AT_ONCE).get_page(request.GET.get("page"))
    lists.described(list(shown))
    context = {
        "filters": filters,
        "page": shown,
        "count": len(found),
        "sort": asked.get("sort") or "number",
        "today": clock.today(),
        "can_manage": perms.can_manage_pool(request.user, platform),
        "can_import": perms.can_import_vehicles(request.user, platform),
        "filtered": any(wanted.values()),
    }
    return page(request, "fleet/vehicles.html", context, partial="rows")


@require_GET
def vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    now = clock.now()
    rows = Vehicle.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    disputed = OdometerReading.objects.filter(vehicle=OuterRef("pk")).to_settle()
    rows = lists.pool(rows, now).select_related("site__address", "platform").annotate(has_dispute=Exists(disputed))
    vehicle = get_object_or_404(rows, pk=pk)
    context = {
        "vehicle": vehicle,
        "where": whereabouts.of(vehicle),
        "due_on": inspections.due(vehicle),
        "now": now,
        "today": clock.today(),
        "damages": vehicle.damages.filter(repaired_at__isnull=True)
        .annotate(photo_ids=ArrayAgg("photos", filter=Q(photos__isnull=False), default=[]))
        .order_by("-severity", "pk"),
        "equipment": vehicle.equipment.filter(lost_at__isnull=True).order_by("sort", "pk"),
        "holds": vehicle.holds.filter(Q(ends_at__gt=now) | OUT | NOT_READY).order_by("starts_at")[:10],
        "can_manage": perms.can_manage_vehicle(request.user, vehicle),
        "can_handle": perms.can_handle_vehicle(request.user, vehicle),
    }
    return page(request, "fleet/vehicle.html", context)


@once
def add_vehicle(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_manage_pool(request.user, platform):
        raise PermissionDenied
    form = NewVehicleForm(request.POST or None, request.FILES or None, platform=platform)
    if form.is_valid() and (made := attempt(form, actions.add_vehicle, platform, by=request.user, **form.cleaned_data)):
        messages.success(request, "Le véhicule est dans le parc.")
        return redirect("fleet:vehicle", made.pk)
    return page(request, "fleet/vehicle_form.html", {"form": form, "vehicle": None})


@once
def change_vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_manage_vehicle(request.user, vehicle):
        raise PermissionDenied
    known = {name: getattr(vehicle, name) for name in (*VehicleForm.WHAT, *VehicleForm.PAPERS, "plate")}
    form = VehicleForm(request.POST or None, request.FILES or None, initial=known)
    if form.is_valid() and attempt(form, actions.change_vehicle, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("fleet:vehicle", vehicle.pk)
    return page(request, "fleet/vehicle_form.html", {"form": form, "vehicle": vehicle})


@once
def move_vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_handle_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = MoveForm(request.POST or None, platform=request.platform)  # type: ignore[attr-defined]
    if form.is_valid() and attempt(form, actions.move_vehicle, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, f"Le véhicule est maintenant à {form.cleaned_data['site'].name}.")
        return redirect("fleet:vehicle", vehicle.pk)
    return short(request, vehicle, form, "Déplacer", "Déplacer le véhicule", about=f"Il est à {vehicle.site.name}.")


@once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_manage_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = WithdrawForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.withdraw, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "Le véhicule est retiré du parc.")
        return redirect("fleet:vehicle", vehicle.pk)
    about = "Il ne sera plus prêté. Les prêts déjà promis devront être relogés. On peut le remettre dans le parc."
    return short(request, vehicle, form, "Retirer du parc", "Retirer ce véhicule", about=about, tone="danger")


@require_POST
@once
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = actions.put_back(vehicle_for(request, pk), by=request.user)
    messages.success(request, "Le véhicule est de nouveau dans le parc.")
    return redirect("fleet:vehicle", vehicle.pk)


@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    vehicle = vehicle_for(request, pk)
    if vehicle.photo is None:
        raise Http404
    return files.download(vehicle.photo)


def short(request: HttpRequest, vehicle: Vehicle, form: Any, title: str, submit: str, **more: Any) -> HttpResponse:
    """A page that asks one small thing about a vehicle."""
    context = {"vehicle": vehicle, "form": form, "title": title, "submit": submit, "about": "", "tone": "primary"}
    return page(request, "fleet/short_form.html", context | more)
