"""Repair jobs: from a defect to a vehicle that is back, by way of a garage that was asked."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Round

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from fleet.models import Damage, Hold, Vehicle
from garages.models import Garage, Work
from participants.models import Participant


class RepairPolicy(models.Model):
    """How a platform decides on repairs."""

    platform = models.OneToOneField(Platform, on_delete=models.PROTECT, related_name="repair_policy")
    quote_ceiling = models.DecimalField(
        "un devis jusqu’à ce montant s’approuve de lui-même",
        max_digits=7,
        decimal_places=2,
        default=Decimal(0),
    )
    offer_hours = models.PositiveSmallIntegerField("heures laissées au garage pour répondre", default=48)
    offers_by_itself = models.BooleanField("proposer de soi-même au garage suivant", default=True)

    objects = StaffQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.quote_ceiling} €"


class RepairJobQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' jobs, for as long as they belong to the team. A participant: what they reported.

        A garage: those that it has, and the ones of which it is asked now. What it declined, let pass or was
        relieved of is another garage's business (its page says so by the offer, which stays its own).
        """
        if not getattr(user, "is_authenticated", False):
            return self.none()
        garages = Garage.objects.visible_to(user).exclude(platform_id__in=staff_platform_ids(user))
        own = Q(reported_by=user, reported_by__participant__platform=F("platform"))
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | _in_the_hands_of(garages) | own)

    def in_the_hands_of(self, garages: Any) -> Self:
        """The jobs that these garages have, and those of which they are asked now."""
        return self.filter(_in_the_hands_of(garages))

    def open(self) -> Self:
        return self.exclude(state__in=RepairJob.CLOSED)

    def with_costs(self) -> Self:
        """Annotates `quoted`: the sum of the quote's lines, None without a quote."""
        lines = QuoteLine.objects.filter(job=OuterRef("pk")).order_by().values("job")
        total = Sum(Round(F("quantity") * F("unit_price"), precision=2))
        return self.annotate(quoted=Subquery(lines.annotate(total=total).values("total")))

    def with_next_loan(self, now: dt.datetime) -> Self:
        """Annotates `next_loan_at`: when the vehicle is promised next, the deadline that nobody has to type."""
        loans = Hold.objects.filter(vehicle=OuterRef("vehicle"), purpose=Hold.Purpose.LOAN, starts_at__gt=now)
        return self.annotate(next_loan_at=Subquery(loans.order_by("starts_at").values("starts_at")[:1]))

    def with_vehicle_out(self) -> Self:
        """Annotates `driven`: a participant has the vehicle now."""
        out = Hold.objects.out().filter(vehicle=OuterRef("vehicle"), purpose=Hold.Purpose.LOAN)
        return self.annotate(driven=Exists(out))

    def to_pay(self) -> Self:
        """Back, with an invoice or the quote of one, and not paid."""
        return self.filter(state=RepairJob.State.COLLECTED, paid_on__isnull=True).filter(
            Q(invoiced_at__isnull=False) | Exists(QuoteLine.objects.filter(job=OuterRef("pk"), unit_price__gt=0))
        )

    def waiting_for_vehicle(self) -> Self:
        """A garage expects the vehicle, and nothing keeps it yet: somebody drives it, or another job has it."""
        return self.open().filter(
            vehicle__isnull=False, needs_vehicle=True, hold__isnull=True, appointment_at__isnull=False
        )


def _in_the_hands_of(garages: Any) -> Q:
    asked = JobOffer.objects.filter(garage__in=garages, answer=JobOffer.Answer.PENDING)
    return Q(garage__in=garages) | Q(pk__in=asked.values("job_id"))


class RepairJob(models.Model):
    """Something to repair on one vehicle, and its way through a garage.

    When it needs the vehicle, a maintenance hold covers it from the day the vehicle is given up until it is
    back, not until the garage says done. Without one it is an appointment during a loan.
    """

    class State(models.TextChoices):
        TO_DECIDE = "to_decide", "À décider"
        OFFERED = "offered", "Proposé"
        ACCEPTED = "accepted", "Accepté"
        QUOTED = "quoted", "Devis reçu"
        APPROVED = "approved", "Devis approuvé"
        IN_PROGRESS = "in_progress", "Au garage"
        WAITING_PARTS = "waiting_parts", "Pièces en attente"
        DONE = "done", "Terminé"
        COLLECTED = "collected", "Récupéré"
        CANCELLED = "cancelled", "Annulé"

    NEXT = {
        State.TO_DECIDE: {State.OFFERED, State.ACCEPTED, State.CANCELLED},
        State.OFFERED: {State.TO_DECIDE, State.ACCEPTED, State.CANCELLED},
        State.ACCEPTED: {State.TO_DECIDE, State.QUOTED, State.CANCELLED},
        State.QUOTED: {State.ACCEPTED, State.APPROVED, State.TO_DECIDE, State.CANCELLED},
        State.APPROVED: {State.IN_PROGRESS, State.TO_DECIDE, State.CANCELLED},
        State.IN_PROGRESS: {State.WAITING_PARTS, State.DONE, State.QUOTED},
        State.WAITING_PARTS: {State.IN_PROGRESS, State.DONE},
        State.DONE: {State.COLLECTED},
    }
    CLOSED = (State.COLLECTED, State.CANCELLED)

    class Sort(models.TextChoices):
        REPAIR = "repair", "Réparation"
        SERVICE = "service", "Entretien"
        ACCIDENT = "accident", "Accident"
        INSPECTION = "inspection", "Contrôle technique"
        RECALL = "recall", "Rappel du constructeur"
        TYRES = "tyres", "Pneus"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="jobs", null=True, blank=True)
    own_vehicle = models.CharField("véhicule du participant", max_length=120, blank=True)  # when not the pool's
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="repair_jobs"
    )  # whose own vehicle it is
    state = models.CharField(max_length=15, choices=State.choices, default=State.TO_DECIDE)
    sort = models.CharField("nature", max_length=12, choices=Sort.choices, default=Sort.REPAIR)
    work = models.CharField("travail", max_length=20, choices=Work.choices, default=Work.MECHANICS)
    title = models.CharField("objet", max_length=120)
    description = models.TextField("description", max_length=2000, blank=True)
    damages = models.ManyToManyField(Damage, blank=True, related_name="jobs")
    vehicle_rolls = models.BooleanField("le véhicule roule", default=True)
    needs_vehicle = models.BooleanField("le garage garde le véhicule", default=True)
    needed_by = models.DateTimeField("à rendre avant le", null=True, blank=True)
    hold = models.OneToOneField(Hold, on_delete=models.SET_NULL, null=True, blank=True, related_name="repair_job")
    garage = models.ForeignKey(Garage, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs")
    appointment_at = models.DateTimeField("rendez-vous", null=True, blank=True)
    expected_ready_at = models.DateTimeField("prêt vers le", null=True, blank=True)
    quote_note = models.CharField("remarque du garage sur le devis", max_length=300, blank=True)
    quote_refused_reason = models.CharField("motif du refus du devis", max_length=200, blank=True)
    odometer_km = models.PositiveIntegerField("kilomètres à l’arrivée", null=True, blank=True)
    done_at = models.DateTimeField("terminé le", null=True, blank=True)
    collected_at = models.DateTimeField("récupéré le", null=True, blank=True)
    invoice_number = models.CharField("numéro de facture", max_length=40, blank=True)
    invoice_amount = models.DecimalField("montant facturé", max_digits=9, decimal_places=2, null=True, blank=True)
    invoice_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    invoiced_at = models.DateTimeField("facturé le", null=True, blank=True)
    paid_on = models.DateField("payé le", null=True, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reported_jobs")
    reported_at = models.DateTimeField("signalé le", default=clock.now)
    cancelled_reason = models.CharField("motif de l’annulation", max_length=200, blank=True)

    objects = RepairJobQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(vehicle__isnull=False) | (~Q(own_vehicle="") & Q(participant__isnull=False)),
                name="a_job_is_about_a_vehicle",
                violation_error_code="no_vehicle",
                violation_error_message="Dites de quel véhicule il s’agit.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["to_decide", "offered", "cancelled"]) | Q(garage__isnull=False),
                name="an_accepted_job_has_a_garage",
                violation_error_code="no_garage",
                violation_error_message="Aucun garage n’a accepté ce travail.",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state"], name="jobs_by_state"),
            models.Index(fields=["vehicle", "-reported_at"], name="jobs_of_a_vehicle"),
            models.Index(fields=["garage", "state"], name="jobs_of_a_garage"),
        ]

    def __str__(self) -> str:
        return self.title

    def quote_total(self) -> Decimal:
        return sum((line.total for line in self.quote_lines.all()), Decimal(0))


class JobOffer(models.Model):
    """A job proposed to one garage, why to this one, and what it answered."""

    class Answer(models.TextChoices):
        PENDING = "pending", "En attente"
        ACCEPTED = "accepted", "Accepté"
        DECLINED = "declined", "Refusé"
        EXPIRED = "expired", "Sans réponse"
        WITHDRAWN = "withdrawn", "Retiré"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(RepairJob, on_delete=models.PROTECT, related_name="offers")
    garage = models.ForeignKey(Garage, on_delete=models.PROTECT, related_name="offers")
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.PENDING)
    reasons = models.JSONField(default=list, blank=True)  # the sentences that explained its rank when it was offered
    offered_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField("motif du refus", max_length=200, blank=True)
    on_behalf = models.CharField("répondu pour le garage", max_length=120, blank=True)  # « par téléphone, M. X »

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(answer="pending"),
                name="one_garage_is_asked_at_a_time",
                violation_error_code="already_offered",
                violation_error_message="Ce travail est déjà proposé à un garage qui n’a pas encore répondu.",
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="offers_pending", condition=Q(answer="pending")),
            models.Index(fields=["garage", "answer"], name="offers_of_a_garage"),
        ]

    def __str__(self) -> str:
        return f"{self.garage_id} {self.answer}"


class QuoteLine(models.Model):
    """One line of the garage's quote: labour in hours, a part, or something else."""

    class Sort(models.TextChoices):
        LABOUR = "labour", "Main-d’œuvre"
        PART = "part", "Pièce"
        OTHER = "other", "Autre"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(RepairJob, on_delete=models.CASCADE, related_name="quote_lines")
    sort = models.CharField("nature", max_length=8, choices=Sort.choices)
    label = models.CharField("libellé", max_length=120)
    quantity = models.DecimalField("quantité", max_digits=7, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField("prix unitaire", max_digits=8, decimal_places=2)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(unit_price__gte=0),
                name="a_quote_line_adds_up",
                violation_error_code="not_positive",
                violation_error_message="Une ligne de devis a une quantité et un prix.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.total} €"

    @property
    def total(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"), ROUND_HALF_UP)


class JobFile(models.Model):
    """A photo of the defect, or the garage's own quote."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(RepairJob, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    is_quote = models.BooleanField(default=False)

    objects = StaffQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.job_id}"


class GarageStay(models.Model):
    """From when until when a garage had the keys of a vehicle: facts, whether a hold of ours kept it or a participant
    brought it during a loan. A job may have several: a part is waited for, the vehicle leaves and comes again."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(RepairJob, on_delete=models.PROTECT, related_name="stays")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="stays")
    garage = models.ForeignKey(Garage, on_delete=models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField("au garage depuis")
    left_at = models.DateTimeField("reparti le", null=True, blank=True)  # None: it is there

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at")),
                name="a_vehicle_leaves_a_garage_after_it_came",
                violation_error_code="back_before_out",
                violation_error_message="Le véhicule ne peut pas repartir avant d’être arrivé.",
            )
        ]
        indexes = [models.Index(fields=["vehicle", "-arrived_at"], name="stays_of_a_vehicle")]

    def __str__(self) -> str:
        return f"{self.garage_id} {self.arrived_at:%Y-%m-%d}"
