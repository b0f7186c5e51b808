"""Mails and SMS that did not leave."""

import datetime as dt

from django.urls import reverse

from accounts.models import Platform
from core import words
from core.models import OutboxMessage
from portal.today.lines import SHOWN, Line


def failed(platform: Platform, now: dt.datetime) -> list[Line]:
    """Mails and SMS that were given up in the last two weeks."""
    since = now - dt.timedelta(days=14)
    lost = OutboxMessage.objects.filter(platform_id=platform.pk, topic__in=["mail", "sms"], given_up_at__gte=since)
    return [
        Line(
            who=one.payload.get("subject") or one.payload.get("text", "")[:60],
            when=words.moment(one.created_at),
            url=reverse("portal:messages"),
            verb="Voir",
        )
        for one in lost.order_by("-pk")[: SHOWN + 1]
    ]
