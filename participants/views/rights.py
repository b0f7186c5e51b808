"""Papers that give a right to drive: noted, corrected, seen."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.web import attempt, once, page
from participants import actions, perms
from participants.forms import TitleForm
from participants.models import DrivingEntitlement, Participant
from participants.views.people import person_for


def title_for(request: HttpRequest, pk: int) -> DrivingEntitlement:
    rows = DrivingEntitlement.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("participant"), pk=pk)


@once
def record_entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    return record(request, person_for(request, pk), TitleForm(request.POST or None), "Noter un permis")


@once
def change_entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper a category and sort: those two stand still."""
    title = title_for(request, pk)
    known = {name: getattr(title, name) for name in TitleForm.base_fields}
    known["restriction_codes"] = " ".join(title.restriction_codes)
    form = TitleForm(request.POST or None, initial=known)
    for name in ("category", "sort"):
        form.fields[name].disabled = True
    return record(request, title.participant, form, f"Permis {title.category}")


def record(request: HttpRequest, person: Participant, form: TitleForm, heading: str) -> HttpResponse:
    if not perms.can_record_entitlement(request.user, person):
        raise PermissionDenied
    if form.is_valid() and attempt(form, actions.record_entitlement, person, by=request.user, **form.cleaned_data):
        messages.success(request, "Le permis est noté.")
        return redirect("participants:participant", person.pk)
    return page(request, "participants/entitlement.html", {"form": form, "person": person, "title": heading})


@require_POST
@once
def verify_entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    title = title_for(request, pk)
    actions.verify_entitlement(title, method=request.POST.get("method", ""), by=request.user)
    messages.success(request, f"Permis {title.category} : vu aujourd’hui.")
    return redirect("participants:participant", title.participant_id)
