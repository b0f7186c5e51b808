"""What every room needs and no trade explains: the journal, the outbox, notes, stored files, idempotency.

Core stands below `accounts`, so these rows carry `platform_id` and user ids as plain numbers: the journal
and the outbox must outlive what they tell of (docs/decisions/003).
"""

import uuid

from django.db import models
from django.db.models import Q

from core import clock


class JournalEntry(models.Model):
    """Who did what, when. Append-only: a trigger refuses UPDATE and DELETE. No personal data in `facts`."""

    platform_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)  # "booking.cancelled"
    target_type = models.CharField(max_length=40)  # "bookings.booking"
    target_id = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="journal_of_a_thing"),
            models.Index(fields=["platform_id", "-at", "-id"], name="journal_of_a_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type} {self.target_id}"


class OutboxMessage(models.Model):
    """Something that must leave the database (mail, SMS) or wake an upper room, until it has."""

    platform_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=60)  # "mail", "sms", or a room's own topic
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    user_id = models.BigIntegerField(null=True)  # for whom it is, when it is for a person
    target_type = models.CharField(max_length=40, blank=True)  # what it is about
    target_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now)
    useful_until = models.DateTimeField(null=True)  # what leaves then would tell of something that is over
    done_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=120, blank=True)
    waiting_since = models.DateTimeField(null=True)  # there was no mail server, or no SMS provider, to take it
    told_at = models.DateTimeField(null=True)  # it did not leave; somebody told its reader by word of mouth
    told_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="a_message_leaves_once",
                violation_error_code="duplicate",
                violation_error_message="Ce message est déjà en route.",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=Q(done_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["platform_id", "-id"], name="outbox_of_a_platform"),
            models.Index(fields=["platform_id", "-id"], name="outbox_not_gone", condition=Q(done_at__isnull=True)),
            models.Index(fields=["target_type", "target_id", "-id"], name="outbox_of_a_thing"),
            models.Index(fields=["user_id", "-id"], name="outbox_of_a_person", condition=Q(user_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class Note(models.Model):
    """One dated line that somebody wrote on a thing: which things, says the highest room that knows them."""

    platform_id = models.BigIntegerField()
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=40)
    author_id = models.BigIntegerField()
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-at"], name="notes_of_a_thing"),
            models.Index(fields=["platform_id", "-at"], name="notes_of_a_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.target_type} {self.target_id}"


class StoredFile(models.Model):
    """A file that we keep: a re-encoded photo, a signed PDF, a spreadsheet waiting for its confirmation.

    Rooms refer to it, and the room that does decides who may read it.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", "Photo"
        SIGNATURE = "signature", "Signature"
        DOCUMENT = "document", "Document"
        SHEET = "sheet", "Tableau"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.FileField(upload_to="%Y/%m/", max_length=200)
    name = models.CharField(max_length=120)  # what a download is called
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class CacheEntry(models.Model):
    """What `core.shared_cache` keeps for all processes; unlogged, so that writing it waits for no disk."""

    key = models.TextField(primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class IdempotencyKey(models.Model):
    """A creating POST that was made once: made again with the same key, it gets the same answer."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(null=True)  # null while the first is under way
    answer = models.JSONField(null=True)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)  # written by the transaction that did it; the answer follows

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "key"],
                name="a_key_is_used_once",
                violation_error_code="duplicate",
                violation_error_message="Cet envoi a déjà été reçu.",
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return self.key
