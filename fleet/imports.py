"""The pool from a spreadsheet: a vehicle is known again by plate or frame number, a bicycle without by its number."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Platform, User
from core import clock
from core import sheet_values as cells
from core.db import action, create_all, lock, require
from core.imports import Column, Line, Report, read_rows
from core.journal import record
from fleet import perms, sheet_words
from fleet.inspections import next_inspection_due
from fleet.models import Energy, Equipment, Kind, OdometerReading, Site, Vehicle, VehicleDocument
from places.addresses import write_address
from places.communes import find_communes, key_of

MOST_KM = 2_000_000

COLUMNS = (
    Column("fleet_number", "N°", ("numéro", "n° parc", "numéro de parc", "n° véhicule", "code", "id"),
           read=cells.text(20), example="V01"),
    Column("kind", "Type", ("genre", "catégorie", "type de véhicule", "véhicule"), required=True, needed=True,
           read=cells.text(60), example="voiture"),
    Column("make", "Marque", ("constructeur",), read=cells.text(40), example="Peugeot"),
    Column("model", "Modèle", (), read=cells.text(40), example="208"),
    Column("plate", "Immatriculation", ("immat", "immat.", "plaque", "n° immatriculation"),
           read=sheet_words.plate, example="AB-123-CD"),
    Column("frame_number", "N° de cadre ou de série", ("numéro de cadre", "n° cadre", "cadre", "n° série", "vin",
           "numéro de série", "n° de série", "n° de cadre", "châssis", "n° châssis"), read=sheet_words.frame_number),
    Column("first_registered_on", "1ère mise en circ.", ("1re mise en circ", "mise en circulation", "date mec", "mec",
           "1ère mise en circulation", "première mise en circulation", "1ere immatriculation"),
           read=cells.day(past=True), example="14/04/2018"),
    Column("km", "Km", ("kilométrage", "kilomètres", "kms", "compteur"), read=cells.whole("km|kms", MOST_KM),
           example="96 089"),
    Column("energy", "Énergie", ("carburant", "motorisation"), read=sheet_words.energy, example="essence"),
    Column("gearbox", "Boîte", ("boîte de vitesses", "bv", "transmission"), read=sheet_words.gearbox, example="BVM"),
    Column("seats", "Places", ("nombre de places", "nb places"), read=cells.whole("places", 60), example="5"),
    Column("colour", "Couleur", (), read=cells.text(30)),
    Column("origin", "Provenance", ("origine",), read=sheet_words.origin),
    Column("site", "Site", ("antenne", "lieu", "agence", "lieu de stationnement"), required=True, needed=True,
           read=cells.text(80), example="Tarnos"),
    Column("inspected_on", "Dernier CT", ("ct", "contrôle technique", "dernier contrôle technique", "date ct"),
           read=cells.day(), example="17/08/2026"),
    Column("insured_until", "Fin assurance", ("assurance", "assurance jusqu'au", "échéance assurance",
           "fin d'assurance"), read=cells.day(), example="31/12/2026"),
    Column("remark", "Remarque", ("remarques", "observation", "observations", "commentaire", "commentaires", "notes"),
           read=cells.text(300), example="casque + antivol"),
)  # fmt: skip
SHOWN = ("fleet_number", "make", "model", "plate")


@dataclass(frozen=True)
class Seen:
    """A vehicle of the pool, or of an earlier row."""

    says: str
    kind: str


@action
def import_vehicles(
    platform: Platform,
    content: bytes,
    *,
    by: User,
    create_sites: bool = False,
    dry_run: bool = False,
    sheet_id: str = "",
) -> Report:
    """Adds the vehicles that the pool does not know; the known ones are left as they are. All of them or none.

    Refuses a file that is no such table. With `dry_run` nothing is written. Sites that do not exist are created
    only when asked; otherwise their rows are refused.
    """
    require(perms.can_import_vehicles(by, platform))
    if not dry_run:
        platform = lock(platform)  # one import at a time: the second finds what the first wrote
    report = read_rows(content, COLUMNS, shown=SHOWN)
    sites = {key_of(site.name): site for site in Site.objects.filter(platform=platform)}
    judge(platform, report, sites, create_sites)
    if report.new and not dry_run:
        if create_sites:
            open_sites(platform, report.missing, sites)
        write(platform, report, sites, by)
        report.entry_id = record(by, "vehicles.imported", platform, **report.counts(), file=sheet_id).pk
    return report


# --- verdicts ---------------------------------------------------------------------------------


def judge(platform: Platform, report: Report, sites: dict[str, Site], create_sites: bool) -> None:
    by_plate, by_frame, by_number = known_vehicles(platform)
    missing: dict[str, str] = {}
    for line in report.lines:
        understand_kind(line)
        recognise(line, by_plate, by_frame, by_number)
        if line.known:
            continue
        site = line.get("site")
        if site and key_of(site) not in sites:
            # Only a row that is otherwise right asks for its site.
            if not line.problems:
                missing.setdefault(key_of(site), site)
            if not create_sites:
                line.refuse("site", f"Le site « {site} » n’existe pas encore : demandez à le créer avec l’import.")
        if not line.problems:
            seen = Seen(f"Déjà à la ligne {line.number} de ce tableau.", line.get("kind"))
            for name, index in (("plate", by_plate), ("frame_number", by_frame)):
                if line.get(name):
                    index[line.get(name)] = seen
            if line.get("fleet_number"):
                by_number[number_key(line.get("fleet_number"))] = seen
    report.missing = list(missing.values())
    look_twice(report)


def look_twice(report: Report) -> None:
    """What can be taken, and should be looked at."""
    today = clock.today()
    for line in report.new:
        inspected_on, insured_until = line.get("inspected_on", None), line.get("insured_until", None)
        if inspected_on and inspected_on > today:
            line.warn("Le dernier contrôle technique est dans le futur.")
        if insured_until and insured_until < today:
            line.warn("L’assurance est finie.")


def understand_kind(line: Line) -> None:
    written = line.get("kind")
    if not written:
        return
    try:
        kind, doubt = sheet_words.kind_of(written, line.get("model"), line.get("energy"))
    except cells.Unreadable as error:
        line.refuse("kind", str(error))
        line.values.pop("kind")
        return
    line.values["kind"] = kind
    if doubt:
        line.warn(f"{doubt}.")
    natural = {Kind.E_BIKE: Energy.ELECTRIC, Kind.BIKE: Energy.HUMAN}.get(Kind(kind))
    if natural and not line.get("energy"):
        line.values["energy"] = natural


def number_key(number: str) -> str:
    return "".join(number.split()).upper()


def known_vehicles(platform: Platform) -> tuple[dict[str, Seen], dict[str, Seen], dict[str, Seen]]:
    """The pool by plate, by frame number and by fleet number, withdrawn vehicles too."""
    by_plate, by_frame, by_number = {}, {}, {}
    for vehicle in Vehicle.objects.filter(platform=platform).defer("remark"):
        seen = Seen(f"Déjà dans le parc : {vehicle}.", vehicle.kind)
        by_plate[vehicle.plate] = by_frame[vehicle.frame_number] = seen
        by_number[number_key(vehicle.fleet_number)] = seen
    for index in (by_plate, by_frame, by_number):
        index.pop("", None)
    return by_plate, by_frame, by_number


def recognise(line: Line, by_plate: dict[str, Seen], by_frame: dict[str, Seen], by_number: dict[str, Seen]) -> None:
    plate, frame, kind = line.get("plate"), line.get("frame_number"), line.get("kind")
    unreadable = {name for name, _sentence in line.problems} & {"plate", "frame_number", "fleet_number"}
    same_number = by_number.get(number_key(line.get("fleet_number")))
    found = {seen for seen in (by_plate.get(plate), by_frame.get(frame)) if seen}
    if len(found) > 1:
        line.refuse("plate", "Cette immatriculation et ce numéro de série sont ceux de deux véhicules différents.")
    elif found:
        line.known = found.pop().says
    elif plate or frame or unreadable:
        if same_number:
            line.refuse("fleet_number", f"Ce numéro est celui d’un autre véhicule. {same_number.says}")
    elif kind in sheet_words.CYCLES:
        if same_number and same_number.kind in sheet_words.CYCLES:
            line.known = same_number.says
        elif same_number:
            line.refuse("fleet_number", f"Ce numéro est celui d’un autre véhicule. {same_number.says}")
        elif not line.get("fleet_number"):
            line.refuse("fleet_number", "Il manque un numéro de parc ou de cadre, pour reconnaître ce vélo.")
    elif kind:
        line.refuse("plate", "Il manque l’immatriculation ou le numéro de série, pour reconnaître ce véhicule.")


# --- writing ----------------------------------------------------------------------------------


def write(platform: Platform, report: Report, sites: dict[str, Site], by: User) -> None:
    """A dozen statements, however many rows."""
    lines = report.new
    vehicles = create_all(Vehicle, [vehicle_of(platform, line, sites) for line in lines])
    pairs = list(zip(vehicles, lines, strict=True))
    rows: dict[type, list] = {
        OdometerReading: list(readings(pairs, by)),
        VehicleDocument: list(papers(pairs)),
        Equipment: [
            Equipment(platform=platform, vehicle=vehicle, sort=sort, serial_number=number)
            for vehicle, line in pairs
            for sort, number in sheet_words.equipment_in(line.get("remark"))
        ],
    }
    for model, some in rows.items():
        if some:
            create_all(model, some)


def open_sites(platform: Platform, names: Iterable[str], sites: dict[str, Site]) -> None:
    """Creates the sites of these names, each in the commune of that name where there is only one."""
    communes = find_communes((name, "") for name in names)
    for name in names:
        commune = communes[name, ""]
        address = None
        if commune is not None:
            postcodes = commune.postcodes.split()
            postcode = postcodes[0] if len(postcodes) == 1 else ""
            address = write_address(platform, postcode=postcode, city=commune.name)
        sites[key_of(name)] = create_all(Site, [Site(platform=platform, name=name, address=address)])[0]


def vehicle_of(platform: Platform, line: Line, sites: dict[str, Site]) -> Vehicle:
    fields = ("kind", "energy", "fleet_number", "plate", "frame_number", "make", "model", "colour", "gearbox", "origin")
    return Vehicle(
        platform=platform,
        site=sites[key_of(line.get("site"))],
        seats=line.get("seats", None),
        first_registered_on=line.get("first_registered_on", None),
        remark=line.get("remark"),
        **{name: line.get(name) for name in fields},
    )


def readings(pairs: list[tuple[Vehicle, Line]], by: User) -> Iterable[OdometerReading]:
    """The first line of each vehicle's ledger; a vehicle without kilometres has none."""
    now = clock.now()
    for vehicle, line in pairs:
        if line.get("km", None) is not None:
            yield OdometerReading(
                platform_id=vehicle.platform_id,
                vehicle=vehicle,
                km=line.get("km"),
                state=OdometerReading.State.ACCEPTED,
                source=OdometerReading.Source.CREATION,
                read_at=now,
                by=by,
            )


def papers(pairs: list[tuple[Vehicle, Line]]) -> Iterable[VehicleDocument]:
    Sort = VehicleDocument.Sort
    for vehicle, line in pairs:
        if inspected_on := line.get("inspected_on", None):
            due = next_inspection_due(vehicle.kind, vehicle.first_registered_on, inspected_on)
            yield VehicleDocument(
                platform_id=vehicle.platform_id,
                vehicle=vehicle,
                sort=Sort.INSPECTION,
                issued_on=inspected_on,
                valid_until=due,
            )
        if insured_until := line.get("insured_until", None):
            yield VehicleDocument(
                platform_id=vehicle.platform_id, vehicle=vehicle, sort=Sort.INSURANCE, valid_until=insured_until
            )
