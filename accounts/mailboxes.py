"""Whose page a mailbox opens: everybody to whom the platforms write there, since their links arrive there anyway.

A couple, a mother and her son, a participant of two platforms, a garage of two platforms may share one address. The
one-time code proves the mailbox; who shares it then chooses whose page to open, and nobody learns before the code
whether an address is known. Rooms whose people sign in register where they are written to, in their `mailboxes.py`:

    @mailbox_of
    def participants(email: str) -> Iterable[Resident]: …
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models.functions import Lower

from accounts.models import Membership, User
from core.french import in_french


@dataclass(frozen=True)
class Resident:
    """Somebody who may sign in by a code sent to `email`: their user, what they are called, and where."""

    user: User
    email: str
    name: str
    where: str


_readers: list[Callable[[str], Iterable[Resident]]] = []


def mailbox_of(reader: Callable[[str], Iterable[Resident]]) -> Callable[[str], Iterable[Resident]]:
    """Registers a room's people: those written to at an address, given in lower case, whose access is open."""
    _readers.append(reader)
    return reader


def residents(email: str) -> list[Resident]:
    """Everybody whom a code sent to this address may sign in, each once, by name.

    Staff come in by an address of their own only, as they do by no link: it would go round their second proof.
    """
    lowered = email.strip().lower()
    # What PostgreSQL finds alike may be another mailbox (a dotless i): the code goes to the address as it was typed.
    written_to = [one for reader in _readers for one in reader(lowered) if same_address(one.email, email)]
    team = set(Membership.objects.filter(user__in=[one.user for one in written_to]).values_list("user_id", flat=True))
    found = {one.user.pk: one for one in written_to if one.user.is_active and one.user.pk not in team}
    own = User.objects.annotate(lowered=Lower("email")).filter(lowered=lowered, is_active=True)
    for user in own.prefetch_related("memberships__platform"):
        if same_address(user.email or "", email):
            found.setdefault(user.pk, Resident(user, email, user.name, teams_of(user)))
    return sorted(found.values(), key=lambda one: (in_french(one.name), in_french(one.where), one.user.pk))


def teams_of(user: User) -> str:
    return ", ".join(sorted((membership.platform.name for membership in user.memberships.all()), key=in_french))


def same_address(one: str, other: str) -> bool:
    """Capitals aside, where both are plain ASCII."""
    one, other = one.strip(), other.strip()
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())
