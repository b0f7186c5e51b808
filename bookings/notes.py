"""Notes: one dated line on a loan, an incident, a fine, a job, a vehicle or a person.

They stand in bookings because it is the highest room that knows all of them; `core` holds their rows.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from accounts.perms import is_staff
from bookings.models import Booking, Fine, Incident
from core.db import action, refuse, require
from core.journal import name_of, note, record
from core.models import Note
from core.web import row_id
from fleet.models import Vehicle
from maintenance.models import RepairJob
from participants.models import Participant

# What can carry a note, and the page where it is read.
TARGETS: dict[str, tuple[type[models.Model], str]] = {
    "bookings.booking": (Booking, "bookings:booking"),
    "bookings.incident": (Incident, "bookings:incident"),
    "bookings.fine": (Fine, "bookings:fine"),
    "maintenance.repairjob": (RepairJob, "maintenance:job"),
    "fleet.vehicle": (Vehicle, "fleet:vehicle"),
    "participants.participant": (Participant, "participants:participant"),
}


def found(user: Any, target_type: str, target_id: str) -> models.Model:
    """The thing of this name, when this user may see it; 404 for anybody else's, as for none at all."""
    if target_type not in TARGETS:
        raise Http404
    return get_object_or_404(TARGETS[target_type][0].objects.visible_to(user), pk=row_id(target_id))  # type: ignore[attr-defined]


# What has a page of its own and carries no note.
OTHER_PAGES = {
    "pricing.account": "pricing:account",
    "garages.garage": "garages:garage",
    "bookings.conditionreport": "bookings:report",
}


def can_write_note(user: Any, thing: models.Model) -> bool:
    """Staff of its platform."""
    return is_staff(user, thing.platform_id)  # type: ignore[attr-defined]


@action
def write_note(thing: models.Model, *, text: str, by: User) -> Note:
    """One dated line, by whoever signs it."""
    require(can_write_note(by, thing))
    written = put(thing, text, by)
    record(by, "note.written", thing, note=written.pk)
    return written


def put(thing: models.Model, text: str, by: User) -> Note:
    """Writes the line. A step: its caller has checked who may, and journals."""
    text = " ".join(text.split())
    if not text:
        raise refuse("Écrivez quelque chose.", "text_missing")
    return note(by, thing, text)


@dataclass
class Line:
    """A note as a page shows it."""

    text: str
    at: dt.datetime
    author: str


def readable_by(user: Any, thing: models.Model) -> models.QuerySet[Note]:
    """The notes of this thing, for whoever may write them; none for anybody else who may see the thing."""
    target_type, target_id = name_of(thing)
    notes = Note.objects.filter(target_type=target_type, target_id=target_id)
    return notes if can_write_note(user, thing) else notes.none()


def notes_of(thing: models.Model, limit: int = 30) -> list[Line]:
    """Latest first, in one query. The caller has checked who may read."""
    target_type, target_id = name_of(thing)
    notes = Note.objects.filter(target_type=target_type, target_id=target_id).annotate(author=named("author_id"))
    return [Line(note.text, note.at, note.author or "") for note in notes.order_by("-at", "-pk")[:limit]]


def named(user_id: str) -> Subquery:
    """Annotates the name of the user whose id stands in this plain column."""
    users = User.objects.filter(pk=OuterRef(user_id))
    return Subquery(users.values(said=Coalesce(NullIf("name", Value("")), "email", output_field=CharField()))[:1])


def names_of(user_ids: set[int]) -> dict[int, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=user_ids)} if user_ids else {}


def page_of(target_type: str, target_id: str) -> str:
    """The address of the page where this thing is read; empty when it has none."""
    name = TARGETS[target_type][1] if target_type in TARGETS else OTHER_PAGES.get(target_type)
    return reverse(name, args=[target_id]) if name else ""
