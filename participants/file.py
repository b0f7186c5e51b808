"""A person's file for whoever judges a loan: licences, publics, papers and aptitude tests, in one query.

person = with_file(Participant.objects.visible_to(user)).get(pk=pk)     # one query
unpack(person).documents.all()                                          # no other
"""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, QuerySet

from core.rows import Row, made
from participants.models import (
    AudienceMembership,
    DrivingAptitudeTest,
    DrivingEntitlement,
    Participant,
    ParticipantDocument,
)

PARTS: dict[str, type[models.Model]] = {
    "entitlements": DrivingEntitlement,
    "audiences": AudienceMembership,
    "documents": ParticipantDocument,
    "aptitude_tests": DrivingAptitudeTest,
}


def with_file(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """Annotates the rows of each part as JSON; `unpack` makes them what `participant.documents.all()` gives."""
    return people.annotate(**{f"file_{name}": ArraySubquery(rows_of(model)) for name, model in PARTS.items()})


def rows_of(model: Any) -> QuerySet[Any]:
    return model.objects.filter(participant=OuterRef("pk")).order_by("pk").values_list(Row("pk"), flat=True)


def unpack(participant: Participant) -> Participant:
    """As `prefetch_related` would leave it. One that was read without its file is read with it now."""
    if not hasattr(participant, "file_documents"):
        found = with_file(Participant.objects.filter(pk=participant.pk)).get()
        for name in PARTS:
            setattr(participant, f"file_{name}", getattr(found, f"file_{name}"))
    cache = participant.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, model in PARTS.items():
        if name not in cache:
            rows = model._default_manager.none()
            rows._result_cache = [made(model, row) for row in getattr(participant, f"file_{name}")]
            cache[name] = rows
    return participant
