"""The loan: what was agreed with a participant, and which vehicles served it."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from fleet.models import Hold, Kind, Site, TsTzRange, Vehicle
from participants.models import Participant, Programme
from pricing.models import Account, Charge, Tariff


class OwnQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms'. A participant: their own."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(participant__user=user))


class BookingQuerySet(OwnQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' loans. A participant: their own; what is kept for them, once they were told of it."""
        seen = super().visible_to(user)
        if staff_platform_ids(user):
            return seen
        return seen.exclude(proposal__isnull=False, proposal__told_at__isnull=True, promised_until__isnull=False)


class Booking(models.Model):
    """The agreement with a participant: a kind of vehicle, from when until when, for what.

    A booking asks for a kind; an assignment gives it a vehicle. `starts_at` and `ends_at` repeat the outer
    ends of its periods, so that lists need no join; only `bookings/actions` write them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Brouillon"
        AWAITING_DOCUMENTS = "awaiting_documents", "Attend des papiers"
        AWAITING_APPROVAL = "awaiting_approval", "À approuver"
        REFUSED = "refused", "Refusé"
        RESERVED = "reserved", "Réservé"
        EXPIRED = "expired", "Expiré"
        ACTIVE = "active", "En cours"
        RETURNED = "returned", "Rendu"
        CANCELLED = "cancelled", "Annulé"
        NOT_RETURNED = "not_returned", "Jamais rendu"

    NEXT = {
        State.DRAFT: {State.AWAITING_DOCUMENTS, State.AWAITING_APPROVAL, State.RESERVED, State.CANCELLED},
        State.AWAITING_DOCUMENTS: {State.AWAITING_APPROVAL, State.RESERVED, State.REFUSED, State.CANCELLED},
        State.AWAITING_APPROVAL: {State.AWAITING_DOCUMENTS, State.RESERVED, State.REFUSED, State.CANCELLED},
        State.RESERVED: {State.ACTIVE, State.CANCELLED, State.EXPIRED},
        State.ACTIVE: {State.RETURNED, State.NOT_RETURNED},
        State.NOT_RETURNED: {State.RETURNED},
    }
    REQUESTS = frozenset({State.DRAFT, State.AWAITING_DOCUMENTS, State.AWAITING_APPROVAL})  # no vehicle yet
    OPEN = frozenset({State.RESERVED, State.ACTIVE})  # a vehicle is promised, or out
    OVER = frozenset({State.REFUSED, State.EXPIRED, State.RETURNED, State.CANCELLED, State.NOT_RETURNED})

    class Purpose(models.TextChoices):
        UNKNOWN = "", "Non précisé"
        CDI = "cdi", "CDI"
        CDD = "cdd", "CDD"
        TEMPORARY = "temporary", "Intérim"
        TRAINING = "training", "Formation"
        APPRENTICESHIP = "apprenticeship", "Alternance"
        SUBSIDISED = "subsidised", "Contrat aidé ou chantier d’insertion"
        INTERNSHIP = "internship", "Stage ou immersion (PMSMP)"
        JOB_SEARCH = "job_search", "Recherche d’emploi"
        KEEP_JOB = "keep_job", "Garder son emploi (panne, perte du permis)"

    class Refusal(models.TextChoices):
        NONE = "", "Pas refusé"
        NO_VEHICLE = "no_vehicle", "Pas de véhicule disponible"
        NOT_ELIGIBLE = "not_eligible", "Non éligible"
        NO_LICENCE = "no_licence", "N’a pas le permis qu’il faut"
        PAPERS_MISSING = "papers_missing", "Papiers non fournis"
        UNREACHABLE = "unreachable", "Non joignable"
        NO_SHOW = "no_show", "Ne s’est pas présenté·e"
        IN_WORK = "in_work", "En emploi, n’en a plus besoin"
        IN_TRAINING = "in_training", "En formation, n’en a plus besoin"
        NOT_MOBILE = "not_mobile", "Ne peut pas se déplacer"
        NOT_INTERESTED = "not_interested", "Pas intéressé·e"
        OTHER_BARRIERS = "other_barriers", "D’autres difficultés à régler d’abord"
        FULL = "full", "Action complète"
        DUPLICATE = "duplicate", "Demande en double"
        UNPAID = "unpaid", "Sommes dues sur un prêt précédent"
        OTHER = "other", "Autre"

    class GivenUp(models.TextChoices):
        """Why a loan was given up; those that are the platform's own doing cost nobody anything."""

        UNKNOWN = "", "Non précisé"
        OTHER_WAY = "other_way", "A trouvé une autre solution"
        NO_JOB = "no_job", "Le contrat ou la formation est annulé"
        BOUGHT = "bought", "A acheté un véhicule"
        PREVENTED = "prevented", "Maladie ou empêchement"
        PAPERS = "papers", "Permis ou papiers manquants"
        UNREACHABLE = "unreachable", "Injoignable"
        NO_SHOW = "no_show", "Ne s’est pas présenté·e"
        NO_VEHICLE = "no_vehicle", "Plus de véhicule à prêter"
        MISTAKE = "mistake", "Erreur de notre part"
        OTHER = "other", "Autre (dites lequel)"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="bookings")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="bookings")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    # Its own, or the one that all loans of its series share; opened when a vehicle is promised.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings")
    series = models.ForeignKey(
        "bookings.Series", on_delete=models.PROTECT, null=True, blank=True, related_name="bookings"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.RESERVED)
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices)
    needs_automatic = models.BooleanField("boîte automatique", default=False)
    needs_seats = models.PositiveSmallIntegerField("places au moins", null=True, blank=True)
    purpose = models.CharField("motif", max_length=15, choices=Purpose.choices, blank=True)
    destination = models.CharField("trajet convenu", max_length=200, blank=True)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancel_reason = models.CharField("motif de l’annulation", max_length=200, blank=True)
    given_up_because = models.CharField(
        "pourquoi", max_length=12, choices=GivenUp.choices, blank=True, default="", db_default=""
    )
    promised_until = models.DateTimeField("sous réserve jusqu’au", null=True, blank=True)  # None: firm
    refusal = models.CharField("motif du refus", max_length=15, choices=Refusal.choices, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="a_loan_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="La fin du prêt doit venir après son début.",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="a_cancellation_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi ce prêt est annulé.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""),
                name="a_refusal_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Choisissez le motif du refus.",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False)
                | Q(state__in=["draft", "awaiting_documents", "awaiting_approval", "refused", "cancelled"]),
                name="a_promised_loan_has_an_account",
                violation_error_code="no_account",
                violation_error_message="Un prêt promis a un compte.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["promised_until"],
                name="promises_that_expire",
                condition=Q(state="reserved", promised_until__isnull=False),
            ),
            models.Index(fields=["platform", "-starts_at"], name="loans_by_start"),
            models.Index(fields=["platform", "state", "ends_at"], name="loans_by_state"),
            models.Index(fields=["participant", "-starts_at"], name="loans_of_a_participant"),
        ]

    def __str__(self) -> str:
        return f"n° {self.pk}"

    @property
    def is_request(self) -> bool:
        """Asked for, and no vehicle promised yet."""
        return self.state in self.REQUESTS

    @property
    def is_provisional(self) -> bool:
        """Promised « sous réserve »: freed by itself unless somebody confirms it in time."""
        return self.state == self.State.RESERVED and self.promised_until is not None

    def is_late(self, now: dt.datetime) -> bool:
        """Derived, never typed: keys still out at or after the agreed end."""
        return self.state == self.State.ACTIVE and self.ends_at <= now


class PeriodQuerySet(StaffQuerySet):
    def standing(self) -> Self:
        """Not given up before it began."""
        return self.filter(given_up_at__isnull=True)

    def to_sign(self) -> Self:
        """Agreed on while the keys were out (by telephone, say): its contract page waits for a signature."""
        return self.standing().filter(awaits_signature=True, booking__state=Booking.State.ACTIVE)


class Period(models.Model):
    """One agreed stretch of the loan (the first, then each renewal), with the price as it was quoted.

    Once the keys are given, what stands on the account for `charges` is its `total`, and that of a period which was
    given up before it began is what the tariff says is due all the same (docs/decisions/022).
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="periods")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    quote = models.JSONField(default=dict, blank=True)  # pricing.tariffs.Quote.as_json()
    total = models.DecimalField("prix", max_digits=9, decimal_places=2)
    contract = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_copy = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the paper that was signed, scanned
    awaits_signature = models.BooleanField("à signer", default=False, db_default=False)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # renewed it
    given_up_at = models.DateTimeField("abandonnée le", null=True, blank=True)
    charges = models.ManyToManyField(Charge, related_name="+", blank=True)  # its rent, as it was charged and reversed
    created_at = models.DateTimeField(default=clock.now)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            ExclusionConstraint(
                name="periods_of_a_loan_do_not_overlap",
                expressions=[
                    ("booking", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(given_up_at__isnull=True),
                violation_error_code="period_overlap",
                violation_error_message="Deux périodes de ce prêt se chevaucheraient.",
            )
        ]
        indexes = [
            models.Index(fields=["platform"], name="periods_to_sign", condition=Q(awaits_signature=True)),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"


class AssignmentQuerySet(StaffQuerySet):
    def current(self) -> Self:
        """Not ended: the vehicle is promised, or out."""
        return self.filter(ended_at__isnull=True)

    def displaced(self) -> Self:
        """Promised, but its hold was taken away (the vehicle is blocked): to be re-housed."""
        return self.current().filter(hold__isnull=True)

    def out(self) -> Self:
        return self.filter(ended_at__isnull=True, hold__out_at__isnull=False, hold__back_at__isnull=True)


class Assignment(models.Model):
    """One vehicle for one part of a loan. It owns one hold; when it left and came back stands there.

    A current assignment without a hold is displaced, by definition.
    """

    class EndReason(models.TextChoices):
        RETURNED = "returned", "Rendu"
        REPLACED = "replaced", "Remplacé"
        CORRECTED = "corrected", "Corrigé"
        CANCELLED = "cancelled", "Annulé"
        REHOUSED = "rehoused", "Autre véhicule"
        LOST = "lost", "Jamais rendu"
        EXPIRED = "expired", "Promesse expirée"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="assignments")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="assignments")
    hold = models.OneToOneField(Hold, on_delete=models.SET_NULL, null=True, blank=True, related_name="assignment")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # where they come
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)
    pinned_at = models.DateTimeField("gardé pour ce prêt depuis", null=True, blank=True)  # nobody moves it
    plate_told_at = models.DateTimeField("plaque annoncée le", null=True, blank=True)  # this one is expected
    driver_identity = models.JSONField(default=dict, blank=True)  # bookings.identity, frozen when the keys left
    created_at = models.DateTimeField(default=clock.now)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="an_ended_assignment_says_how",
                violation_error_code="reason_missing",
                violation_error_message="Dites comment cette attribution a pris fin.",
            )
        ]
        indexes = [
            models.Index(
                fields=["platform"],
                name="displaced_assignments",
                condition=Q(hold__isnull=True, ended_at__isnull=True),
            ),
            models.Index(fields=["vehicle", "-starts_at"], name="assignments_of_a_vehicle"),
            models.Index(
                fields=["vehicle", "starts_at"], name="current_of_a_vehicle", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id}/{self.vehicle_id}"

    @property
    def is_told(self) -> bool:
        """They had its keys, or were told which one; before that an equal one may still take its place."""
        return self.plate_told_at is not None or (self.hold is not None and self.hold.out_at is not None)
