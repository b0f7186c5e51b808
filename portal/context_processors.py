from typing import Any

from django.http import HttpRequest

from portal.settings_index import LINES, address

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
SETTINGS = "portal:settings"
ITS_PAGES = [line[2] for group in ("La plateforme", "Ce qui s’est passé") for line in LINES[group]]


def desk(request: HttpRequest) -> dict[str, Any]:
    """What every staff page shows around its own content. No query: the middleware has read it."""
    if getattr(request, "platform", None) is None:
        return {}
    here = room_of(request.path)
    rail = [
        {"label": label, "url": url, "icon": icon, "current": name == here}
        for label, name, icon in RAIL
        if (url := address(name))
    ]
    return {"rail": rail, "platform": request.platform, "memberships": request.memberships}


def room_of(path: str) -> str:
    """The room whose address the path begins with, the longest first; what is set up belongs to « Réglages »."""
    rooms = [(name, name) for _, name, _ in RAIL] + [(name, SETTINGS) for name in ITS_PAGES]
    fitting = [(len(url), room) for name, room in rooms if (url := address(name)) and path.startswith(url)]
    return max(fitting, default=(0, ""))[1]
