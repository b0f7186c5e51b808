"""Which dates a loan may have. Pure: the clock comes in."""

import datetime as dt

from core import words
from core.db import refuse

LONGEST = dt.timedelta(days=366)
GRACE = dt.timedelta(hours=1)  # somebody who books « maintenant » takes a moment to fill in the page


def refuse_impossible(start: dt.datetime, end: dt.datetime, now: dt.datetime) -> None:
    """Refuses `ends_before_start`, `in_the_past` and `too_long`."""
    refuse_backwards(start, end)
    if start < now - GRACE:
        raise refuse(
            f"Ce prêt commencerait {words.moment(start)} : c’est passé. "
            "Pour un prêt déjà commencé, utilisez « Enregistrer un prêt ».",
            "in_the_past",
        )


def refuse_backwards(start: dt.datetime, end: dt.datetime) -> None:
    """What holds for a recorded loan too: it ends after it starts, and within a year."""
    if end <= start:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    if end - start > LONGEST:
        raise refuse("Un prêt dure un an au plus. Choisissez une fin plus proche.", "too_long")


def refuse_useless_promise(until: dt.datetime | None, end: dt.datetime, now: dt.datetime) -> None:
    """A promise « sous réserve » expires after now and before the loan would end. Refuses `promise_over`."""
    if until is not None and not now < until < end:
        raise refuse(
            "Une promesse sous réserve expire plus tard que maintenant, et avant la fin du prêt.", "promise_over"
        )
