"""The page of a period that was agreed on while the keys were out is signed: by a link, or on the desk's screen."""

from typing import Any

from accounts.models import User
from bookings import perms
from bookings.actions.reports import drawn
from bookings.models import ContractSignature, Period
from bookings.papers import contracts
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record

Means = ContractSignature.Means


@action
def sign_contract(period: Period, *, by: User, signature: Any, signer_name: str = "") -> Period:
    """Keeps the drawn signature and freezes the contract page as PDF with its SHA-256.

    The participant signs on their own page; before a member of staff, on the screen. Refuses with `signed_already`,
    `given_up`, `wrong_state`, `empty_signature`, `no_picture`.
    """
    booking = lock(period.booking)
    period = lock(period)
    require(perms.can_sign(by, booking))
    if period.given_up_at is not None:
        raise refuse("Cette période a été abandonnée : il n’y a plus rien à signer.", "given_up")
    if not period.awaits_signature:
        raise refuse("Ce contrat est déjà signé.", "signed_already")
    if booking.state != booking.State.ACTIVE:
        raise refuse("Ce prêt n’est plus en cours : il n’y a plus rien à signer.", "wrong_state")
    own = booking.participant.user_id == by.pk
    signed = save(
        ContractSignature(
            platform_id=booking.platform_id,
            period=period,
            means=Means.LINK if own else Means.SCREEN,
            signer_name=signer_name.strip() or str(booking.participant),
            drawing=drawn(period, signature, by),
            signed_at=clock.now(),
        )
    )
    frozen = contracts.freeze(booking, period, signed, by=by)
    sha256 = frozen.contract.sha256 if frozen.contract else ""
    record(by, "booking.contract_signed", booking, period=period.pk, means=signed.means, sha256=sha256)
    return frozen
