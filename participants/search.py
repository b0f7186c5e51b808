"""Finding a person by a part of the name, a telephone number or a birth date, as it is typed at the desk.

What is typed comes by POST: no address and no log holds a name (docs/decisions/003).
"""

import datetime as dt
import re
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Platform
from participants.models import Participant
from participants.names import words_of

DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
SHORTEST = 2


def matching(people: QuerySet[Participant], typed: str) -> QuerySet[Participant]:
    """Those who fit everything that was typed; none when it is too short to mean anybody."""
    typed = typed.strip()
    if day := DAY.search(typed):
        try:
            born = dt.date(int(day[3]), int(day[2]), int(day[1]))
        except ValueError:
            return people.none()
        rest = DAY.sub(" ", typed)
        people = people.filter(birth_date=born)
        return people.filter(by_name(rest)) if rest.strip() else people
    digits = re.sub(r"\D", "", typed)
    if len(digits) >= 4 and not re.search(r"[^\W\d_]", typed):
        return people.filter(phone__contains=digits.removeprefix("0033").removeprefix("33").removeprefix("0"))
    if len(typed) < SHORTEST:
        return people.none()
    return people.filter(by_name(typed))


def by_name(typed: str) -> Q:
    """Every word typed stands in the name, in any order, without regard to accents and case."""
    wanted = Q()
    for word in words_of(typed):
        wanted &= Q(name_key__contains=word)
    return wanted


def find_people(user: Any, platform: Platform, typed: str, limit: int = 12) -> list[Participant]:
    """The first who fit, by name, of those whom the user may see on this platform."""
    people = Participant.objects.visible_to(user).filter(platform=platform)
    return list(matching(people, typed).order_by("name_key", "pk")[:limit])
