"""Incidents, notices and trips: by their verbs, each at its time, so that every list and deadline shows something."""

import datetime as dt
from decimal import Decimal

from django.db import connection
from django.db.models import prefetch_related_objects

from bookings import actions
from bookings.actions.fines import save_policy
from bookings.identity import identity_of
from bookings.models import Assignment, Booking
from core import clock
from fleet.models import Hold, Kind, Vehicle
from portal.demo.cast import World
from portal.demo.plan import DAY, working
from portal.demo.repairs import travelled_to

HOUR = dt.timedelta(hours=1)
MOTORS = [Kind.CAR, Kind.VAN, Kind.MOPED, Kind.MOTORCYCLE_125, Kind.MICROCAR]
PLACES = ("RD 810, sens Bayonne vers Dax", "avenue de la Gare", "rocade sud", "place du Marché", "A79")
LOSES_A_SCOOTER = "sud-landes"
HAS_ONE_IMPOUNDED = "loiret"
ASKS_A_FEE = "cambresis"


def write_cases(world: World) -> None:
    with connection.cursor() as cursor:
        # A thousand rows that the planner has never seen, in this very transaction: it must count them before joins.
        cursor.execute("ANALYZE bookings_assignment, bookings_booking, fleet_hold, fleet_vehicle")
    freeze_drivers(world)
    if world.spec.slug == ASKS_A_FEE:
        save_policy(world.platform, fine_fee=Decimal(15), keep_months=12, by=world.staff["coordinator"])
    write_notices(world)
    write_incidents(world)
    write_trips(world)
    if world.spec.slug == LOSES_A_SCOOTER:
        lose_a_scooter(world)


def freeze_drivers(world: World) -> None:
    """Loans of the last months know who drove, as those that the kerb hands over do. Plain lookups, no join."""
    out = Hold.objects.filter(platform=world.platform, purpose=Hold.Purpose.LOAN, out_at__gte=world.now - 120 * DAY)
    rows = list(Assignment.objects.filter(hold_id__in=list(out.values_list("pk", flat=True))))
    loans = Booking.objects.in_bulk({row.booking_id for row in rows})
    prefetch_related_objects(world.participants, "entitlements", "address")
    people = {person.pk: person for person in world.participants}
    kinds = {vehicle.pk: vehicle.kind for vehicle in world.vehicles}
    for row in rows:
        person = people[loans[row.booking_id].participant_id]
        row.driver_identity = identity_of(person, kinds[row.vehicle_id]).as_json()
    Assignment.objects.bulk_update(rows, ["driver_identity"], batch_size=200)


def write_notices(world: World) -> None:
    """To designate in a few days and in a month, designated, closed; parking and toll to pay, paid, passed on."""
    adviser, accountant = world.staff["adviser"], world.staff["accountant"]
    loans = iter(past_loans(world))
    for number, (sort, amount, days_ago, steps) in enumerate(
        (
            ("offence", "135.00", 41, ()),
            ("offence", "90.00", 12, ()),
            ("offence", "68.00", 50, ("designate",)),
            ("offence", "135.00", 100, ("designate", "close")),
            ("parking", "35.00", 20, ()),
            ("parking", "25.00", 40, ("pay", "rebill")),
            ("toll", "11.90", 14, ()),
        )
    ):
        loan = next(loans, None)
        if loan is None:
            return
        sent = world.now - days_ago * DAY
        with travelled_to(sent + 2 * DAY):
            fine = actions.record_fine(
                loan.vehicle,
                sort=sort,
                amount=Decimal(amount),
                offence_at=loan.hold.out_at + 3 * HOUR,  # type: ignore[union-attr]
                by=adviser,
                number=f"{world.spec.series + 1}{40000 + 7 * number:07d}",
                sent_on=sent.date(),
                place=PLACES[number % len(PLACES)],
            )
        with travelled_to(sent + 5 * DAY):
            day = clock.today()
            if "designate" in steps:
                where = {"street": "1 rue des Lilas", "postcode": "40000", "city": world.spec.sites[0].name}
                born = dt.date(1992, 4, 3)
                known = {name: value for name, value in where.items() if not fine.driver.get(name)}
                known |= {} if fine.driver.get("birth_date") else {"birth_date": born}
                actions.name_driver(fine, by=adviser, **known)
                actions.designate(fine, by=adviser, on=day)
            if "close" in steps:
                actions.close_fine(fine, by=adviser)
            if "pay" in steps:
                actions.pay_fine(fine, by=accountant, on=day)
            if "rebill" in steps:
                actions.rebill(fine, by=accountant)


def past_loans(world: World) -> list[Assignment]:
    """Of vehicles with a plate, back since before any of the notices was sent, and out for a day at least."""
    back = Assignment.objects.filter(
        platform=world.platform,
        vehicle__kind__in=MOTORS,
        vehicle__withdrawn_on=None,
        hold__back_at__lte=world.now - 15 * DAY,
        hold__out_at__gte=world.now - 150 * DAY,
    )
    found = back.select_related("vehicle__platform", "hold", "booking__account", "booking__participant")
    fits = [one for one in found.order_by("hold__out_at", "pk") if one.hold.back_at - one.hold.out_at > DAY]  # type: ignore[union-attr, operator]
    wanted = (41, 12, 50, 100, 20, 40, 14)
    chosen: list[Assignment] = []
    for days_ago in wanted:
        before = [one for one in fits if one.hold.out_at < world.now - (days_ago + 2) * DAY and one not in chosen]  # type: ignore[union-attr, operator]
        if before:
            chosen.append(before[-1])
    return chosen if len(chosen) == len(wanted) else []


def write_incidents(world: World) -> None:
    """A breakdown that is over, an accident to declare; one platform has a vehicle at the pound."""
    out = loans_out(world)
    if out:
        have_an_accident(world, out[0])
    if len(out) > 1 and world.spec.slug == HAS_ONE_IMPOUNDED:
        impound(world, out[1])
    for loan in past_loans(world)[:1]:
        break_down(world, loan)


def have_an_accident(world: World, loan: Assignment) -> None:
    """On a working day of this week or the last, declared to nobody yet."""
    known = min(world.at(working(world.today - 3 * DAY), 10), world.now - HOUR)
    with travelled_to(known):
        actions.open_incident(
            loan.vehicle,
            sort="accident",
            by=world.staff["adviser"],
            happened_at=known - HOUR,
            place="Parking du supermarché",
            description="Choc à l’arrière à l’arrêt. Personne n’est blessé. Le véhicule roule.",
            other_party="Un utilitaire blanc, constat rempli sur place",
        )


def break_down(world: World, loan: Assignment) -> None:
    began = loan.hold.out_at + 2 * HOUR  # type: ignore[union-attr, operator]
    adviser = world.staff["adviser"]
    told = {"place": "Devant l’entreprise", "description": "Ne démarre plus. L’assistance est venue."}
    with travelled_to(began + HOUR):
        incident = actions.open_incident(loan.vehicle, sort="breakdown", by=adviser, happened_at=began, **told)
    with travelled_to(began + DAY):
        actions.close_incident(incident, by=adviser, outcome="Batterie changée sur place par l’assistance")


def impound(world: World, loan: Assignment) -> None:
    with travelled_to(world.now - 4 * DAY):
        actions.open_incident(
            loan.vehicle,
            sort="impound",
            by=world.staff["adviser"],
            happened_at=clock.now() - 3 * HOUR,
            place="Rue de la République",
            pound="Fourrière municipale",
            notified_on=clock.today(),
            removal_cost=Decimal("127.65"),
            daily_cost=Decimal("6.75"),
        )


def loans_out(world: World) -> list[Assignment]:
    """Not late; whoever keeps the vehicle longest comes first."""
    out = Assignment.objects.out().filter(
        platform=world.platform,
        vehicle__kind__in=MOTORS,
        hold__ends_at__gt=world.now,
        hold__out_at__lt=world.now - 5 * DAY,
        booking__state=Booking.State.ACTIVE,
    )
    return list(out.select_related("vehicle__platform", "hold", "booking__account").order_by("-hold__ends_at", "pk"))


def write_trips(world: World) -> None:
    """The fleet manager fetched something with a vehicle that stood there."""
    driver = world.staff["fleet_manager"]
    for vehicle in world.vehicles:
        if vehicle.kind not in (Kind.CAR, Kind.VAN) or vehicle.withdrawn_on is not None:
            continue
        start = world.at(working(world.today - dt.timedelta(days=6)), 14)
        if not stood_there(vehicle, start, start + 2 * HOUR):
            continue
        told = {"starts_at": start, "ends_at": start + 2 * HOUR, "reason": "Chercher des casques à la préfecture"}
        actions.note_trip(vehicle, driver=driver, by=driver, **told)
        return


def stood_there(vehicle: Vehicle, start: dt.datetime, end: dt.datetime) -> bool:
    return not vehicle.holds.overlapping(start, end).exists() and not vehicle.holds.out().exists()


def lose_a_scooter(world: World) -> None:
    """Stolen in the night: the complaint is noted this morning, the insurer waits."""
    mopeds = [one for one in loans_out(world) if one.vehicle.kind == Kind.MOPED and one.ends_at > world.now + 2 * DAY]
    if len(mopeds) < 2:
        return
    stolen, adviser = mopeds[-1], world.staff["adviser"]
    actions.end_without_return(
        stolen.booking, by=adviser, why="stolen", rent_until=clock.today(), since=clock.now() - 12 * HOUR
    )
    theft = stolen.booking.incidents.get(sort="theft")
    actions.complete(theft, by=adviser, place="Devant son immeuble, antivol coupé", keys_returned=True)
    actions.lodge_complaint(theft, by=adviser, on=clock.today(), number="2026/04127")
