"""A loan is asked for and answered. Each refusal leaves everything as it was."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import actions, tasks
from bookings.actions import requests
from bookings.models import Assignment, Booking, LoanRequest, LoanRules, RequestPolicy
from bookings.requests import promises
from bookings.rules.house import Pass
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet.models import Hold
from pricing.models import Account, Deposit
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY, SUNDAY, THIRTY_DAYS_LATER
from tests.bookings.factories import ConditionReportFactory
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory
from tests.test_doors import everything

pytestmark = pytest.mark.django_db
State = Booking.State
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def asked(platform, ana, car, tariff, bruno):
    return wish(platform, ana, bruno)


def wish(platform, person, by, **more):
    said = {"kind": "car", "starts_at": MONDAY, "ends_at": THIRTY_DAYS_LATER} | more
    return actions.request_loan(platform, participant=person, by=by, **said)


def refuses(code, verb, *args, **named):
    """The verb refuses with this code, and nothing changed."""
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    assert refusal.value.code == code
    assert everything() == before
    return refusal.value.messages[0]


def forbids(verb, *args, **named):
    before = everything()
    with pytest.raises(PermissionDenied):
        verb(*args, **named)
    assert everything() == before


def test_a_request_takes_no_vehicle_and_opens_no_account(asked, car):
    assert asked.state == State.AWAITING_APPROVAL
    assert not Hold.objects.exists()
    assert not Account.objects.exists()
    assert asked.request.submitted_at is not None


def test_an_approved_request_is_a_loan_like_any_other(asked, car, bruno, ana):
    loan = actions.approve(asked, by=bruno)
    assert loan.state == State.RESERVED
    assert loan.assignments.get().vehicle == car
    assert loan.periods.get().total == 90
    assert loan.account.deposits.get().state == Deposit.State.EXPECTED
    assert LoanRequest.objects.get().decided_by == bruno
    assert "Nous vous prêtons" in OutboxMessage.objects.get(topic="sms").payload["text"]


def test_the_wished_site_is_served_first(platform, ana, car, tariff, bruno):
    mont = SiteFactory(platform=platform, name="Mont")
    there = VehicleFactory(site=mont)
    asked = wish(platform, ana, bruno, site=mont)
    assert actions.approve(asked, by=bruno).assignments.get().vehicle == there


def test_a_request_is_answered_once(asked, car, other_car, bruno):
    actions.approve(asked, by=bruno)
    stale = Booking.objects.get(pk=asked.pk)
    refuses("not_a_request", actions.approve, stale, by=bruno)
    refuses("wrong_state", actions.submit, stale, by=bruno)
    refuses("not_a_request", actions.refuse_request, stale, by=bruno, reason="full")
    refuses("not_a_request", actions.ask_for_documents, stale, ["identity"], by=bruno)
    refuses("not_a_request", actions.wait_for_vehicle, stale, by=bruno)


def test_what_is_not_free_is_not_approved(asked, loan, bruno):
    sentence = refuses("none_free", actions.approve, asked, by=bruno)
    assert "libre" in sentence
    refuses("overlap", actions.approve, asked, by=bruno, vehicle=loan.assignments.get().vehicle)


def test_a_request_without_tariff_or_whose_day_has_passed_is_not_approved(platform, ana, car, bruno, asked):
    with clock.travel(to=MONDAY + DAY):
        refuses("in_the_past", actions.approve, asked, by=bruno)
    asked.platform.tariffs.update(valid_until=dt.date(2026, 1, 1))
    refuses("no_tariff", actions.approve, asked, by=bruno)


def test_another_platforms_vehicle_or_site_or_person_is_refused(platform, other_platform, asked, ana, bruno):
    theirs = SiteFactory(platform=other_platform)
    refuses("other_platform", actions.approve, asked, by=bruno, vehicle=VehicleFactory(site=theirs))
    bea = ParticipantFactory(platform=platform)
    refuses("other_platform", wish, platform, bea, bruno, site=theirs)
    forbids(wish, platform, ParticipantFactory(platform=other_platform), bruno)


@pytest.mark.parametrize("who", ["agathe", "eve", "nobody"])
def test_strangers_neither_ask_nor_answer(request, platform, ana, asked, who):
    them = request.getfixturevalue(who)
    forbids(wish, platform, ana, them)
    forbids(actions.approve, asked, by=them)
    forbids(actions.refuse_request, asked, by=them, reason="full")
    forbids(actions.ask_for_documents, asked, ["identity"], by=them)
    forbids(actions.submit, asked, by=them)
    forbids(actions.cancel, asked, by=them, reason="Non")
    forbids(actions.wait_for_vehicle, asked, by=them)


def test_the_same_person_does_not_ask_twice_for_one_kind(platform, ana, asked, bruno):
    sentence = refuses("request_open", wish, platform, ana, bruno)
    assert str(asked) in sentence
    assert wish(platform, ana, bruno, kind="moped")


def test_impossible_dates_are_refused(platform, ana, bruno):
    refuses("ends_before_start", wish, platform, ana, bruno, ends_at=MONDAY)
    refuses("in_the_past", wish, platform, ana, bruno, starts_at=MONDAY - 9 * DAY)
    refuses("too_long", wish, platform, ana, bruno, ends_at=MONDAY + 400 * DAY)


def test_papers_that_are_missing_are_asked_for_and_the_person_is_told(asked, bruno):
    refuses("documents_missing", actions.ask_for_documents, asked, [], by=bruno)
    waiting = actions.ask_for_documents(asked, ["work_contract", "identity"], by=bruno)
    assert waiting.state == State.AWAITING_DOCUMENTS
    assert "contrat de travail" in OutboxMessage.objects.get(topic="sms").payload["text"]
    assert actions.submit(waiting, by=bruno).state == State.AWAITING_APPROVAL


def test_a_draft_waits_for_nobody_until_it_is_sent(platform, ana, bruno):
    draft = wish(platform, ana, bruno, as_draft=True)
    assert (draft.state, draft.request.submitted_at) == (State.DRAFT, None)
    assert actions.submit(draft, by=bruno).request.submitted_at is not None


def test_a_refusal_says_why(asked, bruno):
    refuses("reason_missing", actions.refuse_request, asked, by=bruno, reason="")
    no = actions.refuse_request(asked, by=bruno, reason="no_vehicle", note="Toutes prêtées en mars")
    assert (no.state, no.refusal, no.request.answer) == (State.REFUSED, "no_vehicle", "Toutes prêtées en mars")
    assert JournalEntry.objects.get(verb="booking.refused").facts == {"reason": "no_vehicle"}


def test_a_participant_asks_where_the_platform_wants_it_and_gives_up_their_own(platform, ana, asked, bruno):
    actions.cancel(asked, by=bruno, reason="Erreur")
    forbids(wish, platform, ana, ana.user)
    RequestPolicy.objects.create(platform=platform, participants_may_ask=True)
    mine = wish(platform, ana, ana.user, as_draft=True)
    assert mine.state == State.AWAITING_APPROVAL
    forbids(actions.approve, mine, by=ana.user)
    forbids(actions.cancel, mine, by=ParticipantFactory(platform=platform).user, reason="Pour rire")
    assert actions.cancel(mine, by=ana.user, reason="N’en a plus besoin").state == State.CANCELLED


def test_a_participant_does_not_cancel_what_was_promised(asked, ana, bruno):
    loan = actions.approve(asked, by=bruno)
    forbids(actions.cancel, loan, by=ana.user, reason="Non")


def test_a_request_is_put_right_before_its_answer(asked, bruno):
    changed = actions.change_request(
        asked, starts_at=MONDAY + DAY, ends_at=MONDAY + 3 * DAY, kind="moped", by=bruno, work_starts_on=MONDAY.date()
    )
    assert (changed.kind, changed.ends_at, changed.request.work_starts_on) == (
        "moped", MONDAY + 3 * DAY, MONDAY.date()
    )  # fmt: skip
    when = {"starts_at": MONDAY, "ends_at": MONDAY, "kind": "car", "by": bruno}
    refuses("ends_before_start", actions.change_request, asked, **when)


@pytest.mark.parametrize("changed", [{"kind": "moped"}, {"needs_automatic": True}, {"ends_at": MONDAY + DAY}])
def test_what_changes_while_it_is_approved_is_not_promised(asked, bruno, monkeypatch, changed):
    take = requests.take_for

    def and_somebody_changes_it(*args):
        taken = take(*args)
        Booking.objects.filter(pk=asked.pk).update(**changed)
        return taken

    monkeypatch.setattr(requests, "take_for", and_somebody_changes_it)
    refuses("busy", actions.approve, asked, by=bruno)


def test_whoever_changes_a_request_has_its_person_first(asked, bruno):
    with CaptureQueriesContext(connection) as statements:
        actions.change_request(asked, starts_at=MONDAY, ends_at=MONDAY + DAY, kind="moped", by=bruno)
    locked = [one["sql"] for one in statements if "FOR NO KEY UPDATE" in one["sql"]]
    assert ["participants_participant" in locked[0], "bookings_booking" in locked[1]] == [True, True]


# --- sous réserve -----------------------------------------------------------------------------


@pytest.fixture
def kept(asked, bruno):
    return actions.approve(asked, by=bruno, promised_until=MONDAY + HOUR)


def test_a_promise_expires_by_itself_and_frees_the_vehicle(kept, car):
    assert kept.is_provisional
    assert "Ce n’est pas encore sûr" in OutboxMessage.objects.get(topic="sms").payload["text"]
    assert tasks.expire_promises() == 0
    with clock.travel(to=MONDAY + HOUR):
        assert tasks.expire_promises() == 1
        assert tasks.expire_promises() == 0
    loan = Booking.objects.get(pk=kept.pk)
    assert loan.state == State.EXPIRED
    assert not car.holds.exists()
    assert loan.assignments.get().end_reason == Assignment.EndReason.EXPIRED
    assert loan.account.deposits.get().state == Deposit.State.LAPSED


def test_nothing_expires_while_the_site_is_closed(kept, platform, monkeypatch):
    monkeypatch.setattr(promises, "is_closed", lambda site: True)
    with clock.travel(to=MONDAY + HOUR):
        refuses("closed", actions.expire, kept, by=platform.machine_user)
        assert tasks.expire_promises() == 0


def test_nothing_expires_while_its_keys_are_being_handed_over(kept, car, platform):
    ConditionReportFactory(assignment=kept.assignments.get())
    with clock.travel(to=MONDAY + HOUR):
        refuses("at_the_kerb", actions.expire, kept, by=platform.machine_user)
        assert tasks.expire_promises() == 0
    assert car.holds.exists()


def test_a_promise_expires_neither_before_its_hour_nor_by_a_person(kept, platform, bruno, driss):
    refuses("not_due", actions.expire, kept, by=platform.machine_user)
    with clock.travel(to=MONDAY + HOUR):
        forbids(actions.expire, kept, by=bruno)
        forbids(actions.expire, kept, by=driss)


def test_a_confirmed_promise_does_not_expire(kept, bruno, platform):
    assert not actions.confirm(kept, by=bruno).is_provisional
    with clock.travel(to=MONDAY + HOUR):
        assert tasks.expire_promises() == 0
    refuses("not_provisional", actions.confirm, kept, by=bruno)
    refuses("not_provisional", actions.expire, kept, by=platform.machine_user)


def test_what_has_expired_is_not_confirmed(kept, bruno, eve):
    forbids(actions.confirm, kept, by=eve)
    with clock.travel(to=MONDAY + HOUR):
        tasks.expire_promises()
        refuses("promise_expired", actions.confirm, kept, by=bruno)


def test_a_promise_that_expires_before_it_is_made_or_after_the_loan_is_refused(platform, asked, ana, car, bruno):
    refuses("promise_over", actions.approve, asked, by=bruno, promised_until=SUNDAY)
    when = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
    refuses(
        "promise_over", actions.book, platform, participant=ana, vehicle=car, promised_until=MONDAY + DAY, **when
    )  # fmt: skip


# --- an approval that cannot be skipped -------------------------------------------------------


@pytest.fixture
def approved_by_farid(platform):
    return LoanRules.objects.create(
        platform=platform, valid_from=dt.date(2025, 1, 1), approval_needed=True, approved_by=["fleet_manager"]
    )


def test_where_the_rules_name_approvers_nobody_else_promises(platform, approved_by_farid, asked, ana, car, bruno):
    when = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
    sentence = refuses("approval_needed", actions.book, platform, participant=ana, vehicle=car, **when)
    assert "Responsable du parc" in sentence
    refuses("approval_needed", actions.book, platform, participant=ana, kind="car", **when)
    refuses("approval_needed", actions.approve, asked, by=bruno)
    refuses("approval_needed", actions.refuse_request, asked, by=bruno, reason="full")
    forbids(actions.approve, asked, by=platform.machine_user)


@pytest.mark.parametrize("who", ["farid", "driss"])
def test_an_approver_approves(request, approved_by_farid, asked, who):
    assert actions.approve(asked, by=request.getfixturevalue(who)).state == State.RESERVED


def test_house_rules_bind_an_approval_and_are_passed_with_a_reason(platform, asked, bruno):
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2025, 1, 1), max_days=7)
    refuses("rule_broken", actions.approve, asked, by=bruno)
    loan = actions.approve(asked, by=bruno, passes=[Pass("max_length", "job")])
    assert loan.rule_passes.get().reason == "job"


def test_what_is_kept_for_somebody_who_waits_is_promised_by_an_approver(platform, approved_by_farid, ana, car, tariff,
                                                                        bruno, farid):  # fmt: skip
    entry = actions.join_waiting_list(
        platform, participant=ana, kind="car", earliest_at=MONDAY, days=7, by=bruno
    )  # fmt: skip
    RequestPolicy.objects.create(platform=platform, offers_by_itself=True)
    tasks.serve_waiting_lists()
    kept = entry.proposals.get()
    assert kept.told_at is None
    refuses("approval_needed", actions.offer, kept, by=bruno)
    refuses("approval_needed", actions.accept_proposal, kept, by=bruno)
    refuses("approval_needed", actions.confirm, kept.booking, by=bruno)
    actions.offer(kept, by=farid)
    assert not actions.accept_proposal(kept, by=ana.user).is_provisional


def test_the_page_shows_the_rules_that_are_broken_and_passes_them(client, platform, asked, bruno):
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2025, 1, 1), max_days=7)
    client.force_login(bruno)
    url = reverse("bookings:approve", args=[asked.pk])
    assert "7 jours" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 409
    assert client.post(url, {"pass_max_length": "job"}).status_code == 302
    assert Booking.objects.get().rule_passes.count() == 1
    assert client.post(url, {}).status_code == 409  # a stale tab, or a second click


def test_a_vehicle_is_promised_sous_reserve_at_once_on_the_page_and_by_a_program(client, platform, ana, car, tariff,
                                                                                 bruno):  # fmt: skip
    client.force_login(bruno)
    typed = {"participant": ana.pk, "kind": "car", "vehicle": car.pk}
    typed |= {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-12T09:00"}
    late = client.post(reverse("bookings:book"), typed | {"promised_until": "2026-03-12T09:00"})
    assert late.status_code == 409
    assert not Booking.objects.exists()
    assert client.post(reverse("bookings:book"), typed | {"promised_until": "2026-03-03T09:00"}).status_code == 302
    assert Booking.objects.get().promised_until == MONDAY + DAY
    asked = {"participant": ana.pk, "vehicle": car.pk, "starts_at": (MONDAY + 20 * DAY).isoformat()}
    asked |= {"ends_at": (MONDAY + 25 * DAY).isoformat(), "promised_until": (MONDAY + DAY).isoformat()}
    assert Program(bruno).post("bookings/", 201, **asked)["promised_until"]


def test_a_request_does_not_become_a_second_one_for_a_kind(platform, ana, asked, bruno):
    other = wish(platform, ana, bruno, kind="e_bike")
    dates = {"starts_at": other.starts_at, "ends_at": other.ends_at}
    refuses("request_open", actions.change_request, other, **dates, kind="car", by=bruno)
    other.refresh_from_db()
    assert other.kind == "e_bike"
