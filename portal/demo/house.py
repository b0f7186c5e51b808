"""What each platform of the demo asks of a loan, its insurer's contract, the papers that people brought, and a few
rules that were passed. Dice of its own, so that the rest of the demo falls as before."""

import datetime as dt
from collections.abc import Iterable
from random import Random
from typing import Any

from bookings.models import LoanRules, RulePass
from bookings.rules.house import PassReason, Rule
from fleet.models import InsurancePolicy, Kind, VehicleDocument
from participants.models import DrivingAptitudeTest, ParticipantDocument
from participants.papers import PaperSort
from portal.demo.cast import World
from portal.demo.loans import Written

SINCE = 700  # days ago
CHANGED = 200

# (kind, what is said)
RULES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "sud-landes": [
        ("", {"max_days": 92, "renewals": 2, "horizon_days": 120}),
        (Kind.CAR, {"after_minutes": 30}),
        (Kind.MOPED, {"after_minutes": 15}),
        (Kind.E_BIKE, {"after_minutes": 60}),
    ],
    "cambresis": [
        ("", {"max_days": 92, "renewals": 1, "documents": ["identity", "prescription"]}),
        (Kind.CAR, {"aptitude_needed": True, "before_minutes": 15, "after_minutes": 30}),
    ],
    "allier": [
        ("", {"max_days": 120, "documents": ["prescription", "work_contract"], "notice_hours": 24}),
        (Kind.CAR, {"approval_needed": True, "approved_by": ["adviser"], "after_minutes": 45}),
    ],
    "loiret": [
        ("", {"max_days": 92, "renewals": 1, "one_at_a_time": True, "documents": ["benefits", "prescription"]}),
        (Kind.CAR, {"after_minutes": 30}),
    ],
    "valenciennois": [
        ("", {"max_days": 90, "quota_days": 90, "quota_months": 12, "documents": ["identity", "address"]}),
        (Kind.VAN, {"max_days": 3, "notice_hours": 48, "passed_by": []}),
    ],
}
BROUGHT = {
    PaperSort.IDENTITY: 0.95,
    PaperSort.PRESCRIPTION: 0.9,
    PaperSort.WORK_CONTRACT: 0.7,
    PaperSort.BENEFITS: 0.8,
    PaperSort.ADDRESS: 0.75,
}
PASSED = (
    (Rule.DOCUMENTS, "Il manque : contrat de travail ou promesse d’embauche.", PassReason.PAPER_COMING),
    (Rule.MAX_LENGTH, "Un prêt dure au plus 92 jours ; ici 104.", PassReason.JOB),
    (Rule.TURNAROUND, "Ce véhicule revient à 9 h : le temps de le préparer, il est prêt à 9 h 30.", PassReason.AGREED),
)


def settle(world: World, written: Iterable[Written]) -> None:
    rng = Random(f"house {world.spec.slug}")
    write_rules(world)
    insure(world)
    bring_papers(world, rng)
    if world.spec.slug == "cambresis":
        assess(world, rng)
    pass_some(world, rng, list(written))


def write_rules(world: World) -> None:
    """The general ones became stricter two hundred days ago, so that a former version is there to see."""
    began, changed = world.today - dt.timedelta(days=SINCE), world.today - dt.timedelta(days=CHANGED)
    rows = []
    for kind, said in RULES[world.spec.slug]:
        since = began
        if not kind:
            former = said | {"max_days": said["max_days"] + 30}
            rows.append(LoanRules(platform=world.platform, valid_from=began, valid_until=changed, **former))
            since = changed
        rows.append(LoanRules(platform=world.platform, kind=kind, valid_from=since, **said))
    LoanRules.objects.bulk_create(rows)


def insure(world: World) -> None:
    """One contract for the whole pool; the papers that the vehicles have name it."""
    policy = InsurancePolicy.objects.create(
        platform=world.platform,
        insurer="Mutuelle de la route (démonstration)",
        number=f"FL-{world.spec.series + 1}0247",
        starts_on=world.today - dt.timedelta(days=360),
        minimum_age=18,
        excess=300,
    )
    insurances = VehicleDocument.objects.filter(platform=world.platform, sort=VehicleDocument.Sort.INSURANCE)
    insurances.update(policy=policy)


def bring_papers(world: World, rng: Random) -> None:
    rows = []
    for person in world.participants:
        for sort, share in BROUGHT.items():
            if rng.random() > share:
                continue
            promised = rng.random() < 0.05
            seen = world.today - dt.timedelta(days=rng.randint(0, 80))
            rows.append(
                ParticipantDocument(
                    platform=world.platform,
                    participant=person,
                    sort=sort,
                    issued_on=None if promised else seen - dt.timedelta(days=rng.randint(0, 20)),
                    seen_on=None if promised else seen,
                    seen_by=None if promised else rng.choice(world.desk),
                    seen_original=not promised and rng.random() < 0.8,
                    promised_for=world.today + dt.timedelta(days=rng.randint(1, 9)) if promised else None,
                    recorded_at=world.at(seen, 10),
                )
            )
    ParticipantDocument.objects.bulk_create(rows)


def assess(world: World, rng: Random) -> None:
    Result = DrivingAptitudeTest.Result
    rows = []
    for person in world.participants:
        if rng.random() > 0.85:
            continue
        result = rng.choices((Result.FIT, Result.FIT_WITH_RESERVE, Result.UNFIT), (85, 10, 5))[0]
        rows.append(
            DrivingAptitudeTest(
                platform=world.platform,
                participant=person,
                kind=Kind.CAR,
                tested_on=world.today - dt.timedelta(days=rng.randint(5, 300)),
                assessor="Auto-école sociale du Cambrésis",
                result=result,
                remark="Pas de nuit pour commencer" if result == Result.FIT_WITH_RESERVE else "",
                recorded_by=rng.choice(world.desk),
            )
        )
    DrivingAptitudeTest.objects.bulk_create(rows)


def pass_some(world: World, rng: Random, written: list[Written]) -> None:
    """On the latest loans: two to read, and one that was read."""
    latest = sorted(written, key=lambda one: one.loan.booked_at)[-len(PASSED) :]
    rows = []
    for number, (one, (rule, message, reason)) in enumerate(zip(latest, PASSED, strict=False)):
        at = one.loan.booked_at
        read = number == 0
        rows.append(
            RulePass(
                platform=world.platform,
                booking=one.booking,
                rule=rule,
                message=message,
                reason=reason,
                by=one.agent,
                at=at,
                reviewed_by=rng.choice(world.desk) if read else None,
                reviewed_at=at + dt.timedelta(hours=20) if read else None,
            )
        )
    RulePass.objects.bulk_create(rows)
