"""« Faire de la place » : which promised loans would move for one more; and « Garder ce véhicule », which keeps one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings import actions
from bookings.forms import WishForm
from bookings.models import Assignment
from bookings.offers import choices as offers
from bookings.offers.choices import Needs
from bookings.offers.room_making import room_for
from bookings.rules.forms import passes_in
from bookings.rules.house import Breach
from bookings.rules.reads import breaches_of
from bookings.rules.turnaround import margins
from bookings.views.book import refuse_others
from bookings.views.boxes import boxes
from core.db import refuse
from core.web import attempt, once, page, row_id
from fleet.models import Vehicle


@require_http_methods(["GET", "POST"])
@once
def make_room(request: HttpRequest) -> HttpResponse:
    """The wish stands in the address as on « Réserver »; what is confirmed is the set of moves that was shown."""
    refuse_others(request)
    asked = request.POST if request.method == "POST" else request.GET
    form = WishForm(asked, platform=request.platform, by=request.user)
    if not form.is_valid():
        return redirect(f"{reverse('bookings:book')}?{request.GET.urlencode()}")
    wish = form.cleaned_data
    if request.method == "POST":
        typed = {name: value for name, value in wish.items() if name not in {"kind", "site"}}
        moves = attempt(form, shown_moves, request)
        if moves is not None and typed["vehicle"]:
            typed |= {"moves": moves, "passes": passes_in(request.POST)}
            booking = attempt(form, actions.make_room, request.platform, by=request.user, **typed)
            if booking:
                return redirect("bookings:booking", booking.pk)
    context = found_for(request, wish) | {"form": form}
    context |= boxes(request, form, request.platform, broken(context), papers_of=wish["participant"].pk)
    return page(request, "bookings/make_room.html", context)


def found_for(request: HttpRequest, wish: dict[str, Any]) -> dict[str, Any]:
    """What would move, and the price, for the wish as it stands."""
    platform, person = request.platform, wish["participant"]
    start, end, kind = wish["starts_at"], wish["ends_at"], wish["kind"]
    site = wish["site"].pk if wish["site"] else None
    needs = Needs(kind, wish["needs_automatic"], wish["needs_seats"], site)
    needs = needs.around(margins(platform, kind, person.programme_id, start))
    priced = offers.price(platform, kind, start, end, programme=person.programme, participant=person)
    return {
        "wish": wish,
        "participant": person,
        "found": room_for(platform, needs, start, end, person),
        "quote": priced[1] if priced else None,
        "back": f"{reverse('bookings:book')}?{request.GET.urlencode()}",
    }


def broken(found: dict[str, Any]) -> list[Breach]:
    """The house rules that the loan would break, in the vehicle that becomes free."""
    wish, person, vehicle = found["wish"], found["participant"], found["found"].vehicle
    if vehicle is None:
        return []
    span = (wish["starts_at"], wish["ends_at"])
    return breaches_of(person.platform, person, vehicle, *span, person.programme_id, known=True)


def shown_moves(request: HttpRequest) -> list[tuple[Assignment, int, Vehicle]]:
    """« assignment:from:to » for each move that the page showed. Refuses with `room_changed` what is not ours."""
    typed = [[row_id(part) for part in move.split(":")] for move in request.POST.getlist("move")]
    if any(len(move) != 3 or None in move for move in typed):
        raise refuse("Ces déplacements ne se lisent pas. Cherchez à nouveau de la place.", "room_changed")
    ours = Assignment.objects.visible_to(request.user).filter(platform=request.platform)
    assignments = ours.select_related("booking").in_bulk([move[0] for move in typed])
    vehicles = Vehicle.objects.visible_to(request.user).filter(platform=request.platform).in_bulk([m[2] for m in typed])
    try:
        return [(assignments[one], was, vehicles[to]) for one, was, to in typed]  # type: ignore[index,misc]
    except KeyError:
        raise refuse("Un de ces prêts n’existe plus. Cherchez à nouveau de la place.", "room_changed") from None


@require_POST
def pin(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    actions.pin(find(request, pk, assignment), by=request.user)
    return redirect("bookings:booking", pk)


@require_POST
def unpin(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    actions.unpin(find(request, pk, assignment), by=request.user)
    return redirect("bookings:booking", pk)


def find(request: HttpRequest, pk: int, assignment: int) -> Assignment:
    found = Assignment.objects.visible_to(request.user).select_related("booking", "hold")
    return get_object_or_404(found, pk=assignment, booking=pk)
