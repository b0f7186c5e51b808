"""How Remise says dates, money, plates and telephone numbers to people (French, the platform's wall clock).

Pages reach these through the template filters of the same names; messages and papers call them directly.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import phonenumbers
from django.utils import dateformat, timezone
from django.utils.translation import get_language

from core import clock

NBSP = "\u00a0"
THIN = "\u202f"  # between thousands, as French typography wants it


def moment(at: datetime) -> str:
    """« mardi 3 mars à 18 h »; « aujourd’hui à 18 h »; the year when it is not this one."""
    return f"{day(at)} à {hour(at)}"


def day(on: date | datetime) -> str:
    """« mardi 3 mars », « aujourd’hui », « demain », « hier »; the year when it is not this one."""
    on, today = local_date(on), local_date(clock.now())
    near = {-1: "hier", 0: "aujourd’hui", 1: "demain"}.get((on - today).days)
    return near or calendar_day(on, with_year=on.year != today.year)


def calendar_day(on: date | datetime, *, with_year: bool = True) -> str:
    """« mardi 3 mars 2026 », for papers that are read later."""
    return _calendar_day(local_date(on), with_year, get_language())


@lru_cache(maxsize=2048)  # a planning says the same days hundreds of times
def _calendar_day(on: date, with_year: bool, language: str | None) -> str:
    number = "1er" if on.day == 1 else str(on.day)
    year = f"{NBSP}{on.year}" if with_year else ""
    return f"{dateformat.format(on, 'l')} {number}{NBSP}{dateformat.format(on, 'F')}{year}"


def short_date(on: date | datetime) -> str:
    """« 03/03/2026 », for tables."""
    on = local_date(on)
    return f"{on.day:02d}/{on.month:02d}/{on.year:04d}"


def hour(at: datetime) -> str:
    """« 18 h », « 18 h 30 », « midi », « minuit »."""
    at = timezone.localtime(at)
    if at.minute:
        return f"{at.hour}{NBSP}h{NBSP}{at.minute:02d}"
    return {0: "minuit", 12: "midi"}.get(at.hour) or f"{at.hour}{NBSP}h"


def span(start: date | datetime, end: date | datetime) -> str:
    """« du mardi 3 mars à 9 h au vendredi 6 mars à 18 h », « mardi 3 mars de 9 h à 18 h », « du 3 au 6 mars »."""
    first, last = local_date(start), local_date(end)
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return day(first) if first == last else f"{from_day(first)} {until_day(last)}"
    if first == last:
        return f"{day(first)} de {hour(start)} à {hour(end)}"
    return f"{from_day(first)} à {hour(start)} {until_day(last)} à {hour(end)}"


def brief_span(start: datetime, end: datetime) -> str:
    """« mar. 3 mars à 9 h → ven. 6 mars à 18 h », « mar. 3 mars de 9 h à midi », for tables.

    It breaks once, before the arrow or the hours; a year that both ends share is said once.
    """
    first, last = local_date(start), local_date(end)
    if first == last:
        parts = (brief_day(first), f"de {hour(start)} à {hour(end)}")
    else:
        began = brief_day(first, year=first.year != last.year)
        parts = (f"{began} à {hour(start)}", f"→ {brief_day(last)} à {hour(end)}")
    return " ".join(part.replace(" ", NBSP) for part in parts)


def brief_day(on: date | datetime, *, year: bool = True) -> str:
    """« mar. 3 mars », with the year when it is another."""
    on = local_date(on)
    number = "1er" if on.day == 1 else str(on.day)
    other = f" {on.year}" if year and on.year != local_date(clock.now()).year else ""
    return f"{dateformat.format(on, 'D')}. {number} {dateformat.format(on, 'N')}{other}".replace(" ", NBSP)


def from_day(on: date | datetime) -> str:
    """« du mardi 3 mars », « d’aujourd’hui », « de demain »."""
    words = day(on)
    if words[0] in "ah" and words in {"aujourd’hui", "hier"}:
        return f"d’{words}"
    return f"de {words}" if words == "demain" else f"du {words}"


def until_day(on: date | datetime) -> str:
    """« au vendredi 6 mars », « à aujourd’hui », « à demain »."""
    words = day(on)
    return f"à {words}" if words in {"aujourd’hui", "hier", "demain"} else f"au {words}"


def until(at: date | datetime) -> str:
    """« jusqu’au vendredi 6 mars », « jusqu’à demain »; a moment says its hour too."""
    return f"jusqu’{until_day(at)}" + (f" à {hour(at)}" if isinstance(at, datetime) else "")


def local_date(on: date | datetime) -> date:
    return timezone.localtime(on).date() if isinstance(on, datetime) else on


def euros(amount: Decimal | int) -> str:
    """« 1 234,50 € », cents always."""
    cents = Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "−" if cents < 0 else ""
    return f"{sign}{abs(cents):,.2f}".replace(",", THIN).replace(".", ",") + f"{NBSP}€"


def number(value: Decimal | int) -> str:
    """« 12 345 » or « 1,5 »: French thousands and comma, no needless zeros."""
    value = Decimal(value)
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace(".", ",").replace("-", "−")


def km(distance: Decimal | int) -> str:
    """« 84 210 km »."""
    return f"{number(distance)}{NBSP}km"


def phone(number: str) -> str:
    """« 05 58 41 22 10 », or the international form of a foreign number; what is no number is kept as it is."""
    return _phone(number)[1]


def phone_link(number: str) -> str:
    """« tel:+33-5-58-41-22-10 », or nothing when it cannot be dialled."""
    return _phone(number)[0]


@lru_cache(maxsize=1024)  # the same people stand on one page after the other
def _phone(number: str) -> tuple[str, str]:
    """What dials it, and how people read it."""
    form = phonenumbers.PhoneNumberFormat
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return "", number
    if not phonenumbers.is_possible_number(parsed):
        return "", number
    read = phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == 33 else form.INTERNATIONAL)
    return phonenumbers.format_number(parsed, form.RFC3966), read.replace(" ", NBSP)
