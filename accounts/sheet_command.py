"""What the three `import_…` commands share: a file, a platform, and a report for people or for programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Platform
from core.imports import REFUSED, Report


def ask(parser: CommandParser) -> None:
    parser.add_argument("file", type=Path, help="CSV (Windows-1252 or UTF-8; semicolons, commas or tabs) or XLSX")
    parser.add_argument("--platform", required=True, metavar="SLUG")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")


def carry_out(command: BaseCommand, verb: Callable[..., Report], options: dict[str, Any], **asked: Any) -> None:
    """Imports as the platform's machine user. A file that cannot be imported at all is a failure; refused rows
    are not: they stand in the report."""
    file: Path = options["file"]
    platform = Platform.objects.select_related("machine_user").filter(slug=options["platform"]).first()
    if platform is None:
        known = ", ".join(Platform.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"No platform has the slug “{options['platform']}”. Platforms: {known}.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    with timezone.override(platform.time_zone):
        try:
            report = verb(platform, content, by=platform.machine_user, dry_run=options["dry_run"], **asked)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
    if options["json"]:
        command.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        return
    for line in in_words(report, dry_run=options["dry_run"]):
        command.stdout.write(line)


def in_words(report: Report, *, dry_run: bool) -> list[str]:
    """The report as people read it, refused rows first, the sum last."""
    said = list(report.notes)
    said += [f"Ligne {line.number} refusée : {line.reason}" for line in report.lines if line.verdict == REFUSED]
    said += [f"Ligne {line.number}, à vérifier : {why}" for line in report.doubtful for why in line.warnings]
    counts = report.counts()
    said.append(
        f"{'Essai, rien n’est écrit' if dry_run else 'Import'} : {counts['new']} nouvelle(s), {counts['known']} déjà "
        f"connue(s), {counts['refused']} refusée(s), {counts['blank']} vide(s)."
    )
    if not counts["new"]:
        said.append("Rien n’a changé." if not dry_run else "Rien ne changerait.")
    return said
