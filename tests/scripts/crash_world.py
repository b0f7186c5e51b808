"""What `script/manage shell -c` runs in the checkout of a crash test: a platform to book on, and what stands there.

`open()` prints what the programs that book need; `tell()` prints how complete each booking is.
"""

import datetime as dt
import json
import sys
from collections import Counter
from decimal import Decimal

from accounts.actions import create_token
from accounts.models import Membership
from bookings.models import Booking
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet.models import Hold, Kind, Site, Vehicle
from participants.actions import register
from portal.platforms import open_platform
from pricing.tariff_actions import save_tariff
from pricing.tariffs import Band

VEHICLES, PEOPLE = 20, 10


def open() -> None:
    platform = open_platform("Chutes", coordinator="chutes@example.org")
    user = Membership.objects.get(platform=platform).user
    save_tariff(
        platform, by=user, name="Voiture", kind=Kind.CAR, valid_from=clock.today() - dt.timedelta(days=9),
        bands=[Band(1, Decimal(3), None, None)], deposit=Decimal(250), late_fee_per_day=Decimal(3),
    )  # fmt: skip
    site = Site.objects.create(platform=platform, name="Dax")
    cars = [
        Vehicle.objects.create(platform=platform, site=site, kind=Kind.CAR, fleet_number=f"C{n}")
        for n in range(VEHICLES)
    ]
    people = [
        register(platform, first_name="Ana", last_name=f"Labat {n}", email=f"ana{n}@example.org", by=user)
        for n in range(PEOPLE)
    ]
    say({
        "token": create_token(user, name="chutes", by=user)[1],
        "vehicles": [car.pk for car in cars],
        "participants": [person.pk for person in people],
    })  # fmt: skip


def tell() -> None:
    """For each booking (named by its destination): whether every row that `book` writes is there, once."""
    bookings = Booking.objects.select_related("account").prefetch_related("periods", "assignments__hold")
    told = Counter(JournalEntry.objects.filter(verb="booking.booked").values_list("target_id", flat=True))
    mails = dict(OutboxMessage.objects.filter(topic="mail").values_list("target_id", "pk"))
    whole = {}
    for booking in bookings:
        assignments = booking.assignments.all()
        whole[booking.destination] = {
            "complete": (
                len(booking.periods.all()) == 1
                and len(assignments) == 1
                and assignments[0].hold is not None
                and assignments[0].hold.vehicle_id == assignments[0].vehicle_id
                and booking.account.deposits.count() == 1
                and told[str(booking.pk)] == 1
            ),
            "mail": mails.get(str(booking.pk)),
        }
    waiting = OutboxMessage.objects.filter(done_at=None, topic="mail").count()
    say({"bookings": whole, "waiting": waiting, "holds": Hold.objects.count()})


def say(told: dict) -> None:
    sys.stdout.write(f"\n{json.dumps(told)}\n")
