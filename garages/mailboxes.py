from collections.abc import Iterable

from django.db.models.functions import Lower

from accounts.mailboxes import Resident, mailbox_of
from garages.models import Garage, GarageMember


@mailbox_of
def garages(email: str) -> Iterable[Resident]:
    """The garages that are written to at this address, and where somebody of that address answers for one.

    Of a garage one stands for all who share the address: they would open the same page. A stopped one opens none.
    """
    found: dict[int, Resident] = {}
    members = GarageMember.objects.annotate(lowered=Lower("email")).filter(lowered=email, garage__is_active=True)
    for member in members.exclude(email="").select_related("user", "garage__user", "garage__platform"):
        garage = member.garage
        user = member.user or garage.user
        found.setdefault(garage.pk, Resident(user, member.email, garage.name, garage.platform.name))
    written_to = Garage.objects.annotate(lowered=Lower("email")).filter(lowered=email, is_active=True)
    for garage in written_to.exclude(email="").select_related("user", "platform"):
        found.setdefault(garage.pk, Resident(garage.user, garage.email, garage.name, garage.platform.name))
    yield from found.values()
