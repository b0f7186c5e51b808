import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.actions import (
    correct_vehicle,
    designate,
    drop_trip,
    end_without_return,
    hand_over,
    name_driver,
    note_trip,
    record_loan,
    replace_vehicle,
    take_back,
)
from bookings.actions.notices import look_again
from bookings.actions.trips import transfer_driven
from bookings.cases import uses
from bookings.models import Fine
from core import clock
from fleet.models import Hold
from participants.actions import change
from tests.bookings.cases import HOUR, WEDNESDAY, code_of, hand_over_to, notice, with_all_papers
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.reports import complete_report
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(loan, ana, bruno):
    with_all_papers(ana)
    return hand_over_to(loan, bruno)


def driver_at(car, at):
    use = uses.who_drove(car, at)
    return use.kind, use.name


def test_facts_say_who_drove_and_plans_do_not(out, car, bruno):
    """The loan was promised for thirty days; the vehicle was back on Wednesday."""
    with clock.travel(to=WEDNESDAY):
        take_back(out, by=bruno, report=complete_report(out.assignments.get(), by=bruno, direction="in", at=WEDNESDAY))
    assert driver_at(car, MONDAY) == ("loan", "Ana Dupouy")
    assert driver_at(car, MONDAY - HOUR) == ("", "")
    assert driver_at(car, WEDNESDAY - HOUR) == ("loan", "Ana Dupouy")
    assert driver_at(car, WEDNESDAY) == ("", "")  # half-open: back at that minute


def test_a_late_vehicle_is_still_driven_by_whoever_has_the_keys(out, car):
    assert driver_at(car, MONDAY + 45 * DAY) == ("loan", "Ana Dupouy")


def test_each_vehicle_of_a_loan_has_its_own_minutes(out, car, other_car, bruno):
    with clock.travel(to=WEDNESDAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Panne")
        second = out.assignments.get(vehicle=other_car)
        hand_over(out, by=bruno, report=complete_report(second, by=bruno, at=WEDNESDAY))
    assert driver_at(other_car, WEDNESDAY - HOUR) == ("", "")
    assert driver_at(other_car, WEDNESDAY + HOUR) == ("loan", "Ana Dupouy")


def test_crossed_keys_move_the_driver_too(out, car, other_car, bruno):
    with clock.travel(to=WEDNESDAY):
        correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés du V02")
    assert driver_at(car, MONDAY + HOUR) == ("", "")
    assert driver_at(other_car, MONDAY + HOUR) == ("loan", "Ana Dupouy")
    assert uses.who_drove(other_car, MONDAY + HOUR).identity().street == "3 rue des Pins"


def test_a_colleague_who_noted_the_trip_drove(car, bruno, farid):
    with clock.travel(to=WEDNESDAY + DAY):
        note_trip(car, driver=farid, starts_at=WEDNESDAY, ends_at=WEDNESDAY + HOUR, by=bruno)
    assert driver_at(car, WEDNESDAY) == ("staff", "Farid Lesbats")
    assert driver_at(car, WEDNESDAY + HOUR) == ("", "")


def test_a_trip_during_a_loan_is_the_more_precise_and_both_are_shown(out, car, bruno, farid):
    with clock.travel(to=WEDNESDAY + DAY):
        note_trip(car, driver=farid, starts_at=WEDNESDAY, ends_at=WEDNESDAY + HOUR, by=bruno, reason="Ramenée en panne")
    assert [use.kind for use in uses.uses_at(car, WEDNESDAY)] == ["staff", "loan"]


def test_a_planned_transfer_names_its_driver_once_it_was_driven(car, farid):
    site = SiteFactory(platform=car.platform)
    plan = {"starts_at": MONDAY, "ends_at": MONDAY + HOUR, "to_site": site, "driver": farid, "purpose": "transfer"}
    hold = Hold.objects.create(platform=car.platform, vehicle=car, **plan)
    assert driver_at(car, MONDAY) == ("", "")
    hold.out_at, hold.back_at = MONDAY, MONDAY + HOUR
    hold.save()
    assert driver_at(car, MONDAY) == ("transfer", "Farid Lesbats")


@pytest.mark.parametrize(("why", "after"), [("stolen", ("", "")), ("kept", ("loan", "Ana Dupouy"))])
def test_a_thief_is_nobody_we_know_and_whoever_keeps_a_vehicle_drives_it(out, car, bruno, why, after):
    with clock.travel(to=WEDNESDAY + DAY):
        end_without_return(out, by=bruno, why=why, rent_until=WEDNESDAY.date(), since=WEDNESDAY)
    assert driver_at(car, WEDNESDAY - HOUR) == ("loan", "Ana Dupouy")
    assert driver_at(car, WEDNESDAY + HOUR) == after


def test_the_identity_is_that_of_the_day_on_which_the_keys_left(out, car, ana, bruno):
    change(ana, by=bruno, street="9 avenue de la Mer", postcode="40130", city="Capbreton", last_name="Labat")
    fine = notice(car, bruno)
    assert (fine.driver["last_name"], fine.driver["street"], fine.driver["postcode"]) == (
        "Dupouy",
        "3 rue des Pins",
        "40230",
    )
    assert (fine.driver["birth_place"], fine.driver["licence_number"]) == ("Dax", "12AB34567")


def test_a_trip_that_is_noted_answers_a_notice_that_nobody_could(car, bruno, farid):
    fine = notice(car, bruno)
    assert fine.use == ""
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        trip = note_trip(car, driver=farid, starts_at=WEDNESDAY - HOUR, ends_at=WEDNESDAY + HOUR, by=bruno)
        fine.refresh_from_db()
        assert (fine.use, fine.trip, fine.driver["last_name"]) == ("staff", trip, "Lesbats")
        assert code_of(drop_trip, trip, by=bruno) == "trip_named"
    assert Fine.objects.get().trip == trip


@pytest.mark.parametrize("who", ["nobody", "somebody"])
def test_all_notices_of_a_vehicle_are_looked_at_in_as_many_queries_as_one(car, bruno, farid, who):
    """Whom they name is written on each; what is read is read once."""
    if who == "somebody":
        with clock.travel(to=WEDNESDAY + 4 * DAY):
            note_trip(car, driver=farid, starts_at=WEDNESDAY - HOUR, ends_at=WEDNESDAY + HOUR, by=bruno)
    reads = []
    for count in (1, 5):
        for number in range(count):
            notice(car, bruno, number=f"64123{count}{number:04d}")
        Fine.objects.update(use="", driver={}, trip=None)
        with CaptureQueriesContext(connection) as asked:
            assert look_again(car, bruno) == (0 if who == "nobody" else Fine.objects.count())
        reads.append(sum(one["sql"].startswith("SELECT") for one in asked.captured_queries))
    assert reads[0] == reads[1]


def test_each_notice_names_whoever_drove_at_its_own_minute(car, bruno, farid, loan, ana):
    times = {"64": WEDNESDAY - DAY, "65": WEDNESDAY, "66": WEDNESDAY + DAY}
    fines = [notice(car, bruno, number=f"{number}12345678", at=at) for number, at in times.items()]
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        note_trip(car, driver=farid, starts_at=WEDNESDAY - HOUR, ends_at=WEDNESDAY + HOUR, by=bruno)
    for fine in fines:
        fine.refresh_from_db()
    assert [fine.use for fine in fines] == ["", "staff", ""]


def test_a_transfer_that_was_driven_answers_a_notice_that_came_before_it_was_noted(car, bruno, farid):
    fine = notice(car, bruno)
    site = SiteFactory(platform=car.platform)
    plan = {"starts_at": WEDNESDAY - HOUR, "ends_at": WEDNESDAY + HOUR, "to_site": site, "driver": farid}
    done = {"out_at": WEDNESDAY - HOUR, "back_at": WEDNESDAY + HOUR, "purpose": "transfer"}
    hold = Hold.objects.create(platform=car.platform, vehicle=car, **plan, **done)
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        transfer_driven(hold)
        transfer_driven(hold)
    fine.refresh_from_db()
    assert (fine.use, fine.trip, fine.driver["last_name"]) == ("transfer", car.trips.get(), "Lesbats")


def test_a_loan_that_is_written_down_afterwards_answers_its_notice(car, ana, tariff, platform, bruno):
    fine = notice(car, bruno)
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        span = {"starts_at": MONDAY, "ends_at": MONDAY + 3 * DAY, "back_at": WEDNESDAY + DAY}
        record_loan(platform, participant=ana, vehicle=car, by=bruno, **span)
    fine.refresh_from_db()
    assert (fine.use, fine.assignment.booking.participant) == ("loan", ana)


def test_a_notice_follows_the_keys_that_were_corrected(out, car, other_car, bruno):
    """Nobody is designated for a vehicle that they never had."""
    wrong, right = notice(car, bruno), notice(other_car, bruno, number="6412345679")
    assert (wrong.use, right.use) == ("loan", "")
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés du V02")
    wrong.refresh_from_db()
    right.refresh_from_db()
    assert (wrong.use, wrong.assignment, wrong.driver) == ("", None, {})
    assert (right.use, right.driver["last_name"]) == ("loan", "Dupouy")


def test_a_designation_that_was_sent_is_not_rewritten_but_its_page_says_so(out, car, other_car, bruno, client):
    fine = notice(car, bruno)
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        designate(fine, by=bruno, on=clock.today())
        correct_vehicle(out, vehicle=other_car, by=bruno, reason="Clés du V02")
        fine.refresh_from_db()
        assert (fine.use, fine.driver["last_name"]) == ("loan", "Dupouy")
        client.force_login(bruno)
        assert "cette personne n’avait pas ce véhicule" in client.get(f"/prets/amendes/{fine.pk}/").content.decode()


def test_what_somebody_has_typed_is_not_answered_over(car, bruno, farid):
    fine = notice(car, bruno)
    with clock.travel(to=WEDNESDAY + 4 * DAY):
        name_driver(fine, by=bruno, last_name="Lafitte")
        note_trip(car, driver=farid, starts_at=WEDNESDAY - HOUR, ends_at=WEDNESDAY + HOUR, by=bruno)
    fine.refresh_from_db()
    assert (fine.use, fine.driver) == ("", {"last_name": "Lafitte"})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ends_at": WEDNESDAY + 9 * DAY}, "in_the_future"),
        ({"ends_at": WEDNESDAY - 2 * HOUR}, "ends_before_start"),
        ({"starts_at": WEDNESDAY - 40 * DAY}, "too_long"),
        ({"sort": "transfer"}, "site_missing"),
    ],
)
def test_a_trip_is_a_fact(car, bruno, said, code):
    with clock.travel(to=WEDNESDAY + DAY):
        told = {"driver": bruno, "starts_at": WEDNESDAY, "ends_at": WEDNESDAY + HOUR, "by": bruno}
        assert code_of(note_trip, car, **told | said) == code
    assert not car.trips.exists()


def test_two_trips_of_a_vehicle_never_overlap_and_a_stranger_never_drove(car, bruno, eve):
    with clock.travel(to=WEDNESDAY + DAY):
        told = {"starts_at": WEDNESDAY, "ends_at": WEDNESDAY + HOUR, "by": bruno}
        assert code_of(note_trip, car, driver=eve, **told) == "not_of_the_team"
        note_trip(car, driver=bruno, **told)
        assert code_of(note_trip, car, driver=bruno, **told) == "trip_overlap"
    assert car.trips.count() == 1


def test_after_a_transfer_the_vehicle_stands_there(car, bruno):
    there = SiteFactory(platform=car.platform, name="Soustons")
    with clock.travel(to=WEDNESDAY + DAY):
        told = {"starts_at": WEDNESDAY, "ends_at": WEDNESDAY + HOUR, "sort": "transfer", "to_site": there}
        trip = note_trip(car, driver=bruno, by=bruno, **told)
        car.refresh_from_db()
        assert car.site == there
        drop_trip(trip, by=bruno)
    assert not car.trips.exists()
