"""What a condition report goes through: items of the kind of vehicle, photos to take, fuel or charge."""

from dataclasses import dataclass

from fleet.models import Energy, Equipment, Kind


@dataclass(frozen=True)
class Item:
    code: str
    label: str
    section: str


STATES = (("ok", "En ordre"), ("remark", "Remarque"), ("missing", "Manquant"), ("na", "Sans objet"))

OUTSIDE, CABIN, ROAD, PAPERS, RIDE, CYCLE = (
    "Extérieur",
    "Intérieur",
    "Roues, freins, éclairage",
    "Papiers et objets à bord",
    "Conduite",
    "Vélo",
)


def items(section: str, **labels: str) -> tuple[Item, ...]:
    return tuple(Item(code, label, section) for code, label in labels.items())


FOUR_WHEELS = (
    *items(
        OUTSIDE,
        body="Carrosserie et pare-chocs",
        glass="Vitres et pare-brise",
        mirrors="Rétroviseurs",
        lights="Phares, feux, clignotants",
        wipers="Essuie-glaces",
    ),
    *items(
        ROAD,
        tyres="Quatre pneus (plus de 1,6 mm)",
        rims="Jantes et enjoliveurs",
        spare="Roue de secours ou kit",
    ),
    *items(
        CABIN,
        seats="Sièges et tapis",
        belts="Ceintures",
        dashboard="Aucun voyant allumé",
        horn="Klaxon",
        heating="Chauffage et ventilation",
    ),
    *items(
        PAPERS,
        registration="Carte grise (copie)",
        insurance="Mémo d’assurance",
        accident_form="Constat vierge",
        triangle="Triangle et gilet",
        keys="Clés",
        parking_disc="Disque de stationnement",
    ),
)
CAR = (*FOUR_WHEELS, *items(PAPERS, probation_disc="Disque A (jeune conducteur)"))
MICROCAR = (*FOUR_WHEELS, *items(RIDE, belt_drive="Courroie et variateur sans bruit"))
MOTOR_TWO_WHEELS = (
    *items(
        OUTSIDE,
        fairings="Carénages gauche, droit, avant",
        mirrors="Rétroviseurs",
        seat="Selle",
        stand="Béquille",
        plate="Plaque",
        lights="Phare, feux, clignotants",
        horn="Klaxon",
    ),
    *items(
        ROAD,
        tyres="Deux pneus",
        brakes="Freins et leviers",
        throttle="Poignée de gaz",
        start="Démarrage",
        oil="Niveau d’huile",
    ),
    *items(
        PAPERS,
        registration="Carte grise (copie)",
        insurance="Mémo d’assurance",
        accident_form="Constat vierge",
        keys="Clés",
        helmet="Casque",
        gloves="Gants homologués",
        lock="Antivol",
        vest="Gilet",
    ),
)
BIKE = (
    *items(
        CYCLE,
        frame="Cadre et marquage",
        brakes="Freins",
        gears="Vitesses et chaîne",
        wheels="Roues et rayons",
        tyres="Pneus",
        lights="Éclairage",
        bell="Sonnette",
        mudguards="Garde-boue et porte-bagages",
        saddle="Selle",
    ),
    *items(PAPERS, lock="Antivol et clés", helmet="Casque", vest="Gilet", pump="Pompe"),
)
E_BIKE = (
    *BIKE,
    *items(
        RIDE,
        motor="Assistance en marche",
        display="Écran",
        battery="Batterie et sa clé",
        charger="Chargeur",
    ),
)
PLUGGED_IN = items(PAPERS, charging_cable="Câble de recharge", charging_card="Carte de recharge")

CHECKLISTS: dict[str, tuple[Item, ...]] = {
    Kind.CAR: CAR,
    Kind.VAN: CAR,
    Kind.MICROCAR: MICROCAR,
    Kind.MOPED: MOTOR_TWO_WHEELS,
    Kind.MOTORCYCLE_125: MOTOR_TWO_WHEELS,
    Kind.E_BIKE: E_BIKE,
    Kind.BIKE: BIKE,
}

NO_OIL = {"oil"}
CORNERS = (
    ("front_left", "Avant gauche"),
    ("front_right", "Avant droit"),
    ("rear_left", "Arrière gauche"),
    ("rear_right", "Arrière droit"),
)
PHOTOS: dict[str, tuple[tuple[str, str], ...]] = {
    Kind.CAR: (*CORNERS, ("odometer", "Compteur"), ("inside", "Intérieur")),
    Kind.MOPED: (("left", "Côté gauche"), ("right", "Côté droit"), ("front", "Avant"), ("odometer", "Compteur")),
    Kind.BIKE: (("left", "Côté gauche"), ("right", "Côté droit"), ("frame_number", "Numéro de cadre")),
}
PHOTOS |= {Kind.VAN: PHOTOS[Kind.CAR], Kind.MICROCAR: PHOTOS[Kind.CAR]}
PHOTOS |= {Kind.MOTORCYCLE_125: PHOTOS[Kind.MOPED], Kind.E_BIKE: PHOTOS[Kind.BIKE]}

USUAL_EQUIPMENT: dict[str, tuple[str, ...]] = {
    Kind.CAR: (Equipment.Sort.TRIANGLE, Equipment.Sort.VEST),
    Kind.MOPED: (Equipment.Sort.HELMET, Equipment.Sort.GLOVES, Equipment.Sort.LOCK),
    Kind.BIKE: (Equipment.Sort.LOCK,),
    Kind.E_BIKE: (Equipment.Sort.LOCK, Equipment.Sort.BATTERY, Equipment.Sort.CHARGER),
}
USUAL_EQUIPMENT |= {Kind.VAN: USUAL_EQUIPMENT[Kind.CAR], Kind.MICROCAR: USUAL_EQUIPMENT[Kind.CAR]}
USUAL_EQUIPMENT |= {Kind.MOTORCYCLE_125: USUAL_EQUIPMENT[Kind.MOPED]}


def items_of(kind: str, energy: str = "") -> tuple[Item, ...]:
    """What is looked at on this kind of vehicle, grouped by section, in the order of the walk round it."""
    found = CHECKLISTS[kind]
    if energy == Energy.ELECTRIC:
        found = tuple(item for item in found if item.code not in NO_OIL)
    if kind in {Kind.CAR, Kind.VAN, Kind.MICROCAR} and energy in {Energy.ELECTRIC, Energy.PLUG_IN_HYBRID}:
        found = (*found, *PLUGGED_IN)
    sections = list(dict.fromkeys(item.section for item in found))
    return tuple(sorted(found, key=lambda item: sections.index(item.section)))


def photo_positions(kind: str) -> tuple[tuple[str, str], ...]:
    """The smallest set of photos, as (code, French label): six for a car, four for a scooter, three for a bike."""
    return PHOTOS[kind]


def has_tank(kind: str, energy: str) -> bool:
    """Its fuel is noted in eighths. A motor vehicle of unknown energy is taken to have a tank."""
    return kind not in {Kind.BIKE, Kind.E_BIKE} and energy not in {Energy.ELECTRIC, Energy.HUMAN}


def has_battery(kind: str, energy: str) -> bool:
    """Its charge is noted in per cent."""
    return kind == Kind.E_BIKE or energy in {Energy.ELECTRIC, Energy.PLUG_IN_HYBRID}


def usual_equipment(kind: str) -> tuple[str, ...]:
    """The accessories that people expect with this kind of vehicle (values of Equipment.Sort)."""
    return USUAL_EQUIPMENT[kind]
