"""What is damaged, what belongs to a vehicle, and its papers."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from fleet.models.insurance import InsurancePolicy
from fleet.models.vehicles import Site, Vehicle


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
    policy = models.ForeignKey(InsurancePolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
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
            ),
            models.CheckConstraint(
                condition=Q(policy__isnull=True) | Q(sort="insurance"),
                name="a_policy_is_of_an_insurance",
                violation_error_code="not_an_insurance",
                violation_error_message="Seule une assurance nomme un contrat d’assurance.",
            ),
        ]
        indexes = [models.Index(fields=["vehicle", "sort", "-valid_until"], name="papers_of_a_vehicle")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.valid_until or ''}".strip()
