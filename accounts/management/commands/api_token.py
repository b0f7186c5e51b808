from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import User
from accounts.perms import roles


class Command(BaseCommand):
    help = "Makes an API token that speaks for this member of a team, and prints it; it is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="ligne de commande")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None or not roles(user):
            raise CommandError(f"Nobody with the address {email} belongs to a platform's team.")
        _, secret = actions.create_token(user, name=name, by=user)
        self.stdout.write(secret)
