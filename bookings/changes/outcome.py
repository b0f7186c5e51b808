"""What a change of dates would make of a loan: its periods, its price, what stands in the way. Reads only.

Pages and programs show a `Change` before it is confirmed; the actions work it out again under their locks and carry
it out, so that what was shown is what happens, or is refused with the new price.

A signed page is never rewritten. What makes a loan longer lengthens its last period as long as nobody signed for it
(the keys are still here, or its page waits for a signature); beyond a signed one it is a new period with a page of
its own. What makes it shorter asks for no signature: it is in the participant's favour.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from bookings import dates
from bookings.changes.room import WITHOUT_VEHICLE, look_for_room, look_in_window, serving, vehicle_of
from bookings.changes.values import (
    BringBack,
    Change,
    EndWithoutReturn,
    Exchange,
    Extend,
    GiveUp,
    Move,
    Refusal,
    Renew,
    Shorten,
    Stretch,
    Wished,
)
from bookings.models import Assignment, Booking, Period
from bookings.offers import choices as offers
from bookings.rules.reads import breaches_of, terms_for
from bookings.series.steps import moved_share
from core import clock, words
from core.db import refuse
from fleet.models import Kind, Vehicle
from pricing.models import Charge, Deposit, Tariff
from pricing.tariffs import STARTED_24H, Quote, Terms, late_days, quote


def preview(booking: Booking, wished: Wished) -> Change:
    """The change as it would be now; what is refused stands in `refusals`."""
    now = clock.now()
    match wished:
        case Extend(until):
            return extension(booking, until, now)
        case Shorten(until):
            return shortening(booking, until, now)
        case Renew(until):
            return renewal(booking, until, now)
        case Move():
            return moving(booking, wished, now)
        case Exchange(vehicle):
            return exchange(booking, vehicle, now)
        case GiveUp(reason):
            return giving_up(booking, reason, now)
        case BringBack(at):
            return bringing_back(booking, at)
        case EndWithoutReturn(rent_until):
            return ending_without_return(booking, rent_until)


# --- each change ------------------------------------------------------------------------------------


def extension(booking: Booking, until: dt.datetime, now: dt.datetime) -> Change:
    """Lengthens the last period, or beyond a signed one adds a new period."""
    before = stretches_of(booking)
    change = begun("extended", booking, before, ends_at=until)
    if not in_state(change, booking, Booking.OPEN) or not longer(change, booking, until, now):
        return change
    if is_signed(booking, before[-1]):
        add_period(change, booking, until, now)
    else:
        change.after = [*before[:-1], priced_until(booking, before[-1], until)]
    ask_the_rules(change, booking)
    look_for_room(change, booking, until)
    return change


def renewal(booking: Booking, until: dt.datetime, now: dt.datetime) -> Change:
    """A new period on the same loan. When the loan is overdue it starts today at the earliest, and the days between
    are late days."""
    change = begun("renewed", booking, stretches_of(booking), ends_at=until)
    if booking.state == Booking.State.RESERVED:
        change.refuse("Les clés ne sont pas encore remises : changez plutôt les dates du prêt.", "wrong_state")
        return change
    if not in_state(change, booking, {Booking.State.ACTIVE}) or not longer(change, booking, until, now):
        return change
    add_period(change, booking, until, now)
    ask_the_rules(change, booking)
    look_for_room(change, booking, until)
    return change


def shortening(booking: Booking, until: dt.datetime, now: dt.datetime) -> Change:
    """Ends the loan sooner. Days that are not used any more are given back when the tariff says so; before the keys
    nothing was used and the price is simply that of the new dates."""
    before = stretches_of(booking)
    change = begun("shortened", booking, before, ends_at=until)
    if not in_state(change, booking, Booking.OPEN):
        return change
    end = words.moment(booking.ends_at)
    if until >= booking.ends_at:
        change.refuse(f"Ce prêt finit déjà {end}. Choisissez une fin plus proche.", "not_shorter")
    elif until <= booking.starts_at:
        change.refuse("La fin doit venir après le début.", "ends_before_start")
    elif until <= now:
        why = "reprenez le véhicule" if booking.state == Booking.State.ACTIVE else "annulez plutôt ce prêt"
        change.refuse(f"{words.moment(until).capitalize()} est déjà passé : {why}.", "in_the_past")
    else:
        change.after = cut(booking, before, until)
        say_if_nothing_is_given_back(change, booking)
        change.vehicle = vehicle_of(change.current)
    return change


def early_return(booking: Booking, back_at: dt.datetime) -> Change:
    """The vehicle is back before the agreed end: what of the rent is not due any more. A fact, never refused."""
    before = stretches_of(booking)
    change = Change("shortened", booking.starts_at, back_at, before=before)
    change.after = cut(booking, from_the_keys(change, booking, before), back_at)
    return change


def from_the_keys(change: Change, booking: Booking, before: list[Stretch]) -> list[Stretch]:
    """The periods; of a loan whose keys left early, and that is over before it was to begin, from the keys on."""
    first = before[0]
    if change.ends_at > first.starts_at:
        return before
    left = booking.assignments.filter(hold__out_at__isnull=False).order_by("hold__out_at")
    out_at = left.values_list("hold__out_at", flat=True).first() or change.ends_at
    change.starts_at = min(out_at, change.ends_at - dt.timedelta(minutes=1))
    return [replace(first, starts_at=change.starts_at), *before[1:]]


def bringing_back(booking: Booking, at: dt.datetime) -> Change:
    """What a return at that moment does to the price: days that are not due any more, or started late days. The
    kilometres count only once the counter is read."""
    change = begun("taken_back", booking, stretches_of(booking), ends_at=at)
    if not in_state(change, booking, {Booking.State.ACTIVE}):
        return change
    if at < booking.ends_at:
        return early_return(booking, at)
    change.after = change.before
    if late := change.before[-1].quote.lateness(late_days(booking.ends_at, at, zone_of(booking))):
        change.on_top.append((Charge.Sort.LATE, late))
    return change


def ending_without_return(booking: Booking, rent_until: dt.date) -> Change:
    """The vehicle does not come back: no rent is due after that day, whatever the tariff says of days that are not
    used, for nobody used them; late days until then are."""
    zone, before = booking.platform.time_zone, stretches_of(booking)
    until = clock.at(rent_until + dt.timedelta(days=1), dt.time(), zone)
    change = begun("not_returned", booking, before)
    if not in_state(change, booking, {Booking.State.ACTIVE, Booking.State.NOT_RETURNED}):
        return change
    if until < booking.ends_at:
        change.ends_at = until
        change.after = [stopped(booking, one, until) for one in from_the_keys(change, booking, before)]
        return change
    change.after = before
    if late := before[-1].quote.lateness(late_days(booking.ends_at, until - dt.timedelta(seconds=1), zone)):
        change.on_top.append((Charge.Sort.LATE, late))
    return change


def stopped(booking: Booking, one: Stretch, until: dt.datetime) -> Stretch:
    """A period up to there."""
    if one.ends_at <= until:
        return one
    if one.starts_at < until:
        return priced_until(booking, one, until)
    return replace(one, given_up=True, quote=unused(one.quote))


def moving(booking: Booking, wished: Move, now: dt.datetime) -> Change:
    """Other dates, before the keys are given; another vehicle in the same step, if one is named. The price is that of
    the new dates, for the kind that was asked for."""
    before = stretches_of(booking)
    verb = "comes_later" if wished.comes_later else "moved"
    change = begun(verb, booking, before, starts_at=wished.starts_at, ends_at=wished.ends_at)
    if booking.state == Booking.State.ACTIVE:
        change.refuse("Les clés sont déjà remises : prolongez ou raccourcissez plutôt ce prêt.", "wrong_state")
    if not in_state(change, booking, {Booking.State.RESERVED, Booking.State.ACTIVE}) or change.refusals:
        return change
    if refused_dates(change, booking, wished, now):
        return change
    reprice(change, booking, before)
    change.vehicle = wished.vehicle
    ask_the_rules(change, booking)
    if wished.vehicle is not None and wished.vehicle.platform_id != booking.platform_id:
        change.refuse("Cet élément appartient à une autre plateforme.", "other_platform")
        return change
    current = change.current
    change.vehicle = wished.vehicle or vehicle_of(current)
    own = current.hold if current and change.vehicle and current.vehicle_id == change.vehicle.pk else None
    if change.vehicle is None or (own is None and wished.vehicle is None):
        change.warnings.append(WITHOUT_VEHICLE)
    else:
        look_in_window(change, booking, change.vehicle, wished.starts_at, wished.ends_at, own=own)
    return change


def exchange(booking: Booking, vehicle: Vehicle, now: dt.datetime) -> Change:
    """Another vehicle. The price follows what was asked for, never the vehicle that is given."""
    before = stretches_of(booking)
    change = begun("exchanged", booking, before)
    change.after, change.vehicle = before, vehicle
    if in_state(change, booking, Booking.OPEN):
        start, end = rest_of(booking, now)
        look_in_window(change, booking, vehicle, start, end)
    return change


def giving_up(booking: Booking, reason: str, now: dt.datetime) -> Change:
    """What it costs to give the loan up, or not to come: nothing for a request or a promise « sous réserve », nor when
    it is the platform's own doing."""
    change = Change("cancelled", booking.starts_at, booking.ends_at)
    if Booking.State.CANCELLED not in Booking.NEXT.get(Booking.State(booking.state), ()):
        in_state(change, booking, ())
        return change
    agreed = booking.periods.standing().first()
    ours = reason in {Booking.GivenUp.NO_VEHICLE, Booking.GivenUp.MISTAKE}
    if agreed is None or booking.state != Booking.State.RESERVED or booking.promised_until is not None or ours:
        return change
    terms = quote_of(agreed)
    missed = reason == Booking.GivenUp.NO_SHOW
    line = terms.no_show() if missed else terms.cancellation(booking.starts_at, now, zone_of(booking))
    if line is not None:
        change.on_top.append((Charge.Sort.CANCELLATION, line))
    return change


def ask_the_rules(change: Change, booking: Booking) -> None:
    """The house rules of the new dates: of the new period, when there is one, else of the whole loan."""
    new = change.to_sign
    start, end = (new.starts_at, new.ends_at) if new else (change.starts_at, change.ends_at)
    change.rules = terms_for(booking.platform, booking.kind, booking.programme_id, booking.starts_at)
    change.breaches = breaches_of(
        booking.platform,
        booking.participant,
        change.vehicle or vehicle_of(change.current) or booking.kind,
        start,
        end,
        booking.programme_id,
        booking=booking,
        rules=change.rules,
    )


# --- the loan as it stands --------------------------------------------------------------------------


def stretches_of(booking: Booking) -> list[Stretch]:
    """The periods that were not given up, with the terms that priced them. Two queries."""
    periods = booking.periods.standing().select_related("tariff").prefetch_related("tariff__bands")
    return [
        Stretch(one.starts_at, one.ends_at, quote_of(one), one.tariff, one) for one in periods.order_by("starts_at")
    ]


def quote_of(period: Period) -> Quote:
    return Quote.from_json(period.quote) if period.quote else Quote(days=0, lines=(), rule=STARTED_24H)


def begun(verb: str, booking: Booking, before: list[Stretch], **dates_: dt.datetime) -> Change:
    named = {"starts_at": booking.starts_at, "ends_at": booking.ends_at} | dates_
    return Change(verb, before=before, current=serving(booking), **named)


def deposits_of(booking: Booking) -> list[Deposit]:
    """None for a request: it has no account before it is approved."""
    return list(booking.account.deposits.all()) if booking.account else []


def rest_of(booking: Booking, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """For when another vehicle is wanted. A late loan gets one for a day, and stays late all the same."""
    end = booking.ends_at if booking.ends_at > now else now + dt.timedelta(days=1)
    return max(now, booking.starts_at), end


def is_signed(booking: Booking, last: Stretch) -> bool:
    """The keys are out on it, and no signature is waited for: on the device, on paper, or before Remise."""
    return booking.state != Booking.State.RESERVED and not (last.period and last.period.awaits_signature)


def zone_of(booking: Booking) -> ZoneInfo:
    return ZoneInfo(booking.platform.time_zone)


# --- what it costs ----------------------------------------------------------------------------------


def priced_until(booking: Booking, stretch: Stretch, until: dt.datetime) -> Stretch:
    """The same period with another end, at the terms that it was agreed on; days count from the loan's first."""
    tariff = stretch.tariff
    if tariff is None:
        found = price_from(booking, stretch.starts_at, until, stretch.quote.first_day)
        return replace(stretch, ends_at=until, tariff=found[0], quote=found[1])
    priced = quote(Terms.of(tariff), stretch.starts_at, until, zone_of(booking), first_day=stretch.quote.first_day)
    return replace(stretch, ends_at=until, quote=priced)


def price_from(booking: Booking, start: dt.datetime, end: dt.datetime, first_day: int) -> tuple[Tariff, Quote]:
    """By the tariff of that day. Refuses with `no_tariff`."""
    priced = offers.price(
        booking.platform,
        booking.kind,
        start,
        end,
        programme=booking.programme,
        participant=booking.participant,
        first_day=first_day,
    )
    if priced is None:
        raise no_tariff(booking.kind)
    return priced


def no_tariff(kind: str) -> ValidationError:
    return refuse(
        f"Aucun tarif ne vaut ce jour-là pour « {Kind(kind).label} ». Ajoutez-en un dans Réglages, Tarifs.",
        "no_tariff",
    )


def add_period(change: Change, booking: Booking, until: dt.datetime, now: dt.datetime) -> None:
    """A new period, priced by the tariff of its first day, its days counted on from the last period's."""
    last, zone = change.before[-1], zone_of(booking)
    today = clock.at(clock.local_date(now, booking.platform.time_zone), dt.time(), zone)
    start = max(last.ends_at, today)
    try:
        tariff, priced = price_from(booking, start, until, last.last_day + 1)
    except ValidationError as refusal:
        change.refusals.append(Refusal.of(refusal))
        return
    change.after = [*change.before, Stretch(start, until, priced, tariff)]
    if late := last.quote.lateness(late_days(last.ends_at, start, zone)):
        change.on_top.append((Charge.Sort.LATE, late))


def cut(booking: Booking, stretches: list[Stretch], until: dt.datetime) -> list[Stretch]:
    """The periods up to there. One that has not begun by then is given up; the price follows where days are given
    back, and stays what was agreed where they are not."""
    charged = booking.state != Booking.State.RESERVED
    kept = []
    for one in stretches:
        gives_back = one.quote.gives_back or not charged
        if one.ends_at <= until:
            kept.append(one)
        elif one.starts_at < until:
            kept.append(priced_until(booking, one, until) if gives_back else replace(one, ends_at=until))
        else:
            kept.append(replace(one, given_up=True, quote=unused(one.quote) if gives_back else one.quote))
    return kept


def unused(agreed: Quote) -> Quote:
    included = None if agreed.km_included is None else 0
    return replace(agreed, days=0, lines=(), km_included=included)


def say_if_nothing_is_given_back(change: Change, booking: Booking) -> None:
    keeps = not all(one.quote.gives_back for one in change.before)
    if booking.state == Booking.State.ACTIVE and change.difference == 0 and keeps:
        change.warnings.append("D’après le tarif, les jours convenus et non utilisés restent dus.")


def reprice(change: Change, booking: Booking, before: list[Stretch]) -> None:
    """The one period of a loan whose keys are here, at its new dates: by the terms that were agreed on while its
    first day stays the same, else by the tariff of the new one."""
    first, tz = before[0], booking.platform.time_zone
    moved = replace(first, starts_at=change.starts_at)
    same_day = clock.local_date(first.starts_at, tz) == clock.local_date(change.starts_at, tz)
    try:
        if booking.series is not None:
            share = moved_share(booking.series, booking, change.starts_at, change.ends_at)
            moved = replace(moved, ends_at=change.ends_at, quote=share)
        elif same_day and first.tariff is not None:
            moved = priced_until(booking, moved, change.ends_at)
        else:
            tariff, priced = price_from(booking, change.starts_at, change.ends_at, 1)
            moved = replace(moved, ends_at=change.ends_at, tariff=tariff, quote=priced)
    except ValidationError as refusal:
        change.refusals.append(Refusal.of(refusal))
        return
    change.after, change.deposits = [moved], deposits_of(booking)
    change.deposit_after = change.deposit_before
    if any(one.state == Deposit.State.HELD for one in change.deposits):
        if moved.quote.deposit != change.deposit_before:
            change.warnings.append(
                f"Le dépôt de garantie est déjà reçu ; le tarif de ces dates en demande "
                f"{words.euros(moved.quote.deposit)}."
            )
    elif moved.quote.deposit != first.quote.deposit:
        change.deposit_after = moved.quote.deposit


# --- what refuses it --------------------------------------------------------------------------------


def in_state(change: Change, booking: Booking, states: Iterable[str]) -> bool:
    if booking.state in states:
        return True
    change.refuse(f"Ce n’est pas possible maintenant : ce prêt est « {booking.get_state_display()} ».", "wrong_state")
    return False


def longer(change: Change, booking: Booking, until: dt.datetime, now: dt.datetime) -> bool:
    if until <= booking.ends_at:
        change.refuse(
            f"Ce prêt finit déjà {words.moment(booking.ends_at)}. Choisissez une fin plus lointaine.", "not_longer"
        )
    elif until <= now:
        change.refuse(
            f"{words.moment(until).capitalize()} est déjà passé : choisissez une date à venir.", "in_the_past"
        )
    else:
        try:
            dates.refuse_backwards(booking.starts_at, until)
        except ValidationError as refusal:
            change.refusals.append(Refusal.of(refusal))
    return change.possible


def gives_another(wished: Move, current: Assignment | None) -> bool:
    """A vehicle is named that the loan does not have: another one, or the one that was taken away from it."""
    vehicle = wished.vehicle
    return vehicle is not None and (current is None or current.hold is None or current.vehicle_id != vehicle.pk)


def refused_dates(change: Change, booking: Booking, wished: Move, now: dt.datetime) -> bool:
    try:
        if wished.starts_at == booking.starts_at:
            dates.refuse_backwards(wished.starts_at, wished.ends_at)
            if wished.ends_at <= now:
                raise refuse("La fin est déjà passée : choisissez une date à venir.", "in_the_past")
        else:
            dates.refuse_impossible(wished.starts_at, wished.ends_at, now)
    except ValidationError as refusal:
        change.refusals.append(Refusal.of(refusal))
    same = (wished.starts_at, wished.ends_at) == (booking.starts_at, booking.ends_at)
    elsewhere = gives_another(wished, change.current)
    if change.possible and same and not elsewhere:
        change.refuse("Ce sont déjà les dates de ce prêt.", "same_dates")
    return not change.possible
