"""A loan is promised, given up, or closed."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import Platform, User
from bookings import dates, messages, perms
from bookings.actions.passes import Used, keep_passes, lock_person, refuse_or_pass, take_by_the_rules
from bookings.changes.settle import settle_return
from bookings.models import Assignment, Booking, Period
from bookings.offers.alternatives import in_a_sentence
from bookings.offers.choices import Choice, Needs, choices, nearest_alternatives, price
from bookings.requests import messages as request_messages
from bookings.requests import promises
from bookings.rules import approvals
from bookings.rules.house import Pass
from bookings.rules.reads import breaches_of, closed_at, terms_for
from core import clock
from core.db import action, become, lock, lock_all, refuse, require, save
from core.journal import note, record
from fleet import holds
from fleet.models import Hold, Kind, Site, Vehicle
from participants.models import Participant, Programme
from pricing import ledger

FEW = 16  # vehicles that are tried before the whole pool is read


@action
def book(
    platform: Platform,
    *,
    participant: Participant,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    vehicle: Vehicle | None = None,
    kind: str = "",
    needs_automatic: bool = False,
    needs_seats: int | None = None,
    programme: Programme | None = None,
    purpose: str = "",
    destination: str = "",
    promised_until: dt.datetime | None = None,
    passes: Sequence[Pass] = (),
) -> Booking:
    """Promises a vehicle to the participant for the half-open [starts_at, ends_at): this one, or one of the kind.

    The price is quoted and kept; nothing is charged before the keys are given. With `promised_until` it is « sous
    réserve »: freed by itself then, unless somebody confirms it. House rules that `passes` do not name are refused
    with `rule_broken`; what the law will refuse at the hand-over is only said. Refuses with `overlap`, `late`,
    `withdrawn`, `none_free`, `unfit`, `no_tariff`, `in_the_past`, `too_long`, `ends_before_start`, `other_platform`,
    `approval_needed`, `promise_over`.
    """
    require(perms.can_book(by, platform))
    dates.refuse_impossible(starts_at, ends_at, clock.now())
    dates.refuse_useless_promise(promised_until, ends_at, clock.now())
    refuse_strangers(platform, participant, vehicle, programme)
    programme = programme or participant.programme
    needs = Needs(vehicle.kind if vehicle else kind, needs_automatic, needs_seats)
    whose = (platform, participant, programme)
    hold, used = take_by_house_rules(*whose, needs, starts_at, ends_at, by=by, vehicle=vehicle, passes=passes)
    if promised_until is not None:
        promised_until = promises.in_opening_hours(hold.vehicle.site, promised_until)
    booking = agree(
        platform,
        participant=participant,
        starts_at=starts_at,
        ends_at=ends_at,
        by=by,
        needs=needs,
        programme=programme,
        purpose=purpose,
        destination=destination,
        promised_until=promised_until,
    )
    assign(booking, hold)
    keep_passes(booking, used, by)
    record(by, "booking.booked", booking, vehicle=hold.vehicle_id, kind=needs.kind)
    if promised_until is None:
        messages.promised(booking, hold.vehicle)
    else:
        request_messages.kept(booking, hold.vehicle)
    return booking


@action
def close(booking: Booking, *, by: User, reason: str) -> Booking:
    """Ends a loan whose vehicle is back while another was still promised to it: that promise is dropped, and what came
    on top is charged as at any return.

    Refuses with `vehicle_out` while any key is out, and `wrong_state`.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    if booking.assignments.out().exists():
        raise refuse("Un véhicule de ce prêt n’est pas encore rendu.", "vehicle_out")
    if booking.state == Booking.State.NOT_RETURNED:
        raise refuse("Ce prêt finira quand son véhicule sera retrouvé.", "wrong_state")
    become(booking, Booking.State.RETURNED)
    save(booking, "state")
    drop_promises(booking, Assignment.EndReason.CANCELLED)
    settle_return(booking, by)
    messages.returned(booking)
    record(by, "booking.closed", booking)
    note(by, booking, f"Prêt clos : {reason}")
    return booking


# --- steps ------------------------------------------------------------------------------------


def agree(
    platform: Platform,
    *,
    participant: Participant,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    needs: Needs,
    programme: Programme,
    purpose: str,
    destination: str,
    promised_until: dt.datetime | None = None,
) -> Booking:
    """Writes the agreement: account, deposit expected, booking, first period with its quote. Refuses `no_tariff`."""
    booking = Booking(
        platform=platform,
        participant=participant,
        programme=programme,
        kind=needs.kind,
        needs_automatic=needs.automatic,
        needs_seats=needs.seats,
        purpose=purpose,
        destination=destination,
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=by,
        promised_until=promised_until,
    )
    return agree_on_price(booking)


def agree_on_price(booking: Booking) -> Booking:
    """The booking is written with an account of its own, the deposit expected, and its first period as quoted today.

    Refuses with `no_tariff`.
    """
    person, start, end = booking.participant, booking.starts_at, booking.ends_at
    label = Kind(booking.kind).label
    priced = price(booking.platform, booking.kind, start, end, programme=booking.programme, participant=person)
    if priced is None:
        raise refuse(
            f"Aucun tarif ne vaut ce jour-là pour « {label} ». Ajoutez-en un dans Réglages, Tarifs.", "no_tariff"
        )
    tariff, quote = priced
    booking.account = ledger.open_account(person, title=f"Prêt : {label.lower()}")
    if quote.deposit:
        ledger.expect_deposit(booking.account, quote.deposit)
    save(booking)
    first = Period(platform=booking.platform, booking=booking, starts_at=start, ends_at=end, tariff=tariff)
    first.quote, first.total = quote.as_json(), quote.total
    save(first)
    return booking


def assign(booking: Booking, hold: Hold) -> Assignment:
    """Gives the loan the vehicle that the hold has taken."""
    return save(
        Assignment(
            platform_id=booking.platform_id,
            booking=booking,
            vehicle=hold.vehicle,
            hold=hold,
            site_id=hold.vehicle.site_id,
            starts_at=hold.plan_starts_at,
            ends_at=hold.plan_ends_at,
        )
    )


def take(vehicle: Vehicle, start: dt.datetime, end: dt.datetime, needs: Needs) -> Hold:
    """Takes the vehicle for the loan, with the turnaround that it needs."""
    margins = {"before": needs.before, "after": needs.after, "squeezing": needs.squeezing}
    return holds.take(vehicle, start, end, purpose=Hold.Purpose.LOAN, **margins)  # type: ignore[arg-type]


def take_by_house_rules(
    platform: Platform,
    participant: Participant,
    programme: Programme,
    needs: Needs,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    by: User,
    vehicle: Vehicle | None = None,
    passes: Sequence[Pass] = (),
    promising: bool = True,
) -> tuple[Hold, Used]:
    """The hold for a loan that is promised, and which house rules were passed for it.

    Refuses with `approval_needed` where `by` may not promise alone; not for what is only kept (`promising` false).
    """
    rules = terms_for(platform, needs.kind, programme, starts_at)
    if promising:
        approvals.refuse_unapproved(by, platform, rules)
    lock_person(participant, rules)
    what = vehicle or needs.kind
    broken = breaches_of(platform, participant, what, starts_at, ends_at, programme, rules=rules)
    used = refuse_or_pass(None, broken, passes, by, platform=platform)
    needs = needs.around(rules.margins)
    if vehicle is not None:
        refuse_unfit(vehicle, needs)
        taking = partial(take_or_name_others, platform, vehicle, starts_at, ends_at)
    else:
        taking = partial(take_one_of_kind, platform, participant, starts_at, ends_at)
    hold, squeezed = take_by_the_rules(taking, needs, rules, passes, by, platform)
    if vehicle is None:
        shut = closed_at(platform, hold.vehicle, starts_at, ends_at, rules)
        used += refuse_or_pass(None, shut, passes, by, platform=platform)
    return hold, [*used, *squeezed]


def take_one_of_kind(
    platform: Platform, participant: Participant, start: dt.datetime, end: dt.datetime, needs: Needs
) -> Hold:
    try:
        return take_first_free(partial(choices, platform, needs, start, end, participant), needs, start, end)
    except ValidationError as refusal:
        if refusal.code != "none_free":
            raise
        raise refuse(f"{refusal.message}{in_a_sentence(platform, needs, start, end)}", "none_free") from refusal


def take_or_name_others(
    platform: Platform, vehicle: Vehicle, start: dt.datetime, end: dt.datetime, needs: Needs
) -> Hold:
    """Takes this vehicle, or refuses with what is free instead."""
    try:
        return take(vehicle, start, end, needs)
    except ValidationError as refusal:
        if refusal.code not in {"overlap", "late"} or is_over(refusal):
            raise
        others = nearest_alternatives(platform, needs, start, end, but=vehicle)
        instead = (
            f"Libres à ces dates : {', '.join(str(v) for v in others)}."
            if others
            else f"Aucun autre véhicule « {Kind(needs.kind).label} » n’est libre à ces dates."
            f"{in_a_sentence(platform, needs, start, end)}"
        )
        raise refuse(f"{refusal.message} {instead}", refusal.code) from refusal


def take_first_free(offered: Callable[..., list[Choice]], needs: Needs, start: dt.datetime, end: dt.datetime) -> Hold:
    """Takes the first that is still free, passing over those that somebody else is taking at this moment.

    `offered` is `offers.choices`, wanting only its `limit`: the first few nearly always do. When all that were free
    are being taken, it waits for them in id order. Refuses with `none_free`.
    """
    tried: dict[int, None] = {}
    for limit in (FEW, None):
        found = offered(limit=limit)
        for pk in [choice.vehicle.pk for choice in found if choice.possible and choice.vehicle.pk not in tried]:
            tried[pk] = None
            if (vehicle := lock_unless_taken(pk)) and (hold := take_if_free(vehicle, start, end, needs)):
                return hold
        if len(found) < FEW:
            break
    for vehicle in lock_all(Vehicle, tried):
        if hold := take_if_free(vehicle, start, end, needs):
            return hold
    raise refuse(
        f"Aucun véhicule « {Kind(needs.kind).label} » n’est libre à ces dates pour cette personne. "
        "Essayez d’autres dates ou un autre type.",
        "none_free",
    )


def lock_unless_taken(pk: int) -> Vehicle | None:
    """The vehicle, ours until the transaction ends; None when somebody has it, or it is gone."""
    return Vehicle.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()


def take_if_free(vehicle: Vehicle, start: dt.datetime, end: dt.datetime, needs: Needs) -> Hold | None:
    """`holds.take` of a vehicle that we have locked; its refusal came before any write, so we may go on."""
    try:
        return take(vehicle, start, end, needs)
    except ValidationError as refusal:
        if is_over(refusal):
            raise
        return None


def is_over(refusal: ValidationError) -> bool:
    """The constraint itself refused: PostgreSQL answers nothing more in this transaction."""
    return isinstance(refusal.__cause__, IntegrityError)


def refuse_unfit(vehicle: Vehicle, needs: Needs) -> None:
    """Refuses with `unfit` a vehicle that is not as asked. What the law forbids is said when a vehicle is promised,
    and refused when the keys are given (bookings/rules/law.py)."""
    if not needs.are_met_by(vehicle):
        raise refuse("Ce véhicule ne répond pas aux besoins demandés (boîte automatique, places).", "unfit")


def refuse_strangers(platform: Platform, *rows: Participant | Vehicle | Programme | Booking | Site | None) -> None:
    """Nothing of another platform enters a loan; a door that let it through finds out here."""
    if any(row is not None and row.platform_id != platform.pk for row in rows):
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")


def lock_vehicles(booking: Booking) -> list[Vehicle]:
    """The vehicles of the loan's current assignments, before the booking itself is locked."""
    return lock_all(Vehicle, booking.assignments.current().values_list("vehicle_id", flat=True))


def drop_promises(booking: Booking, how: str) -> None:
    """Ends the assignments whose vehicle has not left and frees those vehicles."""
    for assignment in booking.assignments.current().select_related("hold__vehicle"):
        hold = assignment.hold
        assignment.hold, assignment.ended_at, assignment.end_reason = None, clock.now(), how
        save(assignment)
        if hold is not None:
            holds.release(hold)
