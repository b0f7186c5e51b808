"""Which garage to ask first, and why: pure, and explainable in sentences.

Every criterion costs points, of which fewer is better; each point is worth about a kilometre. What is known
to be impossible excludes, with its reason; what is unknown is said, and ranks behind what is known and usual.
Each criterion is monotone, so a garage that is better in everything is never ranked behind.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from core import words
from fleet.models import Kind
from garages.models import Work
from maintenance.working_days import working_days_after
from places.distance import Point, distance_km

A_WORKING_DAY = 4  # points for each working day before the garage can take the vehicle
AN_EURO = Decimal("0.5")  # points for each euro of the hourly rate
A_JOB = 5  # points for each job that it has already
UNKNOWN_DISTANCE = 40
UNKNOWN_DELAY = 8  # working days that an unknown delay is taken for
UNKNOWN_RATE = 60  # euros that an unknown rate is taken for
UNKNOWN_KIND = 40
UNKNOWN_WORK = 15
UNKNOWN_TOWING = 40
TOO_LATE = 40  # it would have the vehicle after the day on which it is needed
FULL = 60
UNREACHABLE = 20  # neither e-mail nor mobile: somebody must telephone

CARRIED = (Kind.BIKE, Kind.E_BIKE)  # what does not roll goes in a van, without a breakdown lorry
THESE_VEHICLES = {
    Kind.CAR: "les voitures",
    Kind.VAN: "les utilitaires",
    Kind.MICROCAR: "les voiturettes",
    Kind.MOPED: "les scooters 50",
    Kind.MOTORCYCLE_125: "les scooters 125",
    Kind.E_BIKE: "les vélos électriques",
    Kind.BIKE: "les vélos",
}
THIS_WORK = {
    Work.SERVICE: "l’entretien",
    Work.MECHANICS: "la mécanique",
    Work.ELECTRICITY: "l’électricité",
    Work.BODYWORK: "la carrosserie",
    Work.TYRES: "les pneus",
    Work.INSPECTION: "la préparation au contrôle technique",
}


@dataclass(frozen=True)
class JobNeeds:
    """What the job asks for. `kind` is None for a participant's own vehicle of which the kind is not known."""

    work: str
    kind: str | None
    rolls: bool
    today: dt.date
    point: Point | None = None  # where the vehicle stands
    needed_by: dt.date | None = None


@dataclass(frozen=True)
class GarageFacts:
    """What is known of a garage. Empty `repairs` or `works`, and None, mean that nobody has said."""

    id: int
    name: str
    repairs: frozenset[str] = frozenset()
    works: frozenset[str] = frozenset()
    point: Point | None = None
    usual_delay_days: int | None = None  # working days
    hourly_rate: Decimal | None = None  # for this job's tier of customers
    can_tow: bool | None = None
    jobs_now: int = 0
    jobs_at_once: int | None = None
    can_be_written_to: bool = True
    has_said_no: str = ""  # why it is not asked again for this job


@dataclass(frozen=True)
class Ranked:
    """A garage with its points and the sentences that explain them; `excluded_because` is empty when it can do it."""

    garage_id: int
    score: Decimal
    reasons: list[str] = field(default_factory=list)
    excluded_because: str = ""


def rank(job: JobNeeds, garages: Iterable[GarageFacts]) -> list[Ranked]:
    """All the garages: those that can do it, best first, then the excluded ones, each by name when equal."""
    names = {}
    ranked = []
    for garage in garages:
        names[garage.id] = garage.name
        ranked.append(judge(job, garage))
    return sorted(ranked, key=lambda r: (bool(r.excluded_because), r.score, names[r.garage_id], r.garage_id))


def judge(job: JobNeeds, garage: GarageFacts) -> Ranked:
    """One garage, criterion by criterion."""
    criteria = [ability(job, garage), towing(job, garage), nearness(job, garage), reception(job, garage)]
    criteria += [price(garage), load(garage), contact(garage)]
    return Ranked(
        garage_id=garage.id,
        score=sum((points for points, _ in criteria), Decimal(0)),
        reasons=[sentence for _, sentence in criteria if sentence],
        excluded_because=excluded_because(job, garage),
    )


def excluded_because(job: JobNeeds, garage: GarageFacts) -> str:
    """The first thing that is known to be in the way."""
    if job.kind and garage.repairs and job.kind not in garage.repairs:
        return f"Ne répare pas {THESE_VEHICLES[Kind(job.kind)]}."
    if garage.works and job.work not in garage.works:
        return f"Ne fait pas {THIS_WORK[Work(job.work)]}."
    if must_be_towed(job) and garage.can_tow is False:
        return "N’a pas de dépanneuse, et le véhicule ne roule pas."
    return garage.has_said_no


def must_be_towed(job: JobNeeds) -> bool:
    return not job.rolls and job.kind not in CARRIED


def ability(job: JobNeeds, garage: GarageFacts) -> tuple[Decimal, str]:
    vehicles = THESE_VEHICLES[Kind(job.kind)] if job.kind else "ce véhicule"
    work = THIS_WORK[Work(job.work)]
    knows_kind, knows_work = bool(garage.repairs) and bool(job.kind), bool(garage.works)
    points = Decimal(0 if knows_kind or not job.kind else UNKNOWN_KIND) + (0 if knows_work else UNKNOWN_WORK)
    if knows_kind and knows_work:
        return points, f"Répare {vehicles} et fait {work}."
    if knows_kind:
        return points, f"Répare {vehicles}. On ne sait pas s’il fait {work}."
    if knows_work:
        return points, f"Fait {work}. On ne sait pas s’il répare {vehicles}."
    return points, f"On ne sait pas s’il répare {vehicles} ni s’il fait {work}."


def towing(job: JobNeeds, garage: GarageFacts) -> tuple[Decimal, str]:
    if not must_be_towed(job):
        return Decimal(0), ""
    if garage.can_tow is None:
        return Decimal(UNKNOWN_TOWING), "On ne sait pas s’il a une dépanneuse, et le véhicule ne roule pas."
    return Decimal(0), "Vient chercher le véhicule avec sa dépanneuse." if garage.can_tow else ""


def nearness(job: JobNeeds, garage: GarageFacts) -> tuple[Decimal, str]:
    km = distance_km(job.point, garage.point)
    if km is None:
        return Decimal(UNKNOWN_DISTANCE), "Distance inconnue."
    rounded = round(km)
    return Decimal(str(round(km, 3))), f"À {words.km(rounded)} à vol d’oiseau." if rounded else "Sur place."


def reception(job: JobNeeds, garage: GarageFacts) -> tuple[Decimal, str]:
    known = garage.usual_delay_days is not None
    delay = garage.usual_delay_days if garage.usual_delay_days is not None else UNKNOWN_DELAY
    day = working_days_after(job.today, delay)
    points = Decimal(delay * A_WORKING_DAY)
    if known:
        sentence = f"Peut recevoir vers le {words.calendar_day(day, with_year=False)} ({delay_words(delay)})."
    else:
        sentence = "Délai inconnu."
    if job.needed_by is not None and day >= job.needed_by:
        points += TOO_LATE
        if known:
            needed = words.calendar_day(job.needed_by, with_year=False)
            sentence = sentence[:-1] + f", trop tard pour le {needed}."
    return points, sentence


def delay_words(days: int) -> str:
    if days == 0:
        return "reçoit le jour même"
    return f"délai habituel : {days} jour{'s' if days > 1 else ''} ouvré{'s' if days > 1 else ''}"


def price(garage: GarageFacts) -> tuple[Decimal, str]:
    if garage.hourly_rate is None:
        return UNKNOWN_RATE * AN_EURO, "Tarif horaire inconnu."
    return garage.hourly_rate * AN_EURO, f"{words.euros(garage.hourly_rate)} de l’heure."


def load(garage: GarageFacts) -> tuple[Decimal, str]:
    points = Decimal(garage.jobs_now * A_JOB)
    if not garage.jobs_now:
        return points, "Aucun de nos véhicules chez lui en ce moment."
    ours = f"{garage.jobs_now} de nos véhicules chez lui en ce moment"
    if garage.jobs_at_once is not None and garage.jobs_now >= garage.jobs_at_once:
        return points + FULL, f"{ours} : c’est complet."
    return points, f"{ours}."


def contact(garage: GarageFacts) -> tuple[Decimal, str]:
    if garage.can_be_written_to:
        return Decimal(0), ""
    return Decimal(UNREACHABLE), "Ni e-mail ni portable : il faut l’appeler."
