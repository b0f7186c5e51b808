"""What the participant is reminded of, and when: the schedule is data of the platform."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.models import Platform
from accounts.reads import StaffQuerySet


class ReminderPolicy(models.Model):
    """At which hours of the platform's wall clock people may be written to; off, nobody is reminded by itself."""

    platform = models.OneToOneField(Platform, on_delete=models.CASCADE, related_name="reminder_policy")
    is_on = models.BooleanField("rappels envoyés", default=True)
    speaks_from = models.TimeField("pas avant", default=dt.time(8))
    speaks_until = models.TimeField("pas après", default=dt.time(20))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(speaks_from__lt=F("speaks_until")),
                name="reminders_have_their_hours",
                violation_error_code="ends_before_start",
                violation_error_message="L’heure de fin doit venir après l’heure de début.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.speaks_from:%H:%M} – {self.speaks_until:%H:%M}"


class ReminderStep(models.Model):
    """One reminder of the schedule: so many days or hours before or after the start or the end of a loan.

    Counted in days it leaves at the hour `at`, and with `repeats_until` each day up to that one; counted in hours it
    leaves so long before or after the moment itself.
    """

    class Anchor(models.TextChoices):
        START = "start", "le début du prêt"
        END = "end", "la fin du prêt"

    class Unit(models.TextChoices):
        DAYS = "days", "jours"
        HOURS = "hours", "heures"

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="reminder_steps")
    anchor = models.CharField("par rapport à", max_length=5, choices=Anchor.choices, default=Anchor.END)
    unit = models.CharField("compté en", max_length=5, choices=Unit.choices, default=Unit.DAYS)
    offset = models.SmallIntegerField("combien")  # negative: before
    at = models.TimeField("à", null=True, blank=True)
    repeats_until = models.SmallIntegerField("chaque jour jusqu’au", null=True, blank=True)
    text = models.CharField("message", max_length=400)
    is_active = models.BooleanField("actif", default=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["-anchor", "unit", "offset", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit="days", at__isnull=False)
                | Q(unit="hours", at__isnull=True, repeats_until__isnull=True),
                name="a_reminder_counted_in_days_has_an_hour",
                violation_error_code="hour_missing",
                violation_error_message="Un rappel compté en jours part à une heure ; compté en heures, il n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(repeats_until__isnull=True) | Q(repeats_until__gt=F("offset"), repeats_until__lte=90),
                name="a_repeated_reminder_ends",
                violation_error_code="endless",
                violation_error_message="Un rappel répété finit après son premier jour, et en 90 jours au plus.",
            ),
            models.CheckConstraint(
                condition=Q(anchor="end") | Q(offset__lte=0, repeats_until__isnull=True),
                name="before_the_start_only",
                violation_error_code="after_start",
                violation_error_message="Par rapport au début du prêt, un rappel part avant, et une fois.",
            ),
            models.CheckConstraint(
                condition=Q(unit="days", offset__gte=-60, offset__lte=60)
                | Q(unit="hours", offset__gte=-72, offset__lte=72),
                name="a_reminder_is_near",
                violation_error_code="too_far",
                violation_error_message="Un rappel part 60 jours ou 72 heures avant ou après, au plus.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anchor} {self.offset:+d} {self.unit}"
