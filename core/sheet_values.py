"""What people write in a spreadsheet's cells, read without guessing.

Each reader takes a cell that is not empty and returns a clean value, or raises `Unreadable` with the sentence
that says why. A value that is kept but should be looked at comes back as `Doubtful(value, why)`.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core import clock, phones
from core.sheets import Cell

Reader = Callable[[Cell], Any]

MONTHS = ["janvier", "fevrier", "mars", "avril", "mai", "juin"]
MONTHS += ["juillet", "aout", "septembre", "octobre", "novembre", "decembre"]
FORMULA_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
OLDEST = 110  # years: nobody whom we accompany is older


class Unreadable(Exception):
    """Its text is the sentence for whoever keeps the spreadsheet."""


@dataclass(frozen=True)
class Doubtful:
    value: Any
    why: str
    unkept: str = ""  # what was written, where the value has no place for it


def words(cell: Cell) -> str:
    """The cell as text: one space between words, no control character, 40230.0 as 40230, a date as 14/04/2018."""
    if isinstance(cell, dt.datetime | dt.date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = re.sub(r"[\x00-\x1f\x7f\xa0\u202f\u2007\u200b]", " ", str(cell))
    return " ".join(text.split())


def key_of(text: str) -> str:
    """Without accents, capitals or punctuation: « Vélo élec. » → « velo elec »."""
    text = unicodedata.normalize("NFKD", text.lower()).replace("œ", "oe")
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", text))


def text(longest: int) -> Reader:
    """Words, at most `longest` characters of them."""

    def read(cell: Cell) -> str:
        written = words(cell)
        if len(written) > longest:
            raise Unreadable(f"« {written[:30]}… » est trop long ({longest} caractères au plus).")
        return written

    return read


def one_of(choices: dict[str, Any], what: str, examples: str) -> Reader:
    """A word of a list; the keys are written as `key_of` writes them."""

    def read(cell: Cell) -> Any:
        written = words(cell)
        try:
            return choices[key_of(written)]
        except KeyError:
            why = f"« {written[:40]} » n’est pas {what} que Remise connaît. Exemples : {examples}."
            raise Unreadable(why) from None

    return read


def email(cell: Cell) -> Any:
    """One address. One with an accent may be valid one day, and is a typing error today: kept in doubt, unused."""
    written = words(cell).removeprefix("mailto:").strip("<> ")
    try:
        validate_email(written)
    except ValidationError:
        bare = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
        if bare != written and bare.isascii():
            try:
                validate_email(bare)
            except ValidationError:
                pass
            else:
                why = f"l’adresse « {written} » a un accent, sans doute une faute de frappe : elle n’est pas reprise"
                return Doubtful("", why, unkept=written)
        raise Unreadable(f"« {written[:60]} » n’est pas une adresse e-mail.") from None
    if len(written) > 254:
        raise Unreadable("Cette adresse e-mail est trop longue.")
    return written


def phone(cell: Cell) -> Any:
    """A telephone number as E.164; one that could be dialled and that no operator was given is kept in doubt."""
    written = words(cell)
    try:
        number = phones.normalise(written)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if number is None:
        return ""
    if not number.is_assigned:
        return Doubtful(number.e164, f"le numéro « {written} » est possible, mais n’est attribué à personne")
    return number.e164


def postcode(cell: Cell) -> str:
    """Five digits; a spreadsheet that took 01400 for a number has lost its first one."""
    written = re.sub(r"\s*cedex.*$|\s", "", words(cell).lower())
    if not re.fullmatch(r"\d{4,5}", written):
        raise Unreadable(f"« {words(cell)[:20]} » n’est pas un code postal : il a cinq chiffres.")
    return written.zfill(5)


def yes_no(cell: Cell) -> bool:
    """Oui or non; an empty cell is neither, and is not read."""
    if isinstance(cell, bool):
        return cell
    answer = {"oui": True, "o": True, "x": True, "1": True, "yes": True, "vrai": True}
    answer |= {"non": False, "n": False, "0": False, "no": False, "faux": False}
    written = words(cell)
    if key_of(written) not in answer:
        raise Unreadable(f"« {written[:40]} » n’est ni oui ni non.")
    return answer[key_of(written)]


def whole(unit: str, most: int) -> Reader:
    """A whole number of something, from 0 to `most`: « 94 948 », « 79960 km », « 12.500 »."""
    units = rf"(?:{unit})?" if unit else ""

    def read(cell: Cell) -> int:
        written = words(cell)
        bare = re.fullmatch(
            rf"(-?)\s*(\d{{1,12}}|\d{{1,3}}(?:[ .']\d{{3}}){{1,4}})(?:,0+)?\s*{units}\.?", written.lower()
        )
        if isinstance(cell, bool) or bare is None:
            raise Unreadable(f"« {written[:40]} » n’est pas un nombre entier.")
        number = int(re.sub(r"\D", "", bare[2]))
        if bare[1] and number:
            raise Unreadable(f"« {written} » est plus petit que zéro.")
        if number > most:
            raise Unreadable(f"« {written[:40]} » est trop grand pour être vrai.")
        return number

    return read


def euros(cell: Cell) -> Decimal:
    """An amount: « 45,00 €/h », « 39,90 », « 29 € », « 35.5 »."""
    written = words(cell)
    an_hour = r"(?:(?:/|par|de l['’]|l['’])?\s*(?:h|heure))?"
    number = r"(\d{1,4}|\d{1,3} \d{3})(?:[.,](\d{1,2}))?"
    bare = re.fullmatch(rf"{number}\s*(?:€|eur|euros?)?\s*(?:ht|ttc)?\s*{an_hour}\.?", written.lower())
    if isinstance(cell, float) and 0 <= cell < 10_000:
        return Decimal(str(round(cell, 2)))
    if isinstance(cell, bool) or bare is None:
        raise Unreadable(f"« {written[:40]} » n’est pas un montant. Exemples : 45,00 €, 39,90.")
    return Decimal(f"{bare[1].replace(' ', '')}.{bare[2] or '0'}")


# --- days -------------------------------------------------------------------------------------


def day(*, past: bool = False) -> Reader:
    """A day: 14/04/2018, 14-4-18, 14.04.2018, 2018-04-14, « 14 avril 2018 », or a date of the spreadsheet.

    Of two digits the year is this century's, unless the day must be `past`, and would not be.
    """

    def read(cell: Cell) -> dt.date:
        found = day_of(cell, latest=clock.today().year if past else clock.today().year + 50)
        if past and found > clock.today():
            raise Unreadable(f"« {words(cell)} » est dans le futur.")
        if not 1900 <= found.year <= clock.today().year + 100:
            raise Unreadable(f"« {words(cell)} » est trop loin pour être vrai.")
        return found

    return read


def birth_date(cell: Cell) -> dt.date:
    """A day on which somebody alive was born. A year of two digits must leave one age from 14 to 99."""
    found = day(past=True)(cell)
    this_year = clock.today().year
    if this_year - found.year > OLDEST:
        raise Unreadable(f"« {words(cell)} » : cette personne aurait plus de {OLDEST} ans.")
    if not isinstance(cell, dt.date) and not re.search(r"\d{4}", words(cell)):
        years = [year for year in (found.year, found.year - 100) if 14 <= this_year - year <= 99]
        if len(years) != 1:
            raise Unreadable(f"« {words(cell)} » : écrivez l’année avec ses quatre chiffres.")
        found = found.replace(year=years[0])
    return found


def day_of(cell: Cell, latest: int) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    written = words(cell)
    year, month, number = parts_of(written, latest)
    try:
        return dt.date(year, month, number)
    except ValueError:
        raise Unreadable(f"« {written} » : ce jour n’existe pas.") from None


def parts_of(written: str, latest: int) -> tuple[int, int, int]:
    """Year, month, day of the month, as they are written; a year of two digits is not after `latest`."""
    text = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", written)
    if french := re.fullmatch(r"(\d{1,2})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{4}|\d{2})", text):
        year = int(french[3])
        if len(french[3]) == 2:
            year += 2000 if 2000 + year <= latest else 1900
        return year, int(french[2]), int(french[1])
    if iso := re.fullmatch(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})", text):
        return int(iso[1]), int(iso[2]), int(iso[3])
    said = re.fullmatch(r"(\d{1,2})(?:er)? ([a-z]+) (\d{4})", key_of(text))
    if said and said[2] in MONTHS:
        return int(said[3]), MONTHS.index(said[2]) + 1, int(said[1])
    raise Unreadable(f"« {written[:40]} » n’est pas une date. Exemples : 14/04/2018, 2018-04-14.")
