"""The waiting list of a platform: who waits for which kind, where, from when; and what was proposed to whom."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking
from core import clock
from fleet.models import Kind, Site, Vehicle
from participants.models import Participant, Programme


class WaitingEntryQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' lists. A participant: their own places."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(participant__user=user))

    def waiting(self) -> Self:
        return self.filter(state=WaitingEntry.State.WAITING)


class WaitingEntry(models.Model):
    """Somebody waits for a vehicle of a kind: from a moment on, for so many days, at one site or any."""

    class State(models.TextChoices):
        WAITING = "waiting", "Attend"
        SERVED = "served", "Servi"
        LEFT = "left", "N’attend plus"

    NEXT = {State.WAITING: {State.SERVED, State.LEFT}}

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="waiting_entries")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices)
    needs_automatic = models.BooleanField("boîte automatique", default=False)
    needs_seats = models.PositiveSmallIntegerField("places au moins", null=True, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # None: any
    earliest_at = models.DateTimeField("à partir du")
    days = models.PositiveSmallIntegerField("jours")
    latest_on = models.DateField("inutile après le", null=True, blank=True)  # the last day on which it may begin
    work_starts_on = models.DateField("début du travail", null=True, blank=True)
    purpose = models.CharField("motif", max_length=15, choices=Booking.Purpose.choices, blank=True)
    destination = models.CharField("trajet convenu", max_length=200, blank=True)
    asked_at = models.DateTimeField("demandé le", default=clock.now)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    left_at = models.DateTimeField("parti de la liste le", null=True, blank=True)
    left_reason = models.CharField("motif", max_length=200, blank=True)

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind"],
                condition=Q(state="waiting"),
                name="a_person_waits_once_for_a_kind",
                violation_error_code="waits_already",
                violation_error_message="Cette personne est déjà sur la liste d’attente pour ce type de véhicule.",
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=366),
                name="a_wish_is_for_a_day_to_a_year",
                violation_error_code="too_long",
                violation_error_message="Un prêt dure un jour au moins, un an au plus.",
            ),
            models.CheckConstraint(
                condition=~Q(state="left") | (Q(left_at__isnull=False) & ~Q(left_reason="")),
                name="who_leaves_the_list_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi cette personne n’attend plus.",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "kind", "asked_at"], name="who_waits", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"attente {self.pk}"

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(days=self.days)


class ProposalQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' proposals. A participant: those that they were told of."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        told = Q(entry__participant__user=user, told_at__isnull=False)
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | told)

    def open(self) -> Self:
        """Nobody answered yet, and the vehicle is still kept."""
        return self.filter(booking__state=Booking.State.RESERVED, booking__promised_until__isnull=False)


class Proposal(models.Model):
    """A vehicle kept for somebody who waits. It has no state of its own: its booking, a promise "sous réserve", is it.

    Firm: accepted. Cancelled: declined. Expired: nobody answered.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(WaitingEntry, on_delete=models.PROTECT, related_name="proposals")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="proposal")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")  # as it was proposed
    created_at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField("écrit à la personne le", null=True, blank=True)  # None: the adviser decides first

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["entry", "vehicle"], name="proposals_of_an_entry")]

    def __str__(self) -> str:
        return f"proposition {self.pk}"
