"""A loan is given up before its keys are given: why, and what that costs."""

from decimal import Decimal

from accounts.models import User
from bookings import messages, perms
from bookings.actions.changes import refuse_change
from bookings.actions.loan import drop_promises, lock_vehicles
from bookings.changes import deposit
from bookings.changes import outcome as changes
from bookings.charges import charge_line
from bookings.models import Assignment, Booking
from bookings.series import steps as series_steps
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from core.words import euros, moment
from pricing import ledger
from pricing.models import Charge
from pricing.perms import can_waive
from pricing.tariffs import Line

GivenUp = Booking.GivenUp


@action
def cancel(
    booking: Booking,
    *,
    by: User,
    reason: str,
    words: str = "",
    charge: Decimal | None = None,
    waived_because: str = "",
    seen: Decimal | None = None,
) -> Booking:
    """Gives the loan up before any key was given; its vehicle is free again.

    `reason` is one of `Booking.GivenUp`, `words` say more; a reason in words alone is « autre ». It costs what the
    tariff says (`changes.giving_up`), or less when `charge` says so and `waived_because` why. Refuses with
    `wrong_state`, `reason_missing`, `charged_too_much`, `price_changed`.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_give_up(by, booking))
    sort, said = why(reason, words)
    cost = changes.giving_up(booking, sort, clock.now())
    refuse_change(cost, seen)
    become(booking, Booking.State.CANCELLED)
    booking.cancelled_at, booking.cancel_reason, booking.given_up_because = clock.now(), said, sort
    save(booking)
    drop_promises(booking, Assignment.EndReason.CANCELLED)
    if booking.series is not None:
        series_steps.requote(booking.series)
    deposit.no_longer_expected(booking.account, "Prêt annulé")
    asked = ask_for(booking, cost.lines_on_top, charge, waived_because, by)
    record(by, "booking.cancelled", booking, because=sort, cost=str(asked))
    messages.cancelled(booking, asked)
    return booking


@action
def no_show(
    booking: Booking, *, by: User, charge: Decimal | None = None, waived_because: str = "", seen: Decimal | None = None
) -> Booking:
    """Somebody who did not come: the vehicle is free again, and it costs what the tariff says of that.

    Until somebody decides so the vehicle waits for them. Refuses with `not_yet` before the hour of departure.
    """
    lock_vehicles(booking)
    booking = lock(booking)  # the start is that of now, not of the row that the door has read
    if booking.starts_at > clock.now():
        raise refuse(
            f"Le départ est prévu {moment(booking.starts_at)} : la personne peut encore venir. "
            "Pour l’annuler, donnez le motif.",
            "not_yet",
        )
    return cancel(booking, by=by, reason=GivenUp.NO_SHOW, charge=charge, waived_because=waived_because, seen=seen)


# --- steps ------------------------------------------------------------------------------------


def why(reason: str, words: str) -> tuple[str, str]:
    """The reason of the list, and what people read. Refuses with `reason_missing`."""
    reason, words = reason.strip(), " ".join(words.split())
    if reason not in GivenUp.values:
        reason, words = GivenUp.OTHER, reason
    if not reason or (reason == GivenUp.OTHER and not words):
        raise refuse("Dites pourquoi ce prêt est annulé.", "reason_missing")
    if reason == GivenUp.OTHER:
        return reason, words[:200]
    return reason, (f"{GivenUp(reason).label} : {words}" if words else str(GivenUp(reason).label))[:200]


def ask_for(booking: Booking, lines: list[Line], charge: Decimal | None, waived_because: str, by: User) -> Decimal:
    """Charges what it costs; what is asked for less is waived, with a reason. Returns what is left to pay."""
    cost = sum((line.amount for line in lines), Decimal("0.00"))
    asked = cost if charge is None else charge
    if asked > cost or asked < 0:
        raise refuse(f"D’après le tarif, cela coûte {euros(cost)} au plus.", "charged_too_much")
    if not lines or booking.account is None:
        return asked
    account = lock(booking.account)
    row = charge_line(booking, Charge.Sort.CANCELLATION, lines[0], clock.now(), by)
    if asked < cost:
        require(can_waive(by, account))
        if not waived_because.strip():
            raise refuse("Dites pourquoi vous demandez moins que le tarif.", "reason_missing")
        ledger.give_up(row, cost - asked, by=by, reason=waived_because.strip()[:200])
    return asked
