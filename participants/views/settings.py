"""Under what people are accompanied, and who sends them: programmes, prescribers, référents."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from core.french import InFrench
from core.web import attempt, once, page
from participants import actions, perms
from participants.forms import PrescriberForm, ProgrammeForm, ReferentForm
from participants.models import PrescriberOrganization, Programme, Referent


def mine(request: HttpRequest, model: Any) -> Any:
    return model.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]


def one_form(request: HttpRequest, form: Any, title: str, submit: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back": back}
    return page(request, "participants/settings_form.html", context)


# --- programmes -------------------------------------------------------------------------------------


@require_GET
def programmes(request: HttpRequest) -> HttpResponse:
    context = {
        "programmes": mine(request, Programme)
        .annotate(people=Count("participants"))
        .order_by("-is_default", InFrench("name")),
        "can_settle": perms.can_settle_programmes(request.user, request.platform),  # type: ignore[attr-defined]
    }
    return page(request, "participants/programmes.html", context)


@once
def add_programme(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_settle_programmes(request.user, platform):
        raise PermissionDenied
    form = ProgrammeForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_programme, platform, by=request.user, **form.cleaned_data):
        messages.success(request, "Le dispositif est ajouté.")
        return redirect("participants:programmes")
    return one_form(request, form, "Ajouter un dispositif", "Ajouter ce dispositif", "participants:programmes")


@once
def change_programme(request: HttpRequest, pk: int) -> HttpResponse:
    programme = get_object_or_404(mine(request, Programme).select_related("platform"), pk=pk)
    if not perms.can_settle_programmes(request.user, programme.platform):
        raise PermissionDenied
    known = {name: getattr(programme, name) for name in ProgrammeForm.base_fields}
    form = ProgrammeForm(request.POST or None, initial=known)
    if form.is_valid() and attempt(form, actions.change_programme, programme, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("participants:programmes")
    return one_form(request, form, programme.name, "Enregistrer ce dispositif", "participants:programmes")


# --- prescribers and référents ------------------------------------------------------------------------


@require_GET
def prescribers(request: HttpRequest) -> HttpResponse:
    structures = mine(request, PrescriberOrganization).annotate(people=Count("participants"))
    context = {
        "prescribers": structures.prefetch_related("referents"),
        "alone": mine(request, Referent).filter(organization__isnull=True),
        "can_add": perms.can_add_prescriber(request.user, request.platform),  # type: ignore[attr-defined]
    }
    return page(request, "participants/prescribers.html", context)


@once
def add_prescriber(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_add_prescriber(request.user, platform):
        raise PermissionDenied
    form = PrescriberForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_prescriber, platform, by=request.user, **form.cleaned_data):
        messages.success(request, "La structure est ajoutée.")
        return redirect("participants:prescribers")
    return one_form(request, form, "Ajouter un prescripteur", "Ajouter ce prescripteur", "participants:prescribers")


@once
def change_prescriber(request: HttpRequest, pk: int) -> HttpResponse:
    prescriber = get_object_or_404(mine(request, PrescriberOrganization).select_related("platform"), pk=pk)
    if not perms.can_add_prescriber(request.user, prescriber.platform):
        raise PermissionDenied
    form = PrescriberForm(request.POST or None, initial={"name": prescriber.name, "sort": prescriber.sort})
    if form.is_valid() and attempt(form, actions.change_prescriber, prescriber, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("participants:prescribers")
    return one_form(request, form, prescriber.name, "Enregistrer ce prescripteur", "participants:prescribers")


@once
def add_referent(request: HttpRequest) -> HttpResponse:
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_add_prescriber(request.user, platform):
        raise PermissionDenied
    form = ReferentForm(request.POST or None, platform=platform)
    if form.is_valid() and attempt(form, actions.add_referent, platform, by=request.user, **form.cleaned_data):
        messages.success(request, "Le référent est ajouté.")
        return redirect("participants:prescribers")
    return one_form(request, form, "Ajouter un·e référent·e", "Ajouter cette personne", "participants:prescribers")


@once
def change_referent(request: HttpRequest, pk: int) -> HttpResponse:
    referent = get_object_or_404(mine(request, Referent).select_related("platform"), pk=pk)
    if not perms.can_add_prescriber(request.user, referent.platform):
        raise PermissionDenied
    known = {"name": referent.name, "organization": referent.organization_id}
    known |= {"phone": referent.phone, "email": referent.email}
    form = ReferentForm(request.POST or None, platform=referent.platform, initial=known)
    if form.is_valid() and attempt(form, actions.change_referent, referent, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est enregistré.")
        return redirect("participants:prescribers")
    return one_form(request, form, referent.name, "Enregistrer cette personne", "participants:prescribers")
