"""What went wrong with a vehicle is noted, completed, declared and closed."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import User
from bookings.actions.loan import refuse_strangers
from bookings.cases import perms as case_perms
from bookings.cases import uses
from bookings.cases.steps import mark_due
from bookings.models import Booking, CasePaper, Fine, Incident
from core import clock, files
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from fleet.models import Damage, Vehicle
from maintenance.models import RepairJob

Sort, State = Incident.Sort, Incident.State
SAME = dt.timedelta(hours=24)  # a second report of the same thing within a day is the same incident
INSURED = (Sort.ACCIDENT, Sort.THEFT)

# What `complete` writes as it is given.
FACTS = (
    "happened_at",
    "known_on",
    "place",
    "description",
    "other_party",
    "claim_number",
    "keys_returned",
    "pound",
    "notified_on",
    "low_value",
    "removal_cost",
    "daily_cost",
)


@action
def open_incident(
    vehicle: Vehicle,
    *,
    sort: str,
    by: User,
    happened_at: dt.datetime | None = None,
    known_on: dt.date | None = None,
    booking: Booking | None = None,
    papers: Sequence[tuple[str, Any]] = (),
    **facts: Any,
) -> Incident:
    """Notes what happened to the vehicle, and links the loan of that moment. The law's delays run from `known_on`.

    `papers` are (sort, upload), `facts` fields of FACTS. Refuses with `in_the_future`, `known_before`,
    `other_platform`, `wrong_vehicle` for a loan that never had this one.
    """
    require(case_perms.can_handle(by, vehicle))
    vehicle = lock(vehicle)
    refuse_strangers(vehicle.platform, booking)
    if booking is not None and not booking.assignments.filter(vehicle=vehicle).exists():
        raise refuse("Ce prêt n’a jamais eu ce véhicule : choisissez celui du prêt.", "wrong_vehicle")
    incident = opened(
        vehicle, sort=sort, by=by, happened_at=happened_at, known_on=known_on, booking=booking, facts=facts
    )
    for kind, upload in papers:
        keep_paper(incident, kind, upload, by)
    return incident


@action
def complete(incident: Incident, *, by: User, **facts: Any) -> Incident:
    """New values for any of FACTS, while it is not closed; its deadline follows. Refuses as `open_incident`."""
    require(case_perms.can_handle(by, incident))
    incident = lock_open(incident)
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"an incident has no {', '.join(sorted(unknown))}")
    changed = sorted(name for name, value in facts.items() if getattr(incident, name) != value)
    for name in changed:
        setattr(incident, name, facts[name])
    if changed:
        refuse_disorder(incident)
        mark_due(incident)
        save(incident)
        record(by, "incident.completed", incident, fields=changed)
    return incident


@action
def lodge_complaint(incident: Incident, *, by: User, on: dt.date, number: str = "", file: Any = None) -> Incident:
    """The police took the complaint; without it no insurance pays for a theft. Refuses with `wrong_sort`."""
    require(case_perms.can_handle(by, incident))
    incident = lock_open(incident)
    if incident.sort not in INSURED:
        raise refuse("On ne porte pas plainte pour une panne ou une fourrière.", "wrong_sort")
    refuse_day(incident, on)
    incident.complaint_on, incident.complaint_number = on, number.strip()
    mark_due(incident)
    save(incident)
    if file:
        keep_paper(incident, CasePaper.Sort.COMPLAINT, file, by)
    record(by, "incident.complaint_lodged", incident, on=on.isoformat())
    return incident


@action
def declare(incident: Incident, *, by: User, on: dt.date, claim_number: str = "", file: Any = None) -> Incident:
    """The insurer was told. Refuses with `wrong_sort`, and with `no_complaint` a theft that the police do not know."""
    require(case_perms.can_handle(by, incident))
    incident = lock_open(incident)
    if incident.sort not in INSURED:
        raise refuse("Seuls un accident et un vol se déclarent à l’assurance.", "wrong_sort")
    if incident.sort == Sort.THEFT and incident.complaint_on is None:
        raise refuse("Notez d’abord la plainte : l’assurance la demande pour un vol.", "no_complaint")
    refuse_day(incident, on)
    become(incident, State.DECLARED)
    incident.declared_on = on
    incident.claim_number = claim_number.strip() or incident.claim_number
    mark_due(incident)
    save(incident)
    if file:
        keep_paper(incident, CasePaper.Sort.INSURER, file, by)
    record(by, "incident.declared", incident, on=on.isoformat())
    return incident


@action
def fetch(incident: Incident, *, by: User, on: dt.date, file: Any = None, **costs: Any) -> Incident:
    """The vehicle left the pound; `costs` are `removal_cost` and `daily_cost`. Refuses with `wrong_sort`,
    `already_fetched`."""
    require(case_perms.can_handle(by, incident))
    incident = lock_open(incident)
    if incident.sort != Sort.IMPOUND:
        raise refuse("Ce véhicule n’est pas en fourrière.", "wrong_sort")
    if incident.fetched_on is not None:
        raise refuse("Ce véhicule est déjà sorti de la fourrière.", "already_fetched")
    refuse_day(incident, on)
    incident.fetched_on = on
    for name in costs.keys() & {"removal_cost", "daily_cost"}:
        setattr(incident, name, costs[name])
    mark_due(incident)
    save(incident)
    if file:
        keep_paper(incident, CasePaper.Sort.RECEIPT, file, by)
    record(by, "incident.fetched", incident, on=on.isoformat())
    return incident


@action
def close_incident(incident: Incident, *, by: User, outcome: str) -> Incident:
    """Nothing more will be done, and how it ended is said. Refuses with `outcome_missing`, `wrong_state`."""
    require(case_perms.can_handle(by, incident))
    incident = lock(incident)
    become(incident, State.CLOSED)
    incident.outcome, incident.closed_at = outcome.strip(), clock.now()
    mark_due(incident)
    save(incident)
    record(by, "incident.closed", incident)
    return incident


@action
def add_paper(case: Incident | Fine, *, by: User, sort: str, file: Any) -> CasePaper:
    """One more paper or photo, whatever the state. Refuses with `too_large`, `no_paper`, `purged`."""
    require(case_perms.can_handle(by, case))
    case = lock(case)
    if isinstance(case, Fine) and case.purged_at is not None:
        raise refuse("Cette amende a été effacée : plus rien ne s’y ajoute.", "purged")
    paper = keep_paper(case, sort, file, by)
    record(by, f"{case._meta.model_name}.paper_added", case, sort=sort)
    return paper


# --- steps ------------------------------------------------------------------------------------


def opened(
    vehicle: Vehicle,
    *,
    sort: str,
    by: User,
    happened_at: dt.datetime | None = None,
    known_on: dt.date | None = None,
    booking: Booking | None = None,
    job: RepairJob | None = None,
    damages: Iterable[Damage] = (),
    facts: dict[str, Any] | None = None,
) -> Incident:
    """Writes the incident; without a loan it is given that of the moment. The vehicle is locked."""
    now = clock.now()
    happened_at = happened_at or now
    if booking is None and (driven := uses.who_drove(vehicle, happened_at)).assignment is not None:
        booking = driven.assignment.booking
    incident = Incident(
        platform=vehicle.platform,
        vehicle=vehicle,
        booking=booking,
        job=job,
        sort=sort,
        happened_at=happened_at,
        known_on=known_on or clock.local_date(now, vehicle.platform.time_zone),
        reported_by=by,
        reported_at=now,
        **{name: value for name, value in (facts or {}).items() if name in FACTS and value is not None},
    )
    refuse_disorder(incident)
    mark_due(incident)
    save(incident)
    incident.damages.set(damages)
    record(by, "incident.opened", incident, sort=sort, vehicle=vehicle.pk)
    return incident


def reported(booking: Booking, vehicle: Vehicle, *, sort: str, job: RepairJob, description: str, by: User) -> Incident:
    """What a participant says opens the incident by itself; said again within a day, it is the same one."""
    known = Incident.objects.filter(booking=booking, vehicle=vehicle, sort=sort, reported_at__gt=clock.now() - SAME)
    known = known.exclude(state=State.CLOSED)
    if (incident := known.order_by("pk").last()) is not None:
        return incident
    told = {"description": description[:2000]}
    return opened(vehicle, sort=sort, by=by, booking=booking, job=job, damages=job.damages.all(), facts=told)


def lock_open(incident: Incident) -> Incident:
    incident = lock(incident)
    if incident.state == State.CLOSED:
        raise refuse("Cet incident est clos : on peut encore y ajouter un papier ou une note.", "wrong_state")
    return incident


def refuse_disorder(incident: Incident) -> None:
    """It has happened, and nobody knew of it before it did."""
    zone = incident.platform.time_zone
    today = clock.local_date(clock.now(), zone)
    if incident.happened_at > clock.now() or incident.known_on > today:
        raise refuse("Cette date est à venir : notez ce qui est déjà arrivé.", "in_the_future")
    first = clock.local_date(incident.happened_at, zone)
    if incident.known_on < first:
        raise refuse("Personne ne pouvait le savoir avant que cela n’arrive.", "known_before")
    if incident.notified_on is not None and not first <= incident.notified_on <= today:
        raise refuse("La mise en demeure vient après l’enlèvement, et pas dans l’avenir.", "notified_before")


def refuse_day(incident: Incident, on: dt.date) -> None:
    """Something was done about it on that day: not before it happened, and not in the future."""
    zone = incident.platform.time_zone
    if on > clock.local_date(clock.now(), zone):
        raise refuse("Cette date est à venir : notez-la quand c’est fait.", "in_the_future")
    if on < clock.local_date(incident.happened_at, zone):
        raise refuse("Cette date est avant l’incident.", "before_it_happened")


def keep_paper(case: Incident | Fine, sort: str, upload: Any, by: User) -> CasePaper:
    file = files.store_paper(upload, platform_id=case.platform_id, by=by)
    named = {"incident": case} if isinstance(case, Incident) else {"fine": case}
    return save(CasePaper(platform_id=case.platform_id, sort=sort, file=file, added_by=by, **named))
