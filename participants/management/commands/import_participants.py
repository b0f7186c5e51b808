from typing import Any

from django.core.management import BaseCommand, CommandParser

from accounts import sheet_command
from participants.imports import import_participants


class Command(BaseCommand):
    help = "Imports participants from a spreadsheet; what is known already is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        sheet_command.ask(parser)

    def handle(self, **options: Any) -> None:
        sheet_command.carry_out(self, import_participants, options)
