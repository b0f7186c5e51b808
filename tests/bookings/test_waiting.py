"""Who waits is served in the platform's order; what is kept for them is a promise like any other."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import actions, tasks
from bookings.actions import book, waiting
from bookings.models import Booking, LoanRules, Proposal, RequestPolicy, WaitingEntry
from bookings.requests import promises
from bookings.rules.house import Pass
from bookings.waiting import reads as waiting_reads
from core import clock, outbox
from core.models import OutboxMessage
from fleet.models import Damage
from fleet.opening_actions import set_opening_hours
from participants.models import AudienceMembership, ParticipantDocument
from pricing.models import Tariff
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY, SUNDAY, THIRTY_DAYS_LATER
from tests.bookings.test_requests import forbids, refuses, wish
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
State = WaitingEntry.State


def joins(platform, person, by, **more):
    said = {"kind": "car", "earliest_at": MONDAY, "days": 14} | more
    return actions.join_waiting_list(platform, participant=person, by=by, **said)


@pytest.fixture
def bea(platform):
    return ParticipantFactory(platform=platform, first_name="Béa", last_name="Zabala")


@pytest.fixture
def entry(platform, bea, bruno, tariff, car):
    return joins(platform, bea, bruno)


def order_of(platform, **more):
    places = waiting_reads.places_of(platform, promises.policy_of(platform.pk), **more)
    return [place.entry.participant.first_name for place in places]


def why_not(platform):
    policy = promises.policy_of(platform.pk)
    return [place.why_not for place in waiting_reads.places_of(platform, policy, greedy=True)]


def test_the_order_is_the_platforms(platform, bruno, car):
    today = clock.today()
    for number, (name, starts) in enumerate((("Old", None), ("Late", 9), ("Soon", 3))):
        person = ParticipantFactory(platform=platform, first_name=name)
        one = joins(platform, person, bruno, work_starts_on=starts and today + starts * DAY)
        WaitingEntry.objects.filter(pk=one.pk).update(asked_at=MONDAY - (9 - number) * DAY)
    first = ParticipantFactory(platform=platform, first_name="Rsa")
    joins(platform, first, bruno)
    AudienceMembership.objects.create(platform=platform, participant=first, audience="rsa")
    policy = RequestPolicy.objects.create(platform=platform, priority_audiences=["rsa"])
    assert order_of(platform) == ["Rsa", "Soon", "Late", "Old"]
    policy.order = ["age", "audience", "work"]
    policy.save()
    assert order_of(platform) == ["Old", "Late", "Soon", "Rsa"]
    place = waiting_reads.places_of(platform, policy)[0]
    assert place.reasons == [
        "Attend depuis le sam.\xa021\xa0fév.",
        "Pas de public prioritaire",
        "Pas de date de travail",
    ]


def test_a_freed_vehicle_is_kept_for_the_first_then_for_the_next(platform, loan, entry, bruno, bea, car):
    second = joins(platform, ParticipantFactory(platform=platform, first_name="Cyr"), bruno)
    assert tasks.serve_waiting_lists() == 0
    actions.cancel(loan, by=bruno, reason="Renonce")
    assert tasks.serve_waiting_lists() == 1
    assert tasks.serve_waiting_lists() == 0
    kept = Proposal.objects.get()
    assert (kept.entry, kept.vehicle, kept.told_at) == (entry, car, None)
    assert kept.booking.is_provisional
    assert not OutboxMessage.objects.filter(topic="sms", user_id=bea.user_id).exists()
    actions.decline_proposal(kept, by=bruno)
    assert tasks.serve_waiting_lists() == 1
    assert Proposal.objects.last().entry == second
    assert why_not(platform) == ["Rien n’est libre 14 jours de suite à ces dates", "Une proposition attend une réponse"]


def test_a_vehicle_that_was_declined_is_not_proposed_to_the_same_person_again(platform, entry, bruno):
    tasks.serve_waiting_lists()
    actions.decline_proposal(Proposal.objects.get(), by=bruno)
    assert tasks.serve_waiting_lists() == 0
    assert why_not(platform) == ["A déjà refusé le véhicule qui est libre"]
    assert WaitingEntry.objects.get().state == State.WAITING


def test_the_list_writes_by_itself_where_the_platform_wants_it_and_the_person_answers(platform, entry, bea, car):
    RequestPolicy.objects.create(platform=platform, offers_by_itself=True)
    tasks.serve_waiting_lists()
    kept = Proposal.objects.get()
    message = OutboxMessage.objects.get(topic="sms", user_id=bea.user_id)
    assert "Bonne nouvelle" in message.payload["text"]
    assert outbox.LINK in message.payload["text"]
    loan = actions.accept_proposal(kept, by=bea.user)
    assert (loan.state, loan.promised_until) == (Booking.State.RESERVED, None)
    assert WaitingEntry.objects.get().state == State.SERVED
    refuses("not_provisional", actions.accept_proposal, kept, by=bea.user)


def test_silence_lets_the_next_have_it_and_twice_is_too_often(platform, entry, bruno):
    for day in (1, 4):
        with clock.travel(to=MONDAY + day * DAY):
            assert tasks.serve_waiting_lists() == 1
        with clock.travel(to=MONDAY + (day + 2) * DAY):
            assert tasks.expire_promises() == 1
    with clock.travel(to=MONDAY + 6 * DAY):
        assert tasks.serve_waiting_lists() == 0
        assert why_not(platform) == ["N’a pas répondu deux fois : appelez cette personne"]


def test_an_expired_proposal_that_is_tapped_is_refused_in_a_sentence(platform, entry, bea):
    RequestPolicy.objects.create(platform=platform, offers_by_itself=True)
    tasks.serve_waiting_lists()
    kept = Proposal.objects.get()
    with clock.travel(to=MONDAY + 2 * DAY):
        tasks.expire_promises()
        assert "Trop tard" in refuses("promise_expired", actions.accept_proposal, kept, by=bea.user)
        refuses("promise_expired", actions.decline_proposal, kept, by=bea.user)


def test_nothing_is_proposed_while_the_site_is_closed(platform, entry, monkeypatch):
    monkeypatch.setattr(promises, "is_closed", lambda site: True)
    assert tasks.serve_waiting_lists() == 0


def test_a_person_who_may_not_drive_it_is_passed_over_with_the_reason(platform, bruno, ana, car, tariff):
    ana.entitlements.update(not_entitled_until=dt.date(2027, 1, 1))
    joins(platform, ana, bruno)
    assert tasks.serve_waiting_lists() == 0
    assert "N’a pas le droit de conduire" in why_not(platform)[0]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"needs_automatic": True}, "Aucun véhicule ne répond aux besoins (boîte automatique, places)"),
        ({"kind": "moped"}, "Aucun véhicule de ce type dans le parc"),
    ],
)
def test_what_the_pool_does_not_have_is_said(platform, bea, bruno, car, more, reason):
    joins(platform, bea, bruno, **more)
    assert why_not(platform) == [reason]


def test_another_site_is_not_proposed_to_who_wants_one(platform, bea, bruno, car):
    mont = SiteFactory(platform=platform, name="Mont")
    joins(platform, bea, bruno, site=mont)
    assert why_not(platform) == ["Aucun véhicule de ce type à : Mont"]


def test_what_is_free_too_late_is_no_answer(platform, loan, bea, bruno, tariff):
    joins(platform, bea, bruno, latest_on=(MONDAY + 20 * DAY).date())
    assert why_not(platform) == ["Rien n’est libre 14 jours de suite à ces dates"]
    WaitingEntry.objects.update(latest_on=THIRTY_DAYS_LATER.date())
    place = waiting_reads.places_of(platform, promises.policy_of(platform.pk))[0]
    assert place.starts_at == THIRTY_DAYS_LATER


def test_joining_twice_or_impossibly_is_refused(platform, other_platform, entry, bea, bruno, eve):
    refuses("waits_already", joins, platform, bea, bruno)
    ana = ParticipantFactory(platform=platform)
    refuses("in_the_past", joins, platform, ana, bruno, earliest_at=MONDAY - 9 * DAY)
    refuses("latest_before_earliest", joins, platform, ana, bruno, latest_on=dt.date(2026, 2, 1))
    refuses("too_long", joins, platform, ana, bruno, days=400)
    refuses("other_platform", joins, platform, ana, bruno, site=SiteFactory(platform=other_platform))
    refuses("other_platform", joins, platform, ParticipantFactory(platform=other_platform), bruno)
    forbids(joins, platform, ana, eve)


def test_a_request_becomes_a_place_with_its_age(platform, ana, loan, bruno):
    asked = wish(platform, ParticipantFactory(platform=platform), bruno)
    entry = actions.wait_for_vehicle(asked, by=bruno)
    assert (entry.asked_at, entry.days) == (asked.request.submitted_at, 30)  # one of them is an hour shorter
    closed = Booking.objects.get(pk=asked.pk)
    assert (closed.state, closed.cancel_reason) == (Booking.State.CANCELLED, "Mis sur la liste d’attente")


def test_what_is_changed_while_a_vehicle_is_proposed_for_it_is_not_served(entry, bruno, car, monkeypatch):
    take = waiting.take_by_house_rules

    def and_somebody_changes_it(*args, **named):
        WaitingEntry.objects.filter(pk=entry.pk).update(days=3)
        return take(*args, **named)

    monkeypatch.setattr(waiting, "take_by_house_rules", and_somebody_changes_it)
    refuses("busy", actions.propose, entry, vehicle=car, by=bruno)


def test_whoever_leaves_the_list_leaves_no_vehicle_kept_for_them(entry, bruno, car, monkeypatch):
    lock, proposed = waiting.lock, []

    def and_somebody_proposes(row):
        if isinstance(row, WaitingEntry) and not proposed:
            proposed.append(row)
            actions.propose(entry, vehicle=car, by=bruno)
        return lock(row)

    monkeypatch.setattr(waiting, "lock", and_somebody_proposes)
    refuses("busy", actions.leave_waiting_list, entry, by=bruno, reason="N’en a plus besoin")


def test_proposing_by_hand(platform, other_platform, entry, bruno, eve, car, other_car, agathe):
    forbids(actions.propose, entry, vehicle=car, by=agathe)
    refuses("other_kind", actions.propose, entry, vehicle=VehicleFactory(site=car.site, moped=True), by=bruno)
    theirs = VehicleFactory(site__platform=other_platform)
    refuses("other_platform", actions.propose, entry, vehicle=theirs, by=bruno)
    kept = actions.propose(entry, vehicle=car, by=bruno)
    refuses("already_proposed", actions.propose, entry, vehicle=other_car, by=bruno)
    forbids(actions.offer, kept, by=eve)
    actions.offer(kept, by=bruno)
    refuses("already_offered", actions.offer, kept, by=bruno)
    stranger = ParticipantFactory(platform=platform).user
    forbids(actions.accept_proposal, kept, by=stranger)
    forbids(actions.decline_proposal, kept, by=stranger)


def test_leaving_the_list_frees_what_was_kept(platform, entry, bea, bruno, eve, car):
    actions.propose(entry, vehicle=car, by=bruno)
    forbids(actions.leave_waiting_list, entry, by=eve, reason="Non")
    actions.leave_waiting_list(entry, by=bea.user, reason="A trouvé un covoiturage")
    assert not car.holds.exists()
    assert WaitingEntry.objects.get().state == State.LEFT
    refuses("wrong_state", actions.leave_waiting_list, entry, by=bruno, reason="Encore")
    refuses("not_waiting", actions.propose, entry, vehicle=car, by=bruno)


def test_leaving_says_why(entry, bruno):
    refuses("reason_missing", actions.leave_waiting_list, entry, by=bruno, reason="")


def test_the_order_is_set_by_the_coordinator_and_is_whole(platform, bruno, driss):
    said = {
        "participants_may_ask": True, "offers_by_itself": False, "answer_hours": 48, "priority_audiences": ["rsa"],
        "order": ["work", "age", "audience"],
    }  # fmt: skip
    forbids(actions.save_request_policy, platform, by=bruno, **said)
    refuses("order_incomplete", actions.save_request_policy, platform, by=driss, **said | {"order": ["age"] * 3})
    refuses("hours_out_of_range", actions.save_request_policy, platform, by=driss, **said | {"answer_hours": 999})
    assert actions.save_request_policy(platform, by=driss, **said).order == ["work", "age", "audience"]


def test_a_week_is_a_week_on_the_wall_clock_of_the_platform(platform, bea, bruno, car, tariff):
    """Summer time begins on 29 March."""
    joins(platform, bea, bruno, earliest_at=dt.datetime(2026, 3, 25, 8, tzinfo=dt.UTC))
    tasks.serve_waiting_lists()
    kept = Booking.objects.get()
    with timezone.override("Europe/Paris"):
        hours = {timezone.localtime(at).hour for at in (kept.starts_at, kept.ends_at)}
    assert hours == {9}


def test_freeing_wakes_the_list(platform, loan, entry, bruno, django_capture_on_commit_callbacks):
    actions.cancel(loan, by=bruno, reason="Renonce")
    with django_capture_on_commit_callbacks(execute=True):
        outbox.sweep()
    assert Proposal.objects.get().entry == entry


def test_a_vehicle_that_must_not_run_is_proposed_to_nobody(platform, entry, car):
    Damage.objects.create(platform=platform, vehicle=car, sort="broken", severity=Damage.Severity.UNSAFE)
    assert tasks.serve_waiting_lists() == 0
    assert why_not(platform) == ["Un dégât de ce véhicule est noté « ne doit plus rouler »."]


# --- house rules ----------------------------------------------------------------------------------------

SINCE = dt.date(2026, 1, 1)


def test_whoever_breaks_a_house_rule_is_passed_over_with_the_reason_and_the_next_is_served(platform, entry, bruno, car):
    second = joins(platform, ParticipantFactory(platform=platform, first_name="Cyr"), bruno)
    LoanRules.objects.create(platform=platform, valid_from=SINCE, documents=["identity"])
    ParticipantDocument.objects.create(
        platform=platform, participant=second.participant, sort="identity", seen_on=SINCE, seen_by=bruno
    )
    assert why_not(platform)[0] == "Il manque : pièce d’identité."
    assert tasks.serve_waiting_lists() == 1
    assert Proposal.objects.get().entry == second


def test_a_proposal_that_is_refused_keeps_nobody_else_waiting(platform, entry, tariff, site, bruno):
    second = joins(platform, ParticipantFactory(platform=platform, first_name="Cyr"), bruno, kind="e_bike")
    VehicleFactory(site=site, e_bike=True)
    Tariff.objects.filter(pk=tariff.pk).update(kind="e_bike")  # no car is priced: the first is refused
    assert tasks.serve_waiting_lists() == 1
    assert Proposal.objects.get().entry == second


def test_a_proposal_leaves_the_time_to_make_the_vehicle_ready(platform, ana, entry, car, bruno):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, before_minutes=60, after_minutes=60)
    book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    assert tasks.serve_waiting_lists() == 1
    assert Proposal.objects.get().booking.starts_at >= MONDAY + DAY + HOUR


def test_a_proposal_gives_the_notice_that_the_rules_ask_for(platform, entry):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, notice_hours=72)
    assert tasks.serve_waiting_lists() == 1
    assert Proposal.objects.get().booking.starts_at == SUNDAY + 72 * HOUR + 15 * HOUR / 60


def test_a_loan_of_the_greatest_length_is_given_back_before_the_doors_close_not_after(
    platform, bea, bruno, car, tariff, site, driss
):
    """Twelve days from a Monday end on a Saturday: on Friday evening, for the rules allow no Monday."""
    set_opening_hours(site, week={day: [(dt.time(9), dt.time(17))] for day in range(5)}, by=driss)
    joins(platform, bea, bruno, days=12)
    with clock.travel(to=MONDAY):
        assert tasks.serve_waiting_lists() == 1
    free = Proposal.objects.get().booking
    assert free.ends_at.astimezone(timezone.get_current_timezone()).isoweekday() == 1
    actions.decline_proposal(Proposal.objects.get(), by=bruno)
    Proposal.objects.all().delete()
    LoanRules.objects.create(platform=platform, valid_from=SINCE, max_days=12)
    with clock.travel(to=MONDAY):
        assert tasks.serve_waiting_lists() == 1
    kept = Proposal.objects.get().booking
    assert kept.ends_at.astimezone(timezone.get_current_timezone()).isoweekday() == 5


def test_whoever_wanted_it_until_a_day_that_has_passed_is_said_to_be_too_late(platform, entry):
    WaitingEntry.objects.update(latest_on=clock.today())
    with clock.travel(to=MONDAY + 3 * DAY):
        assert why_not(platform) == ["Trop tard : ce n’était plus utile après le dimanche 1er\xa0mars\xa02026"]
        assert tasks.serve_waiting_lists() == 0


def test_a_rule_is_passed_for_somebody_who_waits(platform, entry, bruno, car):
    LoanRules.objects.create(platform=platform, valid_from=SINCE, documents=["identity"])
    refuses("rule_broken", actions.propose, entry, vehicle=car, by=bruno)
    assert not Booking.objects.exists()
    kept = actions.propose(entry, vehicle=car, by=bruno, passes=[Pass("documents", "paper_coming")])
    assert kept.booking.rule_passes.get().reason == "paper_coming"


def test_a_program_reads_the_order_and_what_each_could_have(platform, entry, bruno, car):
    second = joins(platform, ParticipantFactory(platform=platform, first_name="Cyr"), bruno)
    first, then = Program(bruno).get("waiting_entries/places/")
    assert (first["entry"], first["vehicle"], first["proposal"]) == (entry.pk, car.pk, None)
    assert (then["entry"], then["vehicle"], then["why_not"]) == (
        second.pk, None, "Rien n’est libre 14 jours de suite à ces dates",
    )  # fmt: skip
    assert first["reasons"][0] == "Pas de public prioritaire"


# --- what is waited for changes ---------------------------------------------------------------------------


def test_what_somebody_waits_for_is_put_right_and_they_keep_their_place(client, platform, entry, site, bruno):
    page = reverse("bookings:change_waiting", args=[entry.pk])
    client.force_login(bruno)
    assert page in client.get(reverse("bookings:waiting")).content.decode()
    typed = {"earliest_at": "2026-03-04T09:00", "days": "7", "site": site.pk, "work_starts_on": "2026-03-05"}
    assert client.post(page, typed).status_code == 302
    changed = WaitingEntry.objects.get()
    assert (changed.days, changed.site, changed.asked_at, changed.kind) == (7, site, entry.asked_at, "car")
    sent = {"earliest_at": (MONDAY + 9 * DAY).isoformat(), "days": 3}
    assert Program(bruno).post(f"waiting_entries/{entry.pk}/change/", **sent)["days"] == 3


def test_a_change_that_cannot_be_changes_nothing(platform, other_platform, entry, bruno, eve, bea):
    said = {"earliest_at": MONDAY + DAY, "days": 7}
    foreign = SiteFactory(platform=other_platform)
    for code, more in (
        ("in_the_past", {"earliest_at": MONDAY - 20 * DAY}),
        ("latest_before_earliest", {"latest_on": SUNDAY.date()}),
        ("too_long", {"days": 400}),
        ("other_platform", {"site": foreign}),
    ):
        refuses(code, actions.change_waiting, entry, by=bruno, **said | more)
    forbids(actions.change_waiting, entry, by=eve, **said)
    forbids(actions.change_waiting, entry, by=bea.user, **said)
    tasks.serve_waiting_lists()
    refuses("already_proposed", actions.change_waiting, entry, by=bruno, **said)
    actions.leave_waiting_list(entry, by=bruno, reason="Renonce")
    refuses("not_waiting", actions.change_waiting, entry, by=bruno, **said)
    assert WaitingEntry.objects.get().days == 14
