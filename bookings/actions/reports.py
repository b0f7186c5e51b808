"""The condition report (*état des lieux*): opened at the kerb, filled in step by step, frozen by both signatures.

Its id is made on the device. A draft can be interrupted and continued by anyone who may; a frozen report is
never changed, what is said later is an amendment.
"""

import datetime as dt
import io
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from PIL import Image

from accounts.models import User
from bookings import perms
from bookings.models import Assignment, ConditionReport, Period, ReportedDamage, ReportPhoto
from bookings.reports import papers as report_papers
from bookings.reports import reads as report_reads
from bookings.reports import rules as report_rules
from core import clock
from core.db import action, create_all, lock, refuse, require, save
from core.files import forget, reencoded, store, store_paper, store_photo
from core.journal import note, record
from core.models import Note, StoredFile
from fleet import checklists, damages, odometer
from fleet.models import Damage, Kind, OdometerReading

Direction, State = ConditionReport.Direction, OdometerReading.State

PLAIN = {
    "site",
    "identity_seen",
    "licence_seen",
    "km",
    "km_state",
    "fuel_eighths",
    "battery_percent",
    "is_clean",
    "remarks",
    "photos_reason",
}  # what the parties agree on: written after a signature, it takes the signature away
ABOUT_SIGNING = {"happened_at", "presence", "signer_name", "witness_name", "absence_reason"}
SIGNED_FILES = ("participant_signature", "agent_signature", "paper_scan")
PHOTOS_AT_MOST = 40
NOTE_AT_MOST = 200


@action
def open_report(
    assignment: Assignment, *, direction: str, by: User, id: uuid.UUID | None = None, presence: str = ""
) -> ConditionReport:
    """The draft of this departure or return, new or as it was left, whoever began it.

    The vehicle's open damages stand in it from the start. Refuses with `wrong_state` when there is nothing to
    hand over or to take back, and with `report_exists` when it is signed already or the id is another's.
    """
    assignment = lock(assignment)
    require(perms.can_change(by, assignment.booking))
    existing = ConditionReport.objects.filter(assignment=assignment, direction=direction).first()
    if existing is not None:
        if existing.is_frozen and existing.pk != id:
            raise refuse("Cet état des lieux est déjà signé.", "report_exists")
        return existing
    if id is not None and ConditionReport.objects.filter(pk=id).exists():
        raise refuse("Ce numéro d’état des lieux est déjà pris.", "report_exists")
    refuse_out_of_turn(assignment, direction)
    vehicle = assignment.vehicle
    report = save(
        ConditionReport(
            id=id or uuid.uuid4(),
            platform_id=assignment.platform_id,
            assignment=assignment,
            direction=direction,
            site=vehicle.site,
            by=by,
            presence=presence or ConditionReport.Presence.SIGNED,
            signer_name=str(assignment.booking.participant),
        )
    )
    link_known_damages(report)
    record(by, "report.opened", report, direction=direction, vehicle=vehicle.pk)
    return report


@action
def write_report(report: ConditionReport, *, by: User, **fields: Any) -> ConditionReport:
    """Writes these fields of a draft; `checklist` and `equipment` add to what is there.

    Signatures are uploads of drawn pictures, `paper_scan` a photo or a PDF. Refuses with `frozen`,
    `unknown_field`, `unknown_item`, `empty_signature`, `no_picture`, `no_paper`, `too_large`, `in_the_future`, and with
    what the fields themselves refuse (fuel, charge).
    """
    report = draft(report, by)
    before = [getattr(report, name) for name in sorted(PLAIN - {"site"})], report.site_id
    checklist, equipment = dict(report.checklist), dict(report.equipment)
    for name, value in fields.items():
        if name in PLAIN | ABOUT_SIGNING:
            setattr(report, name, value)
        elif name == "checklist":
            report.checklist = report.checklist | checked(value, report)
        elif name == "equipment":
            report.equipment = report.equipment | counted(value, report)
        elif name not in SIGNED_FILES:
            raise refuse(f"« {name} » ne s’écrit pas dans un état des lieux.", "unknown_field")
    if report.km_state in report_rules.UNREAD:
        report.km = None
    elif report.km_state != State.ACCEPTED:
        raise refuse("Le compteur se lit, ne se lit pas, ou n’existe pas.", "unknown_field")
    if report.happened_at > clock.now() + dt.timedelta(minutes=5):
        raise refuse("Cet état des lieux serait dans le futur.", "in_the_future")
    after = [getattr(report, name) for name in sorted(PLAIN - {"site"})], report.site_id
    if (before, checklist, equipment) != (after, report.checklist, report.equipment):
        take_signatures_away(report)
    for name in SIGNED_FILES:
        if fields.get(name):
            keep_signed_file(report, name, fields[name], by)
    return save(report)


@action
def add_photo(report: ConditionReport, upload: Any, position: str, *, by: User) -> ReportPhoto:
    """Keeps a photo of the draft; one of the minimum set takes the place of the former one of that view.

    Refuses with `frozen`, `unknown_position`, `too_many`, `too_large`, `no_picture`.
    """
    report = draft(report, by)
    kind = report.assignment.vehicle.kind
    if position and position not in report_reads.photo_labels(kind):
        raise refuse("Cette vue ne fait pas partie des photos de ce véhicule.", "unknown_position")
    if report.photos.count() >= PHOTOS_AT_MOST:
        raise refuse(f"Un état des lieux garde {PHOTOS_AT_MOST} photos au plus.", "too_many")
    file = store_photo(upload, platform_id=report.platform_id, by=by)
    for former in report.photos.filter(position=position).select_related("file") if position else ():
        drop_photo(former)
    unsign(report)
    return save(ReportPhoto(report=report, file=file, position=position))


@action
def remove_photo(photo: ReportPhoto, *, by: User) -> None:
    """Takes a photo out of the draft. Refuses with `frozen`."""
    report = draft(photo.report, by)
    drop_photo(photo)
    unsign(report)


@action
def add_damage(
    report: ConditionReport,
    *,
    by: User,
    sort: str,
    zone: str = "",
    part: str = "",
    severity: int = Damage.Severity.COSMETIC,
    x: float | None = None,
    y: float | None = None,
    note: str = "",
    photos: Any = (),
) -> Damage:
    """A damage that this report finds: it stands on the vehicle from now on. Refuses as `fleet.damages.found`."""
    report = draft(report, by)
    damage = damages.found(
        report.assignment.vehicle,
        sort=sort,
        by=by,
        zone=zone,
        part=part,
        severity=severity,
        x=x,
        y=y,
        note=note,
        photos=photos,
        at=clock.now(),
    )
    save(ReportedDamage(report=report, damage=damage, is_new=True))
    unsign(report)
    record(by, "damage.found", damage, vehicle=damage.vehicle_id, report=str(report.pk), severity=damage.severity)
    return damage


@action
def remove_damage(report: ConditionReport, damage: Damage, *, by: User) -> None:
    """Takes back a damage that this draft itself found, by a slip of the finger; other drafts forget it too.

    Refuses with `known_damage`, also when another report was signed with it meanwhile.
    """
    report = draft(report, by)
    shown = ReportedDamage.objects.filter(damage=damage)
    found_here = report.reported_damages.filter(damage=damage, is_new=True).exists()
    if not found_here or shown.filter(report__signed_at__isnull=False).exists():
        raise refuse("Ce dégât est déjà connu : seule une réparation le fait disparaître.", "known_damage")
    record(by, "damage.withdrawn", damage, vehicle=damage.vehicle_id, report=str(report.pk))
    shown.delete()
    files = [photo.file for photo in damage.photos.select_related("file")]
    damage.photos.all().delete()
    damage.delete()
    for file in files:
        forget(file)
    unsign(report)


@action
def amend(report: ConditionReport, *, by: User, text: str) -> Note:
    """Later words on a signed report, dated and named; the report itself stays as it was signed."""
    require(perms.can_change(by, report.assignment.booking))
    if not report.is_frozen:
        raise refuse("Cet état des lieux n’est pas encore signé : corrigez-le directement.", "not_frozen")
    written = note(by, report, text)
    record(by, "report.amended", report)
    return written


# --- steps, called by hand_over and take_back ----------------------------------------------------


def freeze(report: ConditionReport, *, by: User) -> ConditionReport:
    """Checks that nothing lacks, writes the kilometres into the ledger, makes the PDF; then nothing changes any more.

    Its caller has checked who may. Refuses with `frozen`, or `incomplete` and one sentence for each thing.
    """
    report = lock(report)
    refuse_frozen(report)
    link_known_damages(report)
    report = report_reads.whole(ConditionReport.objects.filter(pk=report.pk)).get()
    refuse_incomplete(report)
    report.by, report.signed_at = by, clock.now()
    read_counter(report, by)
    content = report_papers.report_pdf(report)
    report.pdf = store(
        content,
        kind=StoredFile.Kind.DOCUMENT,
        name=report_papers.file_name(report),
        media_type="application/pdf",
        platform_id=report.platform_id,
        by=by,
    )
    save(report, "by", "signed_at", "km_state", "reading", "pdf")
    record(by, "report.signed", report, direction=report.direction, presence=report.presence, sha256=report.pdf.sha256)
    return report


def complaints(report: ConditionReport) -> list[str]:
    """What the report still lacks, one sentence for each thing; empty when it can be frozen."""
    return [lacking.sentence for lacking in report_rules.missing(report_reads.facts_of(report))]


def refuse_incomplete(report: ConditionReport) -> None:
    if lacking := complaints(report):
        raise ValidationError([ValidationError(sentence, code="incomplete") for sentence in lacking])


def read_counter(report: ConditionReport, by: User) -> None:
    """One line of the ledger. What does not fit is kept as disputed, and never stops keys or return."""
    vehicle = report.assignment.vehicle
    if vehicle.kind == Kind.BIKE:
        return
    source = OdometerReading.Source.LOAN_OUT if report.direction == Direction.OUT else OdometerReading.Source.LOAN_IN
    report.reading = odometer.record_reading(
        vehicle, report.km, source=source, read_at=report.happened_at, by=by, state=report.km_state
    )
    report.km_state = report.reading.state


def link_known_damages(report: ConditionReport) -> None:
    """What is damaged on the vehicle and stands not yet in the report: seen, and not new."""
    shown = set(report.reported_damages.values_list("damage_id", flat=True))
    known = report_reads.known_damages(report.assignment.vehicle).exclude(pk__in=shown)
    if lines := [ReportedDamage(report=report, damage=damage) for damage in known]:
        create_all(ReportedDamage, lines)


def drop_drafts(assignment: Assignment) -> None:
    """Another vehicle serves this assignment: what was seen on the former one says nothing of it. What was damaged
    there stays damaged there. Step of `rehouse`."""
    for report in assignment.reports.filter(signed_at__isnull=True):
        for photo in report.photos.select_related("file"):
            drop_photo(photo)
        take_signatures_away(report)
        report.delete()


def refuse_out_of_turn(assignment: Assignment, direction: str) -> None:
    """A departure needs a promised vehicle that is here, a return one that is out."""
    hold = assignment.hold
    if direction == Direction.OUT:
        if hold is None or assignment.ended_at is not None:
            raise refuse("Ce véhicule n’est plus promis à ce prêt.", "wrong_state")
        if hold.out_at is not None:
            raise refuse("Les clés de ce véhicule sont déjà remises.", "wrong_state")
    elif hold is None or not hold.is_out:
        raise refuse("Ce véhicule n’est pas sorti : il ne peut pas être rendu.", "wrong_state")


def draft(report: ConditionReport, by: User) -> ConditionReport:
    """The same report, fresh and ours, when it may still be written and `by` may write it."""
    report = lock(report)
    require(perms.can_change(by, report.assignment.booking))
    refuse_frozen(report)
    return report


def refuse_frozen(report: ConditionReport) -> None:
    if report.is_frozen:
        raise refuse(
            "Cet état des lieux est signé : il ne change plus. Ajoutez une remarque datée si besoin.", "frozen"
        )


def checked(answers: Mapping[str, Any], report: ConditionReport) -> dict[str, dict[str, str]]:
    """Answers to the checklist of this vehicle: item → state and note, or the state alone."""
    vehicle = report.assignment.vehicle
    items = {item.code for item in checklists.items_of(vehicle.kind, vehicle.energy)}
    states = {state for state, _ in checklists.STATES}
    clean = {}
    for code, answer in answers.items():
        said = answer if isinstance(answer, Mapping) else {"state": answer}
        state = said.get("state")
        if code not in items or not isinstance(state, str) or state not in states:
            raise refuse(f"« {code} » : {state or 'rien'} ne va pas pour ce véhicule.", "unknown_item")
        clean[code] = {"state": state, "note": note_of(said)}
    return clean


def counted(answers: Mapping[str, Any], report: ConditionReport) -> dict[str, dict[str, Any]]:
    """What of the vehicle's accessories is there: id → present and note, or present alone."""
    there = {str(thing.pk) for thing in report_reads.equipment_of(report.assignment.vehicle)}
    clean = {}
    for key, answer in answers.items():
        said = answer if isinstance(answer, Mapping) else {"present": answer}
        present = said.get("present")
        if str(key) not in there or not isinstance(present, bool):
            raise refuse("Cet équipement ne va pas avec ce véhicule.", "unknown_item")
        clean[str(key)] = {"present": present, "note": note_of(said)}
    return clean


def note_of(said: Mapping[str, Any]) -> str:
    return str(said.get("note", "")).replace("\0", "")[:NOTE_AT_MOST]  # PostgreSQL keeps no NUL


def keep_signed_file(report: ConditionReport, name: str, upload: Any, by: User) -> None:
    """Keeps a drawn signature, or the paper that was signed, in place of the former one."""
    former = getattr(report, name)
    if name == "paper_scan":
        report.paper_scan = store_paper(upload, platform_id=report.platform_id, by=by)
    else:
        setattr(report, name, drawn(report, upload, by))
    if former is not None:
        save(report, name)
        forget(former)


def drawn(signed: ConditionReport | Period, upload: Any, by: User) -> StoredFile:
    """A signature as PNG. An empty drawing is no signature."""
    content, size = reencoded(upload, "PNG")
    if Image.open(io.BytesIO(content)).getcolors(maxcolors=1):
        raise refuse("La signature est vide : signez dans le cadre.", "empty_signature")
    return store(
        content,
        kind=StoredFile.Kind.SIGNATURE,
        name="signature.png",
        media_type="image/png",
        platform_id=signed.platform_id,
        by=by,
        size=size,
    )


def unsign(report: ConditionReport) -> None:
    """What is signed is what was read: after a change both sign again."""
    if any(getattr(report, f"{name}_id") for name in SIGNED_FILES):
        take_signatures_away(report)
        save(report, *SIGNED_FILES)


def take_signatures_away(report: ConditionReport) -> None:
    former = [file for name in SIGNED_FILES if (file := getattr(report, name)) is not None]
    if not former:
        return
    for name in SIGNED_FILES:
        setattr(report, name, None)
    save(report, *SIGNED_FILES)
    for file in former:
        forget(file)


def drop_photo(photo: ReportPhoto) -> None:
    file = photo.file
    photo.delete()
    forget(file)
