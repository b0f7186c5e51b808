"""« Je voudrais un véhicule »: asked for in three short steps; answered, or given up, with one tap."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from bookings import actions, perms
from bookings.models import Booking, Proposal, WaitingEntry
from bookings.requests.messages import a_vehicle
from core import clock
from core.db import require
from core.web import attempt, once, page
from participants.models import Participant
from portal import own_requests
from portal.forms import AskDatesForm, AskForm
from portal.views.me import own

NO_MORE = "N’en a plus besoin (dit depuis sa page)"


@require_http_methods(["GET", "POST"])
@once
@own
def ask(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Which kind, from when and for how long, why. The first two answers stand in the address: « back » works."""
    require(perms.can_request(request.user, participant))
    kinds = dict(own_requests.kinds_to_ask_for(participant))
    kind = request.GET.get("type", "")
    dates = AskDatesForm(request.GET if "starts_on" in request.GET else None, today=clock.today())
    form = AskForm(request.POST or None)
    is_known = kind in kinds and dates.is_valid()
    context = {
        "platform": participant.platform,
        "kinds": kinds.items(),
        "kind": kind if kind in kinds else "",
        "what": kinds.get(kind, ""),
        "dates": dates,
        "form": form,
        "starts_at": None,
        "ends_at": None,
    }
    if is_known:
        days = int(dates.cleaned_data["days"])
        start, end = own_requests.span_of(dates.cleaned_data["starts_on"], days, participant.platform.time_zone)
        context |= {"starts_at": start, "ends_at": end}
        if form.is_valid() and attempt(
            form, actions.request_loan, participant.platform, participant=participant, kind=kind,
            starts_at=start, ends_at=end, by=request.user, **form.cleaned_data,
        ):  # fmt: skip
            return redirect("portal:thanks", "demande")
    return page(request, "portal/me_ask.html", context)


@require_POST
@once
@own
def withdraw(request: HttpRequest, participant: Participant, pk: int) -> HttpResponse:
    loans = Booking.objects.visible_to(request.user).filter(participant=participant)
    actions.cancel(get_object_or_404(loans, pk=pk), by=request.user, reason=NO_MORE)
    messages.success(request, "C’est noté. Votre demande est annulée.")
    return redirect("portal:me")


@require_POST
@once
@own
def accept(request: HttpRequest, participant: Participant, pk: int) -> HttpResponse:
    loan = actions.accept_proposal(find(request, pk), by=request.user)
    messages.success(request, f"C’est sûr : nous gardons {a_vehicle(loan.kind)} pour vous.")
    return redirect("portal:me")


@require_POST
@once
@own
def decline(request: HttpRequest, participant: Participant, pk: int) -> HttpResponse:
    actions.decline_proposal(find(request, pk), by=request.user)
    messages.success(request, "C’est noté. Vous restez sur la liste d’attente.")
    return redirect("portal:me")


@require_POST
@once
@own
def leave(request: HttpRequest, participant: Participant, pk: int) -> HttpResponse:
    mine = WaitingEntry.objects.visible_to(request.user).filter(participant=participant)
    actions.leave_waiting_list(get_object_or_404(mine, pk=pk), by=request.user, reason=NO_MORE)
    messages.success(request, "C’est noté. Vous n’êtes plus sur la liste d’attente.")
    return redirect("portal:me")


def find(request: HttpRequest, pk: int) -> Proposal:
    told = Proposal.objects.visible_to(request.user).filter(entry__participant__user=request.user)
    return get_object_or_404(told.select_related("booking", "entry__participant", "entry__platform"), pk=pk)
