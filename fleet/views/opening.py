"""When a site is open: its week, closures, exceptional openings."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from core import clock
from core.web import attempt, once, page
from fleet import opening_actions, perms
from fleet.models import Site
from fleet.opening import hours_of_site
from fleet.opening_forms import ClosureForm, ExceptionalOpeningForm, OpeningHoursForm, like_monday
from fleet.regions import usual_region

COPY = "copy"  # the button « Comme lundi »


@require_http_methods(["GET", "POST"])
@once
def opening_hours(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk)
    hours = hours_of_site(site)
    known: dict[str, Any] = OpeningHoursForm.initial_of(hours.week())
    region = site.holiday_region if hours.weekly else usual_region(site.platform.time_zone)
    known |= {"holiday_region": region, "remark": site.opening_remark}
    if COPY in request.POST:
        form = OpeningHoursForm(like_monday(request.POST), initial=known)
        form.is_valid()
        return page(request, "fleet/opening_hours.html", shown(site, form), status=200)
    form = OpeningHoursForm(request.POST or None, initial=known)
    if form.is_valid() and attempt(form, opening_actions.set_opening_hours, site, by=request.user, **form.cleaned_data):
        messages.success(request, "Les horaires sont enregistrés.")
        return redirect("fleet:opening_hours", site.pk)
    return page(request, "fleet/opening_hours.html", shown(site, form))


def shown(site: Site, form: OpeningHoursForm) -> dict[str, Any]:
    hours, now = hours_of_site(site), clock.now()
    return {
        "site": site,
        "form": form,
        "hours": hours,
        "words": hours.words(),
        "closures": [(one, hours.span(one)) for one in hours.closures if one.end > now],
        "openings": [(one, hours.span(one)) for one in hours.openings if one.end > now],
    }


@require_http_methods(["GET", "POST"])
@once
def close_site(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk)
    form = ClosureForm(request.POST or None)
    if form.is_valid() and (
        event := attempt(form, opening_actions.close_site, site, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "La fermeture est notée.")
        if keys := opening_actions.keys_in_the_way(site, event):
            said = "1 remise de clés ou retour tombe" if keys == 1 else f"{keys} remises de clés ou retours tombent"
            messages.warning(request, f"{said} pendant cette fermeture : voyez le planning et prévenez les personnes.")
        return redirect("fleet:opening_hours", site.pk)
    context = {"site": site, "form": form, "title": "Noter une fermeture", "verb": "Noter la fermeture"}
    return page(request, "fleet/opening_day.html", context)


@require_http_methods(["GET", "POST"])
@once
def open_site(request: HttpRequest, pk: int) -> HttpResponse:
    site = site_for(request, pk)
    form = ExceptionalOpeningForm(request.POST or None)
    if form.is_valid() and attempt(form, opening_actions.open_site, site, by=request.user, **form.cleaned_data):
        messages.success(request, "L’ouverture exceptionnelle est notée.")
        return redirect("fleet:opening_hours", site.pk)
    context = {"site": site, "form": form, "title": "Ouvrir exceptionnellement", "verb": "Noter l’ouverture"}
    return page(request, "fleet/opening_day.html", context)


@require_POST
@once
def forget_day(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    site = site_for(request, pk)
    opening_actions.forget_day(site, event=event, by=request.user)
    messages.success(request, "Ce jour est retiré.")
    return redirect("fleet:opening_hours", site.pk)


def site_for(request: HttpRequest, pk: int) -> Site:
    rows = Site.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    site = get_object_or_404(rows.select_related("platform", "openings", "closures"), pk=pk)
    if not perms.can_manage_site(request.user, site):
        raise PermissionDenied
    return site
