"""Notices that come by post: traffic fines, parking charges, unpaid tolls; and who drives when it is no loan."""

from decimal import Decimal
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from bookings.models.incidents import DUE_STEPS, CaseQuerySet
from bookings.models.loans import Assignment
from core import clock
from fleet.models import Hold, Site, TsTzRange, Vehicle
from maintenance.models import RepairJob
from pricing.models import Charge


class IncidentPolicy(models.Model):
    """What a platform asks for a fine that it passes on, and for how long it keeps what it knows of one."""

    platform = models.OneToOneField(Platform, on_delete=models.PROTECT, related_name="incident_policy")
    fine_fee = models.DecimalField(
        "frais de dossier d’une amende", max_digits=6, decimal_places=2, default=Decimal(0)
    )  # 0: none is asked
    keep_months = models.PositiveSmallIntegerField(
        "mois avant d’effacer une amende close",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
    )

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fine_fee__gte=0),
                name="a_fine_fee_is_not_negative",
                violation_error_code="not_positive",
                violation_error_message="Les frais de dossier ne peuvent pas être négatifs.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fine_fee} €"


class FineQuerySet(CaseQuerySet):
    def to_rebill(self) -> Self:
        """Parking charges and tolls that the platform has paid for somebody who is known, and not passed on yet."""
        ours = self.filter(sort__in=Fine.PASSED_ON, state=Fine.State.PAID)
        return ours.filter(assignment__isnull=False, charge__isnull=True)


class Trip(models.Model):
    """Somebody of the team drove this vehicle, from when until when: every use names its driver."""

    class Sort(models.TextChoices):
        STAFF = "staff", "Déplacement de l’équipe"
        TRANSFER = "transfer", "Transfert entre deux sites"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="trips")
    driver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sort = models.CharField("nature", max_length=10, choices=Sort.choices, default=Sort.STAFF)
    starts_at = models.DateTimeField("départ")
    ends_at = models.DateTimeField("arrivée")
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("pourquoi", max_length=200, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="one_trip_of_a_vehicle_at_a_time",
                expressions=[
                    ("vehicle", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_code="trip_overlap",
                violation_error_message="Un trajet de ce véhicule est déjà noté à ces heures.",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="a_trip_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="L’arrivée doit venir après le départ.",
            ),
            models.CheckConstraint(
                condition=~Q(sort="transfer") | Q(to_site__isnull=False),
                name="a_transfer_says_where_to",
                violation_error_code="site_missing",
                violation_error_message="Dites à quel site le véhicule a été conduit.",
            ),
        ]
        indexes = [models.Index(fields=["platform", "-starts_at"], name="trips_of_a_platform")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.starts_at:%Y-%m-%d}"


class Fine(models.Model):
    """A notice about one minute of one vehicle, and what became of it.

    No field says what was done: the law lets us keep what the designation needs, and no more (GDPR, art. 10).
    `driver` is who will be designated, as they were when the keys left. Purged, it names nobody.
    """

    class Sort(models.TextChoices):
        OFFENCE = "offence", "Amende"
        STOPPING = "stopping", "Amende de stationnement"
        PARKING = "parking", "Forfait de post-stationnement (FPS)"
        TOLL = "toll", "Péage en flux libre"

    class State(models.TextChoices):
        RECEIVED = "received", "Reçue"
        DESIGNATED = "designated", "Conducteur désigné"
        CONTESTED = "contested", "Contestée"
        PAID = "paid", "Payée"
        CLOSED = "closed", "Close"
        WITHDRAWN = "withdrawn", "Notée par erreur"

    NEXT = {
        State.RECEIVED: {State.DESIGNATED, State.CONTESTED, State.PAID, State.WITHDRAWN},
        State.DESIGNATED: {State.CONTESTED, State.PAID, State.CLOSED},
        State.CONTESTED: {State.DESIGNATED, State.PAID, State.CLOSED},
        State.PAID: {State.CLOSED},
    }
    OVER = (State.CLOSED, State.WITHDRAWN)
    UNDECIDED = (State.RECEIVED, State.CONTESTED)
    PASSED_ON = (Sort.PARKING, Sort.TOLL)  # paid by the platform, then by whoever had the vehicle

    class Use(models.TextChoices):
        UNKNOWN = "", "On ne sait pas"
        LOAN = "loan", "Prêt"
        STAFF = "staff", "Équipe"
        TRANSFER = "transfer", "Transfert"
        GARAGE = "garage", "Garage"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="fines")
    sort = models.CharField("nature", max_length=10, choices=Sort.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    number = models.CharField("numéro de l’avis", max_length=40, blank=True)
    sent_on = models.DateField("avis envoyé le", null=True, blank=True)
    offence_at = models.DateTimeField("date et heure des faits", null=True, blank=True)
    place = models.CharField("lieu", max_length=200, blank=True)
    amount = models.DecimalField("montant", max_digits=7, decimal_places=2)
    use = models.CharField("qui conduisait", max_length=10, choices=Use.choices, blank=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="fines")
    trip = models.ForeignKey(Trip, on_delete=models.PROTECT, null=True, blank=True, related_name="fines")
    transfer = models.ForeignKey(Hold, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    job = models.ForeignKey(RepairJob, on_delete=models.PROTECT, null=True, blank=True, related_name="fines")
    driver = models.JSONField(default=dict, blank=True)  # bookings.identity.Identity.as_json()
    designated_on = models.DateField("désigné le", null=True, blank=True)
    contested_on = models.DateField("contestée le", null=True, blank=True)
    paid_on = models.DateField("payée le", null=True, blank=True)
    paid_amount = models.DecimalField("payé", max_digits=7, decimal_places=2, null=True, blank=True)
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="fine")
    fee_charge = models.OneToOneField(Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="fine_fee")
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    purged_at = models.DateTimeField("effacée le", null=True, blank=True)
    due_on = models.DateField("au plus tard le", null=True, blank=True)
    due_step = models.CharField("à faire", max_length=10, blank=True)

    objects = FineQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "number"],
                condition=~Q(number="") & ~Q(state="withdrawn"),
                name="one_fine_a_number",
                violation_error_code="fine_exists",
                violation_error_message="Un avis de ce numéro est déjà noté.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & (Q(paid_amount__isnull=True) | Q(paid_amount__gt=0)),
                name="a_fine_costs_something",
                violation_error_code="not_positive",
                violation_error_message="Le montant est plus grand que zéro.",
            ),
            models.CheckConstraint(
                condition=~Q(sort="offence") | Q(paid_on__isnull=True) | Q(designated_on__isnull=False),
                name="no_offence_is_paid_before_its_driver_is_named",
                violation_error_code="not_designated",
                violation_error_message="Désignez d’abord le conducteur : payer l’amende avant ferait perdre ce droit.",
            ),
            models.CheckConstraint(
                condition=~Q(sort__in=["offence", "stopping"]) | Q(charge__isnull=True),
                name="an_offence_is_never_charged",
                violation_error_code="never_charged",
                violation_error_message="Une amende n’est jamais facturée à la personne : elle la reçoit à son nom.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_step="") | (Q(due_on__isnull=False) & ~Q(due_step="")),
                name="a_deadline_of_a_fine_says_for_what",
                violation_error_code="step_missing",
                violation_error_message="Une échéance dit ce qu’il faut faire.",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True)
                | Q(
                    number="",
                    place="",
                    use="",
                    driver={},
                    offence_at__isnull=True,
                    assignment__isnull=True,
                    trip__isnull=True,
                    transfer__isnull=True,
                    job__isnull=True,
                    charge__isnull=True,
                    fee_charge__isnull=True,
                ),
                name="a_purged_fine_names_nobody",
                violation_error_code="not_purged",
                violation_error_message="Une amende effacée ne nomme plus personne.",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "-noted_at"], name="fines_of_a_platform"),
            models.Index(fields=["vehicle", "-offence_at"], name="fines_of_a_vehicle"),
            models.Index(fields=["platform", "due_on"], name="fines_due", condition=Q(due_on__isnull=False)),
            models.Index(
                fields=["closed_at"],
                name="fines_to_purge",
                condition=Q(closed_at__isnull=False, purged_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} n° {self.pk}"

    @property
    def due_words(self) -> str:
        return DUE_STEPS.get(self.due_step, "")

    @property
    def driver_may_change(self) -> bool:
        """Nobody was designated yet, and nobody has to pay: what is ours may be paid before one knows who drove."""
        paid_by_us = self.sort in self.PASSED_ON and self.state == self.State.PAID and self.charge_id is None
        return self.state in self.UNDECIDED or paid_by_us

    @property
    def is_to_rebill(self) -> bool:
        """As `to_rebill` reads them."""
        return self.driver_may_change and self.state == self.State.PAID and self.assignment_id is not None
