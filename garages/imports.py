"""Partner garages from a spreadsheet: a garage is known again by its SIRET."""

from decimal import Decimal
from typing import Any

from accounts.models import Platform, User
from accounts.users import new_users
from core import clock
from core import sheet_values as cells
from core.db import action, create_all, lock, require
from core.imports import Column, Report, read_rows
from core.journal import record
from core.sheets import Cell
from garages import perms, sheet_words
from garages.models import Garage, GarageRate
from places.addresses import write_addresses
from places.communes import check_lines

DEAREST = 500  # euros an hour


def hourly_rate(cell: Cell) -> Decimal:
    amount = cells.euros(cell)
    if not 0 < amount <= DEAREST:
        raise cells.Unreadable(f"« {cells.words(cell)} » n’est pas un tarif à l’heure.")
    return amount


COLUMNS = (
    Column("name", "Garage", ("nom", "nom du garage", "atelier", "raison sociale"), required=True, needed=True,
           read=cells.text(120), example="Garage du Stade"),
    Column("street", "Adresse", ("rue", "rue et numéro", "voie"), read=cells.text(160), example="18 rue du Stade"),
    Column("postcode", "CP", ("code postal",), read=cells.postcode, example="40220"),
    Column("city", "Ville", ("commune", "localité"), read=cells.text(80), example="Tarnos"),
    Column("phone", "Tél", ("téléphone", "portable", "n° de téléphone", "numéro de téléphone"), read=cells.phone,
           example="05 58 00 00 00"),
    Column("email", "Mail", ("e-mail", "courriel", "adresse mail", "adresse e-mail", "mél"), read=cells.email,
           example="garage@example.org"),
    Column("repairs", "Fait quoi", ("répare", "véhicules", "types de véhicules", "spécialité", "activité"),
           read=sheet_words.repairs, example="VL/2 roues"),
    Column("hourly_rate", "Tarif/h", ("tarif horaire", "taux horaire", "prix/h", "tarif"), read=hourly_rate,
           example="45,00 €"),
    Column("usual_delay_days", "Délai", ("délai habituel", "délais"), read=sheet_words.delay, example="1 semaine"),
    Column("can_tow", "Dépanneuse", ("remorquage", "dépannage"), read=cells.yes_no, example="oui"),
    Column("receiving_hours", "Horaires", ("heures de réception", "ouverture", "heures d'ouverture"),
           read=cells.text(200)),
    Column("siret", "SIRET", ("n° siret", "numéro siret"), required=True, needed=True, read=sheet_words.siret,
           example="732 829 320 00074"),
)  # fmt: skip
SHOWN = ("name", "city", "siret")


@action
def import_garages(
    platform: Platform, content: bytes, *, by: User, dry_run: bool = False, sheet_id: str = ""
) -> Report:
    """Adds the garages that the platform does not know; the known ones are left as they are. All of them or none.

    Refuses a file that is no such table. With `dry_run` nothing is written.
    """
    require(perms.can_import(by, platform.pk))
    if not dry_run:
        platform = lock(platform)  # one import at a time: the second finds what the first wrote
    report = read_rows(content, COLUMNS, shown=SHOWN)
    judge(platform, report)
    if report.new and not dry_run:
        write(platform, report)
        report.entry_id = record(by, "garages.imported", platform, **report.counts(), file=sheet_id).pk
    return report


def judge(platform: Platform, report: Report) -> None:
    garages = Garage.objects.filter(platform=platform).exclude(siret="")
    known = {garage.siret: f"Déjà connu : {garage.name}." for garage in garages}
    for line in report.lines:
        line.problems.sort(key=lambda problem: problem[0] != "siret")  # what it is known by goes first
        siret = line.get("siret")
        if siret in known:
            line.known = known[siret]
        elif siret and not line.problems:
            known[siret] = f"Déjà à la ligne {line.number} de ce tableau."
    check_lines(report)
    for line in report.new:
        if not line.get("phone") and not line.get("email"):
            line.warn("Ni téléphone ni e-mail : Remise ne pourra rien lui proposer.")


def write(platform: Platform, report: Report) -> None:
    """A handful of statements, however many rows."""
    lines = report.new
    addresses = write_addresses(platform, [tuple(map(line.get, ("street", "postcode", "city"))) for line in lines])
    users = new_users((line.get("name"), "") for line in lines)
    garages = []
    for line, user, address in zip(lines, users, addresses, strict=True):
        told: dict[str, Any] = {name: line.get(name) for name in ("name", "phone", "email", "siret", "receiving_hours")}
        garages.append(
            Garage(
                platform=platform,
                user=user,
                address=address,
                repairs=line.get("repairs", []),
                usual_delay_days=line.get("usual_delay_days", None),
                can_tow=line.get("can_tow", None),
                sort=sheet_words.sort_of(line.get("name"), line.get("repairs", [])),
                **told,
            )
        )
    create_all(Garage, garages)
    rates = [
        GarageRate(platform=platform, garage=garage, hourly_rate=line.get("hourly_rate"), valid_from=clock.today())
        for garage, line in zip(garages, lines, strict=True)
        if line.get("hourly_rate", None)
    ]
    if rates:
        create_all(GarageRate, rates)
