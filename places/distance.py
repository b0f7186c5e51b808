"""How far apart two points lie."""

from geopy.distance import geodesic

Point = tuple[float, float]  # latitude, longitude in degrees


def distance_km(here: Point | None, there: Point | None) -> float | None:
    """Kilometres as the crow flies on the WGS 84 ellipsoid; None when one of the points is unknown."""
    if here is None or there is None:
        return None
    return geodesic(here, there).km
