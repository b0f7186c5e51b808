import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import clock

SHIFT = re.compile(r"([+-])(\d+)([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Command(BaseCommand):
    help = "Shows the demo's clock, moves it (+1d, -2h, +30m, +1w) or sets it right again (now)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("shift", nargs="?", default="", help="+1d, -2h, +30m, +1w, or now")

    def handle(self, *args: Any, shift: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The clock can be moved in the demo only.")
        if shift == "now":
            clock.move_demo(None)
        elif match := SHIFT.fullmatch(shift):
            sign, count, unit = match.groups()
            clock.move_demo(dt.timedelta(**{UNITS[unit]: int(sign + count)}))
        elif shift:
            raise CommandError(f"{shift!r} is no shift: write +1d, -2h, +30m, +1w, or now.")
        self.stdout.write(timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M %Z"))
