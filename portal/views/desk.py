"""The staff's pages that join several rooms."""

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.perms import can_manage_team
from accounts.views import back_to
from bookings import notes
from core import clock
from core.models import JournalEntry
from core.pages import page_of
from core.web import once, page
from fleet.models import Vehicle
from participants.models import Participant
from portal import invitations
from portal import search as finding
from portal import today as reads
from portal.forms import JournalFilter
from portal.journal import SUBJECTS, told
from portal.settings_index import lines

WAYS = {"sms": "SMS", "mail": "e-mail"}


@require_safe
@never_cache
def today(request: HttpRequest) -> HttpResponse:
    parts = [part for part in reads.parts(request.platform, request.user) if part.lines or part.nothing]
    nothing = not any(part.lines for part in parts)
    context = {
        "columns": [[part for part in parts if part.column == column] for column in (0, 1)],
        "nothing": nothing,
        "is_new": nothing and not Vehicle.objects.filter(platform=request.platform).exists(),
        "no_number": not request.platform.phone and can_manage_team(request.user, request.platform),
        "now": clock.now(),
    }
    return page(request, "portal/today.html", context)


@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """By POST: names and numbers do not stand in addresses. A GET is the empty page."""
    text = request.POST.get("q", "")
    found = finding.find(request.user, request.platform, text)
    if request.method == "POST" and len(found) == 1 and not request.htmx:
        return redirect(found[0].url)
    return page(request, "portal/search.html", {"q": text, "found": found}, partial="found")


@require_POST
@once
def write_note(request: HttpRequest) -> HttpResponse:
    target_type, target_id = request.POST.get("target_type", ""), request.POST.get("target_id", "")
    thing = notes.found(request.user, target_type, target_id)
    notes.write_note(thing, text=request.POST.get("text", ""), by=request.user)
    flash.success(request, "C’est noté.")
    return redirect(notes.page_of(target_type, target_id) + "#panel-notes")


@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """Who did what, when."""
    form = JournalFilter(request.GET, platform=request.platform)
    form.is_valid()
    wanted = form.cleaned_data
    entries = JournalEntry.objects.filter(platform_id=request.platform.pk).order_by("-at", "-id")
    if wanted.get("subject") in SUBJECTS and wanted["subject"]:
        entries = entries.filter(verb__startswith=f"{wanted['subject']}.")
    if wanted.get("who"):
        entries = entries.filter(actor_id=wanted["who"])
    if wanted.get("day"):
        entries = entries.filter(at__date=wanted["day"])
    rows = page_of(request, entries)
    return page(
        request, "portal/journal.html", {"filters": form, "page": rows, "entries": told(rows.object_list)}, status=200
    )


@require_POST
@once
def send_link(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Participant.objects.visible_to(request.user), pk=pk, platform=request.platform)
    how = invitations.send_link(person, by=request.user)
    if how:
        flash.success(request, f"Un lien part par {WAYS[how]}.")
    else:
        flash.warning(
            request,
            "Le lien est écrit, mais il attend : personne n’a réglé de quoi l’envoyer. "
            "Faites ouvrir la page avec le QR code du contrat.",
        )
    return redirect(back_to(request))


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Where everything else is set up: each line leads to the page of the room that owns it."""
    return page(request, "portal/settings.html", {"groups": lines(request)})
