"""The planning: the pool over a week, a month or a quarter, paged by site."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings import perms
from bookings.board import SCALES, board_of, neighbours, window_of
from core import clock
from core.forms import DayField
from core.web import page
from fleet.models import Kind, Site, Vehicle

AT_ONCE = 120  # vehicles; a larger pool is shown site by site


class BoardForm(forms.Form):
    """What the board shows, as it stands in its address."""

    vue = forms.ChoiceField(label="Vue", choices=[(scale, scale.capitalize()) for scale in SCALES], required=False)
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")
    le = DayField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        for name in ("vue", "kind", "site"):
            self.fields[name].widget.attrs["data-submit-on-change"] = ""


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    sites = Site.objects.visible_to(request.user).filter(platform=request.platform)
    form = BoardForm(with_defaults(request), sites=sites)
    form.is_valid()
    asked = form.cleaned_data
    zone = ZoneInfo(request.platform.time_zone)
    scale = asked.get("vue") or "mois"
    window = window_of(scale, asked.get("le") or clock.today(zone), zone)
    vehicles = Vehicle.objects.visible_to(request.user).filter(platform=request.platform).in_service()
    if kind := asked.get("kind"):
        vehicles = vehicles.filter(kind=kind)
    if site := asked.get("site"):
        vehicles = vehicles.filter(site=site)
    by_kind = Case(*(When(kind=kind, then=place) for place, kind in enumerate(Kind.values)))
    found = list(
        vehicles.select_related("site").order_by("site__name", "site", by_kind, "fleet_number", "pk")[: AT_ONCE + 1]
    )
    too_many = len(found) > AT_ONCE
    if too_many:
        found = [vehicle for vehicle in found[:AT_ONCE] if site or vehicle.site_id == found[0].site_id]
    before, after = neighbours(window, scale)
    context = {
        "form": form,
        "board": board_of(found, window, clock.now()),
        "scale": scale,
        "before": before,
        "after": after,
        "today": clock.today(zone),
        "too_many": too_many,
        "may_book": perms.can_book(request.user, request.platform),
    }
    return page(request, "bookings/board.html", context, status=200)


def with_defaults(request: HttpRequest) -> Any:
    typed = request.GET.copy()
    typed.setdefault("vue", "mois")
    typed.setdefault("le", "")
    return typed
