import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import links
from accounts.models import Membership, PersonalLink, Platform, Role
from bookings.models import Booking
from maintenance.models import JobOffer
from portal.demo import load
from portal.demo.cast import NETWORK, PASSWORD


class Command(BaseCommand):
    help = "Loads the demo: five platforms, a year behind them and a month ahead, invented people only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recreate", action="store_true", help="empty the database first")
        parser.add_argument("--logins", action="store_true", help="only say who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.say_logins()
            return
        began = time.monotonic()
        try:
            if options["recreate"]:
                load.empty()
            load.load()
        except load.RealDataThere:
            raise CommandError(
                "A platform of this database is real: the demo is not loaded into it. Use another database "
                "(DATABASE_URL), or another folder."
            ) from None
        except load.DemoThere:
            raise CommandError("The demo is there already. `demo --recreate` makes it anew.") from None
        self.stdout.write(f"The demo is loaded ({time.monotonic() - began:.0f} s).")

    def say_logins(self) -> None:
        platforms = list(Platform.objects.filter(is_demo=True))
        if not platforms:
            return
        say = self.stdout.write
        say(f"Password of every account below: {PASSWORD}")
        say(f"  {NETWORK[0]:38} all five platforms")
        roles = {role.value: role.label for role in Role}
        members = Membership.objects.filter(platform__in=platforms).exclude(user__email=NETWORK[0])
        for platform in platforms:
            for member in members.filter(platform=platform).select_related("user").order_by("pk"):
                say(f"  {member.user.email or '':38} {platform.name}: {roles[member.role]}")
        self.say_links(platforms)

    def say_links(self, platforms: list[Platform]) -> None:
        """A participant's page and a garage's, of the first platform that has them: new links each time."""
        booking = Booking.objects.filter(platform__in=platforms, state=Booking.State.ACTIVE).first()
        asked = JobOffer.objects.filter(platform__in=platforms, answer=JobOffer.Answer.PENDING).first()
        purposes = PersonalLink.Purpose
        if booking is not None:
            user = booking.participant.user
            link = links.mint(user, platform=booking.platform, purpose=purposes.PERSON, path="/moi/")
            self.stdout.write(f"A participant's page: {link}")
        if asked is not None:
            link = links.mint(asked.garage.user, platform=asked.platform, purpose=purposes.GARAGE, path="/garage/")
            self.stdout.write(f"A garage's page:      {link}")
