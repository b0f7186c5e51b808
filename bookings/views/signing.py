"""The page of a renewal is signed before a member of staff; and a participant's wish is refused, with its reason."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import not_only_staff
from bookings import actions, perms
from bookings.changes.forms import RefuseWishForm, SigningForm
from bookings.models import Booking, Period, Wish
from bookings.papers import contracts
from bookings.views.reports import made_now
from bookings.wishes import change_address
from core.db import require
from core.web import attempt, once, page


def period_of(request: HttpRequest, pk: int) -> Period:
    loans = Booking.objects.visible_to(request.user)
    periods = Period.objects.select_related("booking__participant", "booking__platform", "booking__programme", "tariff")
    return get_object_or_404(periods, pk=pk, booking__in=loans)


@require_http_methods(["GET", "POST"])
@once
def sign_contract(request: HttpRequest, pk: int) -> HttpResponse:
    """On the desk's screen, with the participant there."""
    period = period_of(request, pk)
    loan = period.booking
    require(perms.can_change(request.user, loan))
    form = SigningForm(request.POST or None, initial={"signer_name": str(loan.participant)})
    if form.is_valid() and attempt(form, actions.sign_contract, period, by=request.user, **form.cleaned_data):
        messages.success(request, "Le contrat de cette période est signé.")
        return redirect("bookings:booking", loan.pk)
    return page(request, "bookings/sign_contract.html", {"form": form, "period": period, "loan": loan})


@not_only_staff
@require_safe
def contract_to_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The page as it will be, to read before signing; the participant's too, while it waits for their signature."""
    period = period_of(request, pk)
    require(perms.can_sign(request.user, period.booking))
    if not period.awaits_signature and not perms.can_change(request.user, period.booking):
        raise Http404
    return made_now(contracts.contract_pdf(period.booking, period), f"contrat-pret-{period.booking_id}.pdf")


@require_http_methods(["GET", "POST"])
@once
def refuse_wish(request: HttpRequest, pk: int) -> HttpResponse:
    wishes = Wish.objects.visible_to(request.user).select_related("booking__participant", "booking__platform")
    wish = get_object_or_404(wishes, pk=pk)
    require(perms.can_change(request.user, wish.booking))
    form = RefuseWishForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.refuse_wish, wish, by=request.user, **form.cleaned_data):
        return redirect("bookings:booking", wish.booking_id)
    context = {"form": form, "wish": wish, "loan": wish.booking, "change_address": change_address(wish)}
    return page(request, "bookings/refuse_wish.html", context)
