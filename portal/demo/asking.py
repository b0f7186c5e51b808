"""Requests that wait for their answer, and people who wait for a vehicle: a handful for each platform."""

import datetime as dt

from django.core.exceptions import ValidationError

from accounts.models import Role
from bookings.actions import approve, propose
from bookings.models import Booking, LoanRequest, RequestPolicy, WaitingEntry
from bookings.requests import promises
from bookings.series.recurrence import Pattern
from bookings.waiting import reads as waiting_reads
from fleet.models import Kind
from participants.models import Audience, Participant
from portal.demo.cast import World

DAY = dt.timedelta(days=1)
State = Booking.State
WHY = (
    "Je commence une mission d’intérim et le premier bus est trop tard.",
    "Ma voiture est en panne, je dois aller travailler.",
    "Formation à 40 km de chez moi, sans transport.",
    "Horaires de nuit, pas de covoiturage.",
    "Entretiens d’embauche dans le département.",
)
NIGHTS = "Équipe de nuit, aucun bus à ces heures."
STATES = (State.AWAITING_APPROVAL, State.AWAITING_DOCUMENTS, State.AWAITING_APPROVAL, State.DRAFT, State.REFUSED)
LISTENING = {"sud-landes", "loiret"}  # where participants ask from their own page


def write_asking(world: World) -> None:
    RequestPolicy.objects.create(
        platform=world.platform,
        participants_may_ask=world.spec.slug in LISTENING,
        offers_by_itself=world.spec.slug == "loiret",
        priority_audiences=[Audience.RSA, Audience.UNDER_26],
    )
    people = who_may_drive(world)
    asked = [
        ask(world, people[number], state, why, days_ago=number + 1)
        for number, (state, why) in enumerate(zip(STATES, WHY, strict=True))
    ]
    for_nights(world, asked[2])
    keep_one(world, ask(world, people[5], State.AWAITING_APPROVAL, WHY[0], days_ago=3))
    for number, person in enumerate(people[6:9]):
        wait(world, person, number)
    propose_one(world)


def who_may_drive(world: World) -> list[Participant]:
    """Some with a licence B and no loan now."""
    busy = set(
        Booking.objects.filter(platform=world.platform, state__in=Booking.OPEN).values_list("participant_id", flat=True)
    )
    holders = [one for one in world.participants if any(e.category == "B" for e in world.entitlements.get(one.pk, ()))]
    free = [one for one in holders if one.pk not in busy and one.phone]
    return [*free, *holders][:9]


def ask(world: World, person: Participant, state: str, why: str, days_ago: int) -> Booking:
    starts = world.at(world.today + (days_ago + 4) * DAY, 9)
    by = world.rng.choice(world.desk)
    refused = state == State.REFUSED
    asked_at = world.now - days_ago * DAY
    booking = Booking.objects.create(
        platform=world.platform, participant=person, programme=person.programme, state=state, kind=Kind.CAR,
        purpose=Booking.Purpose.CDD, starts_at=starts, ends_at=world.at(world.today + (days_ago + 18) * DAY, 9),
        created_by=by, created_at=asked_at, refusal=Booking.Refusal.NOT_ELIGIBLE if refused else "",
    )  # fmt: skip
    papers = ["work_contract", "address"] if state == State.AWAITING_DOCUMENTS else []
    LoanRequest.objects.create(
        platform=world.platform, booking=booking, asked_by=person.user if world.spec.slug in LISTENING else by,
        submitted_at=None if state == State.DRAFT else asked_at, why=why, work_starts_on=starts.date(), papers=papers,
        papers_asked_at=asked_at + DAY / 2 if papers else None, decided_by=by if refused else None,
        decided_at=asked_at + DAY / 2 if refused else None,
        answer="Habite une autre communauté de communes" if refused else "",
    )  # fmt: skip
    return booking


def for_nights(world: World, booking: Booking) -> None:
    """Of a night shift: four evenings a week, back at opening time, for two weeks."""
    monday = world.today + dt.timedelta(days=14 - world.today.weekday())
    pattern = Pattern((0, 1, 2, 3), dt.time(17), dt.time(9), monday, monday + 10 * DAY)
    booking.starts_at, booking.ends_at = world.at(monday, 17), world.at(monday + 11 * DAY, 9)
    booking.save(update_fields=["starts_at", "ends_at"])
    LoanRequest.objects.filter(booking=booking).update(pattern=pattern.as_json(), work_starts_on=monday, why=NIGHTS)


def keep_one(world: World, booking: Booking) -> None:
    """« Sous réserve », where the pool has a car for it."""
    try:
        approve(booking, by=world.staff[Role.COORDINATOR], promised_until=world.now + 2 * DAY)
    except ValidationError:
        return


def wait(world: World, person: Participant, number: int) -> None:
    WaitingEntry.objects.create(
        platform=world.platform, participant=person, programme=person.programme,
        kind=(Kind.CAR, Kind.CAR, Kind.VAN)[number], earliest_at=world.at(world.today + DAY, 9),
        days=(28, 14, 2)[number], work_starts_on=(world.today + (12 - 5 * number) * DAY) if number < 2 else None,
        asked_at=world.now - (9 - 2 * number) * DAY, purpose=Booking.Purpose.CDI,
        created_by=world.rng.choice(world.desk), latest_on=world.today + 20 * DAY,
    )  # fmt: skip


def propose_one(world: World) -> None:
    """A vehicle kept for the first whom it fits; the adviser has still to write."""
    for place in waiting_reads.places_of(world.platform, promises.policy_of(world.platform.pk)):
        if place.vehicle is None:
            continue
        try:
            propose(place.entry, vehicle=place.vehicle, by=world.platform.machine_user, starts_at=place.starts_at)
        except ValidationError:
            continue
        return
