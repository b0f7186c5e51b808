"""The people whom the platform accompanies. Everything else works for one who has but a name and a telephone."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.french import InFrench
from core.models import StoredFile
from fleet.models import Kind
from participants.papers import PaperSort
from places.models import Address


class Programme(models.Model):
    """The *dispositif* under which someone is accompanied; tariffs refer to it. Every platform has a default one."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField("nom", max_length=80)
    funder = models.CharField("financeur", max_length=120, blank=True)
    eligibility = models.CharField("pour qui", max_length=300, blank=True)
    is_default = models.BooleanField("proposé d’office", default=False)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = [InFrench("name")]
        constraints = [
            models.UniqueConstraint(
                "platform",
                Lower("name"),
                name="one_programme_a_name",
                violation_error_code="programme_exists",
                violation_error_message="Un dispositif porte déjà ce nom.",
            ),
            models.UniqueConstraint(
                fields=["platform"],
                condition=Q(is_default=True),
                name="one_default_programme",
                violation_error_code="default_exists",
                violation_error_message="Un autre dispositif est déjà proposé d’office.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PrescriberOrganization(models.Model):
    """A structure that sends people: France Travail, mission locale, CCAS, Département…"""

    class Sort(models.TextChoices):
        FT = "FT", "France Travail"
        ML = "ML", "Mission locale"
        CCAS = "CCAS", "CCAS"
        DEPT = "DEPT", "Département"
        PLIE = "PLIE", "PLIE"
        CAP_EMPLOI = "CAP_EMPLOI", "Cap emploi"
        SIAE = "SIAE", "Structure d’insertion (SIAE)"
        EMPLOYER = "EMPLOYER", "Employeur"
        CAF = "CAF", "CAF"
        MSA = "MSA", "MSA"
        OTHER = "OTHER", "Autre"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=120)
    sort = models.CharField("nature", max_length=12, choices=Sort.choices, default=Sort.OTHER)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = [InFrench("name")]
        constraints = [
            models.UniqueConstraint(
                "platform",
                Lower("name"),
                name="one_prescriber_a_name",
                violation_error_code="prescriber_exists",
                violation_error_message="Un prescripteur porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Referent(models.Model):
    """Who follows the person outside the platform; may differ from whoever prescribed."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        PrescriberOrganization, on_delete=models.PROTECT, null=True, blank=True, related_name="referents"
    )
    name = models.CharField("nom", max_length=120)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="referent")

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = [InFrench("name")]
        constraints = [
            models.UniqueConstraint(
                "platform",
                Lower("name"),
                "organization",
                name="one_referent_a_name",
                nulls_distinct=False,
                violation_error_code="referent_exists",
                violation_error_message="Ce référent est déjà connu.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ParticipantQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' participants. A participant: themself. A référent: the people they follow."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(user=user) | Q(referent__user=user))


class Participant(models.Model):
    """A person accompanied on the way back to work. UI: « participant·e », never « bénéficiaire »."""

    class LicenceDeclared(models.TextChoices):
        """What the person says; a DrivingEntitlement says what was seen."""

        UNKNOWN = "", "Non précisé"
        NONE = "none", "Aucun permis"
        LEARNING = "learning", "En cours d’apprentissage"
        HELD = "held", "Permis déclaré"

    class FrenchLevel(models.TextChoices):
        UNKNOWN = "", "Non précisé"
        BELOW_A1 = "A0", "Moins que A1"
        A1 = "A1", "A1"
        A2 = "A2", "A2"
        B1 = "B1", "B1 ou plus"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="participants")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="participant")
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    name_key = models.CharField(max_length=170)  # participants.names.key_of: no accents, no case
    birth_date = models.DateField("né·e le", null=True, blank=True)
    birth_place = models.CharField("né·e à", max_length=80, blank=True)  # the designation of a driver asks for it
    phone = models.CharField("téléphone", max_length=20, blank=True)  # E.164
    email = models.EmailField("adresse e-mail", blank=True)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="participants")
    prescriber = models.ForeignKey(
        PrescriberOrganization, on_delete=models.PROTECT, null=True, blank=True, related_name="participants"
    )
    referent = models.ForeignKey(Referent, on_delete=models.PROTECT, null=True, blank=True, related_name="participants")
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="advised")
    licence_declared = models.CharField("permis déclaré", max_length=10, choices=LicenceDeclared.choices, blank=True)
    licence_remark = models.CharField("précision sur le permis", max_length=120, blank=True)
    french_level = models.CharField("niveau de français", max_length=2, choices=FrenchLevel.choices, blank=True)
    project = models.CharField("projet", max_length=200, blank=True)
    entered_on = models.DateField("entrée le", null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "name_key", "birth_date"],
                condition=Q(birth_date__isnull=False),
                name="one_participant_a_name_and_birth_date",
                violation_error_code="participant_exists",
                violation_error_message="Une personne de ce nom et de cette date de naissance est déjà connue.",
            )
        ]
        indexes = [
            models.Index(fields=["platform", "name_key"], name="participants_by_name"),
            GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="participants_search"),
            models.Index(fields=["platform", "phone"], name="participants_by_phone"),
            models.Index(Lower("email"), name="participants_by_mailbox", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def age_on(self, day: dt.date) -> int | None:
        """Whole years, when the birth date is known."""
        if self.birth_date is None:
            return None
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))

    def audiences_on(self, day: dt.date) -> set[str]:
        """The publics to which the person belongs on this day. Prefetch `audiences` where there are many people."""
        return {membership.audience for membership in self.audiences.all() if membership.holds_on(day)}


class Audience(models.TextChoices):
    """The *publics* of social insertion; a tariff or a funder may be for one of them."""

    RSA = "rsa", "RSA"
    ASS = "ass", "ASS"
    AAH = "aah", "AAH"
    JOBSEEKER = "jobseeker", "Demandeur·euse d’emploi (DE)"
    DELD = "deld", "Demandeur·euse d’emploi de longue durée (12 à 24 mois)"
    DETLD = "detld", "Demandeur·euse d’emploi de très longue durée (plus de 24 mois)"
    UNDER_26 = "under_26", "Jeune de moins de 26 ans"
    SENIOR = "senior", "Senior (50 ans et plus)"
    SIAE_EMPLOYEE = "siae_employee", "Salarié·e en insertion (ACI, SIAE)"
    DISABLED_WORKER = "disabled_worker", "Travailleur·euse handicapé·e (RQTH)"
    SINGLE_PARENT = "single_parent", "Parent isolé·e"
    REFUGEE = "refugee", "Réfugié·e ou protégé·e"
    QPV = "qpv", "Quartier prioritaire (QPV)"
    FRR = "frr", "Zone France ruralités revitalisation (FRR)"


class AudienceMembership(models.Model):
    """The participant belongs to this public from a day, until a day (half-open) or until further notice."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="audiences")
    audience = models.CharField("public", max_length=20, choices=Audience.choices)
    starts_on = models.DateField("depuis le", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    proof_seen_on = models.DateField("justificatif vu le", null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "audience"],
                condition=Q(ends_on__isnull=True),
                name="an_audience_is_current_once",
                violation_error_code="audience_exists",
                violation_error_message="Cette personne a déjà ce public.",
            )
        ]

    def __str__(self) -> str:
        return self.get_audience_display()

    def holds_on(self, day: dt.date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day < self.ends_on)


class DrivingEntitlement(models.Model):
    """A right to drive that somebody saw, or was told of: a licence category and all that limits it.

    No points balance, no offence: a suspension is only "not entitled until".
    """

    class Category(models.TextChoices):
        AM = "AM", "AM (BSR)"
        A1 = "A1", "A1"
        A2 = "A2", "A2"
        A = "A", "A"
        B1 = "B1", "B1"
        B = "B", "B"

    class Sort(models.TextChoices):
        LICENCE = "licence", "Permis"
        FOREIGN = "foreign", "Permis étranger"
        CEPC = "cepc", "Certificat d’examen (CEPC)"
        TRAINING = "training", "Attestation de formation"
        EXCHANGE = "exchange", "Récépissé d’échange (ADS)"

    class Method(models.TextChoices):
        DECLARED = "", "Déclaré, non vérifié"
        ORIGINAL = "original", "Original vu"
        ADCS = "adcs", "Attestation de droits à conduire (ADCS)"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entitlements")
    category = models.CharField("catégorie", max_length=3, choices=Category.choices)
    sort = models.CharField("titre", max_length=10, choices=Sort.choices, default=Sort.LICENCE)
    number = models.CharField("numéro", max_length=30, blank=True)
    obtained_on = models.DateField("obtenu le", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    restriction_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    training_125_on = models.DateField("formation 125 (7 h) le", null=True, blank=True)
    training_125_exempt = models.BooleanField("dispensé de la formation 125 (assuré de 2006 à 2010)", default=False)
    training_automatic_lift_on = models.DateField("formation boîte manuelle (7 h) le", null=True, blank=True)
    not_entitled_until = models.DateField("pas le droit de conduire jusqu’au", null=True, blank=True)
    method = models.CharField("vérification", max_length=10, choices=Method.choices, blank=True)
    verified_on = models.DateField("vérifié le", null=True, blank=True)
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "category", "sort"],
                name="one_entitlement_a_category",
                violation_error_code="entitlement_exists",
                violation_error_message="Ce permis est déjà noté pour cette personne.",
            ),
            models.CheckConstraint(
                condition=Q(method="") | Q(verified_on__isnull=False),
                name="a_verification_has_a_day",
                violation_error_code="day_missing",
                violation_error_message="Notez le jour où le permis a été vu.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} ({self.get_sort_display()})"


class ParticipantDocument(models.Model):
    """A paper that somebody saw, or that is promised for a day. Better « vu l’original » than a copy kept.

    Each look at a paper is a row of its own; the best of them answers (`participants/papers.py`).
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="documents")
    sort = models.CharField("papier", max_length=20, choices=PaperSort.choices)
    label = models.CharField("précision", max_length=120, blank=True)
    issued_on = models.DateField("daté du", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    seen_on = models.DateField("vu le", null=True, blank=True)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_original = models.BooleanField("original vu", default=False)
    promised_for = models.DateField("promis pour le", null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["sort", "-seen_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_on__isnull=False) | Q(promised_for__isnull=False),
                name="a_paper_is_seen_or_promised",
                violation_error_code="day_missing",
                violation_error_message="Dites quand ce papier a été vu, ou pour quand il est promis.",
            ),
            models.CheckConstraint(
                condition=Q(seen_original=False) | Q(seen_on__isnull=False),
                name="an_original_was_seen_on_a_day",
                violation_error_code="day_missing",
                violation_error_message="Dites quand l’original a été vu.",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(valid_until__isnull=True) | Q(issued_on__lte=F("valid_until")),
                name="a_document_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="Ce papier finirait avant d’avoir commencé.",
            ),
            models.CheckConstraint(
                condition=~Q(sort="other") | ~Q(label=""),
                name="another_paper_has_a_name",
                violation_error_code="label_missing",
                violation_error_message="Dites de quel papier il s’agit.",
            ),
        ]
        indexes = [models.Index(fields=["platform", "promised_for"], name="papers_promised", condition=Q(seen_on=None))]

    def __str__(self) -> str:
        return self.label or self.get_sort_display()


class DrivingAptitudeTest(models.Model):
    """How somebody drove a kind of vehicle, in front of an assessor. No diagnosis: fit, fit with a reserve, not fit."""

    class Result(models.TextChoices):
        FIT = "fit", "Apte"
        FIT_WITH_RESERVE = "fit_with_reserve", "Apte sous réserve"
        UNFIT = "unfit", "Non apte"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="aptitude_tests")
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices)
    tested_on = models.DateField("fait le")
    assessor = models.CharField("évalué par", max_length=120)
    result = models.CharField("résultat", max_length=20, choices=Result.choices)
    remark = models.CharField("réserve ou conseil", max_length=300, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["-tested_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("tested_on")),
                name="a_test_ends_after_it_was_made",
                violation_error_code="ends_before_start",
                violation_error_message="Ce test ne serait plus valable le jour où il a été fait.",
            ),
            models.CheckConstraint(
                condition=~Q(result="fit_with_reserve") | ~Q(remark=""),
                name="a_reserve_is_said",
                violation_error_code="remark_missing",
                violation_error_message="Dites sous quelle réserve.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_result_display().lower()}"
