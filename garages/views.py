from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core import clock
from core.db import require
from core.web import attempt, once, page, sent
from fleet.models import Kind
from garages import actions, perms
from garages.forms import GarageForm, MemberForm, NewGarageForm, RateForm, facts_of
from garages.messages import can_be_written_to
from garages.models import Garage, GarageMember, GarageRate, Work


def own(request: HttpRequest) -> QuerySet[Garage]:
    return Garage.objects.visible_to(request.user).filter(platform=request.platform).select_related("address")


def garages(request: HttpRequest) -> HttpResponse:
    """The address book; `?repare=` shows those that mend a kind of vehicle, `?anciens=1` those one has left."""
    rates = GarageRate.objects.filter(
        garage=OuterRef("pk"), tier=GarageRate.Tier.PLATFORM, valid_from__lte=clock.today()
    ).order_by("-valid_from")
    kind, former = request.GET.get("repare", ""), "anciens" in request.GET
    found = own(request).filter(is_active=not former).annotate(rate=Subquery(rates.values("hourly_rate")[:1]))
    if kind in Kind.values:
        found = found.filter(repairs__contains=[kind])
    return page(
        request,
        "garages/garages.html",
        {
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "kind": kind,
            "kinds": Kind.choices,
            "former": former,
            "has_former": former or own(request).filter(is_active=False).exists(),
            "can_manage": perms.can_manage(request.user, request.platform.pk),
            "can_import": perms.can_import(request.user, request.platform.pk),
        },
    )


def garage(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(own(request).prefetch_related("members", "rates"), pk=pk)
    today = clock.today()
    rates = sorted(found.rates.all(), key=lambda rate: rate.valid_from, reverse=True)
    current: dict[str, Any] = {}
    for rate in rates:
        if rate.valid_from <= today:
            current.setdefault(rate.tier, rate)
    return page(
        request,
        "garages/garage.html",
        {
            "garage": found,
            "repairs": [label for value, label in Kind.choices if value in found.repairs],
            "works": [label for value, label in Work.choices if value in found.works],
            "rates": rates,
            "today": today,
            "current": list(current.values()),
            "members": list(found.members.all()),
            "can_manage": perms.can_manage(request.user, found.platform_id),
            "reachable": can_be_written_to(found),
        },
    )


@once
def add(request: HttpRequest) -> HttpResponse:
    require(perms.can_manage(request.user, request.platform.pk))
    form = NewGarageForm(*sent(request), initial={"sort": Garage.Sort.PARTNER})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, actions.add_garage, request.platform, by=request.user, **form.cleaned_data)
        if made is not None:
            messages.success(request, f"{made.name} est dans la liste.")
            return redirect("garages:garage", made.pk)
    return page(request, "garages/form.html", {"form": form, "garage": None})


@once
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(own(request), pk=pk)
    require(perms.can_manage(request.user, found.platform_id))
    form = GarageForm(*sent(request), initial=facts_of(found))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, actions.change_garage, found, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "C’est enregistré.")
        return redirect("garages:garage", pk)
    return page(request, "garages/form.html", {"form": form, "garage": found})


@once
def set_rate(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(own(request), pk=pk)
    require(perms.can_manage(request.user, found.platform_id))
    form = RateForm(*sent(request), initial={"tier": GarageRate.Tier.PLATFORM})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, actions.set_rate, found, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "Le tarif est noté.")
        return redirect("garages:garage", pk)
    return page(request, "garages/verb.html", {"form": form, "garage": found, "title": "Noter un tarif"})


@once
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(own(request), pk=pk)
    require(perms.can_manage(request.user, found.platform_id))
    form = MemberForm(*sent(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, actions.add_member, found, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "C’est noté.")
        return redirect("garages:garage", pk)
    return page(request, "garages/verb.html", {"form": form, "garage": found, "title": "Ajouter une personne"})


@require_POST
def remove_member(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    found = get_object_or_404(own(request), pk=pk)
    actions.remove_member(get_object_or_404(GarageMember, garage=found, pk=member), by=request.user)
    messages.success(request, "Cette personne ne répond plus pour le garage.")
    return redirect("garages:garage", pk)


@require_POST
def send_link(request: HttpRequest, pk: int) -> HttpResponse:
    actions.send_link(get_object_or_404(own(request), pk=pk), by=request.user)
    messages.success(request, "Le lien est envoyé au garage.")
    return redirect("garages:garage", pk)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    actions.stop_working_with(get_object_or_404(own(request), pk=pk), by=request.user)
    messages.success(request, "On ne propose plus rien à ce garage.")
    return redirect("garages:garage", pk)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    actions.work_again_with(get_object_or_404(own(request), pk=pk), by=request.user)
    messages.success(request, "Ce garage est de nouveau proposé.")
    return redirect("garages:garage", pk)
