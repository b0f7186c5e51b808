"""A loan is asked for and answered: papers, approval, refusal; a promise « sous réserve » becomes firm, or expires."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError

from accounts.models import Platform, User
from bookings import dates, messages, perms
from bookings.actions.loan import (
    agree_on_price,
    assign,
    drop_promises,
    lock_vehicles,
    refuse_strangers,
    take_by_house_rules,
)
from bookings.actions.passes import Used, keep_passes
from bookings.changes import deposit
from bookings.models import Assignment, Booking, LoanRequest, Proposal
from bookings.offers.choices import Needs
from bookings.requests import messages as request_messages
from bookings.requests import promises
from bookings.rules import approvals
from bookings.rules.house import Pass
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from fleet.models import Hold, Kind, Site, Vehicle
from participants.models import Participant, Programme

State = Booking.State


@action
def request_loan(
    platform: Platform,
    *,
    participant: Participant,
    kind: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    programme: Programme | None = None,
    purpose: str = "",
    destination: str = "",
    why: str = "",
    work_starts_on: dt.date | None = None,
    site: Site | None = None,
    as_draft: bool = False,
) -> Booking:
    """Writes down that somebody needs a vehicle of a kind. None is taken, and nothing priced, before the answer.

    Refuses with `request_open` (this person already waits for an answer), `in_the_past`, `too_long`,
    `ends_before_start`, `other_platform`.
    """
    require(perms.can_request(by, participant))
    dates.refuse_impossible(starts_at, ends_at, clock.now())
    refuse_strangers(platform, participant, programme)
    refuse_other_site(platform, site)
    lock(participant)  # two taps are one request
    refuse_while_open(participant, kind)
    itself = participant.user_id == by.pk
    draft = as_draft and not itself
    booking = save(
        Booking(
            platform=platform,
            participant=participant,
            programme=programme or participant.programme,
            state=State.DRAFT if draft else State.AWAITING_APPROVAL,
            kind=kind,
            needs_automatic=needs_automatic,
            needs_seats=needs_seats,
            purpose=purpose,
            destination=destination,
            starts_at=starts_at,
            ends_at=ends_at,
            created_by=by,
        )
    )
    asked = LoanRequest(platform=platform, booking=booking, asked_by=by, why=why, work_starts_on=work_starts_on)
    asked.site, asked.submitted_at = site, None if draft else clock.now()
    save(asked)
    record(by, "booking.drafted" if draft else "booking.requested", booking, kind=kind)
    return booking


@action
def change_request(
    booking: Booking,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    kind: str,
    by: User,
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    purpose: str = "",
    destination: str = "",
    work_starts_on: dt.date | None = None,
    site: Site | None = None,
) -> Booking:
    """What is asked for is put right before it is answered. Refuses `not_a_request`, `recurring_request`, and as
    `request_loan` does."""
    lock(booking.participant)  # who asks for such a vehicle at this moment waits
    booking = lock(booking)
    require(perms.can_change(by, booking))
    asked = request_of(booking)
    refuse_recurring(asked)
    dates.refuse_impossible(starts_at, ends_at, clock.now())
    refuse_other_site(booking.platform, site)
    if kind != booking.kind:
        refuse_while_open(booking.participant, kind)
    booking.starts_at, booking.ends_at, booking.kind = starts_at, ends_at, kind
    booking.needs_automatic, booking.needs_seats = needs_automatic, needs_seats
    booking.purpose, booking.destination = purpose, destination
    save(booking)
    asked.work_starts_on, asked.site = work_starts_on, site
    save(asked, "work_starts_on", "site")
    record(by, "booking.request_changed", booking, kind=kind)
    return booking


@action
def submit(booking: Booking, *, by: User) -> Booking:
    """The draft is sent, or the papers that were missing are there: it waits for its answer. Refuses `wrong_state`."""
    booking = lock(booking)
    require(perms.can_change(by, booking))
    become(booking, State.AWAITING_APPROVAL)
    save(booking, "state")
    asked = request_of(booking)
    if asked.submitted_at is None:
        asked.submitted_at = clock.now()
        save(asked, "submitted_at")
    record(by, "booking.submitted", booking)
    return booking


@action
def ask_for_documents(booking: Booking, documents: Sequence[str], *, by: User) -> Booking:
    """The request waits for these papers, and the participant is told which. Refuses `documents_missing` when none is
    named, `not_a_request`."""
    booking = lock(booking)
    require(perms.can_change(by, booking))
    asked = request_of(booking)
    if not documents:
        raise refuse("Choisissez au moins un papier.", "documents_missing")
    if booking.state != State.AWAITING_DOCUMENTS:
        become(booking, State.AWAITING_DOCUMENTS)
        save(booking, "state")
    asked.papers, asked.papers_asked_at = sorted(set(documents)), clock.now()
    asked.submitted_at = asked.submitted_at or clock.now()
    save(asked, "papers", "papers_asked_at", "submitted_at")
    record(by, "booking.documents_asked", booking, documents=asked.papers)
    request_messages.papers_asked(booking, asked.papers_in_words)
    return booking


@action
def approve(
    booking: Booking,
    *,
    by: User,
    vehicle: Vehicle | None = None,
    promised_until: dt.datetime | None = None,
    passes: Sequence[Pass] = (),
) -> Booking:
    """Says yes: takes the vehicle (this one, or the first of the kind that fits) and prices the loan as of today.

    With `promised_until` it stays « sous réserve ». Of two approvals for one slot exactly one succeeds. Refuses with
    `not_a_request`, `recurring_request`, `approval_needed`, and as `book` does.
    """
    asked = request_of(booking)
    require(perms.can_decide(by, booking))
    refuse_recurring(asked)
    needs = Needs(vehicle.kind if vehicle else booking.kind, booking.needs_automatic, booking.needs_seats)
    platform, person, start, end = booking.platform, booking.participant, booking.starts_at, booking.ends_at
    dates.refuse_impossible(start, end, clock.now())
    dates.refuse_useless_promise(promised_until, end, clock.now())
    wished = what_is_wished(booking)
    hold, used = take_for(booking, needs, vehicle, asked.site, by, passes)
    booking = lock(booking)  # after the vehicle, as everywhere; somebody may have been quicker
    if what_is_wished(booking) != wished:
        raise refuse("Cette demande vient de changer. Rechargez la page.", "busy")
    become(booking, State.RESERVED)
    booking.platform, booking.participant = platform, person
    booking.kind = needs.kind
    if promised_until is not None:
        booking.promised_until = promises.in_opening_hours(hold.vehicle.site, promised_until)
    agree_on_price(booking)
    assign(booking, hold)
    keep_passes(booking, used, by)
    decided(asked, by)
    record(by, "booking.approved", booking, vehicle=hold.vehicle_id, kind=needs.kind)
    if booking.promised_until is None:
        messages.promised(booking, hold.vehicle)
    else:
        request_messages.kept(booking, hold.vehicle)
    return booking


@action
def refuse_request(booking: Booking, *, by: User, reason: str, note: str = "") -> Booking:
    """Says no, with a reason from the list and words for the staff. Refuses `wrong_state`, `reason_missing`."""
    booking = lock(booking)
    require(perms.can_decide(by, booking))
    approvals.refuse_without_approval(by, booking)
    asked = request_of(booking)
    become(booking, State.REFUSED)
    booking.refusal = reason
    save(booking, "state", "refusal")
    asked.answer = note
    decided(asked, by)
    record(by, "booking.refused", booking, reason=reason)
    request_messages.refused(booking)
    return booking


@action
def confirm(booking: Booking, *, by: User) -> Booking:
    """A promise « sous réserve » becomes firm. Refuses `not_provisional`."""
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    refuse_firm(booking)
    if Proposal.objects.filter(booking=booking).exists():  # only kept until now: somebody must be allowed to promise it
        approvals.refuse_without_approval(by, booking)
    promises.make_firm(booking)
    record(by, "booking.confirmed", booking)
    request_messages.confirmed(booking)
    return booking


@action
def expire(booking: Booking, *, by: User) -> Booking:
    """The hour of a promise has passed and nobody confirmed it: its vehicle is free again. For the machine.

    Refuses with `not_provisional`, `not_due`, `closed` (nobody is there whom the person could have called), and
    `at_the_kerb` while a departure report is being written.
    """
    vehicles = lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_expire(by, booking))
    refuse_firm(booking)
    now = clock.now()
    assert booking.promised_until is not None
    if now < booking.promised_until:
        raise refuse("L’heure de cette promesse n’est pas passée.", "not_due")
    if any(promises.is_closed(vehicle.site) for vehicle in vehicles):
        raise refuse("Le site est fermé : rien n’expire maintenant.", "closed")
    if booking.assignments.current().filter(reports__isnull=False).exists():
        raise refuse("Les clés de ce prêt sont en train d’être remises.", "at_the_kerb")
    become(booking, State.EXPIRED)
    save(booking, "state")
    drop_promises(booking, Assignment.EndReason.EXPIRED)
    deposit.no_longer_expected(booking.account, "Promesse expirée")
    record(by, "booking.expired", booking)
    request_messages.expired(booking)
    return booking


# --- steps ------------------------------------------------------------------------------------


def what_is_wished(booking: Booking) -> tuple[object, ...]:
    """What a vehicle is taken for."""
    return booking.starts_at, booking.ends_at, booking.kind, booking.needs_automatic, booking.needs_seats


def request_of(booking: Booking) -> LoanRequest:
    """How it was asked for; refuses `not_a_request` what is promised or over, and what was never asked for."""
    asked = LoanRequest.objects.filter(booking=booking).select_related("site").first()
    if asked is None or not booking.is_request:
        raise refuse(
            f"Cette demande a déjà sa réponse : l’état est « {booking.get_state_display()} ».", "not_a_request"
        )
    return asked


def refuse_recurring(asked: LoanRequest) -> None:
    """What is done with one loan is not done with all dates of a recurring one. Refuses `recurring_request`."""
    if asked.pattern:
        raise refuse(
            "Cette demande est celle d’un prêt régulier : regardez ses dates, changez-les au besoin, et approuvez.",
            "recurring_request",
        )


def refuse_while_open(participant: Participant, kind: str) -> None:
    """One open request a person and kind: a second one would be answered twice."""
    first = Booking.objects.filter(participant=participant, kind=kind, state__in=Booking.REQUESTS).first()
    if first is not None:
        raise refuse(
            f"Une demande ({Kind(kind).label.lower()}) attend déjà une réponse pour cette personne : {first}. "
            "Changez celle-là.",
            "request_open",
        )


def refuse_other_site(platform: Platform, site: Site | None) -> None:
    if site is not None and site.platform_id != platform.pk:
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")


def refuse_firm(booking: Booking) -> None:
    if booking.state == State.EXPIRED:
        raise refuse("Trop tard : cette promesse a expiré, le véhicule n’est plus gardé.", "promise_expired")
    if not booking.is_provisional:
        raise refuse("Ce prêt n’est pas promis sous réserve.", "not_provisional")


def take_for(
    booking: Booking, needs: Needs, vehicle: Vehicle | None, site: Site | None, by: User, passes: Sequence[Pass]
) -> tuple[Hold, Used]:
    """The vehicle that was chosen, or the first of the kind that the person may drive, at the wished site first."""
    refuse_strangers(booking.platform, vehicle)
    wish = (booking.platform, booking.participant, booking.programme)
    span = (booking.starts_at, booking.ends_at)
    if vehicle is None and site is not None:
        try:
            return take_by_house_rules(*wish, replace(needs, site=site.pk), *span, by=by, passes=passes)
        except ValidationError as refusal:  # before any write
            if refusal.code != "none_free":
                raise
    return take_by_house_rules(*wish, needs, *span, by=by, vehicle=vehicle, passes=passes)


def decided(asked: LoanRequest, by: User) -> None:
    asked.decided_by, asked.decided_at = by, clock.now()
    save(asked, "answer", "decided_by", "decided_at")
