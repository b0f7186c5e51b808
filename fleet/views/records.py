"""What is noted of a vehicle: damages, kilometres, papers, accessories, and when it is set aside."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from core import clock, files
from core.web import attempt, once, page
from fleet import actions, perms, silhouettes
from fleet.forms import (
    DamageForm,
    DatesForm,
    DocumentForm,
    EquipmentForm,
    NewCounterForm,
    ReadingForm,
    ReserveForm,
    SettleForm,
)
from fleet.models import Damage, DamagePhoto, Equipment, Hold, OdometerReading, VehicleDocument
from fleet.views.vehicles import short, vehicle_for

LINES = 50

# --- damages --------------------------------------------------------------------------------------


@once
def report_damage(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_handle_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = DamageForm(request.POST or None, request.FILES or None, kind=vehicle.kind)
    if form.is_valid() and (
        damage := attempt(form, actions.report_damage, vehicle, by=request.user, **form.cleaned_data)
    ):
        where = silhouettes.zone_name(vehicle.kind, damage.zone).lower()
        messages.success(request, f"C’est noté : {damage}, {where}." if where else f"C’est noté : {damage}.")
        return redirect("fleet:vehicle", vehicle.pk)
    known = vehicle.damages.filter(repaired_at__isnull=True).order_by("-severity", "pk")
    return page(request, "fleet/report_damage.html", {"form": form, "vehicle": vehicle, "damages": known})


@require_POST
@once
def mend_damage(request: HttpRequest, pk: int) -> HttpResponse:
    damage = get_object_or_404(
        Damage.objects.visible_to(request.user).filter(platform=request.platform),  # type: ignore[attr-defined]
        pk=pk,
    )
    actions.mend_damage(damage, by=request.user)
    messages.success(request, "C’est réparé.")
    return redirect("fleet:vehicle", damage.vehicle_id)


@require_GET
def damage_photo(request: HttpRequest, pk: int) -> FileResponse:
    photos = DamagePhoto.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return files.download(get_object_or_404(photos.select_related("file"), pk=pk).file)


# --- kilometres -------------------------------------------------------------------------------------


@once
def read_odometer(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger, for the whole staff; and one more line, by whoever stands beside the vehicle."""
    vehicle = vehicle_for(request, pk)
    can_handle = perms.can_handle_vehicle(request.user, vehicle)
    if request.method == "POST" and not can_handle:
        raise PermissionDenied
    form = ReadingForm(request.POST or None)
    if form.is_valid() and (
        reading := attempt(form, actions.read_odometer, vehicle, by=request.user, **form.cleaned_data)
    ):
        if reading.state == OdometerReading.State.DISPUTED:
            messages.warning(request, "Ce relevé ne va pas avec les autres : il est gardé, à vérifier.")
        else:
            messages.success(request, "Les kilomètres sont notés.")
        return redirect("fleet:vehicle", vehicle.pk)
    ledger = vehicle.odometer_readings.select_related("by").with_settled().order_by("-read_at", "-pk")
    context = {
        "vehicle": vehicle,
        "form": form,
        "page": Paginator(ledger, LINES).get_page(request.GET.get("page")),
        "can_handle": can_handle,
        "can_manage": perms.can_manage_vehicle(request.user, vehicle),
    }
    return page(request, "fleet/odometer.html", context)


@once
def new_counter(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_manage_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = NewCounterForm(request.POST or None, initial={"km": 0})
    if form.is_valid() and attempt(form, actions.new_counter, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "Le nouveau compteur est noté.")
        return redirect("fleet:vehicle", vehicle.pk)
    about = "Les kilomètres repartent de ce que montre le nouveau compteur. Les relevés d’avant restent."
    return short(request, vehicle, form, "Compteur remplacé", "Noter le nouveau compteur", about=about)


@once
def settle_reading(request: HttpRequest, pk: int) -> HttpResponse:
    readings = OdometerReading.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    reading = get_object_or_404(readings.select_related("vehicle__site", "by"), pk=pk)
    if not perms.can_settle(request.user, reading):
        raise PermissionDenied
    form = SettleForm(request.POST or None, reading=reading)
    if form.is_valid() and attempt(form, actions.settle_reading, reading, by=request.user, **form.cleaned_data):
        messages.success(request, "Le relevé est réglé.")
        return redirect("fleet:vehicle", reading.vehicle_id)
    accepted = reading.vehicle.odometer_readings.filter(state=OdometerReading.State.ACCEPTED)
    neighbours = {
        "before": accepted.filter(read_at__lte=reading.read_at).order_by("-read_at", "-pk").first(),
        "after": accepted.filter(read_at__gt=reading.read_at).order_by("read_at", "pk").first(),
    }
    return page(request, "fleet/settle_reading.html", {"form": form, "reading": reading} | neighbours)


# --- papers and accessories -------------------------------------------------------------------------


@once
def add_document(request: HttpRequest, pk: int) -> HttpResponse:
    """All papers, for the whole staff; and one more, by whoever manages the pool."""
    vehicle = vehicle_for(request, pk)
    can_manage = perms.can_manage_vehicle(request.user, vehicle)
    if request.method == "POST" and not can_manage:
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.is_valid() and attempt(form, actions.add_document, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "Le papier est noté.")
        return redirect("fleet:vehicle", vehicle.pk)
    papers = vehicle.documents.select_related("file").order_by("sort", "-valid_until", "-issued_on", "-pk")
    context = {"vehicle": vehicle, "form": form, "documents": papers, "can_manage": can_manage}
    return page(request, "fleet/documents.html", context)


@require_GET
def document_file(request: HttpRequest, pk: int) -> FileResponse:
    papers = VehicleDocument.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    document = get_object_or_404(papers.select_related("file"), pk=pk, file__isnull=False)
    return files.download(document.file)


@once
def add_equipment(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_manage_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = EquipmentForm(request.POST or None)
    if form.is_valid() and attempt(
        form, actions.add_equipment, vehicle.platform, vehicle=vehicle, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "L’équipement est noté.")
        return redirect("fleet:vehicle", vehicle.pk)
    return short(request, vehicle, form, "Ajouter un équipement", "Ajouter l’équipement")


@require_POST
@once
def lose_equipment(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Equipment.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    equipment = actions.lose_equipment(get_object_or_404(rows, pk=pk), by=request.user)
    messages.success(request, f"{equipment} : noté comme perdu ou hors d’usage.")
    return redirect("fleet:vehicle", equipment.vehicle_id) if equipment.vehicle_id else redirect("fleet:sites")


# --- set aside --------------------------------------------------------------------------------------


def hold_for(request: HttpRequest, pk: int) -> Hold:
    rows = Hold.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("vehicle__site"), pk=pk)


@once
def reserve(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = vehicle_for(request, pk)
    if not perms.can_handle_vehicle(request.user, vehicle):
        raise PermissionDenied
    form = ReserveForm(request.POST or None, initial={"starts_at": clock.now()})
    if form.is_valid() and attempt(form, actions.reserve, vehicle, by=request.user, **form.cleaned_data):
        messages.success(request, "Le véhicule est mis de côté.")
        return redirect("fleet:vehicle", vehicle.pk)
    about = "Pendant ce temps, personne ne peut le réserver."
    return short(request, vehicle, form, "Mettre de côté", "Mettre de côté", about=about)


@once
def change_reserve(request: HttpRequest, pk: int) -> HttpResponse:
    hold = hold_for(request, pk)
    if not perms.can_change_reserve(request.user, hold):
        raise PermissionDenied
    form = DatesForm(request.POST or None, initial={"starts_at": hold.starts_at, "ends_at": hold.ends_at})
    if form.is_valid() and attempt(form, actions.change_reserve, hold, by=request.user, **form.cleaned_data):
        messages.success(request, "Les dates sont changées.")
        return redirect("fleet:vehicle", hold.vehicle_id)
    return short(request, hold.vehicle, form, "Changer les dates", "Changer les dates", about=hold.reason)


@require_POST
@once
def release_hold(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle = actions.release_hold(hold_for(request, pk), by=request.user)
    messages.success(request, "Le véhicule peut de nouveau être prêté.")
    return redirect("fleet:vehicle", vehicle.pk)
