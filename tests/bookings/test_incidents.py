import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from bookings.actions import (
    add_paper,
    close_incident,
    complete,
    declare,
    fetch,
    lodge_complaint,
    open_incident,
    report_problem,
)
from bookings.cases.steps import pound_cost
from bookings.models import Incident
from core import clock
from core.models import JournalEntry
from maintenance.models import RepairJob
from portal import today
from tests.bookings.cases import WEDNESDAY, code_of, hand_over_to
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.reports import picture

pytestmark = pytest.mark.django_db
THURSDAY = WEDNESDAY + DAY


@pytest.fixture
def out(loan, bruno):
    return hand_over_to(loan, bruno)


@pytest.fixture
def theft(out, car, bruno):
    with clock.travel(to=THURSDAY):
        return open_incident(car, sort="theft", by=bruno, happened_at=WEDNESDAY, known_on=THURSDAY.date())


@pytest.fixture
def accident(out, car, bruno):
    with clock.travel(to=THURSDAY):
        return open_incident(car, sort="accident", by=bruno, happened_at=WEDNESDAY, papers=[("statement", picture())])


@pytest.fixture
def impound(out, car, bruno):
    with clock.travel(to=THURSDAY):
        return open_incident(car, sort="impound", by=bruno, happened_at=WEDNESDAY)


@pytest.mark.parametrize(("problem", "sort"), [("accident", "accident"), ("breakdown", "breakdown")])
def test_what_a_participant_reports_opens_the_incident_by_itself(out, ana, problem, sort):
    with clock.travel(to=WEDNESDAY):
        told = {"problem": problem, "description": "Choc au parking", "vehicle_rolls": False}
        job = report_problem(out, by=ana.user, **told)
        report_problem(out, by=ana.user, **told)  # tapped twice
    incident = Incident.objects.get()
    assert (incident.sort, incident.booking, incident.job, incident.description) == (sort, out, job, "Choc au parking")
    assert list(incident.damages.all()) == list(job.damages.all())
    assert RepairJob.objects.count() == 2


def test_nothing_is_reported_of_a_vehicle_that_has_not_left(loan, ana):
    assert code_of(report_problem, loan, by=ana.user, problem="defect", description="Un bruit") == "not_out"
    assert not RepairJob.objects.exists()


def test_a_noise_is_no_incident(out, ana):
    with clock.travel(to=WEDNESDAY):
        report_problem(out, by=ana.user, problem="defect", description="Un bruit")
    assert not Incident.objects.exists()


def test_an_accident_waits_for_the_insurer_and_finds_its_loan(accident, out):
    assert (accident.booking, accident.due_step, accident.due_on) == (out, "insure", dt.date(2026, 3, 12))
    assert accident.papers.get().sort == "statement"


def test_a_theft_waits_for_the_police_then_for_the_insurer(theft, bruno):
    assert (theft.due_step, theft.due_on) == ("complain", dt.date(2026, 3, 9))
    with clock.travel(to=THURSDAY):
        assert code_of(declare, theft, by=bruno, on=THURSDAY.date()) == "no_complaint"
        lodge_complaint(theft, by=bruno, on=THURSDAY.date(), number="2026/123", file=picture())
        theft.refresh_from_db()
        assert (theft.due_step, theft.due_on) == ("insure", dt.date(2026, 3, 9))
        declare(theft, by=bruno, on=THURSDAY.date(), claim_number="S-9")
    theft.refresh_from_db()
    assert (theft.state, theft.due_on, theft.claim_number) == ("declared", None, "S-9")


def test_the_day_on_which_one_knew_moves_the_deadline(accident, bruno):
    with clock.travel(to=THURSDAY):
        complete(accident, by=bruno, known_on=WEDNESDAY.date(), other_party="M. Durand, AB-123-CD")
    accident.refresh_from_db()
    assert (accident.due_on, accident.other_party) == (dt.date(2026, 3, 11), "M. Durand, AB-123-CD")
    entry = JournalEntry.objects.filter(verb="incident.completed").get()
    assert entry.facts == {"fields": ["known_on", "other_party"]}


def test_an_incident_of_a_loan_is_one_of_its_vehicles(out, car, other_car, bruno, client):
    with clock.travel(to=THURSDAY):
        assert code_of(open_incident, other_car, sort="theft", by=bruno, booking=out) == "wrong_vehicle"
        assert not Incident.objects.exists()
        client.force_login(bruno)
        page = client.get(f"/prets/incidents/nouveau/?nature=theft&pret={out.pk}").content.decode()
    assert f'<option value="{car.pk}" selected>' in page


def test_an_impound_without_its_letter_stands_on_aujourdhui_with_what_it_costs(impound, bruno, platform):
    with clock.travel(to=THURSDAY + DAY):
        complete(impound, by=bruno, daily_cost=Decimal("6.75"))
        [line] = next(part for part in today.parts(platform) if part.name == "legal").lines
    assert line.who == "Sortir de la fourrière (fourrière)"
    assert line.when.endswith("6,75\u00a0€ par jour")


def test_the_pound_costs_every_day_and_keeps_the_vehicle_so_many(impound, bruno):
    assert impound.due_on == impound.known_on + 15 * DAY  # until its letter is noted, from which the delay runs
    with clock.travel(to=THURSDAY + DAY):
        cost = {"removal_cost": Decimal("121.27"), "daily_cost": Decimal("6.75")}
        complete(impound, by=bruno, notified_on=THURSDAY.date(), **cost)
    impound.refresh_from_db()
    assert (impound.due_step, impound.due_on) == ("fetch", dt.date(2026, 3, 20))
    assert pound_cost(impound, dt.date(2026, 3, 13)) == Decimal("121.27") + 10 * Decimal("6.75")
    with clock.travel(to=THURSDAY + 5 * DAY):
        complete(impound, by=bruno, low_value=True)
        assert Incident.objects.get().due_on == dt.date(2026, 3, 15)
        fetch(impound, by=bruno, on=(THURSDAY + 5 * DAY).date())
        assert code_of(fetch, impound, by=bruno, on=(THURSDAY + 5 * DAY).date()) == "already_fetched"
    impound.refresh_from_db()
    assert (impound.due_on, pound_cost(impound, dt.date(2026, 9, 1))) == (None, Decimal("121.27") + 7 * Decimal("6.75"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"happened_at": THURSDAY + DAY}, "in_the_future"),
        ({"known_on": (THURSDAY + DAY).date()}, "in_the_future"),
        ({"happened_at": WEDNESDAY, "known_on": MONDAY.date()}, "known_before"),
        ({"happened_at": WEDNESDAY, "notified_on": MONDAY.date()}, "notified_before"),
    ],
)
def test_an_incident_has_happened(out, car, bruno, said, code):
    with clock.travel(to=THURSDAY):
        assert code_of(open_incident, car, sort="accident", by=bruno, **said) == code
    assert not Incident.objects.exists()


def test_what_is_not_insured_is_not_declared(impound, accident, bruno):
    on = THURSDAY.date()
    with clock.travel(to=THURSDAY):
        assert code_of(declare, impound, by=bruno, on=on) == "wrong_sort"
        assert code_of(lodge_complaint, impound, by=bruno, on=on) == "wrong_sort"
        assert code_of(fetch, accident, by=bruno, on=on) == "wrong_sort"
        assert code_of(declare, accident, by=bruno, on=MONDAY.date()) == "before_it_happened"
        assert code_of(declare, accident, by=bruno, on=on + DAY) == "in_the_future"
    assert set(Incident.objects.values_list("state", flat=True)) == {"open"}


def test_a_closed_incident_says_how_and_changes_no_more(accident, bruno):
    with clock.travel(to=THURSDAY):
        assert code_of(close_incident, accident, by=bruno, outcome=" ") == "outcome_missing"
        close_incident(accident, by=bruno, outcome="Réparé")
        for verb, told in (
            (complete, {"place": "Dax"}),
            (declare, {"on": THURSDAY.date()}),
            (close_incident, {"outcome": "Encore"}),
        ):
            assert code_of(verb, accident, by=bruno, **told) == "wrong_state"
        add_paper(accident, by=bruno, sort="insurer", file=picture())
    accident.refresh_from_db()
    assert (accident.state, accident.due_on, accident.papers.count()) == ("closed", None, 2)


def test_another_platform_and_the_accountant_do_nothing(accident, car, agathe, eve):
    for somebody in (agathe, eve):
        with clock.travel(to=THURSDAY):
            for verb, told in (
                (complete, {"place": "Dax"}),
                (close_incident, {"outcome": "Clos"}),
                (add_paper, {"sort": "photo", "file": picture()}),
            ):
                with pytest.raises(PermissionDenied):
                    verb(accident, by=somebody, **told)
            with pytest.raises(PermissionDenied):
                open_incident(car, sort="theft", by=somebody)
    assert Incident.objects.get().place == ""


def test_the_loan_of_another_platform_is_refused(car, bruno):
    from tests.bookings.factories import BookingFactory

    with clock.travel(to=THURSDAY):
        assert code_of(open_incident, car, sort="theft", by=bruno, booking=BookingFactory()) == "other_platform"
