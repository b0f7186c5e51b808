from core import outbox
from core.models import OutboxMessage
from places import addresses
from places.models import Address


@outbox.subscribe("address.written")
def geocode(message: OutboxMessage) -> None:
    """A geocoder that is silent raises, and the outbox comes back; meanwhile the commune's centre stands."""
    address = Address.objects.filter(pk=message.payload["id"]).first()
    if address is not None:
        addresses.geocode(address)
