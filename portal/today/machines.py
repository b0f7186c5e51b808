"""Repairs that wait for the staff, papers of vehicles that expire, kilometres that do not fit."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import Platform
from core import words
from fleet import inspections
from fleet.models import Hold, OdometerReading, Vehicle
from maintenance.models import RepairJob
from portal.today.lines import SHOWN, SOON, Line, expiry, named

WAITING = {
    RepairJob.State.TO_DECIDE: ("À décider", "Décider"),
    RepairJob.State.QUOTED: ("Devis reçu", "Voir le devis"),
    RepairJob.State.DONE: ("Prêt au garage", "Récupérer"),
}


def repairs(platform: Platform) -> list[Line]:
    """What waits for the staff: a decision, a quote, a vehicle to fetch, an invoice to pay."""
    jobs = (
        RepairJob.objects.filter(platform=platform)
        .filter(
            Q(state__in=list(WAITING))
            | Q(state=RepairJob.State.COLLECTED, invoiced_at__isnull=False, paid_on__isnull=True)
        )
        .select_related("vehicle", "garage")
        .order_by("reported_at")[: SHOWN + 1]
    )
    lines = []
    for job in jobs:
        label, verb = WAITING.get(RepairJob.State(job.state), ("Facture à payer", "Voir la facture"))
        since = words.day(job.done_at or job.reported_at)
        lines.append(
            Line(
                who=job.title,
                when=f"{job.garage}, {since}" if job.garage else f"signalé {since}",
                url=reverse("maintenance:job", args=[job.pk]),
                verb=verb,
                tone="waiting",
                label=label,
                **(named(job.vehicle) or {"vehicle": job.own_vehicle}),
            )
        )
    return lines


def papers(platform: Platform, today: dt.date) -> list[Line]:
    """Inspections, insurances, and scrap-bonus cars whose term ends: past, or within a month."""
    limit = today + dt.timedelta(days=SOON)
    found: list[tuple[dt.date, str, Vehicle]] = []
    for vehicle in Vehicle.objects.filter(platform=platform).in_service().with_papers():
        for name, day in (
            ("Contrôle technique", inspections.due(vehicle)),
            ("Assurance", vehicle.insured_until),
            ("À rendre ou détruire", vehicle.must_be_retired_by),
        ):
            if day is not None and day <= limit:
                found.append((day, name, vehicle))
    found.sort(key=lambda one: one[0])
    return [expiry(name, day, today, reverse("fleet:vehicle", args=[vehicle.pk]), **named(vehicle))
            for day, name, vehicle in found[: SHOWN + 1]]  # fmt: skip


def readings(platform: Platform) -> list[Line]:
    """Kilometres that did not fit and that nobody has settled."""
    disputed: Iterable[OdometerReading] = (
        OdometerReading.objects.filter(platform=platform, state=OdometerReading.State.DISPUTED, settled_by__isnull=True)
        .select_related("vehicle")
        .order_by("-pk")[: SHOWN + 1]
    )
    return [
        Line(
            who=f"{words.km(one.km or 0)} relevés",
            when=words.day(one.read_at),
            url=reverse("fleet:vehicle", args=[one.vehicle_id]),
            verb="Vérifier",
            **named(one.vehicle),
        )
        for one in disputed
    ]


def not_ready(platform: Platform) -> list[Line]:
    """Back from a loan and not yet cleaned, charged, looked over; at the garage they wait for something else."""
    away = Hold.objects.filter(vehicle=OuterRef("vehicle"), purpose=Hold.Purpose.MAINTENANCE).out()
    waiting = (
        Hold.objects.not_ready()
        .filter(~Exists(away), platform=platform, vehicle__withdrawn_on__isnull=True)
        .select_related("vehicle__site")
        .order_by("back_at")[: SHOWN + 1]
    )
    return [
        Line(
            who=str(one.vehicle.site),
            when=f"revenu {words.moment(one.back_at)}" if one.back_at else "",
            url=reverse("fleet:ready", args=[one.vehicle_id]),
            more=reverse("fleet:vehicle", args=[one.vehicle_id]),
            verb="Prêt",
            is_post=True,
            **named(one.vehicle),
        )
        for one in waiting
    ]
