"""Reads the file of French communes into the database; a second time changes only what changed."""

import csv
import gzip
from pathlib import Path
from typing import Any, TextIO

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from places.communes import key_of
from places.models import Commune

COLUMNS = ("insee_code", "name", "postcode", "department", "region", "latitude", "longitude", "population")
WRITTEN = ["name", "name_key", "postcodes", "department", "region", "latitude", "longitude", "population"]


class Command(BaseCommand):
    help = "Imports the communes from a CSV, plain or gzipped, with the columns " + ", ".join(COLUMNS)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with opened(file) as text:
                communes = read(text)
        except (OSError, UnicodeDecodeError, EOFError, csv.Error) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        with transaction.atomic():
            known = {tuple(row) for row in Commune.objects.values_list("insee_code", *WRITTEN)}
            changed = [c for c in communes if (c.insee_code, *(getattr(c, field) for field in WRITTEN)) not in known]
            Commune.objects.bulk_create(
                changed,
                update_conflicts=True,
                unique_fields=["insee_code"],
                update_fields=WRITTEN,
                batch_size=2000,
            )
        self.stdout.write(f"{len(communes)} communes read, {len(changed)} new or changed.")


def opened(file: Path) -> TextIO:
    """The text of a plain or gzipped file, told apart by their first bytes."""
    with file.open("rb") as start:
        zipped = start.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def read(text: TextIO) -> list[Commune]:
    """One commune for each INSEE code; its lines differ in their postcodes. Refuses what it cannot read."""
    rows = csv.DictReader(text)
    missing = set(COLUMNS) - set(rows.fieldnames or ())
    if missing:
        raise CommandError(f"Columns are missing: {', '.join(sorted(missing))}.")
    communes: dict[str, Commune] = {}
    for row in rows:
        try:
            commune = communes.setdefault(row["insee_code"], commune_of(row))
        except (ValueError, AttributeError, TypeError) as error:
            raise CommandError(f"Line {rows.line_num} cannot be read: {error}") from error
        postcodes = commune.postcodes.split()
        commune.postcodes = " ".join(sorted({*postcodes, row["postcode"].strip()} - {""}))
    return list(communes.values())


def commune_of(row: dict[str, str]) -> Commune:
    if not row["insee_code"].strip() or not row["name"].strip():
        raise ValueError("a commune has a code and a name")
    return Commune(
        insee_code=row["insee_code"].strip(),
        name=row["name"].strip(),
        name_key=key_of(row["name"]),
        postcodes="",
        department=row["department"].strip(),
        region=row["region"].strip(),
        latitude=float(row["latitude"]) if row["latitude"].strip() else None,
        longitude=float(row["longitude"]) if row["longitude"].strip() else None,
        population=int(row["population"] or 0),
    )
