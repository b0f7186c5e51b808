"""The pool: what exists, where it stands, who has it until when, how far it has run, what is damaged."""

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Deferrable, Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from places.models import Address


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


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
    """A place of the platform where vehicles stand and are handed over."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField("nom", max_length=80)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField("téléphone", max_length=20, blank=True)
    opening_hours = models.CharField("horaires d’ouverture", max_length=200, blank=True)  # as people read them
    is_open = models.BooleanField("ouvert", default=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
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
        readings = OdometerReading.objects.filter(vehicle=OuterRef("pk"), state=OdometerReading.State.ACCEPTED)
        return self.annotate(current_km=Subquery(readings.order_by("-read_at", "-pk").values("km")[:1]))

    def with_papers(self) -> Self:
        """Annotates what the last papers say: `last_inspection_on`, `inspected_until`, `insured_until`."""
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

    def free(self, start: dt.datetime, end: dt.datetime, now: dt.datetime) -> Self:
        """Those that nothing takes in [start, end), with `free_from` and `free_until`."""
        from fleet import availability

        return availability.free(self, start, end, now)

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


class HoldQuerySet(StaffQuerySet):
    def overlapping(self, start: dt.datetime, end: dt.datetime) -> Self:
        """Holds whose plan shares an instant with the half-open [start, end)."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def out(self) -> Self:
        """The vehicle has left and is not back."""
        return self.filter(out_at__isnull=False, back_at__isnull=True)

    def late(self, now: dt.datetime) -> Self:
        """Out past its plan."""
        return self.out().filter(ends_at__lte=now)

    def not_ready(self) -> Self:
        """Back from a loan, and nobody has said yet that the vehicle may leave again."""
        return self.filter(purpose=Hold.Purpose.LOAN, back_at__isnull=False, ready_at__isnull=True)


class Hold(models.Model):
    """A vehicle is taken from `starts_at` until `ends_at` (half-open), and why.

    That is the plan, and no two plans of a vehicle overlap, whatever their purpose. When it really left and
    came back (`out_at`, `back_at`) are facts, and are never refused. A cancelled plan is deleted.
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
        ]
        indexes = [
            models.Index(fields=["vehicle", "-starts_at"], name="holds_of_a_vehicle"),
            models.Index(
                fields=["platform", "ends_at"],
                name="holds_out",
                condition=Q(out_at__isnull=False, back_at__isnull=True),
            ),
            models.Index(fields=["platform", "starts_at"], name="holds_of_a_platform"),
            models.Index(
                fields=["vehicle"],
                name="holds_not_ready",
                condition=Q(purpose="loan", back_at__isnull=False, ready_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_out(self) -> bool:
        return self.out_at is not None and self.back_at is None

    @property
    def awaits_ready(self) -> bool:
        """Back from a loan, and not yet said to be ready."""
        return self.purpose == self.Purpose.LOAN and self.back_at is not None and self.ready_at is None

    def is_late(self, now: dt.datetime) -> bool:
        return self.is_out and self.ends_at <= now


class ReadingQuerySet(StaffQuerySet):
    def with_settled(self) -> Self:
        """Annotates `is_settled`: a correction has answered it."""
        return self.annotate(is_settled=Exists(OdometerReading.objects.filter(settles=OuterRef("pk"))))

    def to_settle(self) -> Self:
        """Disputed, and nobody has said yet what the counter really showed."""
        return self.with_settled().filter(state=OdometerReading.State.DISPUTED, is_settled=False)


class OdometerReading(models.Model):
    """One line of the kilometre ledger. Append-only; the current kilometres are derived.

    A reading lower than the one before is kept as disputed and settled by a later correction.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepté"
        DISPUTED = "disputed", "À vérifier"
        UNREADABLE = "unreadable", "Illisible"
        ABSENT = "absent", "Pas de compteur"

    class Source(models.TextChoices):
        CREATION = "creation", "Arrivée dans le parc"
        LOAN_OUT = "loan_out", "Départ d’un prêt"
        LOAN_IN = "loan_in", "Retour d’un prêt"
        JOB = "job", "Réparation"
        INSPECTION = "inspection", "Contrôle technique"
        CORRECTION = "correction", "Correction"
        NEW_COUNTER = "new_counter", "Compteur remplacé"
        MANUAL = "manual", "Relevé"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="odometer_readings")
    km = models.PositiveIntegerField("kilomètres", null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    read_at = models.DateTimeField("relevé le")
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settles = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="settled_by")
    reason = models.CharField("motif", max_length=200, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "disputed"], km__isnull=False)
                | Q(state__in=["unreadable", "absent"], km__isnull=True),
                name="a_reading_has_kilometres_or_says_why_not",
                violation_error_code="km_missing",
                violation_error_message="Notez les kilomètres, ou dites pourquoi on ne peut pas les lire.",
            ),
            models.CheckConstraint(
                condition=~Q(source="correction") | ~Q(reason=""),
                name="a_correction_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi vous corrigez les kilomètres.",
            ),
        ]
        indexes = [models.Index(fields=["vehicle", "-read_at", "-id"], name="readings_of_a_vehicle")]

    def __str__(self) -> str:
        return f"{self.km} km {self.read_at:%Y-%m-%d}"


class Damage(models.Model):
    """Something broken, scratched or missing on a vehicle. It belongs to the vehicle until it is repaired."""

    class Sort(models.TextChoices):
        SCRATCH = "scratch", "Rayure"
        CHIP = "chip", "Éclat"
        DENT = "dent", "Bosse ou choc"
        BROKEN = "broken", "Cassé ou fissuré"
        MISSING = "missing", "Manquant"
        TORN = "torn", "Déchirure ou brûlure"
        STAIN = "stain", "Tache"
        WORN = "worn", "Usure"
        FAULT = "fault", "Panne ou bruit"

    class Severity(models.IntegerChoices):
        COSMETIC = 1, "Léger"
        MODERATE = 2, "Moyen"
        UNSAFE = 3, "Ne doit plus rouler"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="damages")
    zone = models.CharField("zone", max_length=30, blank=True)  # of fleet/silhouettes.py
    part = models.CharField("partie", max_length=60, blank=True)
    sort = models.CharField("nature", max_length=10, choices=Sort.choices)
    severity = models.PositiveSmallIntegerField("gravité", choices=Severity.choices, default=Severity.COSMETIC)
    x = models.FloatField(null=True, blank=True)  # on the silhouette, 0 to 1 from its left and top
    y = models.FloatField(null=True, blank=True)
    note = models.CharField("précision", max_length=300, blank=True)
    found_at = models.DateTimeField("constaté le", default=clock.now)
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    repaired_at = models.DateTimeField("réparé le", null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["vehicle"], name="open_damages", condition=Q(repaired_at__isnull=True))]

    def __str__(self) -> str:
        return " · ".join(part for part in (self.get_sort_display(), self.part, self.note) if part)


class DamagePhoto(models.Model):
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    damage = models.ForeignKey(Damage, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects = StaffQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.damage_id}"


class Equipment(models.Model):
    """An accessory that goes with a vehicle or lies at a site: helmet, lock, charger, child seat…"""

    class Sort(models.TextChoices):
        HELMET = "helmet", "Casque"
        GLOVES = "gloves", "Gants"
        LOCK = "lock", "Antivol"
        CHARGER = "charger", "Chargeur"
        BATTERY = "battery", "Batterie"
        CABLE = "cable", "Câble de recharge"
        VEST = "vest", "Gilet"
        TRIANGLE = "triangle", "Triangle"
        CHILD_SEAT = "child_seat", "Siège enfant"
        TOP_CASE = "top_case", "Top-case"
        KEY = "key", "Double de clé"
        OTHER = "other", "Autre"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, blank=True, related_name="equipment")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="equipment")
    sort = models.CharField("nature", max_length=12, choices=Sort.choices)
    serial_number = models.CharField("numéro", max_length=40, blank=True)
    size = models.CharField("taille", max_length=10, blank=True)
    note = models.CharField("précision", max_length=120, blank=True)
    lost_at = models.DateTimeField("perdu ou hors d’usage le", null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(vehicle__isnull=False) | Q(site__isnull=False),
                name="equipment_is_somewhere",
                violation_error_code="nowhere",
                violation_error_message="Dites à quel véhicule ou à quel site va cet équipement.",
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.get_sort_display(), self.size, self.serial_number) if part)


class VehicleDocument(models.Model):
    """A paper of the vehicle: insurance, inspection (contrôle technique), registration certificate."""

    class Sort(models.TextChoices):
        INSURANCE = "insurance", "Assurance"
        INSPECTION = "inspection", "Contrôle technique"
        REGISTRATION = "registration", "Carte grise"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="documents")
    sort = models.CharField("nature", max_length=12, choices=Sort.choices)
    number = models.CharField("numéro", max_length=60, blank=True)
    issued_on = models.DateField("daté du", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(valid_until__isnull=True) | Q(issued_on__lte=F("valid_until")),
                name="a_paper_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="Ce papier finirait avant d’avoir commencé.",
            )
        ]
        indexes = [models.Index(fields=["vehicle", "sort", "-valid_until"], name="papers_of_a_vehicle")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.valid_until or ''}".strip()
