"""Loans that lost their vehicle: moved where possible, else on a page with what can be done; nothing disappears."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from bookings import tasks
from bookings.actions import book, vehicles
from bookings.day import rehousing
from bookings.models import Assignment
from core import outbox
from core.models import OutboxMessage
from fleet import holds
from fleet.actions import withdraw
from fleet.models import Hold
from maintenance.actions import report_defect
from maintenance.models import RepairJob
from participants.models import DrivingEntitlement
from pricing.models import Tariff, TariffBand
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db
END = THIRTY_DAYS_LATER


@pytest.fixture
def bea(platform):
    bea = ParticipantFactory(platform=platform, first_name="Béa", last_name="Lanusse", phone="+33600000002")
    DrivingEntitlement.objects.create(platform=platform, participant=bea, category="B", obtained_on=dt.date(2015, 1, 1))
    return bea


def told(loan):
    return OutboxMessage.objects.filter(key__startswith=f"booking:{loan.pk}:vehicle-changed").count()


def hear(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        outbox.sweep()


def test_a_withdrawn_vehicle_moves_its_loans_and_keeps_the_rest_in_the_list(
    loan, platform, car, other_car, ana, bea, farid, bruno, client, django_capture_on_commit_callbacks
):
    later = book(platform, participant=bea, vehicle=other_car, starts_at=MONDAY, ends_at=END, by=bruno)
    second = book(platform, participant=bea, vehicle=car, starts_at=END + DAY, ends_at=END + 5 * DAY, by=bruno)
    withdraw(car, reason="Vendu", by=farid)
    assert set(Assignment.objects.displaced().values_list("booking", flat=True)) == {loan.pk, second.pk}
    hear(django_capture_on_commit_callbacks)
    assert second.assignments.get().vehicle == other_car  # it was free for that one
    assert (told(second), told(loan), told(later)) == (1, 0, 0)  # nothing is said before it is decided
    client.force_login(bruno)
    html = client.get("/prets/a-reloger/").content.decode()
    assert "Ana Dupouy" in html
    assert "Lanusse" not in html


def test_a_repair_moves_promised_loans_and_they_are_told_once(
    loan, platform, car, other_car, bruno, django_capture_on_commit_callbacks
):
    report_defect(car, title="Freins", vehicle_rolls=False, block_now=True, by=bruno)
    assert RepairJob.objects.get().hold is not None
    hear(django_capture_on_commit_callbacks)
    tasks.rehouse_displaced()
    assert loan.assignments.current().get().vehicle == other_car
    assert told(loan) == 1


def displaced(loan, car):
    holds.take(car, MONDAY, END, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
    return rehousing.waiting(loan.assignments.all()).get()


def test_a_loan_whose_dates_change_meanwhile_gets_no_vehicle_for_the_old_ones(loan, car, other_car, bruno, monkeypatch):
    one, take = displaced(loan, car), vehicles.take_by_the_rules

    def and_somebody_makes_it_longer(*args):
        Assignment.objects.filter(pk=one.pk).update(ends_at=one.ends_at + DAY)
        return take(*args)

    monkeypatch.setattr(vehicles, "take_by_the_rules", and_somebody_makes_it_longer)
    with pytest.raises(ValidationError) as refusal:
        vehicles.rehouse(one, by=bruno)
    assert refusal.value.code == "busy"
    assert not other_car.holds.exists()


def test_the_page_offers_an_equal_vehicle(loan, car, other_car, bruno, client):
    displaced(loan, car)
    client.force_login(bruno)
    url = f"/prets/{loan.pk}/a-reloger/"
    assert "V02" in client.get(url).content.decode()
    assert client.post(url, {"vehicle": car.pk}).status_code == 422
    assert client.post(url, {"vehicle": other_car.pk}).status_code == 302
    assert loan.assignments.get().vehicle == other_car
    again = client.get(url, headers={"Referer": "http://testserver/prets/a-reloger/"})
    assert again.status_code == 409  # it has its vehicle
    for way_back in ("http://testserver/prets/a-reloger/", f"/prets/{loan.pk}/"):
        assert f'href="{way_back}"' in again.content.decode()
    elsewhere = client.get(url, headers={"Referer": "https://example.org/"}).content.decode()
    assert "example.org" not in elsewhere


def test_without_an_equal_one_another_kind_and_later_are_offered(
    loan, platform, ana, site, car, other_car, bea, bruno, client
):
    book(platform, participant=bea, vehicle=other_car, starts_at=MONDAY, ends_at=MONDAY + 3 * DAY, by=bruno)
    bike = VehicleFactory(e_bike=True, site=site, fleet_number="E01")
    tariff = Tariff.objects.create(platform=platform, name="VAE", kind="e_bike", valid_from=dt.date(2020, 1, 1))
    TariffBand.objects.create(platform=platform, tariff=tariff, day_price=1)
    one = displaced(loan, car)
    shown = rehousing.alternatives(one)
    assert not shown.equal
    assert [choice.vehicle for choice in shown.other_kinds] == [bike]
    assert [(other.vehicle, other.starts_at) for other in shown.later][:1] == [(other_car, MONDAY + 3 * DAY)]
    client.force_login(bruno)
    assert client.post(f"/prets/{loan.pk}/a-reloger/", {"vehicle": bike.pk}).status_code == 302
    current = loan.assignments.current().get()
    assert (current.vehicle, current.hold.vehicle) == (bike, bike)
    assert told(loan) == 1


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], 0),
        ([(0, 2)], 2),
        ([(1, 2)], 2),
        ([(3, 9)], 0),
        ([(1, 2), (4, 5)], 5),
        ([(1, 2), (5, 6)], 2),
        ([(0, 2), (2, 4), (4, 9)], 9),
    ],
)
def test_the_first_gap_that_is_long_enough(taken, expected):
    spans = [(MONDAY + a * DAY, MONDAY + b * DAY) for a, b in taken]
    assert rehousing.first_gap(spans, MONDAY, 3 * DAY) == MONDAY + expected * DAY
