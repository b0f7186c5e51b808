"""What associations write for the kind, the energy or the gearbox of a vehicle, read without guessing."""

import re

from core.sheet_values import Unreadable, key_of, one_of, words
from core.sheets import Cell
from fleet import plates
from fleet.models import Energy, Equipment, Kind, Vehicle

CYCLES = frozenset({Kind.BIKE, Kind.E_BIKE})
TWO_WHEELER = "two_wheeler"  # of which only the displacement tells the kind

KINDS: dict[str, str] = {
    **dict.fromkeys(
        ("voiture", "vl", "vp", "auto", "automobile", "car", "berline", "citadine", "vehicule leger", "break",
         "tourisme", "voiture particuliere", "vehicule particulier", "monospace", "voiture electrique"),
        Kind.CAR,
    ),
    **dict.fromkeys(("utilitaire", "vu", "vul", "fourgon", "fourgonnette", "camionnette", "van"), Kind.VAN),
    **dict.fromkeys(
        ("voiturette", "vsp", "voiture sans permis", "sans permis", "quadricycle", "quadricycle leger", "microcar"),
        Kind.MICROCAR,
    ),
    **dict.fromkeys(("cyclo", "cyclomoteur", "mobylette", "mob", "moped"), Kind.MOPED),
    **dict.fromkeys(("motorcycle 125",), Kind.MOTORCYCLE_125),
    **dict.fromkeys(
        ("scooter", "scoot", "scooters", "2 roues", "deux roues", "2rm", "2 roues motorise", "2 roues a moteur", "moto",
         "scooter electrique", "scoot electrique", "scoot elec", "scooter elec"),
        TWO_WHEELER,
    ),
    **dict.fromkeys(
        ("vae", "velo electrique", "velo elec", "velos electriques", "velo a assistance electrique", "velo assistance",
         "e bike", "ebike", "vtc electrique", "vtt electrique", "bicyclette electrique"),
        Kind.E_BIKE,
    ),
    **dict.fromkeys(("velo", "bicyclette", "vtt", "vtc", "bike", "velo musculaire", "velo classique"), Kind.BIKE),
}  # fmt: skip

ENERGIES: dict[str, str] = {
    **dict.fromkeys(("essence", "es", "sp95", "sp98", "sp95 e10", "e10", "petrol", "e85", "ethanol"), Energy.PETROL),
    **dict.fromkeys(("diesel", "gazole", "gasoil", "gas oil", "go"), Energy.DIESEL),
    **dict.fromkeys(("gpl", "lpg", "essence gpl", "gpl essence", "bicarburation gpl"), Energy.LPG),
    **dict.fromkeys(("hybride", "hybrid", "hev", "essence hybride", "hybride essence"), Energy.HYBRID),
    **dict.fromkeys(("hybride rechargeable", "phev", "plug in hybrid"), Energy.PLUG_IN_HYBRID),
    **dict.fromkeys(("electrique", "elec", "electric", "el", "ve", "100 electrique"), Energy.ELECTRIC),
    **dict.fromkeys(("musculaire", "humaine", "human", "aucune", "sans"), Energy.HUMAN),
}
GEARBOXES: dict[str, str] = {
    **dict.fromkeys(("bvm", "bvm5", "bvm6", "manuelle", "man", "meca", "mecanique", "manual"), Vehicle.Gearbox.MANUAL),
    **dict.fromkeys(
        ("bva", "auto", "automatique", "automatic", "robotisee", "variateur", "cvt", "edc"), Vehicle.Gearbox.AUTOMATIC
    ),
}
ORIGINS: dict[str, str] = {
    **dict.fromkeys(("achat", "achete", "purchase"), Vehicle.Origin.PURCHASE),
    **dict.fromkeys(("don", "donation", "mecenat"), Vehicle.Origin.DONATION),
    **dict.fromkeys(("reforme", "reforme d une flotte", "decommissioned"), Vehicle.Origin.DECOMMISSIONED),
    **dict.fromkeys(("prime a la conversion", "scrap bonus"), Vehicle.Origin.SCRAP_BONUS),
    **dict.fromkeys(("location", "lld", "loa", "leasing", "lease"), Vehicle.Origin.LEASE),
}
EQUIPMENT: dict[str, str] = {
    "casque": Equipment.Sort.HELMET,
    "gants": Equipment.Sort.GLOVES,
    "antivol": Equipment.Sort.LOCK,
    "chargeur": Equipment.Sort.CHARGER,
    "batterie": Equipment.Sort.BATTERY,
    "cable": Equipment.Sort.CABLE,
    "cable de recharge": Equipment.Sort.CABLE,
    "gilet": Equipment.Sort.VEST,
    "triangle": Equipment.Sort.TRIANGLE,
    "siege enfant": Equipment.Sort.CHILD_SEAT,
    "top case": Equipment.Sort.TOP_CASE,
    "double de cle": Equipment.Sort.KEY,
    "double des cles": Equipment.Sort.KEY,
}

energy = one_of(ENERGIES, "une énergie", "essence, diesel, GPL, hybride, électrique")
gearbox = one_of(GEARBOXES, "une boîte de vitesses", "BVM (manuelle), BVA (automatique)")
origin = one_of(ORIGINS, "une provenance", "achat, don, réforme, location")


def plate(cell: Cell) -> str:
    try:
        return plates.normalise(words(cell))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def frame_number(cell: Cell) -> str:
    """Letters and digits, as they are engraved."""
    written = re.sub(r"[\s.-]", "", words(cell)).upper()
    if not re.fullmatch(r"[A-Z0-9/_]{3,30}", written):
        raise Unreadable(f"« {words(cell)[:40]} » n’est pas un numéro de cadre ou de série.")
    return written


def kind_of(written: str, model: str = "", energy: str = "") -> tuple[str, str]:
    """The kind, and what to look at if it is not quite said.

    « scoot 50 » and « scooter 125 » say it. « Scooter » or « 2 roues » leave it to the model (« Kisbee 50 »); when
    that does not tell either, a scooter is a 50, which is what pools have, and somebody should look.
    """
    key, model_key = key_of(written), key_of(model)
    said, bare = displacement_of(key)
    of_model, _rest = displacement_of(model_key)
    kind: str | None = (
        KINDS.get(key) or KINDS.get(bare) or (TWO_WHEELER if said and bare in {"", "cc", "cm3"} else None)
    )
    if kind is None:
        raise Unreadable(
            f"« {written[:40]} » n’est pas un type de véhicule que Remise connaît. Exemples : voiture, utilitaire, "
            "voiturette, scooter 50, scooter 125, vélo électrique, vélo."
        )
    if kind == Kind.MOPED and "125" in (said, of_model):
        raise Unreadable(f"« {written} » dit un 50, le modèle « {model} » un 125.")
    if kind == TWO_WHEELER:
        if said and of_model and said != of_model:
            raise Unreadable(f"« {written} » et le modèle « {model} » ne disent pas la même cylindrée.")
        if displacement := said or of_model:
            return (Kind.MOTORCYCLE_125 if displacement == "125" else Kind.MOPED), ""
        if bare == "moto":
            raise Unreadable("« moto » ne dit pas la cylindrée. Écrivez « scooter 50 » ou « moto 125 ».")
        return Kind.MOPED, f"« {written} » ne dit pas la cylindrée : compris comme un scooter 50"
    if kind == Kind.BIKE and energy == Energy.ELECTRIC:
        return Kind.E_BIKE, ""
    return kind, ""


def displacement_of(key: str) -> tuple[str, str]:
    """« scooter 125 cc » → ("125", "scooter"): 50 or 125 where it stands as a word, and the other words."""
    found = re.search(r"\b(50|125)(?:\s?(?:cc|cm3|cm))?\b", key)
    if found is None:
        return "", key
    return found[1], " ".join((key[: found.start()] + key[found.end() :]).split())


def equipment_in(remark: str) -> list[tuple[str, str]]:
    """(sort, serial number) of each accessory, when the remark names accessories and nothing else.

    « casque + antivol », « chargeur n° 100 ».
    """
    found = []
    for part in re.split(r"\s*(?:\+|,|;| et )\s*", remark):
        named = re.fullmatch(r"(.+?)(?:\s+(?:n°|no|numéro)\s*(\S{1,40}))?", part.strip())
        sort = EQUIPMENT.get(key_of(named[1])) if named else None
        if named is None or sort is None:
            return []
        found.append((sort, named[2] or ""))
    return found
