"""What upper rooms show on the page of a lower one: a vehicle's loans stand on fleet's page, which knows no loan.

An upper room's `panels.py` registers what it has to show; the lower room's template says where:

    @panel("fleet.vehicle", template="portal/panels/loans.html")         # in portal/panels.py
    def loans(request, vehicle) -> dict[str, Any]: …                     # the template's context

    {% panels vehicle %}  …  {% panels vehicle "side" %}                 # in fleet/vehicle.html

The page that shows the thing has checked who may see it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

Context = Callable[[HttpRequest, Any], dict[str, Any] | None]
MAIN, SIDE = "main", "side"


@dataclass(frozen=True)
class Panel:
    template: str
    context: Context
    place: str
    order: int


_panels: dict[str, list[Panel]] = {}


def panel(*labels: str, template: str, place: str = MAIN, order: int = 50) -> Callable[[Context], Context]:
    """Registers a panel for these models; one that returns None shows nothing. Lower `order` stands higher."""

    def register(context: Context) -> Context:
        for label in labels:
            _panels.setdefault(label, []).append(Panel(template, context, place, order))
        return context

    return register


def panels_of(thing: models.Model, place: str) -> list[Panel]:
    found = (panel for panel in _panels.get(thing._meta.label_lower, []) if panel.place == place)
    return sorted(found, key=lambda panel: panel.order)
