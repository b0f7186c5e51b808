"""Where things are: the communes of France, and addresses."""

from django.db import models
from django.db.models import Q

from accounts.models import Platform
from accounts.reads import StaffQuerySet
from core.french import InFrench, kept_in_french


class Commune(models.Model):
    """A French commune, by its INSEE code (a string: 2A004, 01001), which is not its postcode.

    Imported from a file (`script/manage import_communes`); none is shipped.
    """

    insee_code = models.CharField(max_length=5)
    name = models.CharField(max_length=80)
    name_key = models.CharField(max_length=80)  # places.communes.key_of(name)
    postcodes = models.CharField(max_length=120)  # separated by spaces
    department = models.CharField(max_length=3)
    region = models.CharField(max_length=60)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    population = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = [InFrench("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["insee_code"],
                name="one_commune_an_insee_code",
                violation_error_code="duplicate",
                violation_error_message="Cette commune est déjà connue.",
            )
        ]
        indexes = [models.Index(fields=["name_key"], name="communes_by_name")]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """A postal address and, once known, where it lies. Geocoding comes after the save and never blocks it."""

    class Precision(models.TextChoices):
        UNKNOWN = "unknown", "Inconnue"
        COMMUNE = "commune", "Centre de la commune"
        STREET = "street", "Rue"
        HOUSE = "house", "Numéro"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    street = models.CharField("rue et numéro", max_length=160, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=80, blank=True)
    city_key = kept_in_french("city")
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    precision = models.CharField(max_length=10, choices=Precision.choices, default=Precision.UNKNOWN)
    geocoded_at = models.DateTimeField(null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="a_point_has_both_coordinates",
                violation_error_code="half_a_point",
                violation_error_message="Un point a une latitude et une longitude.",
            )
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.street, f"{self.postcode} {self.city}".strip()) if part)

    @property
    def point(self) -> tuple[float, float] | None:
        """(latitude, longitude), when known."""
        return (self.latitude, self.longitude) if self.latitude is not None else None  # type: ignore[return-value]
