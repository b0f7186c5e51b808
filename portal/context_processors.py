from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

RAIL = [
    ("Aujourd’hui", "portal:today", "sun"),
    ("Planning", "bookings:board", "calendar3"),
    ("Prêts", "bookings:bookings", "key"),
    ("Véhicules", "fleet:vehicles", "car-front"),
    ("Réparations", "maintenance:jobs", "wrench"),
    ("Participants", "participants:participants", "people"),
    ("Comptes", "pricing:accounts", "receipt"),
    ("Réglages", "portal:settings", "gear"),
]


def desk(request: HttpRequest) -> dict[str, Any]:
    """What every staff page shows around its own content. No query: the middleware has read it."""
    if getattr(request, "platform", None) is None:
        return {}
    rail = []
    for label, name, icon in RAIL:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        rail.append({"label": label, "url": url, "icon": icon, "current": request.path.startswith(url)})
    return {"rail": rail, "platform": request.platform, "memberships": request.memberships}
