"""What the ranking needs to know of a job and of the platform's garages: read in few queries, then pure."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from core import clock
from fleet.models import Hold
from garages.messages import can_be_written_to
from garages.models import Garage, GarageRate
from maintenance.models import JobOffer, RepairJob
from maintenance.routing import GarageFacts, JobNeeds, Ranked, judge, rank

AT_THE_GARAGE = (
    RepairJob.State.ACCEPTED,
    RepairJob.State.QUOTED,
    RepairJob.State.APPROVED,
    RepairJob.State.IN_PROGRESS,
    RepairJob.State.WAITING_PARTS,
    RepairJob.State.DONE,
)
Tier = GarageRate.Tier


@dataclass(frozen=True)
class Candidate:
    """A garage and its rank, for people to read."""

    garage: Garage
    ranked: Ranked


def candidates(job: RepairJob) -> tuple[list[Candidate], list[Candidate]]:
    """The garages that can do this job, best first, and those that cannot, with why."""
    garages = {garage.pk: garage for garage in known_garages(job)}
    said_no = refusals(job)
    facts = [facts_of(garage, said_no.get(garage.pk, "")) for garage in garages.values()]
    found = [Candidate(garages[r.garage_id], r) for r in rank(needs_of(job), facts)]
    return [c for c in found if not c.ranked.excluded_because], [c for c in found if c.ranked.excluded_because]


def reasons_for(job: RepairJob, garage: Garage) -> list[str]:
    """The sentences of one garage, as they are kept with its offer."""
    known = known_garages(job).get(pk=garage.pk)
    ranked = judge(needs_of(job), facts_of(known, refusals(job).get(garage.pk, "")))
    return [*ranked.reasons, *([ranked.excluded_because] if ranked.excluded_because else [])]


def known_garages(job: RepairJob) -> QuerySet[Garage]:
    """The platform's garages, with their rate for this job's tier today and the jobs that they have in hand."""
    tier = Tier.PLATFORM if job.vehicle_id else Tier.LOWEST
    today = clock.today(ZoneInfo(job.platform.time_zone))
    rates = GarageRate.objects.filter(garage=OuterRef("pk"), tier=tier, valid_from__lte=today).order_by("-valid_from")
    return (
        Garage.objects.filter(platform_id=job.platform_id, is_active=True)
        .select_related("address")
        .annotate(
            rate_now=Subquery(rates.values("hourly_rate")[:1]),
            jobs_now=Count("jobs", filter=Q(jobs__state__in=AT_THE_GARAGE)),
        )
    )


def refusals(job: RepairJob) -> dict[int, str]:
    """Garage id → why it is not asked again for this job."""
    said = {}
    for offer in sorted(job.offers.all(), key=lambda offer: offer.pk):
        if offer.answer == JobOffer.Answer.EXPIRED:
            said[offer.garage_id] = "N’a pas répondu à temps pour ce travail."
        elif offer.answer == JobOffer.Answer.DECLINED:
            because = f" : « {offer.decline_reason} »" if offer.decline_reason else ""
            said[offer.garage_id] = f"A déjà refusé ce travail{because}."
    return said


def needs_of(job: RepairJob) -> JobNeeds:
    zone = ZoneInfo(job.platform.time_zone)
    address = job.vehicle.site.address if job.vehicle else job.participant.address if job.participant else None
    needed_by = job.needed_by or next_loan_at(job)
    return JobNeeds(
        work=job.work,
        kind=job.vehicle.kind if job.vehicle else None,
        rolls=job.vehicle_rolls,
        today=clock.today(zone),
        point=address.point if address else None,
        needed_by=needed_by.astimezone(zone).date() if needed_by else None,
    )


def next_loan_at(job: RepairJob) -> dt.datetime | None:
    """When the vehicle is promised next: the deadline that nobody had to type."""
    if job.vehicle_id is None:
        return None
    if hasattr(job, "next_loan_at"):
        return job.next_loan_at
    loans = Hold.objects.filter(vehicle_id=job.vehicle_id, purpose=Hold.Purpose.LOAN, starts_at__gt=clock.now())
    return loans.order_by("starts_at").values_list("starts_at", flat=True).first()


def facts_of(garage: Garage, has_said_no: str) -> GarageFacts:
    return GarageFacts(
        id=garage.pk,
        name=garage.name,
        repairs=frozenset(garage.repairs),
        works=frozenset(garage.works),
        point=garage.address.point if garage.address else None,
        usual_delay_days=garage.usual_delay_days,
        hourly_rate=garage.rate_now,  # type: ignore[attr-defined]
        can_tow=garage.can_tow,
        jobs_now=garage.jobs_now,  # type: ignore[attr-defined]
        jobs_at_once=garage.jobs_at_once,
        can_be_written_to=can_be_written_to(garage),
        has_said_no=has_said_no,
    )
