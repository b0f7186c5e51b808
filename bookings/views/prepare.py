"""Beforehand: the list of what must be there, where the participant comes, the signed paper, « Prêt »."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors import not_only_staff
from accounts.perms import is_staff
from bookings import actions, perms
from bookings.actions.preparation import BY_HAND
from bookings.day import flags, preparation
from bookings.day.forms import MeetForm, SignedCopyForm
from bookings.day.prepare_reads import awaiting
from bookings.models import Booking, Period
from bookings.papers import contracts
from bookings.views.loans import find
from bookings.views.reports import made_now
from core import clock
from core.db import refuse, require
from core.files import download
from core.web import attempt, once, page, sent
from fleet.models import Site


@require_safe
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """What is there, what is missing, who did what; a tick is a POST of its own, from any device."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    return page(request, "bookings/prepare.html", context_of(loan), partial="things")


def context_of(loan: Booking) -> dict[str, object]:
    now = clock.now()
    one = awaiting(loan, now)
    ticks = list(loan.preparation_ticks.select_related("by"))
    things = preparation.things_of(one, ticks) if one is not None else []
    return {
        "loan": loan,
        "participant": loan.participant,
        "assignment": one,
        "things": things,
        "done_words": preparation.done_words(things),
        "is_ready": bool(things) and all(thing.is_done for thing in things),
        "flags": flags.flags_of(one, now) if one is not None else [],
        "instead": [],
        "by_hand": BY_HAND,
    }


@require_POST
def tick(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    return ticked(request, pk, item, actions.tick)


@require_POST
def untick(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    return ticked(request, pk, item, actions.untick)


def ticked(request: HttpRequest, pk: int, item: str, verb: object) -> HttpResponse:
    loan = find(request, pk)
    verb(loan, item=item, by=request.user)  # type: ignore[operator]
    if request.htmx:  # type: ignore[attr-defined]
        return page(request, "bookings/prepare.html", context_of(loan), partial="things")
    return redirect("bookings:prepare", loan.pk)


@require_http_methods(["GET", "POST"])
@once
def meet_at(request: HttpRequest, pk: int) -> HttpResponse:
    """Another place for the keys."""
    loan = find(request, pk)
    require(perms.can_change(request.user, loan))
    promised = loan.assignments.current().filter(hold__isnull=False, hold__out_at__isnull=True)
    one = promised.select_related("booking__platform", "vehicle__site", "site").first()
    if one is None:
        raise refuse("Les clés de ce prêt ne sont pas à remettre.", "wrong_state")
    form = MeetForm(
        request.POST or None, sites=Site.objects.filter(platform=loan.platform, is_open=True),
        initial={"site": one.vehicle.site},
    )  # fmt: skip
    if form.is_valid() and attempt(form, actions.meet_at, one, by=request.user, **form.cleaned_data):
        messages.success(request, "C’est changé, et la personne est prévenue.")
        return redirect("bookings:booking", loan.pk)
    return page(request, "bookings/meet_at.html", {"form": form, "loan": loan, "assignment": one})


# --- papers -------------------------------------------------------------------------------------


@not_only_staff
@require_safe
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """The loan on one page, in plain French; its participant may print it too."""
    loans = Booking.objects.visible_to(request.user)
    loan = get_object_or_404(loans.select_related("platform", "participant__user"), pk=pk)
    period = loan.periods.last()
    if period is None:
        raise Http404
    content = contracts.summary_pdf(loan, period, for_participant=not is_staff(request.user, loan.platform_id))
    return made_now(content, f"mon-pret-{loan.pk}.pdf")


@require_http_methods(["GET", "POST"])
@once
def attach_signed_copy(request: HttpRequest, pk: int) -> HttpResponse:
    period = find_period(request, pk)
    require(perms.can_change(request.user, period.booking))
    form = SignedCopyForm(*sent(request))
    if form.is_valid() and attempt(form, actions.attach_signed_copy, period, by=request.user, **form.cleaned_data):
        messages.success(request, "Le contrat signé est joint.")
        return redirect("bookings:booking", period.booking_id)
    return page(request, "bookings/signed_copy.html", {"form": form, "period": period, "loan": period.booking})


@not_only_staff
@require_safe
def signed_copy(request: HttpRequest, pk: int) -> HttpResponse:
    period = find_period(request, pk)
    if period.signed_copy is None:
        raise Http404
    return download(period.signed_copy)


def find_period(request: HttpRequest, pk: int) -> Period:
    periods = Period.objects.select_related("booking__platform", "booking__participant", "contract", "signed_copy")
    return get_object_or_404(periods, pk=pk, booking__in=Booking.objects.visible_to(request.user))
