"""The planning: the pool over a day, a week, a month or a quarter, sheet by sheet; as a grid, or as a table to read."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from bookings import perms
from bookings.board import SCALES, Window, board_of, neighbours, sheets_of, window_of
from bookings.models import Assignment, Booking
from bookings.verbs import Now, verbs_for
from core import clock
from core.forms import DayField
from core.web import page
from fleet.models import Hold, Kind, Site, Vehicle

HELD_FOR = [
    ("", "Tous"),
    ("free", "Libres tout du long"),
    ("loan", "Prêtés ou réservés"),
    ("late", "En retard"),
    ("maintenance", "En réparation"),
    ("aside", "Mis de côté"),
]


class BoardForm(forms.Form):
    """What the board shows, as it stands in its address."""

    vue = forms.ChoiceField(label="Vue", choices=[(scale, scale.capitalize()) for scale in SCALES], required=False)
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")
    etat = forms.ChoiceField(label="État", choices=HELD_FOR, required=False)
    le = DayField(required=False, widget=forms.HiddenInput)
    forme = forms.ChoiceField(choices=[("", "grille"), ("tableau", "tableau")], required=False)
    feuille = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        for name in ("vue", "kind", "site", "etat"):
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
    pool = list(pool_of(request, asked, window))
    sheets = sheets_of(pool)
    sheet = sheets[min(asked.get("feuille") or 1, len(sheets)) - 1]
    before, after = neighbours(window)
    context = {
        "form": form,
        "board": board_of(sheet.vehicles, pool, window, clock.now()),
        "scale": scale,
        "chosen": in_words(form, scale),
        "before": before,
        "after": after,
        "today": clock.today(zone),
        "last_day": window.dates()[-1],
        "sheets": sheets if len(sheets) > 1 else [],
        "sheet": sheet,
        "as_table": asked.get("forme") == "tableau",
        "may_book": perms.can_book(request.user, request.platform),
    }
    return page(request, "bookings/board.html", context, status=200)


def in_words(form: BoardForm, scale: str) -> list[str]:
    """What is shown, for the fold in which the filters stand on a phone: « Mois, Voiture, Dax »."""
    chosen = [dict(HELD_FOR).get(form.cleaned_data.get("etat") or "", "")] if form.cleaned_data.get("etat") else []
    kind, site = form.cleaned_data.get("kind"), form.cleaned_data.get("site")
    filtered = [*([Kind(kind).label] if kind else []), *([str(site)] if site else []), *chosen]
    return [scale.capitalize(), *(filtered or ["tous les véhicules"])]


def pool_of(request: HttpRequest, asked: dict[str, Any], window: Window) -> QuerySet[Vehicle]:
    """The vehicles that the filters leave, by site and kind."""
    vehicles = Vehicle.objects.visible_to(request.user).filter(platform=request.platform).in_service()
    if kind := asked.get("kind"):
        vehicles = vehicles.filter(kind=kind)
    if site := asked.get("site"):
        vehicles = vehicles.filter(site=site)
    if held_for := asked.get("etat"):
        vehicles = vehicles.filter(held(held_for, window))
    by_kind = Case(*(When(kind=kind, then=place) for place, kind in enumerate(Kind.values)))
    return vehicles.select_related("site").order_by("site__name_key", "site", by_kind, "fleet_number", "pk")


def held(held_for: str, window: Window) -> Any:
    """Whether something of this sort takes the vehicle at some time of the window."""
    holds = Hold.objects.filter(vehicle=OuterRef("pk"))
    late = Exists(holds.late(clock.now()))
    if held_for == "late":
        return late
    holds = holds.overlapping(window.start, window.end)
    if held_for == "free":
        return ~(Exists(holds) | late)
    purposes = [Hold.Purpose.TRANSFER, Hold.Purpose.RESERVE] if held_for == "aside" else [held_for]
    return Exists(holds.filter(purpose__in=purposes))


def with_defaults(request: HttpRequest) -> Any:
    typed = request.GET.copy()
    typed.setdefault("vue", "mois")
    typed.setdefault("le", "")
    return typed


@require_safe
def beside(request: HttpRequest, pk: int) -> HttpResponse:
    """One loan, in a few lines beside the board; without a script its link leads to the loan's own page."""
    loans = Booking.objects.visible_to(request.user).select_related("participant", "platform")
    loan = get_object_or_404(loans, pk=pk)
    current = list(
        Assignment.objects.filter(booking=loan).current().select_related("vehicle__site", "hold").order_by("pk")
    )
    out = [one for one in current if one.hold and one.hold.is_out]
    promised = [one for one in current if one.hold and one.hold.out_at is None]
    context = {
        "loan": loan,
        "now": clock.now(),
        "current": current,
        "out": out,
        "promised": promised,
        "may_change": perms.can_change(request.user, loan),
        "verbs": verbs_for(Now(loan, out, promised)),
    }
    return page(request, "bookings/board_loan.html", context, partial="loan")
