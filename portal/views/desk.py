"""The staff's pages that join several rooms."""

from django.conf import settings as django_settings
from django.contrib import messages as flash
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import links
from accounts.models import PersonalLink, Platform, User
from accounts.views import back_to
from bookings import notes
from core import clock, outbox, words
from core.models import JournalEntry, OutboxMessage
from core.pages import page_of
from core.web import once, page
from participants.models import Participant
from portal import invitations
from portal import search as finding
from portal import today as reads
from portal.forms import JournalFilter
from portal.journal import SUBJECTS, told

OPENED_AS = (PersonalLink.Purpose.PERSON, PersonalLink.Purpose.GARAGE, "password")


@require_safe
@never_cache
def today(request: HttpRequest) -> HttpResponse:
    parts = [part for part in reads.parts(request.platform) if part.lines or part.nothing]
    context = {
        "columns": [[part for part in parts if part.column == column] for column in (0, 1)],
        "nothing": not any(part.lines for part in parts),
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


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Mails and SMS that left, or will, or could not."""
    demo = outbox.shown_instead_of_sent("mail")
    rows = readable(request.platform, demo)
    if request.GET.get("state") == "failed":
        rows = rows.filter(given_up_at__isnull=False)
    shown = page_of(request, rows.order_by("-id"), 30)
    names = notes.names_of({one.user_id for one in shown.object_list if one.user_id})
    for one in shown.object_list:
        one.reader = names.get(one.user_id or 0, "")
        one.about_url = notes.page_of(one.target_type, one.target_id)
        one.opens = django_settings.DEMO and one.payload.get("link", {}).get("purpose") in OPENED_AS
        one.address = words.phone(one.payload["to"]) if one.topic == "sms" else one.payload["to"]
    return page(request, "portal/messages.html", {"page": shown, "demo": demo})


def readable(platform: Platform, demo: bool) -> QuerySet[OutboxMessage]:
    """What the platform wrote; in a demo also the codes by which its people sign in, which are read nowhere else."""
    ours = Q(platform_id=platform.pk)
    if demo:
        people = User.objects.filter(
            Q(memberships__platform=platform) | Q(participant__platform=platform) | Q(garage__platform=platform)
        )
        ours |= Q(platform_id__isnull=True, user_id__in=people.values("pk"))
    return OutboxMessage.objects.filter(ours, topic__in=["mail", "sms"])


@require_POST
def open_as(request: HttpRequest, pk: int) -> HttpResponse:
    """In the demo, whose messages are shown and not sent: the link of this one, as its reader would open it."""
    message = get_object_or_404(readable(request.platform, django_settings.DEMO), pk=pk)
    if not django_settings.DEMO or message.payload.get("link", {}).get("purpose") not in OPENED_AS:
        raise Http404
    return redirect(links.mint_for_message(message).removeprefix(django_settings.PUBLIC_URL.rstrip("/")))


@require_POST
@once
def send_link(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Participant.objects.visible_to(request.user), pk=pk, platform=request.platform)
    how = invitations.send_link(person, by=request.user)
    flash.success(request, f"Un lien part par {how}.")
    return redirect(back_to(request))


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Where everything else is set up: each line leads to the page of the room that owns it."""
    from portal.settings_index import lines

    return page(request, "portal/settings.html", {"groups": lines(request)})
