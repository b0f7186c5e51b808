"""A person's papers and aptitude tests: noted, seen, taken back."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import clock, files
from core.db import require
from core.web import attempt, back_to, once, page
from participants import paper_actions, perms
from participants.models import Participant, ParticipantDocument
from participants.paper_forms import AptitudeForm, DocumentForm
from participants.views.people import person_for


def document_for(request: HttpRequest, pk: int) -> ParticipantDocument:
    rows = ParticipantDocument.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("participant", "file"), pk=pk)


def page_before(request: HttpRequest, person: Participant) -> str:
    """A loan that waits for this paper may have sent here."""
    return back_to(request, reverse("participants:participant", args=[person.pk]))


@once
def note_document(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_for(request, pk)
    require(perms.can_note_papers(request.user, person))
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.is_valid() and attempt(form, paper_actions.note_document, person, by=request.user, **form.cleaned_data):
        messages.success(request, "Le papier est noté.")
        return redirect(page_before(request, person))
    context = {"form": form, "person": person, "title": "Noter un papier", "submit": "Noter ce papier"}
    context["back"] = page_before(request, person)
    return page(request, "participants/paper.html", context)


@require_POST
@once
def see_document(request: HttpRequest, pk: int) -> HttpResponse:
    document = paper_actions.see_document(document_for(request, pk), by=request.user)
    messages.success(request, f"{document} : original vu aujourd’hui.")
    return redirect("participants:participant", document.participant_id)


@require_POST
@once
def forget_document(request: HttpRequest, pk: int) -> HttpResponse:
    person = paper_actions.forget_document(document_for(request, pk), by=request.user)
    messages.success(request, "Le papier est retiré.")
    return redirect("participants:participant", person.pk)


@require_GET
def document_copy(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    document = document_for(request, pk)
    require(perms.can_note_papers(request.user, document.participant))
    if document.file is None:
        return redirect("participants:participant", document.participant_id)
    return files.download(document.file)


@once
def record_aptitude_test(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_for(request, pk)
    require(perms.can_note_papers(request.user, person))
    form = AptitudeForm(request.POST or None, initial={"tested_on": clock.today(), "assessor": str(request.user)})
    if form.is_valid() and attempt(
        form, paper_actions.record_aptitude_test, person, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "Le test est noté.")
        return redirect(page_before(request, person))
    context = {"form": form, "person": person, "title": "Noter un test d’aptitude", "submit": "Noter ce test"}
    context["back"] = page_before(request, person)
    return page(request, "participants/paper.html", context)
