"""A loan whose vehicle does not come back: whom to call, what was tried, the formal steps."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from bookings import actions, perms
from bookings.day import late
from bookings.day.forms import ContactForm, LetterForm, ProofForm
from bookings.models import Booking, RecoveryStep
from bookings.views.loans import find
from core import clock
from core.db import require
from core.files import download
from core.web import attempt, once, page, sent

PAPERS = {"lettre": "document", "preuve": "proof"}


@require_safe
def recovery(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, find(request, pk))


@require_POST
@once
def contact_made(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    form = ContactForm(*sent(request))
    if form.is_valid() and attempt(form, actions.contact_made, loan, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est noté.")
        return redirect("bookings:recovery", loan.pk)
    return shown(request, loan, contact=form)


@require_POST
@once
def write_letter(request: HttpRequest, pk: int) -> HttpResponse:
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    form = LetterForm(request.POST)
    if form.is_valid() and attempt(form, actions.write_letter, loan, by=request.user, **form.cleaned_data):
        messages.success(request, "La lettre est prête : imprimez-la, signez-la, envoyez-la en recommandé.")
        return redirect("bookings:recovery", loan.pk)
    return shown(request, loan, letter=form)


@require_POST
@once
def add_proof(request: HttpRequest, pk: int) -> HttpResponse:
    step = find_step(request, pk)
    require(perms.can_change(request.user, step.booking))
    form = ProofForm(*sent(request))
    if form.is_valid() and attempt(form, actions.add_proof, step, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est joint.")
        return redirect("bookings:recovery", step.booking_id)
    return shown(request, find(request, step.booking_id), proof=(step, form))


@require_safe
def recovery_paper(request: HttpRequest, pk: int, which: str) -> HttpResponse:
    """The letter or the complaint, and the proof that it arrived."""
    step = find_step(request, pk)
    file = getattr(step, PAPERS[which]) if which in PAPERS else None
    if file is None:
        raise Http404
    return download(file)


def find_step(request: HttpRequest, pk: int) -> RecoveryStep:
    steps = RecoveryStep.objects.visible_to(request.user).select_related("booking__platform", "document", "proof")
    return get_object_or_404(steps, pk=pk)


def shown(
    request: HttpRequest,
    loan: Booking,
    *,
    contact: ContactForm | None = None,
    letter: LetterForm | None = None,
    proof: tuple[RecoveryStep, ProofForm] | None = None,
) -> HttpResponse:
    today = clock.today(ZoneInfo(loan.platform.time_zone))
    context: dict[str, Any] = {
        "form": contact or letter or (proof[1] if proof else None) or ContactForm(),
        "contact": contact or ContactForm(),
        "letter": letter or LetterForm(initial=LetterForm.usual(today)),
        "proof_of": proof[0].pk if proof else None,
        "proof": proof[1] if proof else ProofForm(),
        "may_change": perms.can_change(request.user, loan),
        **late.story(loan),
    }
    return page(request, "bookings/recovery.html", context)
