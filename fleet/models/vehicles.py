"""What the pool is made of: its sites, and its vehicles from their arrival to their withdrawal."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from schedule.models import Calendar

from accounts.models import Platform
from accounts.reads import StaffQuerySet
from core import clock
from core.french import kept_in_french
from core.models import StoredFile
from fleet.regions import HolidayRegion
from places.models import Address

NO_TIME = dt.timedelta()


class Kind(models.TextChoices):
    """The kinds of vehicle; the values are fixed names of the API."""

    CAR = "car", "Voiture"
    VAN = "van", "Utilitaire"
    MICROCAR = "microcar", "Voiturette"
    MOPED = "moped", "Scooter 50"
    MOTORCYCLE_125 = "motorcycle_125", "Scooter 125"
    E_BIKE = "e_bike", "Vélo électrique"
    BIKE = "bike", "Vélo"


class Energy(models.TextChoices):
    PETROL = "petrol", "Essence"
    DIESEL = "diesel", "Diesel"
    LPG = "lpg", "GPL"
    HYBRID = "hybrid", "Hybride"
    PLUG_IN_HYBRID = "plug_in_hybrid", "Hybride rechargeable"
    ELECTRIC = "electric", "Électrique"
    HUMAN = "human", "Musculaire"


class Site(models.Model):
    """A place of the platform where vehicles stand and are handed over.

    Two calendars say when keys change hands: `openings` (the week, and days on which it opens all the same) and
    `closures`. See fleet/opening.py.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField("nom", max_length=80)
    name_key = kept_in_french("name")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField("téléphone", max_length=20, blank=True)
    openings = models.OneToOneField(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closures = models.OneToOneField(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    holiday_region = models.CharField("jours fériés", max_length=3, choices=HolidayRegion.choices, blank=True)
    opening_remark = models.CharField("remarque sur les horaires", max_length=200, blank=True)
    is_open = models.BooleanField("ouvert", default=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(
                "platform",
                Lower("name"),
                name="one_site_a_name",
                violation_error_code="site_exists",
                violation_error_message="Un site porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class VehicleQuerySet(StaffQuerySet):
    def in_service(self) -> Self:
        return self.filter(withdrawn_on__isnull=True)

    def with_km(self) -> Self:
        """Annotates `current_km`: the last accepted reading of the ledger, None when there is none."""
        from fleet.models.odometer import OdometerReading

        readings = OdometerReading.objects.filter(vehicle=OuterRef("pk"), state=OdometerReading.State.ACCEPTED)
        return self.annotate(current_km=Subquery(readings.order_by("-read_at", "-pk").values("km")[:1]))

    def with_papers(self) -> Self:
        """Annotates what the last papers say: `last_inspection_on`, `inspected_until`, `insured_until`."""
        from fleet.models.condition import VehicleDocument

        papers = VehicleDocument.objects.filter(vehicle=OuterRef("pk"))
        inspection = papers.filter(sort=VehicleDocument.Sort.INSPECTION).order_by(
            F("issued_on").desc(nulls_last=True), "-pk"
        )
        insurance = papers.filter(sort=VehicleDocument.Sort.INSURANCE, valid_until__isnull=False)
        return self.annotate(
            last_inspection_on=Subquery(inspection.values("issued_on")[:1]),
            inspected_until=Subquery(inspection.values("valid_until")[:1]),
            insured_until=Subquery(insurance.order_by("-valid_until").values("valid_until")[:1]),
        )

    def with_law(self, day: dt.date) -> Self:
        """Annotates what the law asks of a vehicle on that day, beside `with_papers()`: see bookings/rules/law.py."""
        from fleet.models.condition import Damage, VehicleDocument
        from fleet.models.insurance import InsurancePolicy

        insurance = VehicleDocument.objects.filter(vehicle=OuterRef("pk"), sort=VehicleDocument.Sort.INSURANCE)
        begun = insurance.filter(Q(issued_on__isnull=True) | Q(issued_on__lte=day))
        in_force = begun.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))
        lasting = in_force.order_by(F("valid_until").desc(nulls_first=True), "-pk")
        unsafe = Damage.objects.filter(
            vehicle=OuterRef("pk"), repaired_at__isnull=True, severity=Damage.Severity.UNSAFE
        )
        policies = InsurancePolicy.objects.filter(platform=OuterRef("platform"))
        return self.with_papers().annotate(
            insurance_noted=Exists(insurance),
            is_insured=Exists(in_force),
            insurance_ends_on=Subquery(lasting.values("valid_until")[:1]),
            minimum_age=Subquery(lasting.values("policy__minimum_age")[:1]),
            minimum_licence_years=Subquery(lasting.values("policy__minimum_licence_years")[:1]),
            fleet_is_insured=Exists(policies.in_force(day)),
            is_unsafe=Exists(unsafe),
        )

    def free(
        self,
        start: dt.datetime,
        end: dt.datetime,
        now: dt.datetime,
        before: dt.timedelta = NO_TIME,
        after: dt.timedelta = NO_TIME,
        squeezing: bool = False,
    ) -> Self:
        """Those that nothing takes in [start, end) and the turnaround around it, with `free_from` and `free_until`."""
        from fleet import availability

        return availability.free(self, start, end, now, before, after, squeezing)

    def with_whereabouts(self, now: dt.datetime) -> Self:
        """Adds what takes each vehicle now, and until when (see fleet/availability.py)."""
        from fleet import availability

        return availability.with_whereabouts(self, now)


class Vehicle(models.Model):
    """A vehicle of the pool, from its arrival to its withdrawal."""

    class Gearbox(models.TextChoices):
        UNKNOWN = "", "Non précisée"
        MANUAL = "manual", "Manuelle"
        AUTOMATIC = "automatic", "Automatique"

    class Origin(models.TextChoices):
        UNKNOWN = "", "Non précisée"
        PURCHASE = "purchase", "Achat"
        DONATION = "donation", "Don"
        DECOMMISSIONED = "decommissioned", "Réforme d’une flotte"
        SCRAP_BONUS = "scrap_bonus", "Prime à la conversion (art. L.1113-2 C. transports)"
        LEASE = "lease", "Location"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="vehicles")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="vehicles")  # where it stands
    kind = models.CharField("type", max_length=20, choices=Kind.choices)
    energy = models.CharField("énergie", max_length=20, choices=Energy.choices, blank=True)
    fleet_number = models.CharField("numéro de parc", max_length=20, blank=True)
    plate = models.CharField("immatriculation", max_length=12, blank=True)  # AA-123-AA; see fleet/plates.py
    frame_number = models.CharField("numéro de cadre ou de série", max_length=30, blank=True)
    make = models.CharField("marque", max_length=40, blank=True)
    model = models.CharField("modèle", max_length=40, blank=True)
    colour = models.CharField("couleur", max_length=30, blank=True)
    gearbox = models.CharField("boîte", max_length=10, choices=Gearbox.choices, blank=True)
    seats = models.PositiveSmallIntegerField("places", null=True, blank=True)
    first_registered_on = models.DateField("première mise en circulation", null=True, blank=True)
    origin = models.CharField("provenance", max_length=20, choices=Origin.choices, blank=True)
    must_be_retired_by = models.DateField("à rendre ou détruire avant le", null=True, blank=True)
    remark = models.CharField("remarque", max_length=300, blank=True)
    photo = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_on = models.DateField("retiré du parc le", null=True, blank=True)
    withdrawn_reason = models.CharField("motif du retrait", max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = VehicleQuerySet.as_manager()

    class Meta:
        ordering = ["fleet_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "plate"],
                condition=~Q(plate=""),
                name="one_vehicle_a_plate",
                violation_error_code="plate_taken",
                violation_error_message="Un véhicule du parc porte déjà cette immatriculation.",
            ),
            models.UniqueConstraint(
                fields=["platform", "frame_number"],
                condition=~Q(frame_number=""),
                name="one_vehicle_a_frame_number",
                violation_error_code="frame_number_taken",
                violation_error_message="Un véhicule du parc porte déjà ce numéro de cadre.",
            ),
            models.UniqueConstraint(
                fields=["platform", "fleet_number"],
                condition=~Q(fleet_number=""),
                name="one_vehicle_a_fleet_number",
                violation_error_code="fleet_number_taken",
                violation_error_message="Un véhicule du parc porte déjà ce numéro.",
            ),
            models.CheckConstraint(
                condition=~Q(plate="") | ~Q(frame_number="") | ~Q(fleet_number=""),
                name="a_vehicle_can_be_told_apart",
                violation_error_code="no_number",
                violation_error_message="Donnez une immatriculation, un numéro de cadre ou un numéro de parc.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | ~Q(withdrawn_reason=""),
                name="a_withdrawal_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi ce véhicule quitte le parc.",
            ),
        ]
        indexes = [models.Index(fields=["platform", "kind", "site"], name="vehicles_by_kind")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.fleet_number, self.make, self.model, self.plate) if part)

    @property
    def label(self) -> str:
        """How people call it: « Peugeot 208 », or its kind when nothing better is known."""
        return f"{self.make} {self.model}".strip() or self.get_kind_display()

    @property
    def in_service(self) -> bool:
        return self.withdrawn_on is None

    @property
    def has_odometer(self) -> bool:
        return self.kind != Kind.BIKE
