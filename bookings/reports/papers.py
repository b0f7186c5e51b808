"""The condition report on paper: what `bookings/typst/report.typ` is filled with."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.models import ConditionReport, ReportedDamage
from bookings.papers import drawings
from bookings.reports import reads as report_reads
from bookings.reports import rules as report_rules
from core import pdf, words
from fleet import checklists, silhouettes
from fleet.models import Kind, OdometerReading, Vehicle
from pricing.receipts import letterhead

Direction, Presence = ConditionReport.Direction, ConditionReport.Presence
STATE_WORDS = dict(checklists.STATES)
TITLES = {Direction.OUT: "État des lieux de départ", Direction.IN: "État des lieux de retour"}


def report_pdf(report: ConditionReport) -> bytes:
    """The tagged PDF of a report that `report_reads.whole` read. Unsigned, it has empty boxes to sign in."""
    with timezone.override(ZoneInfo(report.platform.time_zone)):
        return pdf.render("bookings/report", contents(report), pictures(report))


def file_name(report: ConditionReport) -> str:
    direction = "depart" if report.direction == Direction.OUT else "retour"
    return f"etat-des-lieux-{direction}-pret-{report.assignment.booking_id}.pdf"


def contents(report: ConditionReport) -> dict[str, Any]:
    vehicle, booking = report.assignment.vehicle, report.assignment.booking
    departure = report_reads.departure_of(report) if report.direction == Direction.IN else None
    lines = list(report.reported_damages.all())
    labels = report_reads.photo_labels(vehicle.kind)
    return {
        "title": TITLES[Direction(report.direction)],
        "number": number(report),
        "platform": letterhead(report.platform),
        "signed": report.is_frozen,
        "header": header(report),
        "compared": departure is not None,
        "readings": readings(report, departure),
        "sections": sections(report, departure),
        "equipment": equipment(report, departure),
        "silhouette_words": f"Dessin du véhicule, {len(lines)} dégâts numérotés",
        "damages": [damage_row(index, line, vehicle) for index, line in enumerate(lines, 1)],
        "photos": [
            {
                "picture": f"photo_{index}",
                "label": labels.get(photo.position, "Autre vue"),
                "sha256": photo.file.sha256[:12],
            }
            for index, photo in enumerate(report.photos.all())
        ],
        "photos_reason": report.photos_reason,
        "remarks": report.remarks,
        "signatures": signatures(report),
        "participant": str(booking.participant),
    }


def pictures(report: ConditionReport) -> dict[str, bytes]:
    """The drawing, the photos and what was signed, by the names that the template knows."""
    kind = report.assignment.vehicle.kind
    found = {"silhouette": drawings.silhouette(kind, [line.damage for line in report.reported_damages.all()])}
    for index, photo in enumerate(report.photos.all()):
        found[f"photo_{index}"] = drawings.photo(photo.file)
    return found | signed_pictures(report)


def signed_pictures(report: ConditionReport) -> dict[str, bytes]:
    both = {"participant": report.participant_signature, "agent": report.agent_signature}
    return {name: drawings.signature(file) for name, file in both.items() if file is not None}


def number(report: ConditionReport) -> str:
    """« Prêt n° 42, état des lieux 3F2A91C0 »: the start of its id is enough for people."""
    return f"Prêt n° {report.assignment.booking_id} · {str(report.pk)[:8].upper()}"


def header(report: ConditionReport) -> list[list[str]]:
    vehicle, booking = report.assignment.vehicle, report.assignment.booking
    at = report.happened_at
    rows = [
        ["Participant·e", str(booking.participant)],
        ["Véhicule", vehicle_words(vehicle)],
        ["Date", f"{words.calendar_day(at)} à {words.hour(at)}"],
        ["Lieu", report.site.name if report.site else "Non précisé"],
        ["Fait par", f"{report.by} ({report.platform.name})"],
    ]
    if report.direction == Direction.OUT:
        originals = (("pièce d’identité", report.identity_seen), ("permis", report.licence_seen))
        seen = [name for name, yes in originals if yes]
        rows.append(["Originaux vus", ", ".join(seen).capitalize() or "Aucun"])
    return rows


def vehicle_words(vehicle: Vehicle) -> str:
    parts = [vehicle.fleet_number, vehicle.label, vehicle.plate or vehicle.frame_number]
    return " · ".join(part for part in parts if part)


def readings(report: ConditionReport, departure: ConditionReport | None) -> list[list[str]]:
    """Rows « what, (at departure,) now »."""
    vehicle = report.assignment.vehicle
    rows = []
    if vehicle.kind != Kind.BIKE:
        rows.append(("Compteur", kilometres))
    if checklists.has_tank(vehicle.kind, vehicle.energy):
        rows.append(("Carburant", lambda one: report_rules.fuel(one.fuel_eighths) or "Non lu"))
    if checklists.has_battery(vehicle.kind, vehicle.energy):
        rows.append(("Charge", lambda one: "Non lue" if one.battery_percent is None else f"{one.battery_percent} %"))
    rows.append(("Propreté", lambda one: {True: "Propre", False: "À nettoyer", None: "Non notée"}[one.is_clean]))
    return [[label, *(say(one) for one in (departure, report) if one is not None)] for label, say in rows]


def kilometres(report: ConditionReport) -> str:
    if report.km is not None:
        doubt = " (à vérifier)" if report.km_state == OdometerReading.State.DISPUTED else ""
        return words.km(report.km) + doubt
    return {
        OdometerReading.State.UNREADABLE: "Illisible",
        OdometerReading.State.ABSENT: "Pas de compteur",
    }.get(OdometerReading.State(report.km_state), "Non noté")


def sections(report: ConditionReport, departure: ConditionReport | None) -> list[dict[str, Any]]:
    vehicle = report.assignment.vehicle
    grouped: dict[str, list[list[str]]] = {}
    for item in checklists.items_of(vehicle.kind, vehicle.energy):
        answers = [answer_words(one.checklist.get(item.code)) for one in (departure, report) if one is not None]
        grouped.setdefault(item.section, []).append([item.label, *answers])
    return [{"name": name, "rows": rows} for name, rows in grouped.items()]


def answer_words(answer: dict[str, str] | None) -> str:
    if not answer:
        return "Non noté"
    state = STATE_WORDS.get(answer["state"], answer["state"])
    return f"{state} : {answer['note']}" if answer.get("note") else state


def equipment(report: ConditionReport, departure: ConditionReport | None) -> list[list[str]]:
    reports = [one for one in (departure, report) if one is not None]
    return [
        [str(thing), *(presence_words(one.equipment.get(str(thing.pk))) for one in reports)]
        for thing in report_reads.equipment_of(report.assignment.vehicle)
    ]


def presence_words(answer: dict[str, Any] | None) -> str:
    if not answer:
        return "Non noté"
    there = "Là" if answer["present"] else "Absent"
    return f"{there} : {answer['note']}" if answer.get("note") else there


def damage_row(index: int, line: ReportedDamage, vehicle: Vehicle) -> dict[str, Any]:
    damage = line.damage
    return {
        "number": str(index),
        "where": silhouettes.zone_name(vehicle.kind, damage.zone) or damage.part or "Non précisé",
        "what": " : ".join(part for part in (damage.get_sort_display(), damage.note) if part),
        "severity": damage.get_severity_display(),
        "status": "Nouveau" if line.is_new else f"Connu depuis le {damage.found_at:%d/%m/%Y}",
        "is_new": line.is_new,
    }


def signatures(report: ConditionReport) -> dict[str, Any]:
    """Who signed, or why nobody did."""
    when = ""
    if report.signed_at:
        when = f"{words.calendar_day(report.happened_at)} à {words.hour(report.happened_at)}"
    statement = {
        Presence.SIGNED: "",
        Presence.ABSENT: absence_words(report),
        Presence.REFUSED: f"{report.signer_name} n’a pas voulu signer. Motif noté : {report.absence_reason}",
    }[Presence(report.presence)]
    if report.presence == Presence.SIGNED and report.paper_scan:
        statement = f"Signé sur papier ; la copie est gardée (empreinte {report.paper_scan.sha256[:12]})."
    return {
        "when": when,
        "statement": statement,
        "boxes": report.presence == Presence.SIGNED and not report.paper_scan,
        "signer": report.signer_name or str(report.assignment.booking.participant),
        "agent": str(report.by),
    }


def absence_words(report: ConditionReport) -> str:
    said = ["Le ou la participant·e n’était pas là."]
    if report.absence_reason:
        said.append(f"Motif noté : {report.absence_reason.rstrip('.')}.")
    if report.witness_name:
        said.append(f"Témoin : {report.witness_name}.")
    return " ".join(said)
