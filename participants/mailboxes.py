from collections.abc import Iterable

from django.db.models.functions import Lower

from accounts.mailboxes import Resident, mailbox_of
from participants.models import Participant


@mailbox_of
def participants(email: str) -> Iterable[Resident]:
    """Whoever is written to at this address, on every platform."""
    people = Participant.objects.annotate(lowered=Lower("email")).filter(lowered=email)
    for person in people.exclude(email="").select_related("user", "platform"):
        yield Resident(person.user, person.email, str(person), person.platform.name)
