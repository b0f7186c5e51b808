"""The same refusal through the page and through the API: the same sentence, the same code, and nothing changed."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from bookings.actions import book, hand_over, take_back
from bookings.models import LoanRules
from core import clock
from garages.models import Garage
from tests.api.client import Program
from tests.api.test_story import report
from tests.bookings.conftest import MONDAY, SUNDAY, THIRTY_DAYS_LATER, car_tariff
from tests.bookings.reports import complete_report
from tests.factories import GarageFactory, ParticipantFactory, SiteFactory, VehicleFactory
from tests.maintenance.factories import job_in

pytestmark = pytest.mark.django_db

OURS = ("accounts", "places", "fleet", "participants", "garages", "pricing", "maintenance", "bookings", "core")
NOT_OF_THE_TRADE = {"core.idempotencykey", "accounts.apitoken", "accounts.user"}  # a log-in writes its hour
ON_BEHALF = {"on_behalf": "par téléphone, M. Duval"}
WHY = {"reason": "Essai"}
BECAUSE = {"reason": "other", "words": "Essai"}


@pytest.fixture
def w(platform: Any, driss: Any, client: Client) -> Iterator[Any]:
    """Sunday: Ana's loan of a car is promised from tomorrow. Driss may do everything, through both doors."""
    with clock.travel(to=SUNDAY):
        site = SiteFactory(platform=platform)
        car, other = VehicleFactory.create_batch(2, site=site)
        ana, someone = ParticipantFactory.create_batch(2, platform=platform)
        car_tariff(platform)
        dates = {"starts_at": MONDAY, "ends_at": THIRTY_DAYS_LATER}
        loan = book(platform, participant=ana, vehicle=car, by=driss, **dates)
        client.force_login(driss)
        yield SimpleNamespace(
            platform=platform,
            by=driss,
            site=site,
            car=car,
            other=other,
            ana=ana,
            someone=someone,
            loan=loan,
            garage=GarageFactory(platform=platform),
            page=client,
            api=Program(driss),
        )


@dataclass
class Door:
    """An address and what is sent to it."""

    name: str
    pk: Any = None
    said: dict[str, Any] = field(default_factory=dict)


@dataclass
class Refused:
    code: str
    page: Door
    api: Door


Case = Callable[[Any], Refused]


def wall(moment: dt.datetime | str) -> str:
    """As a page's field has it."""
    at = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(clock.ZoneInfo("Europe/Paris")).strftime("%Y-%m-%dT%H:%M")


def booking(w: Any, code: str, **more: Any) -> Refused:
    said = {
        "participant": w.someone.pk,
        "starts_at": MONDAY,
        "ends_at": THIRTY_DAYS_LATER,
        "vehicle": w.other.pk,
    } | more
    times = {name: said.pop(name) for name in ("starts_at", "ends_at")}
    typed = {"kind": "car"} | {name: value for name, value in said.items() if value is not None}
    exact = {name: moment.isoformat() for name, moment in times.items()}
    if said["vehicle"] is None:
        exact["kind"] = typed["kind"]
    given = {name: value for name, value in said.items() if value is not None}
    walls = {name: wall(moment) for name, moment in times.items()}
    return Refused(code, Door("bookings:book", said=typed | walls), Door("bookings/", said=given | exact))


def verb(code: str, pk: Any, page: str, api: str, said: dict[str, Any] | None = None, **times: str) -> Refused:
    """The same words through both doors; times as each door has them."""
    said = said or {}
    walls = {name: wall(moment) for name, moment in times.items()}
    return Refused(code, Door(page, pk, said | walls), Door(api, pk, said | times))


def out(w: Any) -> Any:
    """The loan, with its keys given on Monday."""
    with clock.travel(to=MONDAY):
        return hand_over(w.loan, by=w.by, report=complete_report(w.loan.assignments.get(), by=w.by, at=MONDAY))


def back(w: Any) -> Any:
    out(w)
    at = MONDAY + dt.timedelta(hours=2)
    with clock.travel(to=at):
        last = complete_report(w.loan.assignments.get(), by=w.by, at=at, direction="in", km=84300)
        return take_back(w.loan, by=w.by, report=last)


def job(w: Any, state: str) -> Any:
    return job_in(state, w.garage, vehicle=w.other)


# --- the gallery ----------------------------------------------------------------------------------------


def taken(w: Any) -> Refused:
    return booking(w, "overlap", vehicle=w.car.pk)


def none_free(w: Any) -> Refused:
    book(w.platform, participant=w.ana, vehicle=w.other, by=w.by, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER)
    return booking(w, "none_free", vehicle=None)


def in_the_past(w: Any) -> Refused:
    return booking(w, "in_the_past", starts_at=SUNDAY - dt.timedelta(days=9))


def backwards(w: Any) -> Refused:
    return booking(w, "ends_before_start", ends_at=MONDAY - dt.timedelta(hours=1))


def ten_years(w: Any) -> Refused:
    return booking(w, "too_long", ends_at=MONDAY + dt.timedelta(days=3650))


def too_long_for_the_house(w: Any) -> Refused:
    LoanRules.objects.create(platform=w.platform, valid_from=dt.date(2026, 1, 1), max_days=5)
    return booking(w, "rule_broken")


def withdrawn(w: Any) -> Refused:
    return booking(w, "withdrawn", vehicle=VehicleFactory(site=w.site, withdrawn=True).pk)


def no_tariff(w: Any) -> Refused:
    return booking(w, "no_tariff", vehicle=VehicleFactory(site=w.site, moped=True).pk)


def cancelled_when_out(w: Any) -> Refused:
    return verb("wrong_state", out(w).pk, "bookings:cancel", "bookings/{}/cancel/", BECAUSE)


def given_up_for_no_reason(w: Any) -> Refused:
    return verb("reason_missing", w.loan.pk, "bookings:cancel", "bookings/{}/cancel/", {"reason": "other"})


def missed_before_its_hour(w: Any) -> Refused:
    return verb("not_yet", w.loan.pk, "bookings:no_show", "bookings/{}/no_show/")


def until(code: str, pk: Any, name: str, end: dt.datetime, **said: Any) -> Refused:
    return verb(code, pk, f"bookings:{name}", f"bookings/{{}}/{name}/", said, until=end.isoformat())


def extended_to_where_it_ends(w: Any) -> Refused:
    return until("not_longer", w.loan.pk, "extend", THIRTY_DAYS_LATER)


def extended_at_a_price_of_before(w: Any) -> Refused:
    return until("price_changed", w.loan.pk, "extend", THIRTY_DAYS_LATER + dt.timedelta(days=2), seen="1.00")


def extended_into_the_next_loan(w: Any) -> Refused:
    dates = {"starts_at": THIRTY_DAYS_LATER, "ends_at": THIRTY_DAYS_LATER + dt.timedelta(days=2)}
    book(w.platform, participant=w.someone, vehicle=w.car, by=w.by, **dates)
    return until("overlap", w.loan.pk, "extend", THIRTY_DAYS_LATER + dt.timedelta(days=1))


def renewed_before_the_keys(w: Any) -> Refused:
    return until("wrong_state", w.loan.pk, "renew", THIRTY_DAYS_LATER + dt.timedelta(days=2))


def shortened_by_nothing(w: Any) -> Refused:
    return until("not_shorter", w.loan.pk, "shorten", THIRTY_DAYS_LATER)


def moved_when_out(w: Any) -> Refused:
    times = {"starts_at": MONDAY.isoformat(), "ends_at": THIRTY_DAYS_LATER.isoformat()}
    return verb("wrong_state", out(w).pk, "bookings:move", "bookings/{}/move/", None, **times)


def corrected_before_the_keys(w: Any) -> Refused:
    said = WHY | {"vehicle": w.other.pk}
    return verb("not_out", w.loan.pk, "bookings:correct_vehicle", "bookings/{}/correct_vehicle/", said)


def recorded_before_it_happened(w: Any) -> Refused:
    said = {"participant": w.someone.pk, "vehicle": w.other.pk}
    times = {"starts_at": "2026-02-20T09:00+01:00", "ends_at": "2026-03-20T09:00+01:00"}
    times["back_at"] = "2026-03-10T09:00+01:00"
    return verb("not_yet", None, "bookings:record", "bookings/record/", said, **times)


def set_aside_while_out(w: Any) -> Refused:
    out(w)
    times = {"starts_at": "2026-03-10T09:00+01:00", "ends_at": "2026-03-11T09:00+01:00"}
    return verb("overlap", w.car.pk, "fleet:reserve", "vehicles/{}/reserve/", WHY, **times)


def payment(w: Any, code: str, **said: str) -> Refused:
    account = w.loan.account_id
    return Refused(code, Door("pricing:pay", account, said), Door("payments/", said=said | {"account": account}))


def nothing_paid(w: Any) -> Refused:
    return payment(w, "not_positive", amount="0", means="cheque")


def more_cash_than_the_law_allows(w: Any) -> Refused:
    return payment(w, "cash_ceiling", amount="1200", means="cash")


def deposit_given_back_before_it_came(w: Any) -> Refused:
    deposit = w.loan.account.deposits.get()
    return verb("wrong_state", deposit.pk, "pricing:return_deposit", "deposits/{}/give_back/")


def quote_approved_twice(w: Any) -> Refused:
    return verb("wrong_state", job(w, "approved").pk, "maintenance:approve_quote", "repair_jobs/{}/approve_quote/")


def begun_before_the_quote_is_approved(w: Any) -> Refused:
    return verb("wrong_state", job(w, "quoted").pk, "maintenance:start", "repair_jobs/{}/start/", ON_BEHALF)


def accepted_though_nobody_was_asked(w: Any) -> Refused:
    pk, on = job(w, "to_decide").pk, "2026-03-12T09:00+01:00"
    return verb("offer_closed", pk, "maintenance:accept", "repair_jobs/{}/accept/", ON_BEHALF, appointment_at=on)


def accepted_for_a_day_that_has_passed(w: Any) -> Refused:
    pk, on = job(w, "offered").pk, "2026-01-12T09:00+01:00"
    return verb("in_the_past", pk, "maintenance:accept", "repair_jobs/{}/accept/", ON_BEHALF, appointment_at=on)


def given_up_when_it_is_over(w: Any) -> Refused:
    return verb("wrong_state", job(w, "collected").pk, "maintenance:cancel", "repair_jobs/{}/cancel/", WHY)


def collected_before_it_is_done(w: Any) -> Refused:
    return verb("wrong_state", job(w, "in_progress").pk, "maintenance:collect", "repair_jobs/{}/collect/")


GALLERY: list[Case] = [
    taken,
    none_free,
    in_the_past,
    backwards,
    ten_years,
    too_long_for_the_house,
    withdrawn,
    no_tariff,
    cancelled_when_out,
    given_up_for_no_reason,
    missed_before_its_hour,
    extended_to_where_it_ends,
    extended_at_a_price_of_before,
    extended_into_the_next_loan,
    renewed_before_the_keys,
    shortened_by_nothing,
    moved_when_out,
    corrected_before_the_keys,
    recorded_before_it_happened,
    set_aside_while_out,
    nothing_paid,
    more_cash_than_the_law_allows,
    deposit_given_back_before_it_came,
    quote_approved_twice,
    begun_before_the_quote_is_approved,
    accepted_though_nobody_was_asked,
    accepted_for_a_day_that_has_passed,
    given_up_when_it_is_over,
    collected_before_it_is_done,
]


@pytest.mark.parametrize("case", GALLERY, ids=lambda case: case.__name__)
def test_both_doors_refuse_alike_and_nothing_changes(w: Any, case: Case) -> None:
    wanted = case(w)
    before = everything()
    sentence = w.api.refused(wanted.api.name.format(wanted.api.pk), wanted.code, **wanted.api.said)
    assert everything() == before, "the API wrote"
    code, said = through_the_page(w.page, wanted.page)
    assert everything() == before, "the page wrote"
    assert said == sentence
    assert code in {wanted.code, None}


def through_the_page(client: Client, door: Door) -> tuple[str | None, str]:
    """Code and sentence of the form's refusal; a verb without a form has a page that says the sentence alone."""
    answer = client.post(reverse(door.name, args=[door.pk] if door.pk else []), door.said)
    assert answer.status_code == 409, (answer.status_code, answer.headers.get("Location"), errors_of(answer))
    if "sentence" in answer.context:
        return None, answer.context["sentence"]
    (error,) = errors_of(answer)
    (said,) = error.messages
    assert said in answer.context["form"].errors.as_text()
    return error.code, said


def errors_of(answer: Any) -> list[Any]:
    form = answer.context and answer.context.get("form")
    return [error for errors in form.errors.as_data().values() for error in errors] if form else []


def everything() -> dict[str, list[Any]]:
    """Every row that the rooms hold."""
    models = [model for name in OURS for model in apps.get_app_config(name).get_models()]
    kept = [model for model in models if model._meta.label_lower not in NOT_OF_THE_TRADE]
    return {model._meta.label: sorted(map(repr, model._base_manager.values_list())) for model in kept}


# --- the kerb: a page leads to where the walk stands, the API says what is the matter ----------------------


def test_keys_that_left_do_not_leave_twice(w):
    loan = out(w)
    before = everything()
    w.api.refused(f"bookings/{loan.pk}/hand_over/", "wrong_state", **report(90000))
    start = w.page.post(reverse("bookings:hand_over", args=[loan.pk]))
    step = w.page.post(reverse("bookings:hand_over_step", args=[loan.pk, "signatures"]), {"how": "screen"})
    assert start.status_code in {200, 302, 409}
    assert step.status_code in {302, 409}
    assert everything() == before


def test_a_vehicle_does_not_come_back_before_it_left_nor_twice(w):
    before = everything()
    w.api.refused(f"bookings/{w.loan.pk}/take_back/", "not_out", **report(90000))
    assert w.page.post(reverse("bookings:take_back", args=[w.loan.pk])).status_code in {200, 302, 409}
    assert everything() == before
    back(w)
    before = everything()
    w.api.refused(f"bookings/{w.loan.pk}/take_back/", "not_out", **report(90000))
    assert w.page.post(reverse("bookings:take_back", args=[w.loan.pk])).status_code in {200, 302, 409}
    assert everything() == before


# --- another platform's rows -------------------------------------------------------------------------------


@pytest.fixture
def foreign(other_platform: Any) -> Any:
    """What Eve's platform has."""
    car = VehicleFactory(site__platform=other_platform)
    return SimpleNamespace(
        car=car, person=ParticipantFactory(platform=other_platform), garage=GarageFactory(platform=other_platform)
    )


def test_another_platforms_rows_are_as_unknown(w, foreign):
    before = everything()
    for theirs in ({"vehicle": foreign.car.pk}, {"participant": foreign.person.pk}):
        wanted = booking(w, "invalid", **theirs)
        assert set(w.api.post("bookings/", 400, **wanted.api.said)["fields"]) == set(theirs)
        answer = w.page.post(reverse("bookings:book"), wanted.page.said)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == set(theirs)
    assert everything() == before
    asked = job(w, "to_decide")
    before = everything()
    assert "garage" in w.api.post(f"repair_jobs/{asked.pk}/offer/", 400, garage=foreign.garage.pk)["fields"]
    answer = w.page.post(reverse("maintenance:offer", args=[asked.pk]), {"garage": foreign.garage.pk})
    assert answer.status_code == 404
    assert everything() == before
    assert Garage.objects.filter(pk=foreign.garage.pk, offers__isnull=True).exists()


@pytest.mark.parametrize(
    ("page", "api", "which"),
    [
        ("fleet:vehicle", "vehicles", "car"),
        ("fleet:withdraw", "vehicles", "car"),
        ("participants:participant", "participants", "person"),
        ("garages:garage", "garages", "garage"),
    ],
)
def test_another_platforms_addresses_lead_nowhere(w, foreign, page, api, which):
    pk = getattr(foreign, which).pk
    w.api.get(f"{api}/{pk}/", 404)
    assert w.page.get(reverse(page, args=[pk])).status_code == 404
