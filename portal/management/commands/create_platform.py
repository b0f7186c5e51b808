"""Stands in portal, the only room that may call all those in which a new platform needs something."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import links
from accounts.models import Membership, Role
from portal.platforms import open_platform


class Command(BaseCommand):
    help = "Opens a platform and makes its coordinator's login; prints the address where a password is chosen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--coordinator", required=True, metavar="EMAIL")
        parser.add_argument("--coordinator-name", default="", metavar="NAME")
        parser.add_argument("--slug", default="", help="the name's, when none is given")
        parser.add_argument("--time-zone", default="Europe/Paris")

    def handle(
        self, *, name: str, coordinator: str, coordinator_name: str, slug: str, time_zone: str, **options: Any
    ) -> None:
        try:
            platform = open_platform(
                name, coordinator=coordinator, coordinator_name=coordinator_name, slug=slug, time_zone=time_zone
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        user = Membership.objects.select_related("user").get(platform=platform, role=Role.COORDINATOR).user
        self.stdout.write(f"{platform.name} ({platform.slug}) is open.")
        if user.has_usable_password():
            self.stdout.write(f"{user.email} signs in as usual.")
        else:
            self.stdout.write(f"{user.email} chooses a password here, once, within a week:\n{links.password_url(user)}")
