"""Which commune a name means, as people write it.

`key_of` is pure: « L'Abergement-Clémenciat », « ABERGEMENT CLEMENCIAT » and « Abergement-Clémenciat (L') » have one
key; so have « St Vincent-de-Paul » and « Saint-Vincent de Paul », « Paris 12ème » and « Paris 12e Arrondissement ».
"""

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import QuerySet

from core.imports import Report
from places.models import Commune

ARTICLES = {"l", "le", "la", "les"}
WORDS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur", "lez": "les"}
DIVIDED = {"paris": "75", "lyon": "69", "marseille": "13"}  # into arrondissements, each a commune of our file


def key_of(name: str) -> str:
    """The name without accents, capitals, hyphens, apostrophes, leading article, « cedex » and abbreviations."""
    text = name.lower().replace("œ", "oe").replace("æ", "ae")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = re.sub(r"\(\s*(l'|l’|le|la|les)\s*\)\s*$", "", text)
    text = re.sub(r"\bcedex\b.*$", "", text)
    text = re.sub(r"\bs/", "sur ", text)
    text = re.sub(r"\b(\d{1,2})\s*(?:er|e|eme|nd)\b", r"\1", text)
    words = re.findall(r"[a-z0-9]+", text)
    words = [WORDS.get(word, word) for word in words if word not in {"arrondissement", "arr", "ardt"}]
    if len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    return " ".join(str(int(word)) if word.isdigit() else word for word in words)


def keys_of(name: str, postcode: str) -> list[str]:
    """The keys to look for, best first: « Paris » with 75012 means its 12th arrondissement."""
    key = key_of(name)
    if postcode.startswith(DIVIDED.get(key, "-")) and postcode[-2:].isdigit() and 0 < int(postcode[-2:]) <= 20:
        return [f"{key} {int(postcode[-2:])}", key]
    return [key]


def find_commune(name: str, postcode: str = "") -> Commune | None:
    """The commune of this name and postcode, or None: never a guess.

    With a postcode: the one that has it, else the only one of that name in the postcode's department (people write
    CEDEX codes, and old ones). Without: the only one of that name in France.
    """
    return find_communes([(name, postcode)])[name, postcode]


def find_communes(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Commune | None]:
    """`find_commune` for many (name, postcode) pairs, in one query."""
    wanted = list(wanted)
    keys = {key for name, postcode in wanted for key in keys_of(name, postcode.strip())}
    return choose_among(Commune.objects.filter(name_key__in=keys - {""}), wanted)


def check_lines(report: Report) -> None:
    """Warns of each new row of a spreadsheet whose commune is unknown; it is kept as it is written.

    When no commune is known at all, that is said once.
    """
    lines = [line for line in report.new if line.get("city")]
    if lines and not Commune.objects.exists():
        report.notes.append("Le fichier des communes n’a pas été importé : les communes sont gardées telles quelles.")
        return
    known = find_communes((line.get("city"), line.get("postcode")) for line in lines)
    for line in lines:
        city, postcode = line.get("city"), line.get("postcode")
        if known[city, postcode] is None:
            line.warn(f"Commune inconnue, gardée telle quelle : {f'{postcode} {city}'.strip()}.")


def choose_among(
    communes: QuerySet[Commune], wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Commune | None]:
    by_key: dict[str, list[Commune]] = {}
    for commune in communes:
        by_key.setdefault(commune.name_key, []).append(commune)
    return {
        (name, postcode): next(
            (
                found
                for key in keys_of(name, postcode.strip())
                if (found := best(by_key.get(key, []), postcode.strip())) is not None
            ),
            None,
        )
        for name, postcode in wanted
    }


def best(candidates: list[Commune], postcode: str) -> Commune | None:
    """The one that has the postcode, else the only one in its department; without postcode, the only one."""
    if postcode:
        exact = [c for c in candidates if postcode in c.postcodes.split()]
        candidates = exact or [c for c in candidates if c.department == department_of(postcode)]
    return candidates[0] if len(candidates) == 1 else None


def department_of(postcode: str) -> str:
    """« 40 » of 40230, « 974 » of 97410, « 2A » or « 2B » of Corsica's 20xxx."""
    if postcode.startswith("20"):
        return "2A" if postcode < "20200" else "2B"
    return postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
