"""Who may drive what: the cases of the law, one a line, and what holds for all of them."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.models import Energy, Kind, Vehicle
from participants.entitlements import Driver, Title, ToDrive, can_drive, kinds_driven
from participants.models import DrivingEntitlement, Participant

D = dt.date
ON = D(2026, 11, 22)
ADULT, BEFORE_1988, CHILD = D(1990, 3, 18), D(1987, 12, 31), D(2012, 11, 22)
CAR, VAN, MOPED, MICROCAR, E_BIKE, BIKE = (
    ToDrive(kind, automatic=False) for kind in (Kind.CAR, Kind.VAN, Kind.MOPED, Kind.MICROCAR, Kind.E_BIKE, Kind.BIKE)
)
AUTOMATIC, UNKNOWN_GEARBOX = ToDrive(Kind.CAR, automatic=True), ToDrive(Kind.CAR)
M125 = ToDrive(Kind.MOTORCYCLE_125, automatic=True)

Sort, Category = DrivingEntitlement.Sort, DrivingEntitlement.Category
SEEN = {"method": "original", "verified_on": D(2026, 10, 1)}
B = Title("B", obtained_on=D(2015, 6, 1), **SEEN)
AM = Title("AM", obtained_on=D(2020, 6, 1), **SEEN)
B_125 = replace(B, training_125_on=D(2020, 1, 1))
B78 = replace(B, codes=frozenset({"78"}))


def driver(*titles: Title, born: D | None = ADULT, declared: str = "") -> Driver:
    return Driver(born, declared, titles)


YES, WARNS, NO = "yes", "warns", "no"


@pytest.mark.parametrize(
    ("who", "what", "answer"),
    [
        # bicycles ask for nothing, not even from somebody who was suspended
        (driver(born=None), BIKE, YES),
        (driver(replace(B, not_entitled_until=D(2027, 1, 1))), E_BIKE, YES),
        # cars: B
        (driver(B), CAR, YES),
        (driver(B), VAN, YES),
        (driver(AM), CAR, NO),
        (driver(Title("A", obtained_on=D(2015, 6, 1), **SEEN)), CAR, NO),
        (driver(Title("B1", obtained_on=D(2015, 6, 1), **SEEN)), CAR, NO),
        (driver(born=BEFORE_1988), CAR, WARNS),
        (driver(declared="held"), CAR, WARNS),
        (driver(declared="none"), CAR, NO),
        (driver(declared="learning"), CAR, NO),
        (driver(replace(B, valid_until=D(2026, 11, 22))), CAR, YES),
        (driver(replace(B, valid_until=D(2026, 11, 21))), CAR, NO),
        (driver(replace(B, obtained_on=None)), CAR, YES),
        (driver(replace(B, obtained_on=D(2026, 11, 22))), CAR, YES),
        (driver(replace(B, obtained_on=D(2026, 11, 23))), CAR, NO),
        # seventeen since 2024
        (driver(replace(B, obtained_on=D(2026, 11, 22)), born=D(2009, 11, 22)), CAR, YES),
        (driver(replace(B, obtained_on=None), born=D(2009, 11, 23)), CAR, NO),
        # nobody saw it, or long ago
        (driver(replace(B, method="", verified_on=None)), CAR, WARNS),
        (driver(replace(B, verified_on=D(2025, 11, 22))), CAR, YES),
        (driver(replace(B, verified_on=D(2025, 11, 21))), CAR, WARNS),
        # suspended: the day itself is barred, the next is not
        (driver(replace(B, not_entitled_until=D(2026, 11, 22))), CAR, NO),
        (driver(replace(B, not_entitled_until=D(2026, 11, 21))), CAR, YES),
        (driver(replace(B, not_entitled_until=D(2027, 1, 1)), AM), MOPED, NO),
        (driver(replace(B, not_entitled_until=D(2027, 1, 1)), born=BEFORE_1988), MOPED, NO),
        # a cancelled B (it is over) leaves the moped to those born before 1988 or with AM
        (driver(replace(B, valid_until=D(2026, 1, 1)), born=BEFORE_1988), MOPED, YES),
        (driver(replace(B, valid_until=D(2026, 1, 1)), AM), MOPED, YES),
        (driver(replace(B, valid_until=D(2026, 1, 1))), MOPED, NO),
        # code 78: automatic only, lifted by a course that counts four months with the licence
        (driver(B78), AUTOMATIC, YES),
        (driver(B78), CAR, NO),
        (driver(B78), UNKNOWN_GEARBOX, WARNS),
        (driver(B78), MOPED, YES),
        (driver(replace(B78, automatic_lift_on=D(2026, 7, 22))), CAR, WARNS),
        (driver(replace(B78, automatic_lift_on=D(2026, 7, 21))), CAR, NO),
        (driver(replace(B78, automatic_lift_on=D(2026, 11, 23))), CAR, NO),
        (driver(replace(B78, automatic_lift_on=D(2026, 7, 21))), AUTOMATIC, YES),
        (driver(replace(B, codes=frozenset({"69"}))), CAR, WARNS),
        (driver(replace(B, codes=frozenset({"10.02"}))), CAR, WARNS),
        (driver(replace(B, codes=frozenset({"01"}))), CAR, YES),
        # mopeds and microcars: AM, any other licence, or birth before 1988
        (driver(AM), MOPED, YES),
        (driver(AM), MICROCAR, YES),
        (driver(B), MOPED, YES),
        (driver(Title("A1", obtained_on=D(2020, 1, 1), **SEEN)), MICROCAR, YES),
        (driver(Title("B1", obtained_on=D(2020, 1, 1), **SEEN)), MICROCAR, YES),
        (driver(born=BEFORE_1988), MOPED, YES),
        (driver(born=BEFORE_1988, declared="none"), MICROCAR, YES),
        (driver(born=D(1988, 1, 1), declared="none"), MOPED, NO),
        (driver(born=D(1988, 1, 1)), MOPED, WARNS),
        (driver(born=None, declared="none"), MOPED, WARNS),
        (driver(replace(AM, codes=frozenset({"79.02"}))), MICROCAR, YES),
        (driver(replace(AM, codes=frozenset({"79.02"}))), MOPED, NO),
        (driver(replace(AM, obtained_on=None), born=CHILD), MOPED, YES),
        (driver(replace(AM, obtained_on=None), born=D(2012, 11, 23)), MOPED, NO),
        # papers that count for a while
        (driver(replace(B, sort=Sort.CEPC, obtained_on=D(2026, 7, 22))), CAR, YES),
        (driver(replace(B, sort=Sort.CEPC, obtained_on=D(2026, 7, 21))), CAR, NO),
        (driver(replace(B, sort=Sort.CEPC, obtained_on=None)), CAR, WARNS),
        (driver(replace(AM, sort=Sort.TRAINING, obtained_on=D(2026, 7, 22))), MOPED, YES),
        (driver(replace(AM, sort=Sort.TRAINING, obtained_on=D(2026, 7, 21))), MOPED, NO),
        (driver(replace(B, sort=Sort.TRAINING, obtained_on=D(2026, 11, 1))), CAR, NO),
        (driver(replace(B, sort=Sort.FOREIGN)), CAR, WARNS),
        (driver(replace(B, sort=Sort.FOREIGN, valid_until=D(2027, 1, 1))), CAR, YES),
        (driver(replace(B, sort=Sort.FOREIGN, valid_until=D(2026, 1, 1))), CAR, NO),
        (
            driver(
                replace(B, sort=Sort.FOREIGN, valid_until=D(2026, 1, 1)),
                replace(B, sort=Sort.EXCHANGE, valid_until=D(2027, 1, 1)),
            ),
            CAR,
            YES,
        ),
        # 125 cm³: A1 and above, or B of two years with seven hours
        (driver(Title("A1", obtained_on=D(2026, 1, 1), **SEEN)), M125, YES),
        (driver(Title("A2", **SEEN)), M125, YES),
        (driver(AM), M125, NO),
        (driver(Title("B1", obtained_on=D(2015, 1, 1), **SEEN)), M125, NO),
        (driver(B_125), M125, YES),
        (driver(replace(B_125, obtained_on=D(2024, 11, 22))), M125, YES),
        (driver(replace(B_125, obtained_on=D(2024, 11, 23))), M125, NO),
        (driver(B), M125, WARNS),
        (driver(replace(B, training_125_on=D(2026, 12, 1))), M125, NO),
        (driver(replace(B, training_125_exempt=True)), M125, YES),
        (driver(replace(B, obtained_on=D(1980, 2, 29)), born=D(1960, 1, 1)), M125, YES),
        (driver(replace(B, obtained_on=D(1980, 3, 1)), born=D(1960, 1, 1)), M125, WARNS),
        (driver(replace(B_125, obtained_on=None)), M125, WARNS),
    ],
)
def test_who_may_drive_what(who: Driver, what: ToDrive, answer: str) -> None:
    verdict = can_drive(who, what, ON)
    assert (NO if not verdict.allowed else WARNS if verdict.warnings else YES) == answer, verdict


MAY = {"mopeds_while_suspended": True}
SUSPENDED_B = replace(B, not_entitled_until=D(2027, 1, 1))


@pytest.mark.parametrize(
    ("who", "what", "by_default", "where_the_platform_says_so"),
    [
        (driver(SUSPENDED_B), MOPED, NO, NO),
        (driver(SUSPENDED_B, AM), MOPED, NO, YES),
        (driver(SUSPENDED_B, AM), MICROCAR, NO, YES),
        (driver(SUSPENDED_B, AM), CAR, NO, NO),
        (driver(SUSPENDED_B, born=BEFORE_1988), MOPED, NO, YES),
        (driver(SUSPENDED_B, born=BEFORE_1988), M125, NO, NO),
        (driver(SUSPENDED_B, born=None), MOPED, NO, WARNS),
        (driver(B, replace(AM, not_entitled_until=D(2027, 1, 1))), MOPED, NO, NO),
        (driver(SUSPENDED_B, replace(AM, not_entitled_until=D(2027, 1, 1)), born=BEFORE_1988), MOPED, NO, NO),
        (driver(SUSPENDED_B, Title("A1", obtained_on=D(2015, 6, 1), **SEEN)), MOPED, NO, NO),
        (driver(SUSPENDED_B), BIKE, YES, YES),
    ],
)
def test_a_suspended_b_and_mopeds(who: Driver, what: ToDrive, by_default: str, where_the_platform_says_so: str) -> None:
    for somebody, answer in ((who, by_default), (replace(who, **MAY), where_the_platform_says_so)):
        verdict = can_drive(somebody, what, ON)
        assert (NO if not verdict.allowed else WARNS if verdict.warnings else YES) == answer, verdict


def test_a_microcar_waited_for_sixteen_until_november_2014_and_a_car_for_eighteen_until_2024() -> None:
    fifteen = driver(Title("AM"), born=D(1999, 1, 1))
    assert not can_drive(fifteen, MICROCAR, D(2014, 10, 31)).allowed
    assert can_drive(fifteen, MICROCAR, D(2014, 11, 1)).allowed
    seventeen = driver(Title("B"), born=D(2006, 6, 1))
    assert not can_drive(seventeen, CAR, D(2023, 12, 31)).allowed
    assert can_drive(seventeen, CAR, D(2024, 1, 1)).allowed


def test_a_refusal_says_what_is_missing() -> None:
    assert can_drive(driver(AM), CAR, ON).refusals == ("Il faut le permis B.",)
    late = can_drive(driver(replace(B, not_entitled_until=D(2027, 1, 5))), CAR, ON)
    assert late.refusals == ("N’a pas le droit de conduire jusqu’au 5\u00a0janvier\u00a02027.",)


def test_the_gearbox_is_taken_from_the_vehicle_and_an_electric_one_has_none_to_change() -> None:
    assert ToDrive.of(Vehicle(kind=Kind.CAR, gearbox="manual")).automatic is False
    assert ToDrive.of(Vehicle(kind=Kind.CAR, gearbox="automatic")).automatic is True
    assert ToDrive.of(Vehicle(kind=Kind.CAR, energy=Energy.ELECTRIC)).automatic is True
    assert ToDrive.of(Vehicle(kind=Kind.CAR, energy=Energy.PETROL)).automatic is None


def test_a_page_of_kinds_says_when_automatic_only() -> None:
    kinds = dict(kinds_driven(driver(B78), ON))
    assert kinds[Kind.CAR].allowed
    assert "code 78" in kinds[Kind.CAR].warnings[0]
    assert kinds[Kind.BIKE].warnings == ()
    assert list(kinds) == list(Kind)


# --- what holds for all ---------------------------------------------------------------------------------

DAYS = st.one_of(st.none(), st.dates(D(1975, 1, 1), D(2030, 1, 1)))
TITLES = st.builds(
    Title,
    category=st.sampled_from(list(Category)),
    sort=st.sampled_from(list(Sort)),
    obtained_on=DAYS,
    valid_until=DAYS,
    codes=st.frozensets(st.sampled_from(["01", "69", "78", "79.02", "10.02", "A"]), max_size=3),
    training_125_on=DAYS,
    training_125_exempt=st.booleans(),
    automatic_lift_on=DAYS,
    not_entitled_until=st.none(),
    method=st.sampled_from(["", "original", "adcs"]),
    verified_on=DAYS,
)
DRIVERS = st.builds(
    Driver,
    birth_date=DAYS,
    declared=st.sampled_from(list(Participant.LicenceDeclared)),
    titles=st.lists(TITLES, max_size=4).map(tuple),
)
THINGS = st.builds(ToDrive, kind=st.sampled_from(list(Kind)), automatic=st.sampled_from([None, True, False]))


@given(DRIVERS, THINGS)
def test_a_refusal_always_has_a_reason_and_a_permission_never_one(who: Driver, what: ToDrive) -> None:
    verdict = can_drive(who, what, ON)
    assert verdict.allowed == (verdict.refusals == ())
    assert all(reason.endswith(".") for reason in (*verdict.refusals, *verdict.warnings))


@given(DRIVERS, THINGS)
def test_one_more_paper_that_is_good_takes_nothing_away(who: Driver, what: ToDrive) -> None:
    if can_drive(who, what, ON).allowed:
        assert can_drive(replace(who, titles=(*who.titles, B)), what, ON).allowed


@given(DRIVERS, THINGS)
def test_a_suspension_bars_every_motor_and_no_bicycle(who: Driver, what: ToDrive) -> None:
    barred = replace(who, titles=(*who.titles, Title("B", not_entitled_until=ON)))
    assert can_drive(barred, what, ON).allowed == (what.kind in {Kind.BIKE, Kind.E_BIKE})


@given(DRIVERS, st.sampled_from(list(Kind)))
def test_an_automatic_is_never_harder_to_be_allowed_than_a_manual(who: Driver, kind: str) -> None:
    if can_drive(who, ToDrive(kind, automatic=False), ON).allowed:
        assert can_drive(who, ToDrive(kind, automatic=True), ON).allowed


@given(THINGS)
def test_of_somebody_unknown_nothing_is_refused(what: ToDrive) -> None:
    assert can_drive(Driver(), what, ON).allowed
