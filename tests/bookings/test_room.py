"""Room for one more among equal vehicles: found, shown, done at once, or nothing of it."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from bookings.actions import book, make_room, pin, replace_vehicle, unpin
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs
from bookings.offers.room_making import MadeRoom, room_for
from core import clock
from core.models import OutboxMessage
from fleet.models import Hold, Kind, Vehicle
from participants.models import DrivingEntitlement
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY
from tests.factories import ParticipantFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(platform: Any) -> Any:
    zoe = ParticipantFactory(platform=platform, first_name="Zoé", last_name="Labat")
    DrivingEntitlement.objects.create(platform=platform, participant=zoe, category="B", obtained_on=dt.date(2015, 6, 1))
    return zoe


def promised(person: Any, car: Vehicle, by: Any, first: int, last: int) -> Assignment:
    """From the `first` day after Monday until the `last`."""
    loan = book(
        car.platform,
        participant=person,
        vehicle=car,
        by=by,
        starts_at=MONDAY + first * DAY,
        ends_at=MONDAY + last * DAY,
    )
    return loan.assignments.get()


@pytest.fixture
def halves(ana: Any, zoe: Any, car: Any, other_car: Any, tariff: Any, bruno: Any) -> list[Assignment]:
    """Each car is taken for one half of the ten days that are wished: one move joins the other halves."""
    return [promised(ana, car, bruno, 3, 8), promised(zoe, other_car, bruno, 8, 13)]


def wish(person: Any) -> dict[str, Any]:
    return {"participant": person, "starts_at": MONDAY + 3 * DAY, "ends_at": MONDAY + 13 * DAY}


def find(platform: Any, person: Any) -> MadeRoom:
    return room_for(platform, Needs(Kind.CAR), MONDAY + 3 * DAY, MONDAY + 13 * DAY, person)


def do(platform: Any, person: Any, by: Any, found: MadeRoom) -> Booking:
    moves = [(shift.assignment, shift.was.pk, shift.becomes) for shift in found.shifts]
    assert found.vehicle is not None
    return make_room(platform, moves=moves, vehicle=found.vehicle, by=by, **wish(person))


def whereabouts() -> list[Any]:
    return list(Hold.objects.order_by("vehicle", "starts_at").values_list("vehicle", "starts_at", "ends_at"))


def test_one_move_makes_room_and_nobody_is_told(platform: Any, ana: Any, bruno: Any, halves: Any) -> None:
    OutboxMessage.objects.all().delete()
    found = find(platform, ana)
    assert len(found.shifts) == 1
    loan = do(platform, ana, bruno, found)
    assert loan.assignments.get().vehicle == found.vehicle
    moved = Assignment.objects.get(pk=found.shifts[0].assignment.pk)
    assert moved.vehicle == found.shifts[0].becomes
    assert moved.hold is not None
    assert (moved.hold.starts_at, moved.hold.ends_at) == (moved.starts_at, moved.ends_at)
    told = OutboxMessage.objects.filter(topic__in=["sms", "mail"])
    assert {message.target_id for message in told} <= {str(loan.pk)}


def test_the_search_writes_nothing(platform: Any, ana: Any, halves: Any, django_assert_num_queries: Any) -> None:
    before = whereabouts()
    with django_assert_num_queries(3):
        find(platform, ana)
    assert whereabouts() == before


@pytest.mark.parametrize("kept", ["pinned", "told", "out", "soon", "elsewhere", "manual"])
def test_what_must_stay_stays(platform: Any, ana: Any, zoe: Any, bruno: Any, halves: Any, kept: str) -> None:
    """One of the halves may not move: the other does. Neither may: there is no room."""
    for number, half in enumerate(halves, start=1):
        if kept == "pinned":
            pin(half, by=bruno)
        elif kept == "told":
            Assignment.objects.filter(pk=half.pk).update(plate_told_at=clock.now())
        elif kept == "out":
            Hold.objects.filter(pk=half.hold_id).update(out_at=half.starts_at)
        elif kept == "elsewhere":
            Vehicle.objects.filter(pk=half.vehicle_id).update(
                site=SiteFactory(platform=platform, name=f"Site {number}")
            )
        elif kept == "manual":
            gearbox = ["automatic", "manual"][number - 1]
            Vehicle.objects.filter(pk=half.vehicle_id).update(gearbox=gearbox)
        found = find(platform, ana)
        if number == 1 and kept not in {"soon", "elsewhere", "manual"}:
            assert [shift.assignment for shift in found.shifts] == [halves[1]]
    if kept == "soon":
        with clock.travel(to=MONDAY + 2.5 * DAY):
            found = find(platform, ana)
        assert [shift.assignment for shift in found.shifts] == [halves[1]], "who comes in half a day keeps theirs"
    elif kept == "manual":
        assert [shift.assignment for shift in found.shifts] == [halves[1]], (
            "an automatic car is as good as a manual one"
        )
    else:
        assert found.vehicle is None
        assert found.is_exact


def test_a_loan_of_which_the_plate_was_told_is_not_moved(
    platform: Any, ana: Any, bruno: Any, car: Any, halves: Any
) -> None:
    assert halves[0].plate_told_at is None
    third = Vehicle.objects.create(platform=platform, site=car.site, kind=Kind.CAR, fleet_number="V03")
    again = replace_vehicle(halves[0].booking, vehicle=third, by=bruno, reason="Panne")
    assert again.plate_told_at is not None


def test_where_one_site_is_wished_for_no_other_is_looked_at(platform: Any, ana: Any, car: Any, halves: Any) -> None:
    far = SiteFactory(platform=platform, name="Mimizan")
    idle = Vehicle.objects.create(platform=platform, site=far, kind=Kind.CAR, fleet_number="V90")

    def find_at(site: int | None) -> MadeRoom:
        return room_for(platform, Needs(Kind.CAR, site=site), MONDAY + 3 * DAY, MONDAY + 13 * DAY, ana)

    assert (find_at(None).vehicle, len(find_at(None).shifts)) == (idle, 0)
    assert len(find_at(car.site_id).shifts) == 1
    Hold.objects.update(out_at=MONDAY)
    assert find_at(car.site_id).vehicle is None


@pytest.mark.parametrize("since", ["pinned", "moved", "gone"])
def test_what_changed_since_it_was_shown_is_refused_and_nothing_changed(
    platform: Any, ana: Any, bruno: Any, car: Any, halves: Any, since: str
) -> None:
    found = find(platform, ana)
    half = found.shifts[0].assignment
    if since == "pinned":
        pin(half, by=bruno)
    elif since == "moved":
        third = Vehicle.objects.create(platform=platform, site=car.site, kind=Kind.CAR, fleet_number="V03")
        replace_vehicle(half.booking, vehicle=third, by=bruno, reason="Panne")
    else:
        Hold.objects.filter(pk=half.hold_id).update(out_at=half.starts_at)
    before = whereabouts()
    with pytest.raises(ValidationError) as refused:
        do(platform, ana, bruno, found)
    assert refused.value.code == "room_changed"
    assert whereabouts() == before


def test_when_the_booking_is_refused_nobody_has_moved(
    platform: Any, ana: Any, bruno: Any, car: Any, other_car: Any, halves: Any
) -> None:
    found = find(platform, ana)
    assert found.vehicle is not None
    before = whereabouts()
    with pytest.raises(ValidationError) as refused:
        make_room(platform, moves=[], vehicle=found.vehicle, by=bruno, **wish(ana))
    assert refused.value.code == "overlap"
    assert whereabouts() == before


def test_an_accountant_makes_no_room(platform: Any, ana: Any, nobody: Any, halves: Any) -> None:
    found = find(platform, ana)
    before = whereabouts()
    with pytest.raises(PermissionDenied):
        do(platform, ana, nobody, found)
    assert whereabouts() == before


def test_a_pin_is_taken_out_again(bruno: Any, halves: Any, platform: Any, ana: Any) -> None:
    for half in halves:
        pin(half, by=bruno)
    assert find(platform, ana).vehicle is None
    unpin(halves[0], by=bruno)
    assert find(platform, ana).vehicle is not None


def test_only_what_is_promised_is_pinned(bruno: Any, halves: Any) -> None:
    Hold.objects.update(out_at=MONDAY)
    with pytest.raises(ValidationError) as refused:
        pin(Assignment.objects.select_related("booking", "hold").get(pk=halves[0].pk), by=bruno)
    assert refused.value.code == "not_promised"


class TestPage:
    def address(self, person: Any) -> str:
        return (
            f"{reverse('bookings:make_room')}?participant={person.pk}&kind=car"
            "&starts_at=2026-03-05T09:00&ends_at=2026-03-15T09:00"
        )

    def test_the_moves_are_shown_then_done(self, desk: Client, ana: Any, halves: Any) -> None:
        page = desk.get(self.address(ana)).content.decode()
        assert "Déplacer et réserver" in page
        (_, _, rest) = page.partition('name="move" value="')
        move = rest.partition('"')[0]
        vehicle = page.partition('name="vehicle" value="')[2].partition('"')[0]
        typed = {
            "participant": ana.pk, "kind": "car", "starts_at": "2026-03-05T09:00", "ends_at": "2026-03-15T09:00",
            "vehicle": vehicle, "move": [move],
        }  # fmt: skip
        answer = desk.post(reverse("bookings:make_room"), typed)
        loan = Booking.objects.order_by("pk").last()
        assert loan is not None
        assert answer.headers["Location"] == reverse("bookings:booking", args=[loan.pk])
        assert desk.post(reverse("bookings:make_room"), typed).status_code == 409

    @pytest.mark.parametrize("move", ["1:2", "a:b:c", "99999:1:1", ""])
    def test_moves_that_make_no_sense_are_refused(
        self, desk: Client, ana: Any, car: Any, halves: Any, move: str
    ) -> None:
        before = whereabouts()
        typed = {
            "participant": ana.pk, "kind": "car", "starts_at": "2026-03-05T09:00", "ends_at": "2026-03-15T09:00",
            "vehicle": car.pk, "move": [move],
        }  # fmt: skip
        assert desk.post(reverse("bookings:make_room"), typed).status_code == 409
        assert whereabouts() == before

    def test_the_site_that_was_wished_for_is_kept(self, desk: Client, ana: Any, car: Any, halves: Any) -> None:
        far = SiteFactory(platform=car.platform, name="Mimizan")
        Vehicle.objects.create(platform=car.platform, site=far, kind=Kind.CAR, fleet_number="V90")
        page = desk.get(f"{self.address(ana)}&site={car.site_id}").content.decode()
        assert "Déplacer et réserver" in page
        assert f'name="site" value="{car.site_id}"' in page

    def test_a_full_pool_leads_to_it_and_says_when_nothing_helps(
        self, desk: Client, ana: Any, bruno: Any, halves: Any
    ) -> None:
        booking = self.address(ana).replace("faire-de-la-place/", "")
        assert "faire-de-la-place" in desk.get(booking).content.decode()
        for half in halves:
            pin(half, by=bruno)
        assert "Aucun déplacement ne fait de la place" in desk.get(self.address(ana)).content.decode()


def test_over_the_api_the_moves_are_found_at_the_site_then_done(bruno: Any, ana: Any, car: Any, halves: Any) -> None:
    far = SiteFactory(platform=car.platform, name="Mimizan")
    Vehicle.objects.create(platform=car.platform, site=far, kind=Kind.CAR, fleet_number="V90")
    program = Program(bruno)
    wished = {"participant": ana.pk, "kind": "car", "site": car.site_id}
    wished |= {"starts_at": "2026-03-05T09:00+01:00", "ends_at": "2026-03-15T09:00+01:00"}
    found = program.post("bookings/find_room/", **wished)
    assert (len(found["moves"]), found["at_least"], found["is_exact"]) == (1, 1, True)
    moves = [{name: move[name] for name in ("assignment", "was", "becomes")} for move in found["moves"]]
    made = program.post("bookings/make_room/", 201, **wished, vehicle=found["vehicle"], moves=moves)
    assert Assignment.objects.get(booking=made["id"]).vehicle_id == found["vehicle"]
