"""What associations write of a garage: what it repairs, how long it takes, its SIRET; read without guessing."""

import re

from stdnum import exceptions as stdnum_errors
from stdnum.fr import siret as stdnum_siret

from core.sheet_values import Unreadable, key_of, words
from core.sheets import Cell
from fleet.models import Kind
from garages.models import Garage

CARS, TWO_WHEELERS = (Kind.CAR,), (Kind.MOPED, Kind.MOTORCYCLE_125)
REPAIRS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("tout", "tous", "tous vehicules", "toutes marques", "tous types"), tuple(Kind)),
    **dict.fromkeys(("voiture", "voitures", "vl", "vp", "auto", "autos", "automobile", "car"), CARS),
    **dict.fromkeys(("utilitaire", "utilitaires", "vu", "vul", "van", "fourgon"), (Kind.VAN,)),
    **dict.fromkeys(("voiturette", "voiturettes", "vsp", "sans permis", "microcar"), (Kind.MICROCAR,)),
    **dict.fromkeys(
        ("2 roues", "deux roues", "2rm", "scooter", "scooters", "moto", "motos", "2 roues motorises", "motocycles"),
        TWO_WHEELERS,
    ),
    **dict.fromkeys(("cyclo", "cyclos", "cyclomoteur", "scooter 50", "moped", "50"), (Kind.MOPED,)),
    **dict.fromkeys(("scooter 125", "125", "motorcycle 125"), (Kind.MOTORCYCLE_125,)),
    **dict.fromkeys(("vae", "velo electrique", "velos electriques", "velo elec", "e bike"), (Kind.E_BIKE,)),
    **dict.fromkeys(("velo", "velos", "cycles", "bicyclettes", "bike"), (Kind.BIKE,)),
}
WEEK, DAY = 5, 1  # working days
LONGEST = 250


def repairs(cell: Cell) -> list[str]:
    """« tout », « VL/2 roues », « vélo, VAE » → the kinds of vehicle."""
    found: list[str] = []
    for part in re.split(r"\s*[/,;+&]\s*|\s+et\s+", words(cell)):
        if not part:
            continue
        if key_of(part) not in REPAIRS:
            raise Unreadable(
                f"« {part[:40]} » n’est pas une sorte de véhicule que Remise connaît. Exemples : tout, voiture, "
                "utilitaire, 2 roues, vélo, VAE."
            )
        found += [str(kind) for kind in REPAIRS[key_of(part)]]
    return list(dict.fromkeys(found))


def delay(cell: Cell) -> int:
    """« 1 semaine », « 2 j », « 5 jours », « 48 h » → working days."""
    said = re.fullmatch(
        r"(?:sous |environ )?(\d{1,3})\s*(semaines?|sem\.?|jours?(?: ouvres?)?|j\.?|heures?|h)?", plain(words(cell))
    )
    unit = (said[2] or "j")[0] if said else ""
    number = int(said[1]) if said else 0
    days = number // 24 if unit == "h" and number % 24 == 0 else number * {"s": WEEK, "j": DAY}.get(unit, 0)
    if not days and not (said and number == 0):
        raise Unreadable(f"« {words(cell)[:40]} » n’est pas un délai. Exemples : 2 jours, 1 semaine.")
    if days > LONGEST:
        raise Unreadable(f"« {words(cell)[:40]} » est trop long pour être vrai.")
    return days


def plain(text: str) -> str:
    return text.lower().replace("é", "e")


def siret(cell: Cell) -> str:
    """Fourteen digits that agree. A number cell may have lost its leading zeros."""
    written = words(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        written = written.zfill(14)
    try:
        return stdnum_siret.validate(written)
    except stdnum_errors.InvalidChecksum:
        raise Unreadable(f"« {written} » n’est pas un SIRET : un de ses chiffres a été mal recopié.") from None
    except stdnum_errors.ValidationError:
        raise Unreadable(f"« {written[:40]} » n’est pas un SIRET : il a 14 chiffres.") from None


def sort_of(name: str, repairs: list[str]) -> str:
    """What the name says of itself, else a partner."""
    if "solidaire" in key_of(name).split():
        return Garage.Sort.SOLIDARITY
    if repairs and set(repairs) <= {Kind.BIKE, Kind.E_BIKE}:
        return Garage.Sort.WORKSHOP
    return Garage.Sort.PARTNER
