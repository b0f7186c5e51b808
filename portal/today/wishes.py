"""What participants ask for on their own page."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from accounts.models import Platform
from bookings.actions.vehicles import CORRECTED, REPLACED
from bookings.models import Booking
from core import words
from core.models import Note
from portal.today.lines import Line

WISH_STANDS = 60  # days that a participant's wish stays when nobody answers


def wishes(platform: Platform, now: dt.datetime) -> list[Line]:
    """What a participant wrote on their own loan, until the staff writes there. Two queries."""
    since = now - dt.timedelta(days=WISH_STANDS)
    notes = Note.objects.filter(platform_id=platform.pk, target_type="bookings.booking", at__gte=since)
    notes = notes.exclude(Q(text__startswith=REPLACED) | Q(text__startswith=CORRECTED))  # these answer nobody
    last: dict[str, Note] = {}
    for note in notes.order_by("-at", "-pk")[:500]:
        last.setdefault(note.target_id, note)
    loans = Booking.objects.filter(
        platform=platform, pk__in=[int(pk) for pk in last], state=Booking.State.ACTIVE
    ).select_related("participant")
    return [
        Line(
            who=f"{loan.participant} : {last[str(loan.pk)].text}",
            when=words.moment(last[str(loan.pk)].at),
            url=reverse("bookings:booking", args=[loan.pk]),
            verb="Répondre",
            phone=loan.participant.phone,
        )
        for loan in loans
        if last[str(loan.pk)].author_id == loan.participant.user_id
    ]
