"""What goes wrong with a vehicle that is lent: breakdown, accident, theft, impound; and a loan that never came back."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from bookings.models.loans import Assignment, Booking
from core import clock
from core.models import StoredFile
from fleet.models import Damage, Vehicle
from maintenance.models import RepairJob

DUE_STEPS = {
    "complain": "Porter plainte",
    "insure": "Déclarer à l’assurance",
    "fetch": "Sortir de la fourrière",
    "designate": "Désigner le conducteur",
    "contest": "Contester",
    "pay": "Payer",
}


class CaseQuerySet(StaffQuerySet):
    def due(self) -> Self:
        """Those of which the law waits for something, by a day."""
        return self.filter(due_on__isnull=False)


class Incident(models.Model):
    """Something that happened to a vehicle and has to be followed up: states, dates, papers.

    `due_on` and `due_step` repeat what bookings/cases/steps.py makes of the rest, so that « Aujourd’hui » needs one
    query; only the actions write them.
    """

    class Sort(models.TextChoices):
        BREAKDOWN = "breakdown", "Panne"
        ACCIDENT = "accident", "Accident"
        THEFT = "theft", "Vol"
        IMPOUND = "impound", "Fourrière"

    class State(models.TextChoices):
        OPEN = "open", "Ouvert"
        DECLARED = "declared", "Déclaré à l’assurance"
        CLOSED = "closed", "Clos"

    NEXT = {
        State.OPEN: {State.DECLARED, State.CLOSED},
        State.DECLARED: {State.CLOSED},
    }

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="incidents")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    job = models.ForeignKey(RepairJob, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    damages = models.ManyToManyField(Damage, blank=True, related_name="incidents")
    sort = models.CharField("nature", max_length=10, choices=Sort.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    happened_at = models.DateTimeField("arrivé le")
    known_on = models.DateField("connu le")  # the insurer's delay runs from this day
    place = models.CharField("lieu", max_length=200, blank=True)
    description = models.TextField("ce qui s’est passé", max_length=2000, blank=True)
    other_party = models.CharField("l’autre conducteur", max_length=400, blank=True)
    complaint_on = models.DateField("plainte déposée le", null=True, blank=True)
    complaint_number = models.CharField("numéro de la plainte", max_length=60, blank=True)
    keys_returned = models.BooleanField("clés rendues", null=True, blank=True)
    declared_on = models.DateField("déclaré à l’assurance le", null=True, blank=True)
    claim_number = models.CharField("numéro de sinistre", max_length=60, blank=True)
    pound = models.CharField("fourrière", max_length=200, blank=True)
    notified_on = models.DateField("mise en demeure reçue le", null=True, blank=True)
    low_value = models.BooleanField("véhicule de faible valeur", default=False)
    removal_cost = models.DecimalField("enlèvement", max_digits=7, decimal_places=2, null=True, blank=True)
    daily_cost = models.DecimalField("garde par jour", max_digits=6, decimal_places=2, null=True, blank=True)
    fetched_on = models.DateField("sorti le", null=True, blank=True)
    outcome = models.CharField("suite", max_length=300, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField("signalé le", default=clock.now)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    due_on = models.DateField("au plus tard le", null=True, blank=True)
    due_step = models.CharField("à faire", max_length=10, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="a_closed_incident_says_how",
                violation_error_code="outcome_missing",
                violation_error_message="Dites comment cela s’est terminé.",
            ),
            models.CheckConstraint(
                condition=~Q(state="declared") | Q(declared_on__isnull=False),
                name="a_declaration_has_a_day",
                violation_error_code="day_missing",
                violation_error_message="Notez le jour de la déclaration.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_step="") | (Q(due_on__isnull=False) & ~Q(due_step="")),
                name="a_deadline_of_an_incident_says_for_what",
                violation_error_code="step_missing",
                violation_error_message="Une échéance dit ce qu’il faut faire.",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "-happened_at"], name="incidents_of_a_platform"),
            models.Index(fields=["vehicle", "-happened_at"], name="incidents_of_a_vehicle"),
            models.Index(fields=["platform", "due_on"], name="incidents_due", condition=Q(due_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} n° {self.pk}"

    @property
    def due_words(self) -> str:
        return DUE_STEPS.get(self.due_step, "")


class UnreturnedLoan(models.Model):
    """A vehicle of a loan that did not come back: why, since when, until when rent was due.

    The loan ends with the last vehicle that it had; a replacement may get lost too. The vehicle's hold stays out, with
    another purpose, and is prolonged until the vehicle is recovered or withdrawn.
    """

    class Why(models.TextChoices):
        STOLEN = "stolen", "Volé"
        IMPOUNDED = "impounded", "En fourrière"
        DESTROYED = "destroyed", "Détruit"
        KEPT = "kept", "Gardé par la personne"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="unreturned")
    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="unreturned")
    why = models.CharField("pourquoi", max_length=10, choices=Why.choices)
    since = models.DateTimeField("depuis le")
    rent_until = models.DateField("participation due jusqu’au")  # this day included
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=clock.now)
    recovered_at = models.DateTimeField("retrouvé le", null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recovered_at__isnull=True) | Q(recovered_at__gte=F("since")),
                name="what_is_recovered_was_gone",
                violation_error_code="back_before_out",
                violation_error_message="Le véhicule ne peut pas être retrouvé avant d’avoir disparu.",
            )
        ]
        indexes = [
            models.Index(fields=["platform"], name="vehicles_not_recovered", condition=Q(recovered_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.get_why_display()


class CasePaper(models.Model):
    """A paper or photo of an incident or of a fine."""

    class Sort(models.TextChoices):
        STATEMENT = "statement", "Constat amiable"
        COMPLAINT = "complaint", "Récépissé de plainte"
        PHOTO = "photo", "Photo"
        INSURER = "insurer", "Courrier de l’assurance"
        NOTICE = "notice", "Avis reçu"
        DESIGNATION = "designation", "Fiche de désignation"
        RECEIPT = "receipt", "Accusé ou reçu"
        OTHER = "other", "Autre"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    fine = models.ForeignKey("bookings.Fine", on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    sort = models.CharField("nature", max_length=12, choices=Sort.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=True, fine__isnull=False) | Q(incident__isnull=False, fine__isnull=True),
                name="a_case_paper_belongs_to_one_case",
                violation_error_code="no_case",
                violation_error_message="Ce papier appartient à un incident ou à une amende.",
            )
        ]

    def __str__(self) -> str:
        return self.get_sort_display()
