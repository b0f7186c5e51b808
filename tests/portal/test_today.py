"""Aujourd’hui: what waits for somebody, late on top, in a fixed number of queries."""

import datetime as dt
import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.actions import ask_for_longer, refuse_wish, replace_vehicle
from bookings.models import Booking
from bookings.notes import write_note
from core import clock
from core.models import OutboxMessage
from fleet.models import OdometerReading, VehicleDocument
from participants.models import DrivingEntitlement
from portal import today
from portal.today.lines import Line
from tests.bookings.factories import AssignmentFactory, PeriodFactory
from tests.factories import GarageFactory, ParticipantFactory, VehicleFactory
from tests.maintenance.factories import JobFactory
from tests.pricing.factories import ChargeFactory, DepositFactory

NOON = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)  # noon in Paris
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.travel(to=NOON):
        yield


def loan(platform: Any, start: dt.datetime, end: dt.datetime, **given: Any) -> Any:
    return AssignmentFactory(
        booking__platform=platform,
        booking__starts_at=start,
        booking__ends_at=end,
        vehicle__first_registered_on=dt.date(2025, 1, 1),
        **given,
    )


def lines(platform: Any, name: str) -> list[Line]:
    return next(one for one in today.parts(platform) if one.name == name).lines


def a_full_day(platform: Any, times: int = 1) -> None:
    for n in range(times):
        late = loan(platform, NOON - 9 * DAY, NOON - DAY, out=True)
        back = loan(platform, NOON - 9 * DAY, NOON + dt.timedelta(hours=5), out=True)
        leaving = loan(platform, NOON + dt.timedelta(hours=1), NOON + 9 * DAY)
        loan(platform, NOON + DAY, NOON + 9 * DAY, displaced=True)
        over = loan(platform, NOON - 60 * DAY, NOON - 30 * DAY, back=True)
        ChargeFactory(account=late.booking.account, due_on=NOON.date())
        DepositFactory(
            account=over.booking.account, state="held", means="cheque", received_at=NOON, amount=Decimal(250)
        )
        JobFactory(vehicle=back.vehicle)
        JobFactory(vehicle=back.vehicle, state="quoted", garage=GarageFactory(platform=platform))
        VehicleDocument.objects.create(
            platform=platform, vehicle=back.vehicle, sort="insurance", valid_until=NOON.date() + 10 * DAY
        )
        DrivingEntitlement.objects.create(
            platform=platform, participant=leaving.booking.participant, category="B", valid_until=NOON.date() + 5 * DAY
        )
        OdometerReading.objects.create(
            platform=platform, vehicle=back.vehicle, km=10, state="disputed", source="loan_in", read_at=NOON
        )
        ask_for_longer(late.booking, until=(NOON + 20 * DAY).date(), reason="", by=late.booking.participant.user)
        OutboxMessage.objects.create(
            platform_id=platform.pk, topic="sms", key=f"lost{n}", payload={"to": "", "text": "x"}, given_up_at=NOON
        )


def test_an_empty_day_is_a_small_joy(client: Client, platform: Any, bruno: Any) -> None:
    VehicleFactory(site__platform=platform, first_registered_on=dt.date(2025, 1, 1))
    client.force_login(bruno)
    assert "Rien ne vous attend" in client.get("/aujourdhui/").content.decode()


def test_a_new_platform_reads_where_to_begin(client: Client, platform: Any, bruno: Any) -> None:
    client.force_login(bruno)
    assert "Pour commencer" in client.get("/aujourdhui/").content.decode()
    VehicleFactory(site__platform=platform)
    assert "Pour commencer" not in client.get("/aujourdhui/").content.decode()


def test_a_coordinator_is_asked_for_the_number_that_participants_call(
    client: Client, platform: Any, driss: Any, bruno: Any
) -> None:
    VehicleFactory(site__platform=platform)
    platform.phone = ""
    platform.save()
    for person, asked in ((driss, True), (bruno, False)):
        client.force_login(person)
        assert ("n’ont pas de numéro" in client.get("/aujourdhui/").content.decode()) is asked
    platform.phone = "+33558412210"
    platform.save()
    client.force_login(driss)
    assert "n’ont pas de numéro" not in client.get("/aujourdhui/").content.decode()


def test_everything_that_waits_has_its_line_and_its_button(client: Client, platform: Any, bruno: Any) -> None:
    a_full_day(platform)
    client.force_login(bruno)
    html = client.get("/aujourdhui/").content.decode()
    for words in (
        "En retard", "À reloger", "Demandes des participants", "Départs", "Retours", "Réparations qui attendent",
        "À régler", "Dépôts à rendre", "Bientôt périmé", "Kilomètres à vérifier", "Messages qui ne sont pas partis",
        "Reprendre", "Reloger", "Répondre", "Remettre les clés", "Décider", "Voir le devis", "Encaisser",
    ):  # fmt: skip
        assert words in html, words
    assert html.index("En retard") < html.index("Départs")


@pytest.mark.parametrize("address", ["/aujourdhui/", "/reglages/"])
def test_no_button_leads_anybody_to_a_refusal(
    client: Client, platform: Any, bruno: Any, farid: Any, agathe: Any, driss: Any, address: str
) -> None:
    a_full_day(platform)
    for booking in Booking.objects.filter(periods=None):
        PeriodFactory(booking=booking)
    for person in (agathe, bruno, farid, driss):
        client.force_login(person)
        main = client.get(address).content.decode().partition("<main")[2]
        for link in set(re.findall(r'href="(/[^"#]+)"', main)):
            assert client.get(html.unescape(link)).status_code in (200, 302), (person.email, link)


def test_whoever_only_reads_has_no_verb_of_the_desk(platform: Any, agathe: Any, bruno: Any) -> None:
    a_full_day(platform)
    of_the_desk = [part for part in today.parts(platform, agathe) if part.name in today.OF_THE_DESK]
    verbs = {line.verb for part in of_the_desk for line in part.lines}
    assert verbs == {"Voir"}
    assert {"Reprendre", "Remettre les clés", "Reloger"} <= {
        line.verb for part in today.parts(platform, bruno) for line in part.lines
    }


def test_it_costs_as_many_queries_for_ten_days_as_for_one(client: Client, platform: Any, bruno: Any) -> None:
    client.force_login(bruno)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get("/aujourdhui/")
        return len([q for q in seen if "django_session" not in q["sql"] and "accounts_membership" not in q["sql"]]) - 1

    a_full_day(platform)
    one = queries()
    OutboxMessage.objects.all().delete()
    a_full_day(platform, times=5)
    assert queries() == one
    assert one <= 14


def test_another_platform_sees_nothing_of_it(platform: Any, other_platform: Any, bruno: Any) -> None:
    a_full_day(platform)
    assert [part.name for part in today.parts(other_platform) if part.lines] == []


def test_late_is_out_past_its_plan_and_comes_first_when_longest(platform: Any) -> None:
    loan(platform, NOON - 9 * DAY, NOON - DAY, out=True)
    longest = loan(platform, NOON - 9 * DAY, NOON - 3 * DAY, out=True)
    loan(platform, NOON - 9 * DAY, NOON + DAY, out=True)
    late = lines(platform, "late")
    assert len(late) == 2
    assert late[0].plate == longest.vehicle.plate
    assert f"vehicule={longest.vehicle_id}" in late[0].url


def test_today_ends_at_midnight_on_the_platforms_wall(platform: Any) -> None:
    loan(platform, dt.datetime(2026, 3, 3, 22, 59, tzinfo=dt.UTC), NOON + 9 * DAY)  # 23:59 in Paris
    loan(platform, dt.datetime(2026, 3, 3, 23, 0, tzinfo=dt.UTC), NOON + 9 * DAY)  # midnight
    assert len(lines(platform, "departures")) == 1


def test_a_wish_stands_until_the_staff_answers(platform: Any, bruno: Any) -> None:
    one = loan(platform, NOON - 9 * DAY, NOON + DAY, out=True)
    ana = one.booking.participant.user
    ask_for_longer(one.booking, until=(NOON + 5 * DAY).date(), reason="Mon contrat dure.", by=ana)
    assert "Mon contrat dure." in lines(platform, "wishes")[0].who
    with clock.travel(dt.timedelta(minutes=30)):
        replace_vehicle(one.booking, vehicle=VehicleFactory(site=one.vehicle.site), by=bruno, reason="Freins")
        assert len(lines(platform, "wishes")) == 1  # another vehicle is no answer
    with clock.travel(dt.timedelta(hours=1)):
        write_note(one.booking, text="Je regarde", by=bruno)
        assert len(lines(platform, "wishes")) == 1  # nor is a note
        refuse_wish(one.booking.wishes.get(), by=bruno, reason="Le véhicule est promis.")
        assert lines(platform, "wishes") == []


def test_a_deposit_is_given_back_once_nothing_is_due(platform: Any) -> None:
    over = loan(platform, NOON - 60 * DAY, NOON - 30 * DAY, back=True).booking
    DepositFactory(account=over.account, state="held", means="cheque", received_at=NOON)
    assert len(lines(platform, "deposits")) == 1
    Booking.objects.update(state="not_returned")  # and its vehicle is not found
    assert lines(platform, "deposits") == []
    Booking.objects.update(state="returned")
    ChargeFactory(account=over.account, due_on=NOON.date())
    assert lines(platform, "deposits") == []


def test_what_is_paid_later_is_not_unpaid(platform: Any) -> None:
    one = loan(platform, NOON - 9 * DAY, NOON + DAY, out=True)
    ChargeFactory(account=one.booking.account, due_on=(NOON + 5 * DAY).date())
    assert lines(platform, "unpaid") == []


def test_papers_are_told_a_month_before(platform: Any) -> None:
    vehicle = VehicleFactory(site__platform=platform, first_registered_on=dt.date(2025, 1, 1))
    for days, told in ((31, 0), (30, 1), (-3, 1)):
        VehicleDocument.objects.all().delete()
        VehicleDocument.objects.create(
            platform=platform, vehicle=vehicle, sort="insurance", valid_until=NOON.date() + days * DAY
        )
        assert len(lines(platform, "papers")) == told, days


def test_a_licence_is_told_of_those_who_drive(platform: Any) -> None:
    DrivingEntitlement.objects.create(
        platform=platform,
        participant=ParticipantFactory(platform=platform),
        category="B",
        valid_until=NOON.date() + DAY,
    )
    assert lines(platform, "papers") == []
