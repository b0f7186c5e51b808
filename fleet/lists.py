"""The list of the pool: filtered, sorted, and as a spreadsheet."""

import datetime as dt
from typing import Any

from django.db.models import F, OrderBy, QuerySet

from fleet import inspections, whereabouts
from fleet.models import Hold, Vehicle

STATES = (
    ("", "Dans le parc"),
    ("free", "Libres"),
    ("out", "Prêtés"),
    ("late", "En retard"),
    ("repair", "En réparation"),
    ("aside", "De côté"),
    ("missing", "Jamais rendus"),
    ("withdrawn", "Retirés du parc"),
    ("all", "Tous"),
)
FAR = dt.date(9999, 12, 31)


def pool(vehicles: QuerySet[Vehicle], now: dt.datetime) -> QuerySet[Vehicle]:
    """With all that a line of the list says, in one query."""
    return vehicles.select_related("site").with_km().with_papers().with_whereabouts(now)  # type: ignore[attr-defined]


def matching(vehicles: QuerySet[Vehicle], *, kind: str = "", site: Any = None, state: str = "") -> QuerySet[Vehicle]:
    """`vehicles` come from `pool`."""
    if kind:
        vehicles = vehicles.filter(kind=kind)
    if site:
        vehicles = vehicles.filter(site=site)
    if state == "withdrawn":
        return vehicles.filter(withdrawn_on__isnull=False)
    if state != "all":
        vehicles = vehicles.filter(withdrawn_on__isnull=True)
    match state:
        case "free":
            return vehicles.filter(held_for__isnull=True)
        case "out":
            return vehicles.filter(held_for=Hold.Purpose.LOAN, held_out=True)
        case "late":
            return vehicles.filter(is_late=True)
        case "repair":
            return vehicles.filter(held_for=Hold.Purpose.MAINTENANCE)
        case "missing":
            return vehicles.filter(held_for=Hold.Purpose.MISSING)
        case "aside":
            return vehicles.filter(held_for__in=[Hold.Purpose.RESERVE, Hold.Purpose.TRANSFER])
    return vehicles


ORDERS: dict[str, tuple[OrderBy, ...]] = {
    "number": (F("fleet_number").asc(),),
    "site": (F("site__name_key").asc(), F("fleet_number").asc()),
    "until": (F("held_until").asc(nulls_last=True), F("next_held_at").asc(nulls_last=True)),
    "km": (F("current_km").asc(nulls_last=True),),
    "insurance": (F("insured_until").asc(nulls_last=True),),
}


def in_order(vehicles: QuerySet[Vehicle], order: str) -> list[Vehicle]:
    """By a name of ORDERS or `inspection`, backwards with a "-" before it; unknown ones sort by number.

    When the next inspection is due is worked out by the rules of `inspections.py`, not by the database.
    """
    name, backwards = order.removeprefix("-"), order.startswith("-")
    if name == "inspection":
        found = sorted(vehicles.order_by("fleet_number", "pk"), key=lambda vehicle: inspections.due(vehicle) or FAR)
        return found[::-1] if backwards else found
    wanted = [
        OrderBy(one.expression, descending=backwards, nulls_last=True) for one in ORDERS.get(name, ORDERS["number"])
    ]
    return list(vehicles.order_by(*wanted, "pk"))


def described(vehicles: list[Vehicle]) -> list[Vehicle]:
    """Adds `where` and `due_on` to each, for the page and the spreadsheet."""
    for vehicle in vehicles:
        vehicle.where = whereabouts.of(vehicle)  # type: ignore[attr-defined]
        vehicle.due_on = inspections.due(vehicle)  # type: ignore[attr-defined]
    return vehicles


HEADINGS = (
    "N° de parc",
    "Immatriculation",
    "Type",
    "Marque et modèle",
    "Site",
    "État",
    "Jusqu’au",
    "Contrôle technique avant le",
    "Assuré jusqu’au",
    "Kilomètres",
)


def row(vehicle: Any) -> list[Any]:
    return [
        vehicle.fleet_number,
        vehicle.plate or vehicle.frame_number,
        vehicle.get_kind_display(),
        vehicle.label,
        vehicle.site.name,
        vehicle.where.label,
        vehicle.where.until,
        vehicle.due_on,
        vehicle.insured_until,
        vehicle.current_km,
    ]
