from typing import Any

from django.core.management import BaseCommand, CommandParser

from accounts import sheet_command
from fleet.imports import import_vehicles


class Command(BaseCommand):
    help = "Imports vehicles from a spreadsheet; what is known already is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        sheet_command.ask(parser)
        parser.add_argument("--create-sites", action="store_true", help="create the sites that do not exist yet")

    def handle(self, **options: Any) -> None:
        sheet_command.carry_out(self, import_vehicles, options, create_sites=options["create_sites"])
