"""How far apart two points lie."""

import math

from geopy.distance import geodesic

Point = tuple[float, float]  # latitude, longitude in degrees


def distance_km(here: Point | None, there: Point | None) -> float | None:
    """Kilometres as the crow flies on the WGS 84 ellipsoid; None when one of the points is unknown."""
    if here is None or there is None:
        return None
    return geodesic(here, there).km


def roughly_km(here: Point, there: Point) -> float:
    """Within half a per cent of `distance_km`, a hundred times sooner: to rank many places."""
    north = math.radians(there[0] - here[0])
    east = math.radians(there[1] - here[1])
    half = math.sin(north / 2) ** 2 + math.sin(east / 2) ** 2 * math.cos(math.radians(here[0])) * math.cos(
        math.radians(there[0])
    )
    return 12_742 * math.asin(math.sqrt(half))
