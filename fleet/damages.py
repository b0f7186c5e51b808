"""Damages belong to the vehicle, from the day they are found until they are repaired."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from core import clock
from core.db import create_all, refuse, save
from core.files import store_photo
from core.models import StoredFile
from fleet import silhouettes
from fleet.models import Damage, DamagePhoto, Vehicle


def found(
    vehicle: Vehicle,
    *,
    sort: str,
    by: User | None,
    zone: str = "",
    part: str = "",
    severity: int = Damage.Severity.COSMETIC,
    x: float | None = None,
    y: float | None = None,
    note: str = "",
    photos: Iterable[Any] = (),
    at: dt.datetime | None = None,
) -> Damage:
    """Writes a new damage. `photos` are uploads, or files that are stored already.

    A point (`x`, `y`, 0 to 1 on the silhouette) without a zone gives it its zone. Refuses with
    `unknown_zone` or `off_silhouette`.
    """
    if (x is None) != (y is None) or not all(value is None or 0 <= value <= 1 for value in (x, y)):
        raise refuse("Ce point n’est pas sur le dessin du véhicule.", "off_silhouette")
    silhouette = silhouettes.of(vehicle.kind)
    if not zone and x is not None and y is not None:
        zone = silhouette.zone_at(x, y)
    if zone and zone not in silhouette.names:
        raise refuse("Cette zone n’existe pas sur ce type de véhicule.", "unknown_zone")
    damage = save(
        Damage(
            platform_id=vehicle.platform_id,
            vehicle=vehicle,
            zone=zone,
            part=part,
            sort=sort,
            severity=severity,
            x=x,
            y=y,
            note=note,
            found_at=at or clock.now(),
            found_by=by,
        )
    )
    add_photos(damage, photos, by=by)
    return damage


def add_photos(damage: Damage, photos: Iterable[Any], *, by: User | None) -> None:
    """More photos of a damage: uploads, or files that are stored already."""
    files = [
        photo if isinstance(photo, StoredFile) else store_photo(photo, platform_id=damage.platform_id, by=by)
        for photo in photos
    ]
    if files:
        create_all(
            DamagePhoto, [DamagePhoto(platform_id=damage.platform_id, damage=damage, file=file) for file in files]
        )


def repaired(damages: Iterable[Damage], at: dt.datetime) -> None:
    """These are mended; what was mended before keeps its day."""
    Damage.objects.filter(pk__in=[damage.pk for damage in damages], repaired_at__isnull=True).update(repaired_at=at)
