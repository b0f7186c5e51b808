"""What participants ask for on their own page, and what they have still to sign there."""

import datetime as dt

from django.urls import reverse

from accounts.models import Platform
from bookings.models import Period, Wish
from bookings.wishes import change_address
from core import words
from portal.today.lines import SHOWN, Line


def wishes(platform: Platform, now: dt.datetime) -> list[Line]:
    """Who would like to keep the vehicle longer, the longest waiting first. One click opens the change, filled in."""
    asked = Wish.objects.open().filter(platform=platform).select_related("booking__participant")
    return [
        Line(
            who=f"{wish.booking.participant} : garder jusqu’au {words.calendar_day(wish.until, with_year=False)}"
            + (f", {wish.reason}" if wish.reason else ""),
            when=f"demandé {words.moment(wish.asked_at)}",
            url=change_address(wish),
            more=reverse("bookings:booking", args=[wish.booking_id]),
            verb="Répondre",
            phone=wish.booking.participant.phone,
        )
        for wish in asked.order_by("asked_at")[: SHOWN + 1]
    ]


def to_sign(platform: Platform) -> list[Line]:
    """Renewals whose contract page is not signed yet."""
    waiting = Period.objects.to_sign().filter(platform=platform).select_related("booking__participant")
    return [
        Line(
            who=str(period.booking.participant),
            when=f"renouvellement {words.span(period.starts_at, period.ends_at)}",
            url=reverse("bookings:sign_contract", args=[period.pk]),
            more=reverse("bookings:booking", args=[period.booking_id]),
            verb="Faire signer",
            phone=period.booking.participant.phone,
            tone="soon",
            label="À signer",
        )
        for period in waiting.order_by("starts_at")[: SHOWN + 1]
    ]
