"""The places where vehicles stand."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from core import clock
from core.web import attempt, once, page
from fleet import actions, perms
from fleet.forms import SiteChangeForm, SiteForm
from fleet.models import Site
from fleet.opening import hours_of


@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    rows = Site.objects.visible_to(request.user).filter(platform=platform).select_related("address", "platform")
    rows = rows.annotate(vehicle_count=Count("vehicles", filter=Q(vehicles__withdrawn_on__isnull=True)))
    found = list(rows.order_by("-is_open", "name_key"))
    hours, now = hours_of(found), clock.now()
    lines = [(site, hours[site.pk].words(), hours[site.pk].coming(now)) for site in found]
    context = {"sites": lines, "can_manage": perms.can_manage_pool(request.user, platform)}
    return page(request, "fleet/sites.html", context)


@once
def add_site(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_manage_pool(request.user, platform):
        raise PermissionDenied
    form = SiteForm(request.POST or None)
    if form.is_valid() and (site := attempt(form, actions.add_site, platform, by=request.user, **form.cleaned_data)):
        messages.success(request, "Le site est ajouté. Quand est-il ouvert ?")
        return redirect("fleet:opening_hours", site.pk)
    return page(request, "fleet/site_form.html", {"form": form, "site": None})


@once
def change_site(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Site.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    site = get_object_or_404(rows.select_related("address"), pk=pk)
    if not perms.can_manage_site(request.user, site):
        raise PermissionDenied
    known = {name: getattr(site, name) for name in ("name", "phone", "is_open")}
    known |= {name: getattr(site.address, name, "") for name in ("street", "postcode", "city")}
    form = SiteChangeForm(request.POST or None, initial=known)
    if form.is_valid() and attempt(form, actions.change_site, site, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("fleet:sites")
    return page(request, "fleet/site_form.html", {"form": form, "site": site})
