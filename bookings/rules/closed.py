"""The house rule that keys change hands while the site is open, with the nearest hours when they could. No database."""

import datetime as dt
from collections.abc import Iterator, Sequence

from bookings.rules.house import Breach, Rule
from core import words
from fleet.opening import Hours

LEAVING, COMING_BACK = "départ", "retour"


def closed(
    hours: Hours,
    site: str,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    passed_by: Sequence[str] = (),
) -> list[Breach]:
    """What of the two moments falls outside the hours; one that is None is not asked about."""
    said = list(sentences(hours, site, starts_at, ends_at))
    return [Breach(Rule.CLOSED, " ".join(said), passed_by=tuple(passed_by))] if said else []


def sentences(hours: Hours, site: str, starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> Iterator[str]:
    """« Dax est fermé dimanche 8 mars à 18 h (retour). Ouvert : samedi 7 mars à midi, ou lundi 9 mars à 9 h. »"""
    for moment, which in ((starts_at, LEAVING), (ends_at, COMING_BACK)):
        if moment is None or hours.is_open(moment):
            continue
        near = [words.moment(at.astimezone(hours.zone)) for at in nearest(hours, moment)]
        instead = f" Ouvert : {', ou '.join(near)}." if near else " Aucune ouverture n’est prévue."
        yield f"{site} est fermé {words.moment(moment)} ({which}).{instead}"


def nearest(hours: Hours, moment: dt.datetime) -> list[dt.datetime]:
    """When it was open last before, and is next after."""
    return [at for at in (hours.last_open(moment), hours.next_open(moment)) if at is not None]
