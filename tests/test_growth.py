"""A page asks the database as often for thirty rows as for three, and not more than eight times.

The pages and API lists are those of the access table: whatever a coordinator may GET.
"""

import datetime as dt
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiToken
from accounts.secrets import hash_of
from core import clock
from core.journal import name_of, record
from core.models import Note
from fleet.models import Damage, OdometerReading
from participants.names import key_of
from pricing.actions import pay
from tests.access import OK, Row, pricing
from tests.access.bookings import loan
from tests.access.maintenance import to_decide
from tests.access.world import World, garage, participant, site, vehicle
from tests.bookings.factories import AssignmentFactory, PeriodFactory
from tests.factories import GarageFactory, ParticipantFactory, VehicleFactory
from tests.maintenance.factories import job_in
from tests.pricing import factories as money
from tests.test_access import ROWS, value_of

EVERY_PAGE = 3  # session, user, memberships; for the API: token with user, memberships
MOST = 8
MOST_OF = {"portal:today": 14}  # the design's own figure
DAY = dt.timedelta(days=1)

# Not pages of rows, but files, or steps that allauth owns.
OTHERS = ("account_", "mfa_", "core:", "api:schema", "api:docs")

GETS = [
    line
    for line in ROWS
    if line.method == "GET" and line.expected["coordinator"] == OK and not line.name.startswith(OTHERS)
]


def fill(world: World, numbers: range) -> None:
    """As many more of everything, around the things that the addresses name and beside them."""
    now = clock.now()
    ana, car, chloe, by = world.get(participant), world.get(vehicle), world.get(garage), world.people["coordinator"]
    known = world.get(loan)
    for n in numbers:
        person = ParticipantFactory(
            platform=world.platform, last_name=f"Labat{n}", name_key=key_of("Ana", f"Labat{n}"), programme=ana.programme
        )
        another = VehicleFactory(site=world.get(site))
        GarageFactory(platform=world.platform)
        start = now + (400 + 2 * n) * DAY
        for whose, which in ((person, another), (ana, car)):
            given = AssignmentFactory(
                booking__platform=world.platform,
                booking__participant=whose,
                booking__starts_at=start,
                booking__ends_at=start + DAY,
                vehicle=which,
            )
            PeriodFactory(booking=given.booking)
            record(by, "booking.booked", given.booking)
            for account in (given.booking.account, world.get(pricing.account)):
                owed = money.ChargeFactory(account=account, due_on=clock.today(), amount=Decimal(9))
                money.ChargeFactory(account=account, amount=Decimal(-1), waives=owed, reason="Geste")
                money.DepositFactory(account=account, state="held", means="cash", received_at=now)
                pay(account, amount=Decimal(1), means="cheque", by=by)
        record(by, "booking.noted", known)
        record(by, "vehicle.noted", car)
        record(by, "participant.noted", ana)
        job_in("to_decide", chloe, vehicle=another)
        job_in("accepted", chloe, vehicle=car)
        Damage.objects.create(platform=world.platform, vehicle=car, sort="scratch", found_by=by)
        OdometerReading.objects.create(
            platform=world.platform, vehicle=car, km=1000 + n, state="accepted", source="manual", read_at=now, by=by
        )
        for thing in (known, car, ana, world.get(to_decide)):
            target_type, target_id = name_of(thing)
            Note.objects.create(
                platform_id=world.platform.pk,
                target_type=target_type,
                target_id=target_id,
                author_id=by.pk,
                text="Vu",
            )


def queries_of(world: World, line: Row) -> list[str]:
    url = reverse(line.name, kwargs={key: value_of(world, value) for key, value in line.kwargs.items()})
    data = line.data(world) if callable(line.data) else line.data
    client = Client()
    headers = {}
    if line.name.startswith("api:"):
        headers["Authorization"] = "Bearer growth"
    else:
        client.force_login(world.people["coordinator"])
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url, data if isinstance(data, dict) else None, headers=headers)
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert answer.status_code in {200, 302}, f"{url}: {answer.status_code}"
    return [query["sql"] for query in asked.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_pages_ask_as_often_for_thirty_rows_as_for_three(db: None) -> None:
    """One world for all pages: what is slow here is to make the rows."""
    world = World()
    user = world.people["coordinator"]
    ApiToken.objects.create(
        user=user, name="growth", prefix="growth", secret_hash=hash_of("growth"), last_used_at=clock.now()
    )
    for line in GETS:
        for value in line.kwargs.values():
            value_of(world, value)
    fill(world, range(3))
    few = [queries_of(world, line) for line in GETS]
    fill(world, range(3, 30))
    wrong = []
    for line, before in zip(GETS, few, strict=True):
        many = queries_of(world, line)
        if len(many) > len(before):
            wrong.append(f"{line}: {len(before)} queries for three rows, {len(many)} for thirty")
            wrong += [f"    {sql[:220]}" for sql in many]
        elif len(many) > (most := EVERY_PAGE + MOST_OF.get(line.name, MOST)):
            wrong.append(f"{line}: {len(many)} queries, {most} are enough")
            wrong += [f"    {sql[:220]}" for sql in many]
    assert not wrong, "\n".join(wrong)
