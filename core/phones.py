"""Telephone numbers as people write them, kept as E.164."""

import re
from dataclasses import dataclass

import phonenumbers

from core.db import refuse

WRITTEN = re.compile(r"[+\d][\d\s\u00a0\u202f.()/_-]*")


@dataclass(frozen=True)
class Phone:
    """A number that can be dialled. An unassigned one has the right length, but no operator was given it."""

    e164: str
    is_assigned: bool


def normalise(written: str) -> Phone | None:
    """« 06.17.42.21.94 », « 604320686 », « 0033 6… », « +33 6… » → +33…; nothing stays None.

    Raises ValueError for what no telephone could dial.
    """
    text = written.strip()
    if not text:
        return None
    wrong = f"« {text} » n’est pas un numéro de téléphone. Exemple : 06 12 34 56 78."
    if not WRITTEN.fullmatch(text):
        raise ValueError(wrong)
    try:
        parsed = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValueError(wrong) from error
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError(wrong)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, phonenumbers.is_valid_number(parsed))


def dialled(written: str) -> str:
    """E.164, or nothing. Refuses with `phone_impossible`."""
    try:
        number = normalise(written)
    except ValueError as error:
        raise refuse(str(error), "phone_impossible") from error
    return number.e164 if number else ""
