"""« Passer outre »: what every page that may pass house rules shows, the same boxes everywhere (`_breaches.html`)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from accounts.models import Platform
from bookings import perms
from bookings.offers import choices as offers
from bookings.offers.choices import Needs
from bookings.rules.forms import shown
from bookings.rules.house import Breach, PassReason, Rule, Terms
from core.web import row_id

TURNAROUND = f"pass_{Rule.TURNAROUND}"


def boxes(
    request: HttpRequest,
    form: Any,
    platform: Platform,
    breaches: Iterable[Breach] = (),
    *,
    typed: Any = None,
    apart: bool = False,
    papers_of: int | None = None,
    here: str = "",
) -> dict[str, Any]:
    """The rules that are known to be broken, then those that the verb has just refused: no refusal leaves a page
    without its box. `apart`: the turnaround has its box beside the vehicles (`beside`). `papers_of`: the person whose
    papers may be noted, and from which address (`here`; usually this one)."""
    known = list(breaches)
    names = {one.rule for one in known if one.binds} | ({Rule.TURNAROUND} if apart else set())
    refused = getattr(getattr(form, "refusal", None), "breaches", ())
    known += [one for one in refused if one.rule not in names]
    chosen = request.POST if typed is None else typed
    found = shown(known, request.user, platform, chosen)
    here = here or request.get_full_path()
    return {"breaches": found, "reasons": PassReason.choices, "papers_of": papers_of, "here": here}


def beside(
    request: HttpRequest, platform: Platform, needs: Needs, span: tuple[dt.datetime, dt.datetime], rules: Terms
) -> dict[str, Any]:
    """The vehicles that are not free then, and why; those that only their turnaround keeps can be chosen by whoever
    may pass it. For `_taken.html`. One query."""
    taken = offers.why_not(platform, needs, *span)
    return {
        "taken": taken,
        "any_tight": any(one.tight for one in taken),
        "may_squeeze": perms.can_pass(request.user, platform.pk, rules.passed_by),
        "squeezed": row_id((request.POST or request.GET).get("vehicle", "")),
        "squeezed_because": request.POST.get(TURNAROUND),
        "reasons": PassReason.choices,
    }


def has_its_box(shown: dict[str, Any]) -> bool:
    """`_taken.html` asks for the reason already."""
    return bool(shown["any_tight"] and shown["may_squeeze"])
