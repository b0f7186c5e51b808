"""The kilometre ledger. What the counter said is never refused: what does not fit is kept as disputed."""

import datetime as dt

from accounts.models import User
from core.db import save
from fleet.models import OdometerReading, Vehicle

State, Source = OdometerReading.State, OdometerReading.Source


def record_reading(
    vehicle: Vehicle,
    km: int | None,
    *,
    source: str,
    read_at: dt.datetime,
    by: User,
    state: str = State.ACCEPTED,
    reason: str = "",
    settles: OdometerReading | None = None,
) -> OdometerReading:
    """Writes one line of the ledger.

    An accepted reading is kept as disputed instead when it is lower than the last accepted one of before, or
    higher than the next one of after (a reading may be written down days later). A correction and a new
    counter are believed. `km` is None for a counter that is absent or cannot be read.
    """
    if state == State.ACCEPTED and source not in {Source.CORRECTION, Source.NEW_COUNTER} and km is not None:
        state = State.ACCEPTED if fits(vehicle, km, read_at) else State.DISPUTED
    return save(
        OdometerReading(
            platform_id=vehicle.platform_id,
            vehicle=vehicle,
            km=km,
            state=state,
            source=source,
            read_at=read_at,
            by=by,
            settles=settles,
            reason=reason,
        )
    )


def fits(vehicle: Vehicle, km: int, read_at: dt.datetime) -> bool:
    """Between the accepted reading before and the one after. One query, unless the reading is written down late."""
    accepted = OdometerReading.objects.filter(vehicle=vehicle, state=State.ACCEPTED).order_by("-read_at", "-pk")
    before = accepted.first()
    if before is None:
        return True
    if before.read_at > read_at:
        after = accepted.filter(read_at__gt=read_at).last()
        if after and after.source not in {Source.CORRECTION, Source.NEW_COUNTER} and km > after.km:
            return False
        before = accepted.filter(read_at__lte=read_at).first()
    return before is None or km >= before.km
