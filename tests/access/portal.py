from typing import Any

from django.core.files.base import ContentFile

from core.models import OutboxMessage, StoredFile
from tests.access import HIDDEN, OK, own_page, row
from tests.access.world import World, participant
from tests.bookings.factories import AssignmentFactory, StoredFileFactory

ONLY_ANA = dict.fromkeys(
    ("adviser", "fleet_manager", "accountant", "coordinator", "garage", "nobody", "stranger"), HIDDEN
)


def loan(world: World) -> Any:
    """Ana's, whose vehicle is out."""
    photo = StoredFileFactory(platform_id=world.platform.pk, kind=StoredFile.Kind.PHOTO, name="vehicule.jpg")
    photo.file.storage.save(photo.file.name, ContentFile(b"a picture"))
    assignment = AssignmentFactory(
        booking__platform=world.platform,
        booking__participant=world.get(participant),
        out=True,
        vehicle__photo=photo,
    )
    return assignment.booking


def message(world: World) -> OutboxMessage:
    return OutboxMessage.objects.create(
        platform_id=world.platform.pk, topic="sms", key="access", payload={"to": "+33667969008", "text": "Bonjour"}
    )


def own(method: str, name: str, kwargs: dict[str, Any] | None = None) -> Any:
    """A page that exists for participants alone, and shows each their own."""
    return own_page(method, name, kwargs, **ONLY_ANA)


ROWS = [
    own_page("GET", "portal:home"),
    row("GET", "portal:today", staff=OK),
    row("GET", "portal:search", staff=OK),
    row("POST", "portal:search", staff=OK, data={"q": "Dupouy"}),
    row("GET", "portal:journal", staff=OK),
    row("GET", "portal:messages", staff=OK),
    row("GET", "portal:settings", staff=OK),
    row("POST", "portal:open_as", {"pk": message}, staff=HIDDEN, coordinator=HIDDEN),  # but in a demo
    row("POST", "portal:told", {"pk": message}, staff=OK),
    row("GET", "api:message-list", staff=OK),
    row("GET", "api:message-detail", {"pk": message}, staff=OK),
    row("POST", "api:message-told", {"pk": message}, staff=OK),
    row("POST", "portal:send_link", {"pk": participant}, staff=OK),
    row(
        "POST",
        "portal:write_note",
        staff=OK,
        stranger=HIDDEN,
        data=lambda world: {
            "target_type": "bookings.booking",
            "target_id": world.get(loan).pk,
            "text": "A appelé",
        },
    ),
    row(
        "POST",
        "portal:write_note",
        staff=HIDDEN,
        coordinator=HIDDEN,
        stranger=HIDDEN,
        data={"target_type": "accounts.user", "target_id": 1, "text": "x"},
    ),
    own("GET", "portal:me"),
    own("GET", "portal:papers"),
    own("GET", "portal:agenda"),
    own("POST", "portal:agenda"),
    own("GET", "portal:sign"),
    own("POST", "portal:sign"),
    own("GET", "portal:thanks", {"what": "probleme"}),
    *(
        own_page(method, f"portal:{name}", participant=HIDDEN, **ONLY_ANA)
        for name in ("breakdown", "accident", "defect", "longer")
        for method in ("GET", "POST")
    ),
    own("GET", "portal:vehicle_photo", {"pk": loan}),
]
