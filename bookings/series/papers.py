"""The contract of a recurring loan: one paper for all its dates, signed with the first keys."""

from typing import Any

from bookings.models import Booking
from bookings.series.reads import agreed_quote, pattern_of, whole
from core import words
from fleet.opening import hour


def of_series(booking: Booking, contents: dict[str, Any]) -> dict[str, Any]:
    """What the contract of this loan says, said of its whole series; unchanged for a loan that stands alone."""
    series = booking.series
    if series is None:
        return contents
    pattern, quote, standing = pattern_of(series), agreed_quote(series), whole(series).standing
    rows = [row for row in contents["loan"] if row[0] not in {"Début", "Fin"}]
    rows[1:1] = [
        ["Prêt régulier", pattern.words()],
        ["Dates", f"{pattern.dates()}, {len(standing)} fois"],
    ]
    back = "lendemain de chaque départ" if pattern.is_nightly else "jour même, chaque fois"
    last = words.calendar_day(standing[-1].loan.ends_at)
    summary = contents["summary"] | {
        "until_day": back,
        "until_hour": hour(pattern.ends),
        "price": words.euros(quote.total),
        "pay_by": last,
    }
    rules = ["Chaque date se paie au plus tard le jour de son retour.", *contents["rules"]]
    return contents | {
        "loan": rows,
        "prices": [[line.label, words.euros(line.amount)] for line in quote.lines],
        "total": words.euros(quote.total),
        "rules": [rule for rule in rules if not rule.startswith("Le prix est à payer")],
        "summary": summary,
    }
