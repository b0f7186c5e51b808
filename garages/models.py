"""Partner garages: what they can do, where, when, at what price, and who answers there."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.french import InFrench
from fleet.models import Kind
from places.models import Address


class Work(models.TextChoices):
    """What kind of work a job asks for, and a garage takes on."""

    SERVICE = "service", "Entretien"
    MECHANICS = "mechanics", "Mécanique"
    ELECTRICITY = "electricity", "Électricité"
    BODYWORK = "bodywork", "Carrosserie"
    TYRES = "tyres", "Pneus"
    INSPECTION = "inspection", "Préparation au contrôle technique"


class GarageQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' garages. A garage's people: their own, while the platform works with it."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | _answered_by(user))

    def answered_by(self, user: Any) -> Self:
        """Those for which this user answers: the link's own, and where they work. None for a stopped one."""
        return self.filter(_answered_by(user))


def _answered_by(user: Any) -> Q:
    works_at = GarageMember.objects.filter(user=user).values("garage_id")
    return Q(is_active=True) & (Q(user=user) | Q(pk__in=works_at))


class Garage(models.Model):
    """A garage to which the platform sends vehicles. `user` stands behind the link in its messages."""

    class Sort(models.TextChoices):
        SOLIDARITY = "solidarity", "Garage solidaire"
        PARTNER = "partner", "Garage partenaire"
        WORKSHOP = "workshop", "Atelier vélo"
        ASSOCIATION = "association", "Atelier de l’association"
        INSPECTION_CENTRE = "inspection_centre", "Centre de contrôle technique"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="garages")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="garage")
    name = models.CharField("nom", max_length=120)
    sort = models.CharField("nature", max_length=20, choices=Sort.choices, default=Sort.PARTNER)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    repairs = ArrayField(models.CharField(max_length=20, choices=Kind.choices), default=list, blank=True)
    works = ArrayField(models.CharField(max_length=20, choices=Work.choices), default=list, blank=True)
    usual_delay_days = models.PositiveSmallIntegerField("délai habituel (jours ouvrés)", null=True, blank=True)
    can_tow = models.BooleanField("dépanneuse", null=True, blank=True)
    jobs_at_once = models.PositiveSmallIntegerField("véhicules à la fois", null=True, blank=True)
    receiving_hours = models.CharField("heures de réception", max_length=200, blank=True)
    is_active = models.BooleanField("on travaille avec lui", default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = GarageQuerySet.as_manager()

    class Meta:
        ordering = [InFrench("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "siret"],
                condition=~Q(siret=""),
                name="one_garage_a_siret",
                violation_error_code="siret_taken",
                violation_error_message="Un garage de la plateforme porte déjà ce SIRET.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class GarageRate(models.Model):
    """The hourly labour rate of a garage for a tier of customers, from a day on (the latest wins)."""

    class Tier(models.TextChoices):
        PLATFORM = "platform", "Véhicules de la plateforme"
        LOWEST = "lowest", "Minima sociaux"
        REDUCED = "reduced", "Revenus modestes"
        FULL = "full", "Plein tarif"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    garage = models.ForeignKey(Garage, on_delete=models.PROTECT, related_name="rates")
    tier = models.CharField("pour", max_length=10, choices=Tier.choices, default=Tier.PLATFORM)
    hourly_rate = models.DecimalField("tarif horaire", max_digits=6, decimal_places=2)
    valid_from = models.DateField("à partir du")

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["garage", "tier", "valid_from"],
                name="one_rate_a_tier_and_day",
                violation_error_code="rate_exists",
                violation_error_message="Ce garage a déjà un tarif à partir de ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(hourly_rate__gt=0),
                name="an_hour_costs_something",
                violation_error_code="not_positive",
                violation_error_message="Le tarif horaire est plus grand que zéro.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hourly_rate} €/h"


class GarageMember(models.Model):
    """Somebody who works at the garage and answers for it."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    garage = models.ForeignKey(Garage, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="works_at")
    name = models.CharField("nom", max_length=120)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["garage", "user"],
                name="a_member_works_at_a_garage_once",
                violation_error_code="already_member",
                violation_error_message="Cette personne travaille déjà dans ce garage.",
            )
        ]

    def __str__(self) -> str:
        return self.name
