"""What takes a vehicle, from when until when, and why."""

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from core import clock
from fleet.models.vehicles import Site, Vehicle


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class HoldQuerySet(StaffQuerySet):
    def overlapping(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Holds whose plan shares an instant with the half-open [start, end)."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def out(self) -> Self:
        """The vehicle has left and is not back."""
        return self.filter(out_at__isnull=False, back_at__isnull=True)

    def late(self, now: dt.datetime) -> Self:
        """Out past its plan; the turnaround after it is not the participant's time."""
        return self.out().filter(ends_at__lte=F("after") + Value(now, output_field=models.DateTimeField()))

    def not_ready(self) -> Self:
        """Back from a loan, and nobody has said yet that the vehicle may leave again."""
        return self.filter(purpose=Hold.Purpose.LOAN, back_at__isnull=False, ready_at__isnull=True)


class Hold(models.Model):
    """A vehicle is taken from `starts_at` until `ends_at` (half-open), and why.

    No two of them overlap, whatever their purpose. Turnaround (cleaning, charging) lies inside: `before` at its
    head, `after` at its tail, the plan that people read between them. Between two loans the longer turnaround
    counts, once. When it really left and came back (`out_at`, `back_at`) are facts, and are never refused. A
    cancelled plan is deleted.
    """

    class Purpose(models.TextChoices):
        LOAN = "loan", "Prêt"
        MAINTENANCE = "maintenance", "Réparation"
        TRANSFER = "transfer", "Déplacement"
        RESERVE = "reserve", "Réserve"
        MISSING = "missing", "Jamais rendu"  # out, and no loan's any more: prolonged until it is found or withdrawn

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="holds")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    out_at = models.DateTimeField("parti le", null=True, blank=True)
    back_at = models.DateTimeField("revenu le", null=True, blank=True)
    ready_at = models.DateTimeField("prêt à repartir depuis", null=True, blank=True)  # cleaned, charged, looked over
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # transfer
    driver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # transfer
    before = models.DurationField("préparation avant", default=dt.timedelta, db_default=dt.timedelta())
    after = models.DurationField("préparation après", default=dt.timedelta, db_default=dt.timedelta())
    reason = models.CharField("motif", max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_hold_at_a_time",
                expressions=[
                    ("vehicle", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.IMMEDIATE,
                violation_error_code="overlap",
                violation_error_message="Ce véhicule est déjà pris à ces dates.",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="a_hold_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="La fin doit venir après le début.",
            ),
            models.CheckConstraint(
                condition=Q(back_at__isnull=True) | Q(out_at__isnull=False),
                name="what_is_back_was_out",
                violation_error_code="not_out",
                violation_error_message="Ce véhicule n’est pas sorti.",
            ),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True) | Q(back_at__isnull=False),
                name="what_is_ready_is_back",
                violation_error_code="not_back",
                violation_error_message="Ce véhicule n’est pas encore revenu.",
            ),
            models.CheckConstraint(
                condition=Q(before__gte=dt.timedelta(), after__gte=dt.timedelta()),
                name="turnaround_is_not_negative",
                violation_error_code="negative_turnaround",
                violation_error_message="Un temps de préparation n’est pas négatif.",
            ),
        ]
        indexes = [
            models.Index(fields=["vehicle", "-starts_at"], name="holds_of_a_vehicle"),
            models.Index(
                fields=["platform", "ends_at"],
                name="holds_out",
                condition=Q(out_at__isnull=False, back_at__isnull=True),
            ),
            models.Index(fields=["platform", "starts_at"], name="holds_of_a_platform"),
            models.Index(fields=["vehicle", "ends_at"], name="holds_of_a_vehicle_by_end"),
            models.Index(fields=["vehicle", "out_at"], name="uses_by_leaving", condition=Q(out_at__isnull=False)),
            models.Index(fields=["vehicle", "back_at"], name="uses_by_coming_back", condition=Q(out_at__isnull=False)),
            models.Index(
                fields=["vehicle", "starts_at"],
                name="holds_out_of_a_vehicle",
                condition=Q(out_at__isnull=False, back_at__isnull=True),
            ),
            models.Index(
                fields=["vehicle"],
                name="holds_not_ready",
                condition=Q(purpose="loan", back_at__isnull=False, ready_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def plan_starts_at(self) -> dt.datetime:
        """What people read: without the turnaround."""
        return self.starts_at + self.before

    @property
    def plan_ends_at(self) -> dt.datetime:
        return self.ends_at - self.after

    @property
    def is_out(self) -> bool:
        return self.out_at is not None and self.back_at is None

    @property
    def awaits_ready(self) -> bool:
        """Back from a loan, and not yet said to be ready."""
        return self.purpose == self.Purpose.LOAN and self.back_at is not None and self.ready_at is None

    def is_late(self, now: dt.datetime) -> bool:
        return self.is_out and self.plan_ends_at <= now
