"""« Tarifs »: what a day costs, from when until when; and who else pays."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from core import clock
from core.db import require
from core.french import InFrench
from core.web import attempt, once, page, row_id, status_of
from core.words import calendar_day
from fleet.models import Kind
from pricing import perms, tariff_actions
from pricing.forms import BandFormSet, DayForm, PayerForm, TariffForm
from pricing.models import Tariff, ThirdPartyPayer

BLANK_BANDS = 2  # rows beyond those written, so that a band can be added without JavaScript


@require_safe
def tariffs(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    rows = list(_tariffs(request).order_by(InFrench("name"), "-valid_from"))
    for row in rows:
        row.is_over = row.valid_until is not None and row.valid_until <= today
        row.is_coming = row.valid_from > today
    kinds = [
        {
            "label": label,
            "current": [row for row in rows if row.kind == kind and not row.is_over],
            "over": [row for row in rows if row.kind == kind and row.is_over],
        }
        for kind, label in Kind.choices
        if any(row.kind == kind for row in rows)
    ]
    can_set = perms.can_set_tariffs(request.user, request.platform)
    return page(request, "pricing/tariffs.html", {"kinds": kinds, "can_set": can_set})


@once
def new_tariff(request: HttpRequest) -> HttpResponse:
    """A new tariff, or with `?depuis=` a new version of one, from a day on."""
    require(perms.can_set_tariffs(request.user, request.platform))
    former = _former(request)
    form = TariffForm(request.platform, request.POST or None, initial=_terms_of(former))
    bands = BandFormSet(request.POST or None, initial=_bands_of(former), prefix="bands")
    if form.is_valid() and bands.is_valid():
        tariff = attempt(
            form,
            tariff_actions.save_tariff,
            request.platform,
            by=request.user,
            bands=bands.bands(),
            **form.cleaned_data,
        )
        if tariff:
            messages.success(request, f"« {tariff.name} » vaut à partir du {calendar_day(tariff.valid_from)}.")
            return redirect("pricing:tariffs")
    context = {"form": form, "bands": bands, "former": former}
    status = 422 if bands.is_bound and not bands.is_valid() else status_of(form)
    return page(request, "pricing/new_tariff.html", context, status=status)


@once
def end_tariff(request: HttpRequest, pk: int) -> HttpResponse:
    tariff = get_object_or_404(_tariffs(request), pk=pk)
    require(perms.can_set_tariffs(request.user, request.platform))
    form = DayForm(request.POST or None, initial={"day": clock.today() + dt.timedelta(days=1)})
    if form.is_valid() and attempt(
        form, tariff_actions.end_tariff, tariff, by=request.user, valid_until=form.cleaned_data["day"]
    ):
        messages.success(
            request, f"« {tariff.name} » ne vaut plus à partir du {calendar_day(form.cleaned_data['day'])}."
        )
        return redirect("pricing:tariffs")
    return page(request, "pricing/end_tariff.html", {"form": form, "tariff": tariff})


@require_safe
def payers(request: HttpRequest) -> HttpResponse:
    rows = ThirdPartyPayer.objects.visible_to(request.user).filter(platform=request.platform)
    can_manage = perms.can_manage_payers(request.user, request.platform)
    return page(request, "pricing/payers.html", {"payers": rows, "can_manage": can_manage})


@once
def new_payer(request: HttpRequest) -> HttpResponse:
    require(perms.can_manage_payers(request.user, request.platform))
    form = PayerForm(request.POST or None)
    if form.is_valid() and (
        payer := attempt(form, tariff_actions.add_payer, request.platform, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, f"{payer.name} peut payer à la place d’un participant.")
        return redirect("pricing:payers")
    return page(request, "pricing/payer.html", {"form": form, "payer": None})


@once
def payer(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ThirdPartyPayer.objects.visible_to(request.user).filter(platform=request.platform), pk=pk)
    require(perms.can_manage_payers(request.user, request.platform))
    written = {"name": found.name, "siret": found.siret, "postal_address": found.postal_address}
    form = PayerForm(request.POST or None, initial=written)
    if form.is_valid() and attempt(form, tariff_actions.change_payer, found, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est corrigé.")
        return redirect("pricing:payers")
    return page(request, "pricing/payer.html", {"form": form, "payer": found})


def _tariffs(request: HttpRequest) -> Any:
    ours = Tariff.objects.visible_to(request.user).filter(platform=request.platform)
    return ours.select_related("programme", "platform").prefetch_related("bands")


def _former(request: HttpRequest) -> Tariff | None:
    since = request.GET.get("depuis", "")
    return get_object_or_404(_tariffs(request), pk=row_id(since)) if since else None


def _terms_of(former: Tariff | None) -> dict[str, Any]:
    """What the form opens with: the former terms, from the first of next month on."""
    first = (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    if former is None:
        return {"valid_from": clock.today()}
    same = ("name", "kind", "audience", "programme", "day_rule", "deposit", "late_fee_per_day", "km_per_day",
            "unused_days", "cancel_free_days", "cancel_fee", "no_show_fee")  # fmt: skip
    return {name: getattr(former, name) for name in same} | {
        "excess_km_price": former.excess_km_price,
        "valid_from": max(first, former.valid_from),
    }


def _bands_of(former: Tariff | None) -> list[dict[str, Any]]:
    written = list(former.bands.all()) if former else []
    rows: list[dict[str, Any]] = [
        {
            "from_day": band.from_day,
            "day_price": band.day_price,
            "week_price": band.week_price,
            "month_price": band.month_price,
        }
        for band in written
    ] or [{"from_day": 1}]
    return rows + [{} for _ in range(BLANK_BANDS)]
