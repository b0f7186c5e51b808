from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import orphans


class Command(BaseCommand):
    help = "Removes stored files that no row names and that are older than a day; the worker does it every six hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="of every month, not of this one and the one before")
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        count = orphans.remove(every_month=options["all"], pretend=dry_run)
        self.stdout.write(f"{count} files would be removed." if dry_run else f"{count} files were removed.")
