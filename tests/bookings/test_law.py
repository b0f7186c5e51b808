"""The law is said when a vehicle is promised, and refused when the keys are given; nobody passes it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bookings.actions import book, hand_over
from bookings.models import Booking, LoanRules
from bookings.rules import reads as rule_reads
from bookings.rules.house import Pass
from bookings.rules.law import Condition, of_insurer, of_vehicle
from core import clock
from fleet.insurance import add_policy, change_policy
from fleet.models import Damage, InsurancePolicy, VehicleDocument
from participants.entitlements import Driver, Title
from participants.models import DrivingAptitudeTest, DrivingEntitlement, ParticipantDocument
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.reports import complete_report
from tests.factories import VehicleFactory

D = dt.date
ON, UNTIL = D(2026, 3, 2), D(2026, 4, 1)
YESTERDAY, DURING, LATER = D(2026, 3, 1), D(2026, 3, 15), D(2027, 1, 1)


@pytest.mark.parametrize(
    ("vehicle", "binding", "said"),
    [
        (Condition("car"), [], ["insurance"]),
        (Condition("bike"), [], []),
        (Condition("car", is_insured=True), [], []),
        (Condition("bike", is_unsafe=True), ["unsafe"], []),
        (Condition("car", is_insured=True, inspection_due=ON), [], ["inspection"]),
        (Condition("car", is_insured=True, inspection_due=YESTERDAY, inspection_noted=True), ["inspection"], []),
        (Condition("car", is_insured=True, inspection_due=YESTERDAY), [], ["inspection"]),
        (Condition("car", is_insured=True, inspection_due=DURING, inspection_noted=True), [], ["inspection"]),
        (Condition("car", is_insured=True, inspection_due=LATER, inspection_noted=True), [], []),
        (Condition("car", is_insured=True, insurance_ends_on=DURING), [], ["insurance"]),
        (Condition("car", is_insured=True, insurance_ends_on=LATER), [], []),
        (Condition("car", insurance_noted=True), ["insurance"], []),
        (Condition("car", fleet_is_insured=True), ["insurance"], []),
        (Condition("e_bike", fleet_is_insured=True), [], []),
    ],
)
def test_of_the_vehicle(vehicle, binding, said):
    found = list(of_vehicle(vehicle, ON, UNTIL))
    assert [str(rule) for rule, binds, _ in found if binds] == binding
    assert [str(rule) for rule, binds, _ in found if not binds] == said


B2020 = Title("B", obtained_on=D(2024, 3, 2))


@pytest.mark.parametrize(
    ("asked", "driver", "answer"),
    [
        ({"minimum_age": 21}, Driver(D(2005, 3, 2)), []),
        ({"minimum_age": 21}, Driver(D(2005, 3, 3)), [True]),
        ({"minimum_age": 21}, Driver(None), [False]),
        ({"minimum_licence_years": 2}, Driver(None, titles=(B2020,)), []),
        ({"minimum_licence_years": 3}, Driver(None, titles=(B2020,)), [True]),
        ({"minimum_licence_years": 3}, Driver(None, titles=(B2020, Title("B", "foreign", D(2010, 1, 1)))), []),
        ({"minimum_licence_years": 3}, Driver(None, titles=(Title("AM", obtained_on=D(2010, 1, 1)),)), [False]),
        ({"minimum_licence_years": 3}, Driver(None), [False]),
    ],
)
def test_of_the_insurer(asked, driver, answer):
    assert [binds for _, binds, _ in of_insurer(Condition("car", **asked), driver, ON)] == answer


# --- at the kerb ------------------------------------------------------------------------------------------


@pytest.fixture
def promised(platform, ana, car, tariff, bruno):
    return book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + 7 * DAY, by=bruno)


def keys(loan, by):
    with clock.travel(to=MONDAY):
        report = complete_report(loan.assignments.get(), by=by, at=MONDAY)
        return hand_over(loan, by=by, report=report)


def no_keys(loan, by, code):
    with pytest.raises(ValidationError) as refusal:
        keys(loan, by)
    assert refusal.value.code == code
    loan.refresh_from_db()
    assert loan.state == Booking.State.RESERVED
    assert loan.assignments.get().hold.out_at is None
    assert not loan.account.charges.exists()
    return refusal.value.messages[0]


def paper(car, sort, **dates):
    return VehicleDocument.objects.create(platform=car.platform, vehicle=car, sort=sort, **dates)


def insure(car, by, **more):
    return add_policy(car.platform, insurer="Maif", starts_on=D(2026, 1, 1), vehicles=[car], by=by, **more)


@pytest.mark.django_db
class TestAtTheKerb:
    def test_an_overdue_inspection(self, promised, car, bruno):
        paper(car, "inspection", issued_on=D(2024, 2, 1), valid_until=D(2026, 2, 1))
        assert "1er février 2026" in no_keys(promised, bruno, "inspection_overdue").replace("\xa0", " ")

    def test_an_insurance_that_is_over(self, promised, car, bruno):
        paper(car, "insurance", valid_until=YESTERDAY)
        no_keys(promised, bruno, "not_insured")

    def test_a_vehicle_that_the_fleets_contract_leaves_out(self, promised, car, farid, bruno):
        insure(VehicleFactory(site=car.site), farid)
        no_keys(promised, bruno, "not_insured")

    def test_a_driver_whom_the_insurer_does_not_want(self, promised, car, farid, bruno):
        insure(car, farid, minimum_age=40)
        no_keys(promised, bruno, "not_insured")

    def test_a_damage_that_is_not_safe(self, promised, car, bruno):
        Damage.objects.create(platform=car.platform, vehicle=car, sort="broken", severity=Damage.Severity.UNSAFE)
        no_keys(promised, bruno, "unsafe")

    def test_a_licence_that_is_lost(self, promised, bruno):
        DrivingEntitlement.objects.update(not_entitled_until=D(2026, 12, 31))
        no_keys(promised, bruno, "not_entitled")

    def test_what_nobody_wrote_down_is_said_and_the_keys_are_given(self, promised, car, bruno):
        assert [breach.rule for breach in rule_reads.before_keys(promised, car, MONDAY)] == [
            "inspection", "insurance", "licence",
        ]  # fmt: skip
        assert keys(promised, bruno).state == Booking.State.ACTIVE

    def test_a_paper_that_is_missing_binds_until_seen_promised_or_passed(self, platform, promised, ana, bruno):
        LoanRules.objects.create(platform=platform, valid_from=D(2026, 1, 1), documents=["identity"])
        assert no_keys(promised, bruno, "rule_broken") == "Il manque : pièce d’identité."
        ParticipantDocument.objects.create(platform=platform, participant=ana, sort="identity", promised_for=ON)
        assert keys(promised, bruno).state == Booking.State.ACTIVE

    def test_what_was_passed_when_promised_stays_so(self, platform, ana, car, tariff, bruno):
        LoanRules.objects.create(platform=platform, valid_from=D(2026, 1, 1), aptitude_needed=True)
        loan = book(
            platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno,
            passes=[Pass("aptitude", "job")],
        )  # fmt: skip
        assert keys(loan, bruno).state == Booking.State.ACTIVE

    def test_a_test_that_was_failed_since(self, platform, promised, ana, bruno):
        LoanRules.objects.create(platform=platform, valid_from=D(2026, 1, 1), aptitude_needed=True)
        test = {"kind": "car", "assessor": "Auto-école", "recorded_by": bruno, "platform": platform}
        DrivingAptitudeTest.objects.create(participant=ana, tested_on=YESTERDAY, result="unfit", **test)
        assert "non apte" in no_keys(promised, bruno, "rule_broken")


@pytest.mark.django_db
class TestThePolicy:
    def test_it_is_the_insurance_paper_of_each_vehicle_that_it_covers(self, car, other_car, farid):
        policy = insure(car, farid, number="FL-1", ends_on=D(2026, 12, 31), minimum_age=21)
        assert policy.papers.get().vehicle == car
        found = type(car).objects.filter(pk=car.pk).with_law(ON).get()
        assert (found.is_insured, found.insurance_ends_on, found.minimum_age) == (True, D(2026, 12, 31), 21)
        left = type(car).objects.filter(pk=other_car.pk).with_law(ON).get()
        assert (left.is_insured, left.fleet_is_insured, left.minimum_age) == (False, True, None)

    def test_changed_it_changes_its_papers(self, car, other_car, farid):
        policy = insure(car, farid, ends_on=D(2026, 12, 31))
        change_policy(policy, by=farid, ends_on=D(2027, 12, 31), vehicles=[other_car])
        assert {paper.vehicle: paper.valid_until for paper in policy.papers.all()} == {
            car: clock.today(),
            other_car: D(2027, 12, 31),
        }

    def test_one_that_has_not_begun_insures_nothing_yet(self, car, farid):
        policy = insure(car, farid)
        InsurancePolicy.objects.filter(pk=policy.pk).update(starts_on=LATER)
        policy.papers.update(issued_on=LATER)
        assert not type(car).objects.filter(pk=car.pk).with_law(ON).get().is_insured

    def test_another_platforms_vehicle_and_an_adviser_are_refused(self, car, farid, bruno, other_platform):
        with pytest.raises(ValidationError) as refusal:
            insure(car, farid, phone="12")
        assert refusal.value.code == "phone_impossible"
        foreign = VehicleFactory(site__platform=other_platform)
        with pytest.raises(ValidationError):
            add_policy(car.platform, insurer="Maif", starts_on=ON, vehicles=[foreign], by=farid)
        with pytest.raises(PermissionDenied):
            insure(car, bruno)
        assert not InsurancePolicy.objects.exists()
