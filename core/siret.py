"""SIRET: the number of a French establishment, fourteen digits of which the last checks the others."""

from stdnum.exceptions import ValidationError as NotANumber
from stdnum.fr import siret

from core.db import refuse


def tidied(written: str) -> str:
    """The digits alone, or nothing. Refuses with `invalid_siret`."""
    if not written:
        return ""
    try:
        return siret.validate(written)
    except NotANumber:
        sentence = "Ce SIRET n’est pas juste : il a 14 chiffres, dont le dernier vérifie les autres."
        raise refuse(sentence, "invalid_siret") from None
