"""A vehicle is free again, sooner than planned: upper rooms hear of it through the outbox."""

from core import clock, outbox
from fleet.models import Vehicle


def tell_freed(vehicle: Vehicle) -> None:
    """Wakes whoever gives freed vehicles to those who wait; a sweep finds it anyway."""
    outbox.send(
        "vehicle.freed",
        key=f"vehicle.freed:{vehicle.pk}:{clock.now().isoformat()}",
        platform_id=vehicle.platform_id,
        payload={"vehicle": vehicle.pk},
    )
