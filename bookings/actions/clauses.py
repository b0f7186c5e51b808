"""What the platform's contracts say. What was signed is frozen on paper: a clause is ended and followed, not edited."""

import datetime as dt
from collections.abc import Sequence

from accounts.models import Platform, User
from bookings import perms
from bookings.models import Clause
from bookings.starters import CLAUSES, PLACE
from core import clock
from core.db import action, create_all, lock, refuse, require, save
from core.journal import record
from fleet.models import Kind

LONG_AGO = dt.date(2020, 1, 1)


@action
def add_clause(
    platform: Platform,
    *,
    part: str,
    text: str,
    by: User,
    kinds: Sequence[str] = (),
    position: int = 500,
    valid_from: dt.date | None = None,
) -> Clause:
    """One more sentence in the contracts that are made from that day on (today when none is said).

    Refuses with `unknown_word`, `empty`, `in_the_past`.
    """
    require(perms.can_set_clauses(by, platform))
    clause = save(
        Clause(
            platform=platform,
            part=part,
            text=written(text),
            kinds=[kind for kind in Kind.values if kind in kinds],
            position=position,
            valid_from=not_past(platform, valid_from),
        )
    )
    record(by, "clauses.added", platform, clause=clause.pk)
    return clause


@action
def reword_clause(clause: Clause, *, text: str, by: User, valid_from: dt.date | None = None) -> Clause:
    """From that day on (today when none is said) the contracts say this instead. Refuses as `add_clause` does, and
    with `over`."""
    require(perms.can_set_clauses(by, clause.platform))
    clause = lock(clause)
    day = not_past(clause.platform, valid_from)
    refuse_over(clause, day)
    after = Clause(
        platform=clause.platform,
        part=clause.part,
        position=clause.position,
        kinds=clause.kinds,
        text=written(text),
        valid_from=max(day, clause.valid_from),
        valid_until=clause.valid_until,
    )
    clause.valid_until = after.valid_from
    save(clause, "valid_until")
    save(after)
    record(by, "clauses.reworded", clause.platform, clause=after.pk, was=clause.pk)
    return after


@action
def end_clause(clause: Clause, *, by: User, valid_until: dt.date | None = None) -> Clause:
    """The contracts of that day (today when none is said) and later no longer say it. Refuses `over`, `in_the_past`."""
    require(perms.can_set_clauses(by, clause.platform))
    clause = lock(clause)
    day = not_past(clause.platform, valid_until)
    refuse_over(clause, day)
    clause.valid_until = max(day, clause.valid_from)
    save(clause, "valid_until")
    record(by, "clauses.ended", clause.platform, clause=clause.pk)
    return clause


# --- steps ------------------------------------------------------------------------------------


def default_clauses(platform: Platform) -> None:
    """What a new platform starts from. Step of `open_platform`."""
    create_all(
        Clause,
        [
            Clause(platform=platform, part=part, kinds=kinds, text=text, position=10 * n, valid_from=LONG_AGO)
            for n, (part, kinds, text) in enumerate(CLAUSES, 1)
        ],
    )


def written(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise refuse("Écrivez la phrase.", "empty")
    if "{" in text.replace(PLACE, "") or "}" in text.replace(PLACE, ""):
        raise refuse(f"Seul {PLACE} est remplacé par Remise : le trajet convenu.", "unknown_word")
    return text


def not_past(platform: Platform, day: dt.date | None) -> dt.date:
    today = clock.local_date(clock.now(), platform.time_zone)
    if day is not None and day < today:
        raise refuse("Les contrats d’hier sont déjà signés : choisissez aujourd’hui ou plus tard.", "in_the_past")
    return day or today


def refuse_over(clause: Clause, day: dt.date) -> None:
    if clause.valid_until is not None and clause.valid_until <= day:
        raise refuse("Cette clause ne vaut déjà plus à cette date.", "over")
