import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from bookings import tasks
from bookings.actions import book, close, end_without_return, hand_over, recovered, replace_vehicle
from bookings.models import Assignment, Booking, Incident, UnreturnedLoan
from core import clock
from fleet import whereabouts
from fleet.actions import put_back, withdraw
from fleet.models import Hold, Vehicle
from maintenance.models import RepairJob
from pricing.models import Account
from tests.api.client import Program
from tests.bookings.cases import HOUR, WEDNESDAY, code_of, hand_over_to
from tests.bookings.conftest import DAY, MONDAY, SUNDAY
from tests.bookings.reports import complete_report
from tests.factories import HoldFactory

pytestmark = pytest.mark.django_db
THURSDAY = WEDNESDAY + DAY


@pytest.fixture
def out(loan, bruno):
    return hand_over_to(loan, bruno)


def lose(loan, by, *, now=THURSDAY, **said):
    told = {"why": "stolen", "rent_until": WEDNESDAY.date(), "since": WEDNESDAY}
    with clock.travel(to=now):
        return end_without_return(loan, by=by, **told | said)


def owed(loan):
    return Account.objects.with_balance(dt.date(2027, 1, 1)).get(pk=loan.account_id).balance


def test_a_stolen_vehicle_ends_its_loan_and_the_rent(out, car, bruno):
    assert owed(out) == Decimal(90)
    loan = lose(out, bruno)
    assert loan.state == "not_returned"
    assert owed(loan) == Decimal(9)  # Monday, Tuesday, Wednesday
    assignment = loan.assignments.get()
    assert (assignment.end_reason, assignment.ended_at) == ("lost", WEDNESDAY)
    assert not Assignment.objects.out().exists()


def test_the_page_of_the_loan_says_how_it_ended_and_where_to_note_that_the_vehicle_is_found(out, car, bruno, client):
    lose(out, bruno)
    client.force_login(bruno)
    found = reverse("bookings:recovered", args=[car.pk])
    page = client.get(reverse("bookings:booking", args=[out.pk])).content.decode()
    assert "Fini sans retour" in page
    assert "Retour prévu" not in page
    assert found in page
    with clock.travel(to=THURSDAY + HOUR):
        recovered(car, by=bruno, at=THURSDAY, site=car.site)
    page = client.get(reverse("bookings:booking", args=[out.pk])).content.decode()
    assert "Retrouvé" in page
    assert found not in page


def test_nothing_of_the_ledger_is_edited(out, bruno):
    before = list(out.account.charges.values_list("pk", "amount"))
    lose(out, bruno)
    after = list(out.account.charges.values_list("pk", "amount"))
    assert after[: len(before)] == before
    assert sum(amount for _, amount in after) == Decimal(9)


def test_the_vehicle_is_held_some_days_ahead_and_loans_months_away_keep_it(out, car, other_car, platform, ana, bruno):
    soon = book(
        platform, participant=ana, vehicle=car, starts_at=MONDAY + 32 * DAY, ends_at=MONDAY + 34 * DAY, by=bruno
    )
    far = book(platform, participant=ana, vehicle=car, starts_at=MONDAY + 90 * DAY, ends_at=MONDAY + 92 * DAY, by=bruno)
    lose(out, bruno, now=MONDAY + 31 * DAY)
    assert Assignment.objects.displaced().get().booking == soon
    hold = Hold.objects.get(vehicle=car, purpose="missing")
    assert hold.is_out
    assert hold.ends_at < MONDAY + 40 * DAY
    assert far.assignments.get().hold is not None
    with clock.travel(to=MONDAY + 32 * DAY):
        tasks.rehouse_displaced()
        assert soon.assignments.get().vehicle == other_car


def test_a_vehicle_is_missing_whatever_is_known_of_its_next_days(out, car, bruno):
    """It was late, and somebody else is known to have had it: that fact is in nobody's way."""
    HoldFactory(
        vehicle=car,
        starts_at=MONDAY + 31 * DAY,
        ends_at=MONDAY + 32 * DAY,
        out_at=MONDAY + 31 * DAY,
        back_at=MONDAY + 32 * DAY,
    )
    lose(out, bruno, now=MONDAY + 33 * DAY)
    assert Hold.objects.get(vehicle=car, purpose="missing").ends_at == MONDAY + 31 * DAY


def test_what_was_never_returned_is_not_closed_as_if_it_was(out, bruno):
    loan = lose(out, bruno)
    assert code_of(close, loan, by=bruno, reason="Rangé") == "wrong_state"
    assert Booking.objects.get().state == "not_returned"


def test_a_sweep_keeps_what_is_missing(out, car, bruno):
    lose(out, bruno, now=MONDAY + 31 * DAY)
    first = Hold.objects.get(vehicle=car).ends_at
    with clock.travel(to=MONDAY + 34 * DAY):
        assert tasks.keep_what_is_missing() == 1
        assert tasks.keep_what_is_missing() == 0
        assert Hold.objects.get(vehicle=car).ends_at > first
        assert not Vehicle.objects.free(clock.now(), clock.now() + DAY, clock.now()).filter(pk=car.pk).exists()
        seen = Vehicle.objects.with_whereabouts(clock.now()).get(pk=car.pk)
        assert whereabouts.of(seen).label == "Jamais rendu"


@pytest.mark.parametrize(
    ("why", "sort"), [("stolen", "theft"), ("impounded", "impound"), ("destroyed", "accident"), ("kept", None)]
)
def test_the_incident_opens_by_itself(out, bruno, why, sort):
    lose(out, bruno, why=why)
    assert list(Incident.objects.values_list("sort", flat=True)) == ([sort] if sort else [])


def test_a_vehicle_kept_beyond_its_end_costs_late_days_until_the_chosen_one(out, bruno):
    lose(out, bruno, now=MONDAY + 40 * DAY, why="kept", rent_until=dt.date(2026, 4, 4), since=MONDAY + 40 * DAY)
    assert owed(out) == Decimal(90) + 4 * Decimal(3)  # 1 April 9 h until the end of the 4th


def test_with_a_replacement_the_loan_goes_on(out, car, other_car, bruno):
    with clock.travel(to=WEDNESDAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Volée")
        hand_over(out, by=bruno, report=complete_report(out.assignments.get(vehicle=other_car), by=bruno, at=WEDNESDAY))
    loan = lose(out, bruno, vehicle=car)
    assert (loan.state, owed(loan)) == ("active", Decimal(90))
    assert loan.assignments.get(vehicle=car).end_reason == "lost"
    assert Assignment.objects.out().get().vehicle == other_car


@pytest.fixture
def replaced(out, other_car, bruno):
    """The first vehicle broke down on Wednesday and is not fetched yet; the second is with them."""
    with clock.travel(to=WEDNESDAY):
        replace_vehicle(out, vehicle=other_car, by=bruno, reason="Panne")
        second = out.assignments.get(vehicle=other_car)
        return hand_over(out, by=bruno, report=complete_report(second, by=bruno, at=WEDNESDAY))


def test_of_two_that_are_out_one_says_which(replaced, car, other_car, bruno, eve):
    before = owed(replaced)
    assert code_of(lose, replaced, bruno) == "which_vehicle"
    assert not UnreturnedLoan.objects.exists()
    assert owed(replaced) == before
    loan = lose(replaced, bruno, vehicle=other_car)
    assert UnreturnedLoan.objects.get().assignment.vehicle == other_car
    assert (loan.state, Assignment.objects.out().get().vehicle) == ("active", car)


def test_the_replacement_gets_lost_too_and_the_loan_ends(replaced, car, other_car, site, bruno):
    lose(replaced, bruno, vehicle=car)
    loan = lose(replaced, bruno, why="destroyed")
    assert loan.state == "not_returned"
    assert owed(loan) == Decimal(9)
    assert UnreturnedLoan.objects.filter(booking=loan).count() == 2
    for found, state in ((car, "not_returned"), (other_car, "returned")):
        with clock.travel(to=THURSDAY + HOUR):
            recovered(found, by=bruno, at=THURSDAY, site=site)
        loan.refresh_from_db()
        assert loan.state == state


def test_the_page_asks_which_and_says_that_the_loan_goes_on(replaced, car, other_car, bruno, client):
    client.force_login(bruno)
    address = reverse("bookings:not_returned", args=[replaced.pk])
    with clock.travel(to=THURSDAY):
        page = client.get(f"{address}?vehicule={other_car.pk}").content.decode()
        assert "Le prêt continue avec son autre véhicule" in page
        said = {"why": "stolen", "since": "2026-03-04T09:00"}  # no rent stops: the loan goes on
        assert client.post(address, said).status_code == 422
        assert client.post(address, said | {"vehicle": other_car.pk}).status_code == 302
        page = client.get(reverse("bookings:booking", args=[replaced.pk])).content.decode()
    assert "Jamais rendu" in page  # though the loan goes on
    assert "Retrouvé" not in page


def test_what_it_changes_is_shown_before_and_is_what_happens(out, bruno, client):
    client.force_login(bruno)
    address = reverse("bookings:not_returned", args=[out.pk])
    before = list(out.periods.values())
    with clock.travel(to=THURSDAY):
        page = client.get(address, {"rent_until": "2026-03-04"}, headers={"HX-Request": "true"}).content.decode()
        assert "81,00\u00a0€ de moins à payer" in page
        assert client.get(address, {"rent_until": "n’importe quoi"}).status_code == 200
        said = Program(bruno).post(
            f"bookings/{out.pk}/end_without_return/?preview=true", 200, why="stolen", rent_until="2026-03-04"
        )
        assert said["difference"] == "-81.00"
    assert list(out.periods.values()) == before
    assert owed(lose(out, bruno)) == Decimal(90) - Decimal(81)


def test_a_vehicle_that_the_loan_does_not_have_is_not_lost_in_it(out, other_car, bruno):
    assert code_of(lose, out, bruno, vehicle=other_car) == "not_out"
    assert not UnreturnedLoan.objects.exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"rent_until": dt.date(2026, 3, 6)}, "in_the_future"),
        ({"since": THURSDAY + HOUR}, "in_the_future"),
        ({"since": MONDAY - HOUR}, "ends_before_start"),
        ({"rent_until": dt.date(2026, 3, 1)}, "ends_before_start"),
    ],
)
def test_the_days_are_those_of_the_loan(out, bruno, said, code):
    assert code_of(lose, out, bruno, **said) == code
    out.refresh_from_db()
    assert (out.state, owed(out)) == ("active", Decimal(90))
    assert not UnreturnedLoan.objects.exists()


def test_a_vehicle_that_is_stolen_before_the_first_day_costs_the_days_since_its_keys(loan, bruno):
    """The keys were given on Sunday for a loan from Monday on; on Sunday evening the car is gone."""
    with clock.travel(to=SUNDAY + HOUR):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=SUNDAY + HOUR))
    said = {"now": SUNDAY + 8 * HOUR, "since": SUNDAY + 5 * HOUR}
    assert code_of(lose, loan, bruno, **said, rent_until=dt.date(2026, 2, 28)) == "ends_before_start"
    assert owed(loan) == Decimal(90)
    lost = lose(loan, bruno, **said, rent_until=dt.date(2026, 3, 1))
    assert (lost.state, owed(lost)) == ("not_returned", Decimal(3))
    lost.refresh_from_db()
    assert lost.starts_at == SUNDAY + HOUR < lost.ends_at


def test_nothing_is_lost_that_did_not_leave_or_twice(loan, out, bruno, platform, ana, other_car):
    promised = book(
        platform, participant=ana, vehicle=other_car, starts_at=MONDAY + 60 * DAY, ends_at=MONDAY + 61 * DAY, by=bruno
    )
    assert code_of(lose, promised, bruno) == "not_out"
    lose(out, bruno)
    assert code_of(lose, out, bruno) == "not_out"


def test_a_stranger_loses_and_finds_nothing(out, car, site, eve, bruno):
    with pytest.raises(PermissionDenied):
        lose(out, eve)
    lose(out, bruno)
    with clock.travel(to=THURSDAY), pytest.raises(PermissionDenied):
        recovered(car, at=THURSDAY, site=site, by=eve)


def test_a_vehicle_that_is_found_may_be_lent_again(out, car, site, bruno):
    lose(out, bruno, why="impounded")
    with clock.travel(to=THURSDAY + 3 * DAY):
        recovered(car, at=THURSDAY + 2 * DAY, site=site, by=bruno, km=84900)
        assert Vehicle.objects.free(clock.now(), clock.now() + DAY, clock.now()).filter(pk=car.pk).exists()
    out.refresh_from_db()
    assert out.state == "returned"
    assert Vehicle.objects.with_km().get(pk=car.pk).current_km == 84900
    assert Incident.objects.get().fetched_on == (THURSDAY + 2 * DAY).date()
    assert not RepairJob.objects.exists()
    assert owed(out) == Decimal(9)


def test_found_in_pieces_it_is_kept_for_repair(out, car, site, bruno):
    lose(out, bruno)
    with clock.travel(to=THURSDAY + 3 * DAY):
        recovered(car, at=THURSDAY + 2 * DAY, site=site, by=bruno, rolls=False, condition="Neiman forcé")
        assert not Vehicle.objects.free(clock.now(), clock.now() + DAY, clock.now()).filter(pk=car.pk).exists()
    job = RepairJob.objects.get()
    assert (job.title, job.hold.purpose) == ("Retrouvé : Neiman forcé", "maintenance")


@pytest.mark.parametrize(
    ("said", "code"),
    [({"at": THURSDAY + 9 * DAY}, "in_the_future"), ({"at": MONDAY}, "back_before_out")],
)
def test_it_is_found_after_it_was_lost(out, car, site, bruno, said, code):
    lose(out, bruno)
    with clock.travel(to=THURSDAY + DAY):
        assert code_of(recovered, car, **{"at": THURSDAY, "site": site, "by": bruno} | said) == code
    assert UnreturnedLoan.objects.get().recovered_at is None
    assert Hold.objects.get(vehicle=car).is_out


def test_what_is_not_missing_is_not_found(car, site, bruno):
    assert code_of(recovered, car, at=clock.now(), site=site, by=bruno) == "not_missing"


def test_a_vehicle_that_stays_away_can_leave_the_pool(out, car, bruno, farid, site):
    lose(out, bruno)
    with clock.travel(to=THURSDAY + 5 * DAY):
        withdraw(car, reason="Volé, remboursé par l’assurance", by=farid)
        assert tasks.keep_what_is_missing() == 0
        recovered(car, at=clock.now(), site=site, by=bruno)
        put_back(car, by=farid)
        assert Vehicle.objects.free(clock.now() + HOUR, clock.now() + DAY, clock.now()).filter(pk=car.pk).exists()
