"""The journal: who did what, when, in the transaction in which it happened; and notes, which people write."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from core.db import save
from core.models import JournalEntry, Note


def name_of(obj: models.Model) -> tuple[str, str]:
    """How the journal, notes and messages name a row: ("bookings.booking", "42")."""
    return obj._meta.label_lower, str(obj.pk)


def record(by: Any, verb: str, target: models.Model, **facts: Any) -> JournalEntry:
    """Writes one line. `facts` are JSON values without personal data: ids, states, dates, amounts."""
    target_type, target_id = name_of(target)
    platform_id = target.pk if target_type == "accounts.platform" else getattr(target, "platform_id", None)
    return JournalEntry.objects.create(
        platform_id=platform_id,
        actor_id=by.pk if by is not None else None,
        verb=verb,
        target_type=target_type,
        target_id=target_id,
        facts=facts,
    )


def record_all(by: Any, verb: str, targets: Iterable[models.Model], **facts: Any) -> None:
    """One line for each of these, in one statement."""
    rows = [
        JournalEntry(
            platform_id=target.platform_id,  # type: ignore[attr-defined]
            actor_id=by.pk if by is not None else None,
            verb=verb,
            target_type=target._meta.label_lower,
            target_id=str(target.pk),
            facts=facts,
        )
        for target in targets
    ]
    JournalEntry.objects.bulk_create(rows)


def note(by: Any, target: models.Model, text: str) -> Note:
    """One dated and signed line. What people say in their own words stands here: unlike the journal's, it can go."""
    target_type, target_id = name_of(target)
    platform_id = target.platform_id  # type: ignore[attr-defined]
    return save(
        Note(platform_id=platform_id, target_type=target_type, target_id=target_id, author_id=by.pk, text=text[:1000])
    )


def story_of(*targets: models.Model) -> models.QuerySet[JournalEntry]:
    """What the journal tells of these things, latest first. The caller has checked who may read."""
    wanted = models.Q(pk__in=[])
    for target in targets:
        target_type, target_id = name_of(target)
        wanted |= models.Q(target_type=target_type, target_id=target_id)
    return JournalEntry.objects.filter(wanted).order_by("-id")
