"""Condition reports as pages, papers and rules read them: with all that hangs on them, in few queries."""

from collections.abc import Iterable

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bookings.models import Assignment, Booking, ConditionReport, ReportedDamage, ReportPhoto
from bookings.reports import rules as report_rules
from fleet import checklists
from fleet.models import Damage, DamagePhoto, Equipment, OdometerReading, Vehicle
from participants.entitlements import AM_NEEDED_IF_BORN_FROM, AM_VEHICLES, CYCLES
from participants.models import Participant


def whole(reports: QuerySet[ConditionReport]) -> QuerySet[ConditionReport]:
    """With the loan, the vehicle, its accessories, the damages, the photos and the signatures: five queries for any
    number, and one for each sort of signature that there is (joined to all the rest, they take PostgreSQL longer to
    plan than to read).
    """
    damages = ReportedDamage.objects.select_related("damage__vehicle").prefetch_related(
        Prefetch("damage__photos", DamagePhoto.objects.select_related("file"))
    )
    return reports.select_related(
        "platform",
        "site",
        "by",
        "reading",
        "pdf",
        "assignment__hold",
        "assignment__vehicle__platform",
        "assignment__vehicle__site",
        "assignment__booking__platform",
        "assignment__booking__participant",
    ).prefetch_related(
        "participant_signature",
        "agent_signature",
        "paper_scan",
        Prefetch("photos", ReportPhoto.objects.select_related("file").order_by("pk")),
        Prefetch("reported_damages", damages.order_by("is_new", "damage__found_at", "damage_id")),
        Prefetch("assignment__vehicle__equipment", Equipment.objects.filter(lost_at__isnull=True).order_by("pk")),
    )


def listed(reports: QuerySet[ConditionReport]) -> QuerySet[ConditionReport]:
    """With what a list says of each, and what the rules look at (`facts_of`): four queries for any number."""
    return reports.select_related("pdf", "assignment__vehicle", "assignment__booking__participant").prefetch_related(
        Prefetch("photos", ReportPhoto.objects.select_related("file").order_by("pk")),
        Prefetch("reported_damages", ReportedDamage.objects.order_by("is_new", "damage__found_at", "damage_id")),
        Prefetch("assignment__vehicle__equipment", Equipment.objects.filter(lost_at__isnull=True).order_by("pk")),
    )


def with_last_vehicle(loans: QuerySet[Booking]) -> QuerySet[Booking]:
    """Annotates `vehicles_now` (how many serve the loan), and of the one whose keys were given last `last_given` (the
    assignment) and `last_back_at`."""
    of_loan = Assignment.objects.filter(booking=OuterRef("pk"))
    given = of_loan.filter(hold__out_at__isnull=False).order_by("-hold__out_at", "-pk")
    now = of_loan.current().order_by().values("booking").annotate(number=Count("pk")).values("number")
    return loans.annotate(
        vehicles_now=Coalesce(Subquery(now), 0),
        last_given=Subquery(given.values("pk")[:1]),
        last_back_at=Subquery(given.values("hold__back_at")[:1]),
    )


def facts_of(report: ConditionReport, *, with_photos: bool = True) -> report_rules.Facts:
    """The report as plain values for the rules; reads its prefetched photos and accessories."""
    vehicle = report.assignment.vehicle
    photos = list(report.photos.all()) if with_photos else []
    return report_rules.Facts(
        direction=report.direction,
        kind=vehicle.kind,
        energy=vehicle.energy,
        licence_needed=licence_needed(report.assignment.booking.participant, vehicle),
        identity_seen=report.identity_seen,
        licence_seen=report.licence_seen,
        km=report.km,
        km_state=report.km_state,
        fuel_eighths=report.fuel_eighths,
        battery_percent=report.battery_percent,
        checklist=report.checklist,
        equipment=report.equipment,
        equipment_names={str(thing.pk): str(thing) for thing in equipment_of(vehicle)},
        positions=frozenset(photo.position for photo in photos if photo.position),
        photos=len(photos),
        photos_reason=report.photos_reason,
        presence=report.presence,
        signer_name=report.signer_name,
        witness_name=report.witness_name,
        absence_reason=report.absence_reason,
        participant_signed=report.participant_signature_id is not None,
        agent_signed=report.agent_signature_id is not None,
        paper_scanned=report.paper_scan_id is not None,
    )


def equipment_of(vehicle: Vehicle) -> list[Equipment]:
    """What goes with the vehicle and is not lost."""
    return [thing for thing in vehicle.equipment.all() if thing.lost_at is None]


def licence_needed(participant: Participant, vehicle: Vehicle) -> bool:
    """Whether there is an original to look at before this person drives this vehicle."""
    if vehicle.kind in CYCLES:
        return False
    born = participant.birth_date
    return not (vehicle.kind in AM_VEHICLES and born is not None and born < AM_NEEDED_IF_BORN_FROM)


def last_reading(vehicle: Vehicle) -> OdometerReading | None:
    """The last kilometres that were believed."""
    believed = OdometerReading.objects.filter(vehicle=vehicle, state=OdometerReading.State.ACCEPTED)
    return believed.order_by("-read_at", "-pk").first()


def known_damages(vehicle: Vehicle) -> QuerySet[Damage]:
    """What is damaged on the vehicle and not yet repaired, oldest first."""
    return Damage.objects.filter(vehicle=vehicle, repaired_at__isnull=True).order_by("found_at", "pk")


def waiting_for_keys(booking: Booking) -> QuerySet[Assignment]:
    """The vehicles that this loan may still hand over: promised, held, not yet out."""
    held = booking.assignments.current().filter(hold__isnull=False, hold__out_at__isnull=True)
    return held.select_related("vehicle__site", "hold")


def to_bring_back(booking: Booking) -> QuerySet[Assignment]:
    """The vehicles of this loan that are out; two when a first one waits to be recovered."""
    return booking.assignments.out().select_related("vehicle__site", "hold")


def photo_labels(kind: str) -> dict[str, str]:
    return dict(checklists.photo_positions(kind))


def departure_of(report: ConditionReport) -> ConditionReport | None:
    """The signed report of when this vehicle left, with which a return is compared; one query."""
    departure = ConditionReport.objects.filter(
        assignment=report.assignment_id, direction=ConditionReport.Direction.OUT, signed_at__isnull=False
    ).first()
    if departure is not None:
        departure.assignment = report.assignment  # with its vehicle and accessories, which were read already
    return departure


def difference(departure: ConditionReport | None, back: ConditionReport) -> report_rules.Difference | None:
    if departure is None:
        return None
    return report_rules.difference(facts_of(departure, with_photos=False), facts_of(back, with_photos=False))


def newly_found(reported: Iterable[ReportedDamage]) -> list[Damage]:
    return [line.damage for line in reported if line.is_new]
