"""Where a vehicle is now and until when, as the list and its page say it. Pure, on what the reads annotate."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from fleet.models import Hold, Vehicle

Purpose = Hold.Purpose


@dataclass(frozen=True)
class Whereabouts:
    """`state` is a name that the `state` tag knows."""

    state: str
    label: str
    until: dt.datetime | None = None
    is_free: bool = False

    @property
    def until_day(self) -> dt.date | None:
        return timezone.localdate(self.until) if self.until else None


def of(vehicle: Vehicle) -> Whereabouts:
    """Needs `with_whereabouts(now)`."""
    held_for, until = vehicle.held_for, vehicle.held_until  # type: ignore[attr-defined]
    if vehicle.withdrawn_on is not None:
        return Whereabouts("withdrawn", "Retiré du parc")
    if held_for == Purpose.MISSING:
        return Whereabouts("warning", "Jamais rendu")
    if vehicle.is_late:  # type: ignore[attr-defined]
        return Whereabouts("late", "En retard", until)
    if held_for is None:
        return Whereabouts("free", "Libre", vehicle.next_held_at, is_free=True)  # type: ignore[attr-defined]
    if held_for == Purpose.MAINTENANCE:
        return Whereabouts("repair", "En réparation", until)
    if held_for == Purpose.LOAN:
        if vehicle.held_back:  # type: ignore[attr-defined]
            return Whereabouts("waiting", "En préparation", vehicle.free_again_at)  # type: ignore[attr-defined]
        out = vehicle.held_out  # type: ignore[attr-defined]
        return Whereabouts("out", "Prêté", until) if out else Whereabouts("promised", "Promis", until)
    return Whereabouts("waiting", "De côté" if held_for == Purpose.RESERVE else "En déplacement", until)
