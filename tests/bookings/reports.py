"""Condition reports that are complete, for tests of what follows from them."""

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from bookings.actions.reports import add_photo, open_report, write_report
from bookings.models import Assignment, ConditionReport
from fleet.checklists import items_of, photo_positions

SIZE = (60, 40)


def picture(form: str = "JPEG", colour: str = "teal") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", SIZE, colour).save(buffer, form)
    return SimpleUploadedFile(f"photo.{form.lower()}", buffer.getvalue(), f"image/{form.lower()}")


def signature() -> SimpleUploadedFile:
    """A drawn line on nothing."""
    image = Image.new("RGBA", (300, 100))
    ImageDraw.Draw(image).line([(20, 80), (120, 20), (280, 70)], fill="black", width=4)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return SimpleUploadedFile("signature.png", buffer.getvalue(), "image/png")


def in_order(assignment: Assignment) -> dict[str, Any]:
    """Every item of the vehicle's checklist is all right, every accessory is there."""
    vehicle = assignment.vehicle
    return {
        "checklist": {item.code: {"state": "ok", "note": ""} for item in items_of(vehicle.kind, vehicle.energy)},
        "equipment": {str(thing.pk): True for thing in vehicle.equipment.filter(lost_at__isnull=True)},
    }


def complete_report(
    assignment: Assignment,
    *,
    by: Any,
    direction: str = "out",
    km: int | None = 84210,
    at: dt.datetime | None = None,
    **fields: Any,
) -> ConditionReport:
    """A draft with everything that a departure or return of this vehicle needs, signed by both unless said."""
    report = open_report(assignment, direction=direction, by=by)
    vehicle = assignment.vehicle
    filled: dict[str, Any] = {
        "happened_at": at or report.happened_at,
        "site": vehicle.site,
        "licence_seen": True,
        "identity_seen": True,
        "km": km,
        "fuel_eighths": 6,
        "battery_percent": 80,
        "is_clean": True,
        **in_order(assignment),
        "presence": "signed",
        "signer_name": str(assignment.booking.participant),
        "participant_signature": signature(),
        "agent_signature": signature(),
    }
    for position, _ in photo_positions(vehicle.kind):
        add_photo(report, picture(), position=position, by=by)
    return write_report(report, by=by, **filled | fields)
