"""« Assurances »: the contracts of the fleet, whom they let drive, which vehicles they cover."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_safe

from core import clock, files
from core.db import require
from core.web import attempt, once, page
from fleet import insurance, perms
from fleet.insurance_forms import PolicyForm
from fleet.models import InsurancePolicy, Vehicle

PLAIN = ("insurer", "number", "phone", "starts_on", "ends_on", "minimum_age", "minimum_licence_years", "excess")


def ours(request: HttpRequest) -> Any:
    return InsurancePolicy.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]


def pool(request: HttpRequest) -> Any:
    vehicles = Vehicle.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return vehicles.in_service().order_by("kind", "fleet_number", "pk")


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    current = Q(papers__valid_until__isnull=True, papers__isnull=False) | Q(papers__valid_until__gte=today)
    rows = list(ours(request).annotate(covered=Count("papers__vehicle", filter=current, distinct=True)))
    for row in rows:
        row.is_over = row.ends_on is not None and row.ends_on < today
    can_manage = perms.can_manage_pool(request.user, request.platform)  # type: ignore[attr-defined]
    return page(request, "fleet/policies.html", {"policies": rows, "can_manage": can_manage})


@once
def add_policy(request: HttpRequest) -> HttpResponse:
    """All the pool is ticked at first: most associations have one contract for all."""
    require(perms.can_manage_pool(request.user, request.platform))  # type: ignore[attr-defined]
    vehicles = pool(request)
    initial = {"starts_on": clock.today(), "vehicles": vehicles.exclude(kind__in=["bike", "e_bike"])}
    form = PolicyForm(request.POST or None, request.FILES or None, vehicles=vehicles, initial=initial)
    if form.is_valid() and attempt(
        form,
        insurance.add_policy,
        request.platform,
        by=request.user,
        **form.cleaned_data,  # type: ignore[attr-defined]
    ):
        messages.success(request, "Le contrat est noté.")
        return redirect("fleet:policies")
    return page(request, "fleet/policy.html", {"form": form, "policy": None})


@once
def change_policy(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(ours(request).select_related("platform"), pk=pk)
    require(perms.can_manage_pool(request.user, policy.platform))
    today = clock.today()
    covered = policy.papers.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today)).values("vehicle")
    initial = {name: getattr(policy, name) for name in PLAIN} | {"vehicles": pool(request).filter(pk__in=covered)}
    form = PolicyForm(request.POST or None, request.FILES or None, vehicles=pool(request), initial=initial)
    if form.is_valid() and attempt(form, insurance.change_policy, policy, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("fleet:policies")
    return page(request, "fleet/policy.html", {"form": form, "policy": policy})


@require_GET
def policy_file(request: HttpRequest, pk: int) -> FileResponse:
    policy = get_object_or_404(ours(request).select_related("file"), pk=pk, file__isnull=False)
    return files.download(policy.file)
