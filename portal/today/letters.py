"""Mails and SMS that did not leave."""

import datetime as dt

from django.urls import reverse

from accounts import unsent
from accounts.models import Platform
from core import words
from portal.today.lines import SHOWN, Line


def failed(platform: Platform, now: dt.datetime) -> list[Line]:
    """Those that wait for a way out, or were given up in the last two weeks: why, and whom to call."""
    return [
        Line(
            who=one.payload.get("subject") or one.payload.get("text", "")[:60],
            when=f"{words.moment(one.created_at)} : {unsent.why(one)}",
            url=reverse("portal:told", args=[one.pk]),
            more=reverse("portal:messages") + "?state=failed",
            is_post=True,
            verb="C’est dit",
            phone=one.payload.get("to", "") if one.topic == "sms" else "",
            tone="now" if one.given_up_at else "soon",
            label="Pas parti" if one.given_up_at else "Attend",
        )
        for one in unsent.not_gone_lately(platform, now).order_by("-pk")[: SHOWN + 1]
    ]
