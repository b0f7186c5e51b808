"""The participant's own page and its few steps. Everything is read through the participant of `request.user`."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.actions import ask_for_longer, report_problem, sign_contract
from bookings.actions.problems import Problem
from bookings.changes.forms import SigningForm
from bookings.models import Booking
from core import files
from core.web import attempt, once, page
from participants.models import Participant
from portal import own_page, own_requests
from portal.forms import LongerForm, ProblemForm
from portal.own_page import OwnLoan


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a participant alone, on the wall clock of their platform; for anybody else the page does not exist."""

    @wraps(view)
    def for_participant(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        people = Participant.objects.filter(user=request.user).annotate(waits=own_requests.WAITS)
        participant = people.select_related("platform__request_policy", "user").first()
        if participant is None:
            raise Http404
        with timezone.override(ZoneInfo(participant.platform.time_zone)):
            return view(request, participant, **kwargs)

    return never_cache(for_participant)


@require_safe
@own
def me(request: HttpRequest, participant: Participant) -> HttpResponse:
    loans, past, owed, requests = own_page.loans_of(participant)
    context = {
        "participant": participant,
        "platform": participant.platform,
        "main": loans[0] if loans else None,
        "others": loans[1:],
        "wish": own_page.wish(loans[0] if loans else None),
        "past": past,
        "owed": owed,
        "requests": requests,
        "reported": own_page.reported(participant),
    }
    return page(request, "portal/me.html", context)


@require_safe
@own
def papers(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Receipts, contracts and reports of the vehicle, one tap away: the first page stays light."""
    return page(request, "portal/me_papers.html", {"platform": participant.platform} | own_page.papers(participant))


def loan_out(participant: Participant) -> OwnLoan:
    """The loan that they have now; without one there is nothing to report or to prolong."""
    for one in own_page.loans_of(participant)[0]:
        if one.is_out:
            return one
    raise Http404


def problem(request: HttpRequest, participant: Participant, sort: Problem, template: str) -> HttpResponse:
    """Breakdown and accident first say what to do now; « roule » in the address is the answer to that first step."""
    own_loan = loan_out(participant)
    rolls = {"oui": "yes", "non": "no"}.get(request.GET.get("roule", ""))
    form = ProblemForm(request.POST or None, request.FILES or None, initial={"rolls": rolls})
    if form.is_valid() and attempt(
        form,
        report_problem,
        own_loan.loan,
        by=request.user,
        problem=sort,
        description=form.cleaned_data["description"],
        vehicle_rolls=form.cleaned_data["rolls"] == "yes",
        photos=form.cleaned_data["photos"],
    ):
        return redirect("portal:thanks", "probleme")
    asks = sort == Problem.DEFECT or rolls is not None or form.is_bound
    context = {
        "form": form,
        "asks": asks,
        "rolls": rolls,
        "problem": sort,
        "own": own_loan,
        "platform": participant.platform,
    }
    return page(request, template, context)


@require_http_methods(["GET", "POST"])
@once
@own
def breakdown(request: HttpRequest, participant: Participant) -> HttpResponse:
    return problem(request, participant, Problem.BREAKDOWN, "portal/me_breakdown.html")


@require_http_methods(["GET", "POST"])
@once
@own
def accident(request: HttpRequest, participant: Participant) -> HttpResponse:
    return problem(request, participant, Problem.ACCIDENT, "portal/me_accident.html")


@require_http_methods(["GET", "POST"])
@once
@own
def defect(request: HttpRequest, participant: Participant) -> HttpResponse:
    return problem(request, participant, Problem.DEFECT, "portal/me_defect.html")


@require_http_methods(["GET", "POST"])
@once
@own
def longer(request: HttpRequest, participant: Participant) -> HttpResponse:
    """A wish, not a renewal: it stands on Aujourd’hui until somebody answers."""
    own_loan = loan_out(participant)
    form = LongerForm(request.POST or None, after=timezone.localtime(own_loan.loan.ends_at).date())
    if form.is_valid() and attempt(form, ask_for_longer, own_loan.loan, by=request.user, **form.cleaned_data):
        return redirect("portal:thanks", "plus-longtemps")
    return page(request, "portal/me_longer.html", {"form": form, "own": own_loan, "platform": participant.platform})


@require_http_methods(["GET", "POST"])
@once
@own
def sign(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The contract of a renewal that was agreed on by telephone; one after the other, if there are several."""
    waiting = own_page.to_sign(participant)
    form = SigningForm(request.POST or None, initial={"signer_name": str(participant)})
    if waiting and form.is_valid() and attempt(form, sign_contract, waiting[0], by=request.user, **form.cleaned_data):
        return redirect("portal:thanks", "signature")
    context = {"form": form, "period": waiting[0] if waiting else None, "platform": participant.platform}
    return page(request, "portal/me_sign.html", context)


@require_safe
@own
def thanks(request: HttpRequest, participant: Participant, what: str) -> HttpResponse:
    return page(request, "portal/me_thanks.html", {"what": what, "platform": participant.platform})


@require_safe
@own
def vehicle_photo(request: HttpRequest, participant: Participant, pk: int) -> HttpResponse:
    """The picture of a vehicle of one's own loan, once they know which one it is."""
    loan = get_object_or_404(Booking.objects.visible_to(request.user), pk=pk, participant=participant)
    pictured = loan.assignments.filter(vehicle__photo__isnull=False)
    assignment = pictured.select_related("vehicle__photo", "hold").last()
    if assignment is None or assignment.vehicle.photo is None or not assignment.is_told:
        raise Http404
    return files.download(assignment.vehicle.photo)
