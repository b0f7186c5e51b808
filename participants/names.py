"""How a person is known again: by a name without accents, capitals, hyphens or apostrophes."""

import re
import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def key_of(first_name: str, last_name: str) -> str:
    """`key_of("Maëva", "N'DIAYE")` → "ndiaye maeva". Two keys are the same person's when the birth date agrees."""
    return f"{squashed(last_name)} {squashed(first_name)}".strip()[:170]


def squashed(name: str) -> str:
    """Letters and digits alone: « Jean-Pierre », « JEAN PIERRE » and « Jean‑Pierre » are one."""
    plain = name
    for _ in range(2):  # folding may bring letters that come apart again
        plain = unicodedata.normalize("NFKD", plain.casefold().translate(LIGATURES))
    return re.sub(r"[\W_]", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def words_of(text: str) -> list[str]:
    """What somebody typed into a search box, as pieces that a key may hold."""
    return [word for word in (squashed(part) for part in text.split()) if word]
