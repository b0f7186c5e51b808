"""The condition reports and contracts as pages and files: who may see the loan may see its papers."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import not_only_staff
from accounts.perms import is_staff
from bookings import perms
from bookings.actions import reports
from bookings.kerb.forms import AmendmentForm
from bookings.models import Booking, ConditionReport, Period
from bookings.papers import contracts, drawings
from bookings.reports import papers as report_papers
from bookings.reports import reads as report_reads
from core.db import require
from core.files import download
from core.journal import name_of
from core.models import Note, StoredFile
from core.web import attempt, once, page
from fleet.models import DamagePhoto

Direction = ConditionReport.Direction
SMALL = "petite"
SIGNED = {"participant": "participant_signature", "agent": "agent_signature", "papier": "paper_scan"}


def visible(request: HttpRequest) -> QuerySet[ConditionReport]:
    return ConditionReport.objects.visible_to(request.user)


@not_only_staff
@require_safe
def report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A report, beside the other of the same vehicle and loan: departure | return."""
    asked = get_object_or_404(visible(request).only("pk", "assignment_id"), pk=pk)
    return page(request, "bookings/report.html", told(request, asked, AmendmentForm()))


@require_POST
@once
def amend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A dated remark on a signed report."""
    asked = get_object_or_404(visible(request).select_related("assignment__booking"), pk=pk)
    form = AmendmentForm(request.POST)
    if form.is_valid() and attempt(form, reports.amend, asked, by=request.user, **form.cleaned_data):
        return redirect("bookings:report", asked.pk)
    require(perms.can_change(request.user, asked.assignment.booking))
    return page(request, "bookings/report.html", told(request, asked, form))


def told(request: HttpRequest, asked: ConditionReport, form: AmendmentForm) -> dict[str, Any]:
    both = list(report_reads.whole(visible(request).filter(assignment=asked.assignment_id)))
    by_direction = {one.direction: one for one in both}
    out, back = by_direction.get(Direction.OUT), by_direction.get(Direction.IN)
    shown = next(one for one in both if one.pk == asked.pk)
    if out and back:
        back.assignment = out.assignment
    loan, vehicle = shown.assignment.booking, shown.assignment.vehicle
    staff = is_staff(request.user, loan.platform_id)
    pair = [one for one in (out, back) if one is not None]
    return {
        "base": "core/base_desk.html" if staff else "core/base_person.html",
        "is_staff": staff,
        "may_change": perms.can_change(request.user, loan),
        "platform": loan.platform,
        "report": shown,
        "loan": loan,
        "vehicle": vehicle,
        "pair": [facing(one) for one in pair],
        "readings": report_papers.readings(pair[-1], pair[0] if len(pair) > 1 else None),
        "sections": report_papers.sections(pair[-1], pair[0] if len(pair) > 1 else None),
        "equipment": report_papers.equipment(pair[-1], pair[0] if len(pair) > 1 else None),
        "damages": [line.damage for line in pair[-1].reported_damages.all()],
        "damage_lines": list(pair[-1].reported_damages.all()),
        "difference": report_reads.difference(out, back) if out and back else None,
        "notes": notes_on(pair),
        "form": form,
    }


def facing(one: ConditionReport) -> dict[str, Any]:
    """What the page says of one of the two reports."""
    labels = report_reads.photo_labels(one.assignment.vehicle.kind)
    return {
        "report": one,
        "title": report_papers.TITLES[Direction(one.direction)],
        "photos": [{"photo": photo, "label": labels.get(photo.position, "Autre vue")} for photo in one.photos.all()],
        "statement": report_papers.signatures(one)["statement"],
    }


def notes_on(pair: list[ConditionReport]) -> list[Note]:
    names = [name_of(one) for one in pair]
    return list(
        Note.objects.filter(target_type=names[0][0], target_id__in=[target_id for _, target_id in names]).order_by("at")
    )


# --- files -------------------------------------------------------------------------------------------


@not_only_staff
@require_safe
def report_pdf(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The frozen PDF; of a draft, a paper with empty boxes to sign in, made now and not kept."""
    asked = get_object_or_404(report_reads.whole(visible(request)), pk=pk)
    if asked.pdf is not None:
        return download(asked.pdf)
    return made_now(report_papers.report_pdf(asked), report_papers.file_name(asked))


@not_only_staff
@require_safe
def report_photo(request: HttpRequest, pk: uuid.UUID, photo: int) -> HttpResponse:
    """A photo as it is kept, or with `?petite` a small copy for a page."""
    asked = get_object_or_404(visible(request).only("pk"), pk=pk)
    file = get_object_or_404(asked.photos.select_related("file"), pk=photo).file
    return small(file) if SMALL in request.GET else download(file)


@not_only_staff
@require_safe
def damage_photo(request: HttpRequest, pk: uuid.UUID, photo: int) -> HttpResponse:
    """A photo of a damage that the report shows."""
    asked = get_object_or_404(visible(request).only("pk"), pk=pk)
    shown = DamagePhoto.objects.filter(damage__reports=asked).select_related("file")
    file = get_object_or_404(shown, pk=photo).file
    return small(file) if SMALL in request.GET else download(file)


@not_only_staff
@require_safe
def report_signature(request: HttpRequest, pk: uuid.UUID, whose: str) -> HttpResponse:
    """A drawn signature, or the paper that was signed."""
    name = SIGNED.get(whose)
    if name is None:
        raise Http404
    asked = get_object_or_404(visible(request).select_related(name), pk=pk)
    if (file := getattr(asked, name)) is None:
        raise Http404
    return download(file)


@not_only_staff
@require_safe
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """The contract of a period, as it was made when the keys left."""
    loans = Booking.objects.visible_to(request.user)
    period = get_object_or_404(Period.objects.select_related("contract"), pk=pk, booking__in=loans)
    if period.contract is None:
        raise Http404
    return download(period.contract)


@require_safe
def contract_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The contract as it would be now, to read or to sign on paper; nothing is kept."""
    loans = Booking.objects.visible_to(request.user).select_related(
        "platform", "participant__address", "participant__user", "programme"
    )
    loan = get_object_or_404(loans, pk=pk)
    require(perms.can_change(request.user, loan))
    period = loan.periods.standing().last()
    if period is None:
        raise Http404
    return made_now(contracts.contract_pdf(loan, period), f"projet-de-contrat-pret-{loan.pk}.pdf")


def made_now(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def small(file: StoredFile) -> HttpResponse:
    response = HttpResponse(drawings.photo(file), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
