"""The places where vehicles stand."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from core.web import attempt, once, page
from fleet import actions, perms
from fleet.forms import SiteChangeForm, SiteForm
from fleet.models import Site


@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    rows = Site.objects.visible_to(request.user).filter(platform=platform).select_related("address")
    rows = rows.annotate(vehicle_count=Count("vehicles", filter=Q(vehicles__withdrawn_on__isnull=True)))
    context = {"sites": rows.order_by("-is_open", "name"), "can_manage": perms.can_manage_pool(request.user, platform)}
    return page(request, "fleet/sites.html", context)


@once
def add_site(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_manage_pool(request.user, platform):
        raise PermissionDenied
    form = SiteForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_site, platform, by=request.user, **form.cleaned_data):
        messages.success(request, "Le site est ajouté.")
        return redirect("fleet:sites")
    return page(request, "fleet/site_form.html", {"form": form, "site": None})


@once
def change_site(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Site.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    site = get_object_or_404(rows.select_related("address"), pk=pk)
    if not perms.can_manage_site(request.user, site):
        raise PermissionDenied
    known = {name: getattr(site, name) for name in ("name", "phone", "opening_hours", "is_open")}
    known |= {name: getattr(site.address, name, "") for name in ("street", "postcode", "city")}
    form = SiteChangeForm(request.POST or None, initial=known)
    if form.is_valid() and attempt(form, actions.change_site, site, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("fleet:sites")
    return page(request, "fleet/site_form.html", {"form": form, "site": site})
