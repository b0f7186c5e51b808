"""The step that freezes who drives, when the keys leave: a designation months later needs them as they were."""

from bookings.identity import identity_of
from bookings.models import Assignment
from core.db import save


def freeze_driver(assignment: Assignment, *, as_on: Assignment | None = None) -> Assignment:
    """The participant as they are known now, or as they were frozen on the assignment that this one corrects."""
    frozen = as_on.driver_identity if as_on else None
    participant = assignment.booking.participant
    assignment.driver_identity = frozen or identity_of(participant, assignment.vehicle.kind).as_json()
    return save(assignment, "driver_identity")
