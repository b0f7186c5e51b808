"""Calendar feeds: the page where staff make and close them, and the address that calendar programs read."""

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.doors import not_only_staff
from accounts.views import back_to
from bookings import actions
from bookings.feeds import reads as calendar_feeds
from bookings.feeds.forms import FeedForm
from bookings.models import CalendarFeed
from core.web import attempt, page, row_id, sent
from fleet.models import Site, Vehicle
from participants.models import Participant

READS_A_MINUTE = 300  # of one visitor: a service that reads agendas for many people is one
OF = {"vehicule": Vehicle, "site": Site, "participant": Participant}
Of = CalendarFeed.Of


@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The agenda itself: the secret is the key. Read again unchanged, it is a 304."""
    if not limits.within(READS_A_MINUTE, "feed", limits.visitor(request)):
        return render(request, "429.html", status=429)
    found = calendar_feeds.opened_by(secret)
    if found is None:
        raise Http404
    body = calendar_feeds.ical_of(found)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="agenda.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"  # kept by its reader alone, who asks again: closed is closed
    return get_conditional_response(request, etag=etag, response=response) or response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def feeds(request: HttpRequest) -> HttpResponse:
    """One's agendas, and a new one: of the vehicle or site that the address names, else of one's own loans."""
    target = named_in(request)
    form = FeedForm(*sent(request)[:1]) if request.method == "POST" else FeedForm()
    context: dict[str, Any] = {"form": form, "target": target, "may_make": not isinstance(target, Participant)}
    if request.method == "POST" and form.is_valid() and context["may_make"]:
        made = attempt(
            form, actions.make_feed, request.platform, by=request.user, **what_of(target), **form.cleaned_data
        )
        if made:
            context |= {"form": FeedForm(), "made": made[0]} | addresses_of(made[1])
    return page(request, "bookings/feeds.html", context | lists_of(request, target))


def named_in(request: HttpRequest) -> Vehicle | Site | Participant | None:
    """What the address names (`?vehicule=`, `?site=`, `?participant=`); 404 for another platform's."""
    for name, model in OF.items():
        if name in request.GET:
            mine = model.objects.visible_to(request.user).filter(platform=request.platform)
            return get_object_or_404(mine, pk=row_id(request.GET[name]))
    return None


def what_of(target: Any) -> dict[str, Any]:
    if isinstance(target, Vehicle):
        return {"of": Of.VEHICLE, "vehicle": target}
    if isinstance(target, Site):
        return {"of": Of.SITE, "site": target}
    return {"of": Of.ADVISER}


def lists_of(request: HttpRequest, target: Any) -> dict[str, Any]:
    """Mine and the others that I may close; only those of what the address names."""
    rows = CalendarFeed.objects.visible_to(request.user).standing().filter(platform=request.platform)
    rows = rows.select_related("owner", "vehicle", "site", "participant")
    for field, model in (("vehicle", Vehicle), ("site", Site), ("participant", Participant)):
        if isinstance(target, model):
            rows = rows.filter(**{field: target})
    shown = list(rows[:100])
    mine = [one for one in shown if one.owner_id == request.user.pk]
    others = [one for one in shown if one.owner_id != request.user.pk]
    lists = (("Les vôtres", mine), ("D’autres personnes", others))
    return {"sections": [(title, some) for title, some in lists if some]}


def addresses_of(secret: str) -> dict[str, str]:
    """`address` to copy, and `subscribe`: the same, which a phone or computer opens with its own agenda."""
    address = calendar_feeds.address_of(secret)
    return {"address": address, "subscribe": "webcal://" + address.partition("://")[2]}


@require_POST
@not_only_staff
def revoke_feed(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(CalendarFeed.objects.visible_to(request.user), pk=pk)
    actions.revoke_feed(found, by=request.user)
    messages.success(request, "Cet agenda ne reçoit plus rien.")
    return redirect(back_to(request))
