"""House rules that were passed and that nobody has read yet: one line, for whoever reads them."""

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from accounts.models import Platform
from bookings.models import RulePass
from bookings.perms import can_review_passes
from core import words
from portal.today.lines import Line


def to_review(platform: Platform, by: Any) -> list[Line]:
    """One query, and none for whoever does not review them."""
    if by is None or not can_review_passes(by, platform):
        return []
    waiting = RulePass.objects.filter(platform=platform, reviewed_at__isnull=True)
    found = waiting.aggregate(number=Count("pk"), since=Min("at"))
    if not found["number"]:
        return []
    who = "1 règle passée" if found["number"] == 1 else f"{found['number']} règles passées"
    url = reverse("bookings:passes")
    return [Line(who=who, when=f"depuis le {words.calendar_day(found['since'])}", url=url, verb="Relire")]
