"""A large pool is shown sheet by sheet: whole sites while they fit, a site larger than a sheet in parts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fleet.models import Vehicle

MOST = 100  # vehicles on one sheet


@dataclass(frozen=True)
class Sheet:
    number: int  # from 1
    label: str
    vehicles: Sequence[Vehicle]


def sheets_of(pool: Sequence[Vehicle], most: int = MOST) -> list[Sheet]:
    """Cuts the pool, which is in order of its sites; always at least one sheet."""
    parts: list[tuple[str, list[Vehicle]]] = []
    for site, of_site in groupby(pool, key=lambda vehicle: vehicle.site):
        vehicles = list(of_site)
        if parts and len(parts[-1][1]) + len(vehicles) <= most:
            label, so_far = parts[-1]
            parts[-1] = (f"{label}, {site.name}", [*so_far, *vehicles])
            continue
        cuts = range(0, len(vehicles), most)
        for cut in cuts:
            upto = min(cut + most, len(vehicles))
            label = f"{site.name} ({cut + 1} à {upto})" if len(cuts) > 1 else site.name
            parts.append((label, vehicles[cut:upto]))
    return [Sheet(number, label, vehicles) for number, (label, vehicles) in enumerate(parts or [("", [])], start=1)]
