"""`{% silhouette kind damages %}`: the drawing of a vehicle, its open damages numbered on it."""

from collections.abc import Iterable
from typing import Any

from django import template

from fleet import silhouettes
from fleet.models import Damage, Kind

register = template.Library()


@register.inclusion_tag("fleet/silhouette.html")
def silhouette(kind: str, damages: Iterable[Damage] = (), form: Any = None) -> dict[str, Any]:
    """The numbers are those of the list that the page writes beside it (`forloop.counter`).

    With a form that has the fields `zone`, `x` and `y`, a tap chooses them; the form alone works as well.
    The page adds `fleet/fleet.css`, and `fleet/silhouette.js` for taps.
    """
    drawing = silhouettes.of(kind)
    marks = []
    for number, damage in enumerate(damages, 1):
        point = (damage.x, damage.y) if damage.x is not None else drawing.point_of(damage.zone)
        if point is not None:
            x, y = point[0] * drawing.width, point[1] * drawing.height  # type: ignore[operator]
            marks.append({"number": number, "damage": damage, "x": round(x, 1), "y": round(y, 1)})
    noun = Kind(kind).label.lower()
    many = "s" if len(marks) > 1 else ""
    label = f"Dessin : {noun}, {len(marks)} dégât{many} noté{many}" if marks else f"Dessin : {noun}, aucun dégât noté"
    return {
        "drawing": drawing,
        "marks": marks,
        "label": label,
        "tappable": form is not None,
        "zone_field": form["zone"].auto_id if form is not None else "",
        "x_field": form["x"].auto_id if form is not None else "",
        "y_field": form["y"].auto_id if form is not None else "",
    }


@register.filter
def zone_of(damage: Damage, kind: str) -> str:
    """« Aile avant gauche », or the part as it was written down: `damage|zone_of:vehicle.kind`."""
    return silhouettes.zone_name(kind, damage.zone) or damage.part
