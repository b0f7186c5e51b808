"""Repairs: those of the past year as rows; those under way by their verbs, each at its time, one in every state."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from core import clock
from fleet.models import Damage, Hold, Kind, Vehicle
from garages.models import Garage, Work
from maintenance import actions
from maintenance.models import GarageStay, JobOffer, QuoteLine, RepairJob
from portal.demo.cast import World
from portal.demo.plan import DAY, Planner, working

State, Sort = RepairJob.State, RepairJob.Sort
PHONE = "par téléphone"


class Defect(NamedTuple):
    title: str
    work: str
    hours: str
    parts: tuple[tuple[str, str, int], ...]  # label, unit price, how many
    description: str = ""
    sort: str = Sort.REPAIR
    rolls: bool = True


ON_FOUR = (
    Defect(
        "Bruit dans les freins avant",
        Work.MECHANICS,
        "1.50",
        (("Plaquettes avant", "34.90", 1),),
        "Depuis lundi, en freinant doucement.",
    ),
    Defect(
        "Vidange et filtres",
        Work.SERVICE,
        "1.00",
        (("Huile 5W30, 5 l", "38.50", 1), ("Filtre à huile", "9.80", 1)),
        sort=Sort.SERVICE,
    ),
    Defect("Batterie à plat le matin", Work.ELECTRICITY, "0.50", (("Batterie 60 Ah", "89.00", 1),), rolls=False),
    Defect("Pneus avant usés", Work.TYRES, "1.00", (("Pneu 185/65 R15", "58.00", 2),), sort=Sort.TYRES),
    Defect(
        "Pare-chocs arrière fendu",
        Work.BODYWORK,
        "3.00",
        (("Pare-chocs d’occasion", "120.00", 1),),
        "Choc au parking.",
        Sort.ACCIDENT,
    ),
    Defect("Voyant moteur allumé", Work.MECHANICS, "2.00", (("Sonde lambda", "64.00", 1),)),
    Defect(
        "Essuie-glaces et ampoules",
        Work.SERVICE,
        "0.50",
        (("Balais", "18.00", 1), ("Ampoule H7", "7.50", 2)),
        sort=Sort.SERVICE,
    ),
)
ON_TWO = (
    Defect(
        "Ne démarre plus au bouton",
        Work.ELECTRICITY,
        "1.00",
        (("Batterie 12 V", "39.00", 1),),
        "Le kick marche.",
        rolls=False,
    ),
    Defect("Variateur qui patine", Work.MECHANICS, "1.50", (("Courroie", "27.00", 1), ("Galets", "14.50", 1))),
    Defect("Frein arrière mou", Work.MECHANICS, "0.75", (("Mâchoires", "16.00", 1),)),
    Defect("Pneu arrière lisse", Work.TYRES, "0.50", (("Pneu 120/70-12", "41.00", 1),), sort=Sort.TYRES),
    Defect(
        "Révision des 4 000 km", Work.SERVICE, "1.25", (("Huile", "12.00", 1), ("Bougie", "6.90", 1)), sort=Sort.SERVICE
    ),
    Defect("Rétroviseur gauche cassé", Work.MECHANICS, "0.50", (("Rétroviseur", "22.00", 1),)),
)
# How far each job under way has come; the first ones are those that a small platform has too.
WAYS = (
    "offered",
    "in_progress",
    "quoted",
    "done",
    "to_decide",
    "waiting_parts",
    "accepted",
    "declined",
    "approved",
    "invoiced",
)


def write_past(world: World, planner: Planner) -> None:
    """Jobs that were done, collected, invoiced and, but for the last, paid."""
    rng, jobs, holds, lines, offers = world.rng, [], [], [], []
    for number, stay in enumerate(planner.stays):
        defect = rng.choice(defects_of(stay.vehicle))
        garage = able(world, stay.vehicle, defect)
        if garage is None:
            continue
        job_lines = list(quote_of(world, garage, defect))
        total = sum((line["quantity"] * line["unit_price"] for line in job_lines), Decimal(0)).quantize(Decimal("0.01"))
        reported = stay.starts_at - dt.timedelta(days=rng.randint(2, 6))
        hold = Hold(
            platform=world.platform, vehicle=stay.vehicle, purpose=Hold.Purpose.MAINTENANCE, reason=defect.title,
            starts_at=stay.starts_at, ends_at=stay.ends_at, out_at=stay.starts_at, back_at=stay.ends_at,
            created_at=reported,
        )  # fmt: skip
        holds.append(hold)
        job = RepairJob(
            platform=world.platform, vehicle=stay.vehicle, state=State.COLLECTED, sort=defect.sort, work=defect.work,
            title=defect.title, description=defect.description, vehicle_rolls=defect.rolls, hold=hold, garage=garage,
            appointment_at=stay.starts_at, expected_ready_at=stay.ends_at, done_at=stay.ends_at - dt.timedelta(hours=3),
            collected_at=stay.ends_at, invoice_number=f"F{stay.ends_at:%y%m}-{100 + number}", invoice_amount=total,
            invoiced_at=stay.ends_at, reported_by=rng.choice(world.desk), reported_at=reported,
            paid_on=None if stay.ends_at > world.now - 30 * DAY else stay.ends_at.date() + dt.timedelta(days=20),
        )  # fmt: skip
        jobs.append(job)
        lines += [QuoteLine(platform=world.platform, job=job, **line) for line in job_lines]
        offers.append(
            JobOffer(
                platform=world.platform, job=job, garage=garage, answer=JobOffer.Answer.ACCEPTED, offered_at=reported,
                expires_at=reported + 2 * DAY, answered_at=reported + dt.timedelta(hours=5),
                reasons=["Fait ce travail sur ce type de véhicule."],
            )
        )  # fmt: skip
    Hold.objects.bulk_create(holds)
    RepairJob.objects.bulk_create(jobs)
    GarageStay.objects.bulk_create(
        GarageStay(
            platform=world.platform, job=job, vehicle=job.vehicle, garage=job.garage, arrived_at=job.hold.out_at,
            left_at=job.hold.back_at,
        )
        for job in jobs
    )  # fmt: skip
    QuoteLine.objects.bulk_create(lines)
    JobOffer.objects.bulk_create(offers)


def defects_of(vehicle: Vehicle) -> tuple[Defect, ...]:
    return ON_FOUR if vehicle.kind in (Kind.CAR, Kind.VAN, Kind.MICROCAR) else ON_TWO


def able(world: World, vehicle: Vehicle, defect: Defect) -> Garage | None:
    found = [one for one in world.garages if vehicle.kind in one.repairs and defect.work in one.works]
    return world.rng.choice(found) if found else None


def quote_of(world: World, garage: Garage, defect: Defect) -> Iterator[dict[str, Any]]:
    number = world.garages.index(garage)
    rate = Decimal(world.spec.garages[number].rate)
    yield {
        "sort": QuoteLine.Sort.LABOUR, "label": "Main-d’œuvre", "quantity": Decimal(defect.hours), "unit_price": rate,
    }  # fmt: skip
    for label, price, count in defect.parts:
        yield {
            "sort": QuoteLine.Sort.PART, "label": label, "quantity": Decimal(count), "unit_price": Decimal(price),
        }  # fmt: skip


# --- under way --------------------------------------------------------------------------------------


def open_jobs(world: World, planner: Planner) -> None:
    for number, (vehicle, way) in enumerate(zip(planner.in_repair, WAYS, strict=False)):
        known = [one for one in defects_of(vehicle) if able(world, vehicle, one)]
        Job(world, vehicle, known[number % len(known)]).go(way)


class Job:
    """One job on its way, each step in its hour."""

    def __init__(self, world: World, vehicle: Vehicle, defect: Defect) -> None:
        self.world, self.vehicle, self.defect = world, vehicle, defect
        self.by = world.staff["fleet_manager"]
        garage = able(world, vehicle, defect)
        assert garage is not None
        self.garage = garage

    def go(self, way: str) -> None:
        steps = {
            "to_decide": [],
            "offered": [self.offer],
            "declined": [self.offer, self.decline],
            "accepted": [self.give],
            "quoted": [self.give, self.quote_dear],
            "approved": [self.give, self.quote, self.approve],
            "in_progress": [self.give, self.quote, self.approve, self.start],
            "waiting_parts": [self.give, self.quote, self.approve, self.start, self.wait],
            "done": [self.give, self.quote, self.approve, self.start, self.finish],
            "invoiced": [self.give, self.quote, self.approve, self.start, self.finish, self.invoice],
        }[way]
        now = self.world.now
        began = (
            now - dt.timedelta(hours=20)
            if way in ("offered", "to_decide", "declined")
            else now - dt.timedelta(days=7, hours=2)
        )
        pause = (now - began) / (len(steps) + 2)
        with travelled_to(began):
            self.damage()
            self.job = actions.report_defect(
                self.vehicle,
                title=self.defect.title,
                by=self.by,
                description=self.defect.description,
                sort=self.defect.sort,
                work=self.defect.work,
                vehicle_rolls=self.defect.rolls,
                damages=[self.found],
                block_now=not self.defect.rolls,
            )
        for number, step in enumerate(steps, start=1):
            with travelled_to(began + pause * number):
                step()

    def damage(self) -> None:
        self.found = Damage.objects.create(
            platform=self.world.platform,
            vehicle=self.vehicle,
            sort=Damage.Sort.FAULT,
            severity=Damage.Severity.MODERATE if self.defect.rolls else Damage.Severity.UNSAFE,
            note=self.defect.title,
            found_by=self.by,
        )

    def offer(self) -> None:
        actions.offer_next(self.job, by=self.by)

    def decline(self) -> None:
        actions.decline(self.job, by=self.by, reason="Atelier complet jusqu’à la fin du mois", on_behalf=PHONE)

    def give(self) -> None:
        day = working((clock.now() + DAY).date())
        actions.give(self.job, self.garage, by=self.by, appointment_at=self.world.at(day, 9))

    def quote(self) -> None:
        lines = list(quote_of(self.world, self.garage, self.defect))
        actions.quote(self.job, lines, by=self.by, on_behalf=PHONE)

    def quote_dear(self) -> None:
        """Above any ceiling: it waits for the fleet manager."""
        lines = [*quote_of(self.world, self.garage, self.defect)]
        lines.append(
            {
                "sort": QuoteLine.Sort.PART,
                "label": "Faisceau et boîtier",
                "quantity": Decimal(1),
                "unit_price": Decimal(240),
            }
        )
        actions.quote(
            self.job, lines, by=self.by, note="Boîtier à changer aussi, sinon la panne revient.", on_behalf=PHONE
        )

    def approve(self) -> None:
        self.job.refresh_from_db()
        if self.job.state == State.QUOTED:  # below the ceiling it approved itself
            actions.approve_quote(self.job, by=self.by)

    def start(self) -> None:
        actions.start(self.job, by=self.by, on_behalf=PHONE)

    def wait(self) -> None:
        actions.wait_for_parts(self.job, by=self.by, on_behalf=PHONE)

    def finish(self) -> None:
        actions.done(self.job, by=self.by, on_behalf=PHONE)

    def invoice(self) -> None:
        total = sum((line.total for line in self.job.quote_lines.all()), Decimal(0))
        actions.invoice(self.job, by=self.by, amount=total, number="2026-0317", on_behalf=PHONE)


@contextmanager
def travelled_to(at: dt.datetime) -> Iterator[None]:
    with clock.travel(at - clock.now()):
        yield
