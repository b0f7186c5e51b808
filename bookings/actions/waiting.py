"""Somebody waits for a vehicle; one that is freed is kept for the first whom it fits, until they answer, then the next.

A proposal is a loan promised « sous réserve » (actions/requests.py): the vehicle is really kept, and expires as any
such promise does.
"""

import datetime as dt
from collections.abc import Sequence

from accounts.models import Platform, User
from accounts.perms import acts_as_machine
from bookings import dates, perms
from bookings.actions.loan import (
    agree,
    assign,
    drop_promises,
    lock_vehicles,
    refuse_strangers,
    take_by_house_rules,
)
from bookings.actions.passes import keep_passes
from bookings.actions.requests import refuse_firm, refuse_other_site, refuse_recurring, request_of
from bookings.changes import deposit
from bookings.models import Assignment, Booking, LoanRequest, Proposal, RequestPolicy, WaitingEntry
from bookings.offers.choices import Needs
from bookings.requests import messages as request_messages
from bookings.requests import promises
from bookings.rules import approvals
from bookings.rules.house import Pass
from bookings.rules.reads import terms_for
from bookings.waiting import order as waiting
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from fleet.models import Site, Vehicle
from fleet.opening import hours_of_site
from participants.models import Participant, Programme

ON_THE_LIST = "Mis sur la liste d’attente"
DECLINED = "Proposition refusée"
AN_HOUR = dt.timedelta(hours=1)


@action
def join_waiting_list(
    platform: Platform,
    *,
    participant: Participant,
    kind: str,
    earliest_at: dt.datetime,
    days: int,
    by: User,
    site: Site | None = None,
    latest_on: dt.date | None = None,
    work_starts_on: dt.date | None = None,
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    programme: Programme | None = None,
    purpose: str = "",
    destination: str = "",
) -> WaitingEntry:
    """Puts somebody on the list for a kind, from a moment on, for so many days; once for each kind.

    Refuses with `waits_already`, `in_the_past`, `too_long`, `latest_before_earliest`, `other_platform`.
    """
    require(perms.can_book(by, platform))
    refuse_strangers(platform, participant, programme)
    refuse_other_site(platform, site)
    dates.refuse_impossible(earliest_at, earliest_at + dt.timedelta(days=max(days, 1)), clock.now())
    refuse_never(platform, earliest_at, latest_on)
    entry = WaitingEntry(
        platform=platform,
        participant=participant,
        programme=programme or participant.programme,
        kind=kind,
        needs_automatic=needs_automatic,
        needs_seats=needs_seats,
        site=site,
        earliest_at=earliest_at,
        days=days,
        latest_on=latest_on,
        work_starts_on=work_starts_on,
        purpose=purpose,
        destination=destination,
        created_by=by,
    )
    save(entry)
    record(by, "waiting.joined", entry, kind=kind)
    return entry


@action
def wait_for_vehicle(booking: Booking, *, by: User, latest_on: dt.date | None = None) -> WaitingEntry:
    """Nothing is free for this request: the person waits on the list instead, since they asked.

    The request is closed, its age stays. Refuses with `not_a_request`, `recurring_request`, and as
    `join_waiting_list` does.
    """
    booking = lock(booking)
    require(perms.can_change(by, booking))
    asked: LoanRequest = request_of(booking)
    refuse_recurring(asked)
    now, zone = clock.now(), booking.platform.time_zone
    first, last = clock.local_date(booking.starts_at, zone), clock.local_date(booking.ends_at, zone)
    entry = join_waiting_list(
        booking.platform,
        participant=booking.participant,
        kind=booking.kind,
        earliest_at=max(booking.starts_at, now),
        days=max((last - first).days, 1),
        by=by,
        site=asked.site,
        latest_on=latest_on,
        work_starts_on=asked.work_starts_on,
        needs_automatic=booking.needs_automatic,
        needs_seats=booking.needs_seats,
        programme=booking.programme,
        purpose=booking.purpose,
        destination=booking.destination,
    )
    entry.asked_at = asked.submitted_at or booking.created_at
    save(entry, "asked_at")
    become(booking, Booking.State.CANCELLED)
    booking.cancelled_at, booking.cancel_reason = now, ON_THE_LIST
    save(booking, "state", "cancelled_at", "cancel_reason")
    record(by, "booking.waits", booking, entry=entry.pk)
    request_messages.waits(booking)
    return entry


@action
def change_waiting(
    entry: WaitingEntry,
    *,
    earliest_at: dt.datetime,
    days: int,
    by: User,
    site: Site | None = None,
    latest_on: dt.date | None = None,
    work_starts_on: dt.date | None = None,
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    purpose: str = "",
    destination: str = "",
) -> WaitingEntry:
    """What somebody waits for is put right; they keep their age on the list. What is kept for them is answered first.

    Refuses with `not_waiting`, `already_proposed`, and as `join_waiting_list` does.
    """
    entry = lock(entry)
    require(perms.can_book(by, entry.platform))
    refuse_who_does_not_wait(entry)
    refuse_other_site(entry.platform, site)
    if earliest_at != entry.earliest_at.replace(second=0, microsecond=0):  # as people type it
        dates.refuse_impossible(earliest_at, earliest_at + dt.timedelta(days=max(days, 1)), clock.now())
    refuse_never(entry.platform, earliest_at, latest_on)
    entry.earliest_at, entry.days, entry.latest_on = earliest_at, days, latest_on
    entry.site, entry.work_starts_on = site, work_starts_on
    entry.needs_automatic, entry.needs_seats = needs_automatic, needs_seats
    entry.purpose, entry.destination = purpose, destination
    save(entry)
    record(by, "waiting.changed", entry)
    return entry


@action
def propose(
    entry: WaitingEntry,
    *,
    vehicle: Vehicle,
    by: User,
    starts_at: dt.datetime | None = None,
    passes: Sequence[Pass] = (),
) -> Proposal:
    """Keeps the vehicle for this person until they have answered; nothing is said to them yet (`offer`).

    Refuses with `not_waiting`, `already_proposed`, `other_kind`, and as `book` does.
    """
    require(perms.can_book(by, entry.platform))
    platform, now = entry.platform, clock.now()
    wished = what_is_wished(entry)
    refuse_strangers(platform, vehicle)
    if vehicle.kind != entry.kind:
        raise refuse("Cette personne attend un autre type de véhicule.", "other_kind")
    start = starts_at or promises.in_opening_hours(vehicle.site, max(entry.earliest_at, now))
    rules = terms_for(platform, entry.kind, entry.programme, start)
    end = waiting.end_of(start, entry.days, hours_of_site(vehicle.site), rules, platform.time_zone)
    dates.refuse_impossible(start, end, now)
    needs = Needs(entry.kind, entry.needs_automatic, entry.needs_seats)
    whose = (platform, entry.participant, entry.programme)
    hold, used = take_by_house_rules(
        *whose, needs, start, end, by=by, vehicle=vehicle, passes=passes, promising=False
    )  # fmt: skip
    entry = lock(entry)  # after the vehicle; somebody else may be proposing something to the same person
    refuse_who_does_not_wait(entry)
    if what_is_wished(entry) != wished:
        raise refuse("Ce que cette personne attend vient de changer. Rechargez la page.", "busy")
    policy = promises.policy_of(entry.platform_id)
    until = promises.in_opening_hours(vehicle.site, now + dt.timedelta(hours=policy.answer_hours))
    booking = agree(
        platform,
        participant=entry.participant,
        starts_at=start,
        ends_at=end,
        by=by,
        needs=needs,
        programme=entry.programme,
        purpose=entry.purpose,
        destination=entry.destination,
        promised_until=min(until, end - AN_HOUR),
    )
    assign(booking, hold)
    keep_passes(booking, used, by)
    proposal = save(Proposal(platform=platform, entry=entry, booking=booking, vehicle=vehicle))
    record(by, "waiting.proposed", booking, entry=entry.pk, vehicle=vehicle.pk)
    return proposal


@action
def offer(proposal: Proposal, *, by: User) -> Proposal:
    """Writes to the person: they say yes or no on their page, with one tap. Refuses `promise_expired`,
    `not_provisional`, `already_offered`, `approval_needed`."""
    booking = locked_booking(proposal)
    require(perms.can_book(by, booking.platform))
    refuse_firm(booking)
    proposal = lock(proposal)
    if proposal.told_at is not None:
        raise refuse("La personne a déjà reçu cette proposition.", "already_offered")
    approvals.refuse_without_approval(by, booking)
    proposal.told_at = clock.now()
    save(proposal, "told_at")
    record(by, "waiting.offered", booking)
    request_messages.offered(booking, proposal.vehicle)
    return proposal


@action
def accept_proposal(proposal: Proposal, *, by: User) -> Booking:
    """The person wants it (or says so by telephone): the loan is firm, and they wait no longer.

    Refuses `promise_expired`, `not_provisional`, `approval_needed`.
    """
    booking = locked_booking(proposal)
    require(perms.can_wait(by, proposal.entry))
    refuse_firm(booking)
    if not itself(proposal, by):
        approvals.refuse_without_approval(by, booking)
    promises.make_firm(booking)
    record(by, "waiting.accepted", booking, entry=proposal.entry_id)
    request_messages.confirmed(booking)
    return booking


@action
def decline_proposal(proposal: Proposal, *, by: User) -> Booking:
    """The person does not want this vehicle: it is free for the next, and they go on waiting for another.

    Refuses `promise_expired`, `not_provisional`.
    """
    booking = locked_booking(proposal)
    require(perms.can_wait(by, proposal.entry))
    refuse_firm(booking)
    become(booking, Booking.State.CANCELLED)
    booking.cancelled_at, booking.cancel_reason = clock.now(), DECLINED
    save(booking, "state", "cancelled_at", "cancel_reason")
    drop_promises(booking, Assignment.EndReason.CANCELLED)
    deposit.no_longer_expected(booking.account, DECLINED)
    record(by, "waiting.declined", booking, entry=proposal.entry_id)
    return booking


@action
def leave_waiting_list(entry: WaitingEntry, *, by: User, reason: str) -> WaitingEntry:
    """They wait no longer; what was kept for them is free. Refuses `wrong_state`, `reason_missing`."""
    kept = Proposal.objects.open().filter(entry=entry).first()
    if kept is not None:
        decline_proposal(kept, by=by)
    entry = lock(entry)
    require(perms.can_wait(by, entry))
    if Proposal.objects.open().filter(entry=entry).exists():
        raise refuse("Un véhicule vient d’être gardé pour cette personne. Rechargez la page.", "busy")
    become(entry, WaitingEntry.State.LEFT)
    entry.left_at, entry.left_reason = clock.now(), reason
    save(entry)
    record(by, "waiting.left", entry)
    return entry


@action
def save_request_policy(
    platform: Platform,
    *,
    by: User,
    participants_may_ask: bool,
    offers_by_itself: bool,
    answer_hours: int,
    order: list[str],
    priority_audiences: list[str],
) -> RequestPolicy:
    """Sets how requests come in and the waiting list is served. Refuses `hours_out_of_range`, `order_incomplete`."""
    require(perms.can_set_request_policy(by, platform))
    if sorted(order) != sorted(RequestPolicy.Order.values):
        raise refuse("Chaque critère a une place, et une seule.", "order_incomplete")
    policy = promises.policy_of(platform.pk)
    policy.platform = platform
    policy.participants_may_ask, policy.offers_by_itself = participants_may_ask, offers_by_itself
    policy.answer_hours, policy.order, policy.priority_audiences = answer_hours, order, sorted(priority_audiences)
    policy.changed_at = clock.now()
    save(policy)
    record(by, "request_policy.saved", policy, order=order, offers_by_itself=offers_by_itself)
    return policy


# --- steps ------------------------------------------------------------------------------------


def locked_booking(proposal: Proposal) -> Booking:
    """The proposal's loan, fresh and ours, its vehicle before it."""
    lock_vehicles(proposal.booking)
    return lock(proposal.booking)


def itself(proposal: Proposal, by: User) -> bool:
    return proposal.entry.participant.user_id == by.pk


def what_is_wished(entry: WaitingEntry) -> tuple[object, ...]:
    """What a vehicle is kept for."""
    return entry.earliest_at, entry.days, entry.needs_automatic, entry.needs_seats


def refuse_never(platform: Platform, earliest_at: dt.datetime, latest_on: dt.date | None) -> None:
    if latest_on is not None and latest_on < clock.local_date(earliest_at, platform.time_zone):
        raise refuse("Le dernier jour utile vient avant le premier.", "latest_before_earliest")


def refuse_who_does_not_wait(entry: WaitingEntry) -> None:
    if entry.state != WaitingEntry.State.WAITING:
        raise refuse("Cette personne n’attend plus.", "not_waiting")
    if Proposal.objects.open().filter(entry=entry).exists():
        raise refuse("Un véhicule est déjà gardé pour cette personne.", "already_proposed")


def writes_by_itself(proposal: Proposal, policy: RequestPolicy, by: User) -> bool:
    """The platform wants the list to write, and nobody must say yes first."""
    if not policy.offers_by_itself or not acts_as_machine(by, proposal.platform_id):
        return False
    return not approvals.approvers(approvals.terms_of(proposal.booking))
