"""What associations write for a licence, a public or a prescriber, read without guessing."""

import re
from dataclasses import dataclass
from typing import Any

from core.sheet_values import Doubtful, Unreadable, key_of, words
from core.sheets import Cell
from participants.models import Audience, DrivingEntitlement, Participant, PrescriberOrganization

Category, Declared, Sort = DrivingEntitlement.Category, Participant.LicenceDeclared, PrescriberOrganization.Sort

# --- licences ---------------------------------------------------------------------------------

AUTOMATIC_ONLY = "78"
CODES = r"\(?\s*(?:codes?\s*)?(?P<codes>\d{2,3}(?:\.\d{2})?(?:\s*[,;.-]\s*\d{2,3}(?:\.\d{2})?)*)\s*\)?"
TITLE = re.compile(
    rf"(?:permis\s+)?(?P<category>bsr|am|a1|a2|a|b1|b)(?![a-z])\s*(?:{CODES}|(?P<automatic>\(?(?:bva|auto|automatique)\)?))?"
    r"\s*(?:[,;/+&]|\bet\b|$)\s*"
)
LEARNING = {"en cours", "en apprentissage", "permis en cours", "b en cours", "code", "code obtenu", "code en cours",
            "en cours d apprentissage", "auto ecole"}  # fmt: skip
WITHOUT = {"non", "aucun", "sans", "sans permis", "pas de permis", "aucun permis", "neant", "0"}
HELD = {"oui", "permis", "o", "x"}


@dataclass(frozen=True)
class Licence:
    """What the person says of their licence; nobody has seen it yet."""

    declared: str
    titles: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (category, restriction codes)
    remark: str = ""


def licence(cell: Cell) -> Any:
    """« B », « B (78) », « BSR », « AM », « A1, B », « en cours ». Other words are kept as they are, and in doubt."""
    written = words(cell)
    if len(written) > 120:
        raise Unreadable("Ce qui est écrit du permis est trop long (120 caractères au plus).")
    key = key_of(written)
    if key in WITHOUT:
        return Licence(Declared.NONE)
    if key in LEARNING:
        return Licence(Declared.LEARNING, remark="" if key == "en cours" else written)
    if titles := titles_in(written.lower()):
        return Licence(Declared.HELD, titles)
    declared = Declared.HELD if key in HELD or key.startswith("permis etranger") else Declared.UNKNOWN
    return Doubtful(
        Licence(declared, remark=written), f"« {written[:40]} » ne dit pas quelle catégorie : gardé en remarque"
    )


def titles_in(written: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each category with its codes, or nothing when one word is not understood."""
    titles: dict[str, tuple[str, ...]] = {}
    at = 0
    while at < len(written):
        found = TITLE.match(written, at)
        if found is None:
            return ()
        category = {"bsr": "AM"}.get(found["category"], found["category"].upper())
        codes = re.findall(r"\d{2,3}(?:\.\d{2})?", found["codes"] or "")
        titles[category] = (AUTOMATIC_ONLY,) if found["automatic"] else tuple(codes)
        at = found.end()
    return tuple(titles.items())


# --- publics ----------------------------------------------------------------------------------

AUDIENCES: dict[str, str] = {
    **dict.fromkeys(("rsa", "brsa", "beneficiaire rsa", "beneficiaire du rsa"), Audience.RSA),
    "ass": Audience.ASS,
    "aah": Audience.AAH,
    **dict.fromkeys(("de", "demandeur d emploi", "demandeur emploi", "demandeuse d emploi", "jobseeker"),
                    Audience.JOBSEEKER),
    **dict.fromkeys(("deld", "demandeur d emploi de longue duree"), Audience.DELD),
    **dict.fromkeys(("detld", "demandeur d emploi de tres longue duree"), Audience.DETLD),
    **dict.fromkeys(("jeune 26", "jeune", "jeune 26 ans", "26 ans", "26", "moins de 26 ans", "jeune de moins de 26 ans",
                     "jeunes", "jeune moins de 26 ans", "under 26"), Audience.UNDER_26),
    **dict.fromkeys(("senior", "50 ans et plus", "plus de 50 ans"), Audience.SENIOR),
    **dict.fromkeys(("aci", "siae", "iae", "ei", "ai", "etti", "salarie en insertion", "salarie aci",
                     "salariee en insertion", "insertion"), Audience.SIAE_EMPLOYEE),
    **dict.fromkeys(("rqth", "th", "boeth", "travailleur handicape"), Audience.DISABLED_WORKER),
    **dict.fromkeys(("parent isole", "api", "famille monoparentale"), Audience.SINGLE_PARENT),
    **dict.fromkeys(("refugie", "refugiee", "bpi", "protection internationale"), Audience.REFUGEE),
    "qpv": Audience.QPV,
    **dict.fromkeys(("zrr", "frr", "zfrr"), Audience.FRR),
}  # fmt: skip


def audiences(cell: Cell) -> list[str]:
    """One or several publics: « RSA », « Jeune <26 », « RSA, QPV »."""
    found = []
    for part in re.split(r"\s*[,;/+&]\s*|\s+et\s+(?!plus)", words(cell)):
        if not part:
            continue
        if key_of(part) not in AUDIENCES:
            raise Unreadable(
                f"« {part[:40]} » n’est pas un public que Remise connaît. Exemples : RSA, DE, DELD, Jeune <26, ACI, "
                "RQTH, QPV."
            )
        found.append(AUDIENCES[key_of(part)])
    return list(dict.fromkeys(found))


# --- prescribers ------------------------------------------------------------------------------

FORMER_NAMES = {"pole emploi": "France Travail", "ft": "France Travail", "anpe": "France Travail"}
SORTS = (
    ("france travail", Sort.FT),
    ("mission locale", Sort.ML),
    ("ml", Sort.ML),
    ("ccas", Sort.CCAS),
    ("cias", Sort.CCAS),
    ("departement", Sort.DEPT),
    ("conseil departemental", Sort.DEPT),
    ("plie", Sort.PLIE),
    ("cap emploi", Sort.CAP_EMPLOI),
    ("caf", Sort.CAF),
    ("msa", Sort.MSA),
    ("aci", Sort.SIAE),
    ("siae", Sort.SIAE),
)


def current_name(name: str) -> str:
    """« Pole Emploi » is called France Travail since 2024; what follows stays (« Pôle emploi Dax »)."""
    parts = name.split()
    for length in (2, 1):
        if (new := FORMER_NAMES.get(key_of(" ".join(parts[:length])))) and len(parts) >= length:
            return " ".join([new, *parts[length:]])
    return name


def sort_of(name: str) -> str:
    key = f"{key_of(name)} "
    return next((sort for start, sort in SORTS if key.startswith(f"{start} ")), Sort.OTHER)


def prescriber(cell: Cell) -> str:
    written = current_name(words(cell))
    if len(written) > 120:
        raise Unreadable("Ce nom est trop long (120 caractères au plus).")
    return written
