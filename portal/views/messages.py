"""What was written to people: it left, or will, or could not."""

from django.conf import settings
from django.contrib import messages as flash
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts import links, unsent
from accounts.models import PersonalLink, Platform, User
from accounts.views import back_to
from bookings import notes
from core import outbox, words
from core.models import OutboxMessage
from core.pages import page_of
from core.web import page

OPENED_AS = (PersonalLink.Purpose.PERSON, PersonalLink.Purpose.GARAGE, "password")


def readable(platform: Platform, demo: bool) -> QuerySet[OutboxMessage]:
    """What the platform wrote; in a demo also the codes by which its people sign in, which are read nowhere else."""
    ours = Q(platform_id=platform.pk)
    if demo:
        people = User.objects.filter(
            Q(memberships__platform=platform) | Q(participant__platform=platform) | Q(garage__platform=platform)
        )
        ours |= Q(platform_id__isnull=True, user_id__in=people.values("pk"))
    return OutboxMessage.objects.filter(ours, topic__in=unsent.WRITTEN)


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """All of them, or with `?state=failed` those that somebody must see to."""
    demo = outbox.shown_instead_of_sent("mail")
    rows = readable(request.platform, demo)
    if request.GET.get("state") == "failed":
        rows = unsent.not_gone(rows)
    shown = page_of(request, rows.order_by("-id"), 30)
    names = notes.names_of({one.user_id for one in shown.object_list if one.user_id})
    for one in shown.object_list:
        one.reader = names.get(one.user_id or 0, "")
        one.about_url = notes.page_of(one.target_type, one.target_id)
        one.opens = settings.DEMO and one.payload.get("link", {}).get("purpose") in OPENED_AS
        one.why = unsent.why(one)
        one.may_be_told = bool(one.why) and one.platform_id is not None
        one.address = words.phone(one.payload["to"]) if one.topic == "sms" else one.payload["to"]
    not_set = [way for way, leaves in (("sms", outbox.sms_leaves), ("mail", outbox.mail_leaves)) if not leaves()]
    context = {"page": shown, "demo": demo, "what_to_do": [unsent.WHAT_TO_DO[way] for way in not_set]}
    return page(request, "portal/messages.html", context)


@require_POST
def told(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(unsent.readable_by(request.user), pk=pk, platform_id=request.platform.pk)
    unsent.told_otherwise(message, by=request.user)
    flash.success(request, "C’est noté : ce message ne part plus.")
    return redirect(back_to(request))


@require_POST
def open_as(request: HttpRequest, pk: int) -> HttpResponse:
    """In the demo, whose messages are shown and not sent: the link of this one, as its reader would open it."""
    message = get_object_or_404(readable(request.platform, settings.DEMO), pk=pk)
    if not settings.DEMO or message.payload.get("link", {}).get("purpose") not in OPENED_AS:
        raise Http404
    return redirect(links.mint_for_message(message).removeprefix(settings.PUBLIC_URL.rstrip("/")))
