"""Who might be the same person under another spelling: looked for before somebody is written down twice."""

import datetime as dt

from django.db.models import Q, QuerySet

from core import phones
from participants.models import Participant
from participants.names import key_of, squashed

SHOWN = 6


def likely(
    people: QuerySet[Participant],
    *,
    first_name: str,
    last_name: str,
    birth_date: dt.date | None = None,
    phone: str = "",
) -> list[Participant]:
    """The same name, also with first and last name exchanged; the same telephone; or the same birth date with the
    same first or last name. Two birth dates that differ make two people of one name, but not of one telephone."""
    wanted = Q(name_key__in={key_of(first_name, last_name), key_of(last_name, first_name)})
    if birth_date is not None:
        wanted &= Q(birth_date=birth_date) | Q(birth_date__isnull=True)
        for name in filter(None, (squashed(first_name), squashed(last_name))):
            wanted |= Q(birth_date=birth_date, name_key__contains=name)
    try:
        number = phones.normalise(phone)
    except ValueError:
        number = None
    if number is not None:
        wanted |= Q(phone=number.e164)
    return list(people.filter(wanted).select_related("address").order_by("name_key", "pk")[:SHOWN])
