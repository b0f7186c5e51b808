"""A recurring loan: the nights of a shift, one weekday a week. Each occurrence is a loan of its own."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from schedule.models import Event

from accounts.models import Platform, User
from bookings.models.loans import OwnQuerySet
from core import clock
from core.models import StoredFile
from fleet.models import Kind
from participants.models import Participant
from pricing.models import Account, Tariff


class Series(models.Model):
    """Groups the loans of a recurring loan: one agreement, one account with one deposit, one contract.

    `event` is django-scheduler's: its rule gives the days on which an occurrence starts; when each ends is read
    on the wall clock (see bookings/series/recurrence.py), since its durations are absolute. What became of each
    occurrence stands on its own booking.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="series")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="series")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices)
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField("arrêtée le", null=True, blank=True)  # nothing of it starts on that day or later
    end_reason = models.CharField("motif de l’arrêt", max_length=200, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "prêt régulier"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="an_ended_series_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi ce prêt régulier s’arrête.",
            )
        ]

    def __str__(self) -> str:
        return f"n° {self.pk}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.platform.time_zone)

    @property
    def until_on(self) -> dt.date:
        """The last day on which an occurrence was agreed to start."""
        last: dt.datetime = self.event.end_recurring_period
        return last.astimezone(self.zone).date()

    @property
    def coming_words(self) -> str:
        """Of a row of `series_reads.listed`: « encore 12 dates »."""
        return "encore 1 date" if self.coming == 1 else f"encore {self.coming} dates"  # type: ignore[attr-defined]
