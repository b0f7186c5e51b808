"""What an incident or a fine waits for, and by which day. Pure, on what the row says; see deadlines.py."""

import datetime as dt
from decimal import Decimal

from bookings.cases import deadlines
from bookings.cases.deadlines import Step
from bookings.models import Fine, Incident
from core import clock

Due = tuple[str, dt.date] | None


def due_of_incident(incident: Incident) -> Due:
    """The next thing that the law, or the insurance, waits for; None when nothing is."""
    zone, sort = incident.platform.time_zone, incident.sort
    if incident.state == Incident.State.CLOSED:
        return None
    if sort == Incident.Sort.IMPOUND:
        if incident.fetched_on is None:
            since = incident.notified_on or incident.known_on  # the letter comes later: early is safe, late is not
            return Step.FETCH, deadlines.fetch_by(since, low_value=incident.low_value)
        return None
    if incident.state == Incident.State.DECLARED:
        return None
    if sort == Incident.Sort.ACCIDENT:
        return Step.INSURE, deadlines.insure_accident_by(incident.known_on, zone)
    if sort == Incident.Sort.THEFT:
        step = Step.COMPLAIN if incident.complaint_on is None else Step.INSURE
        return step, deadlines.insure_theft_by(incident.known_on, zone)
    return None


def due_of_fine(fine: Fine) -> Due:
    if fine.state != Fine.State.RECEIVED:
        return None
    if fine.sort == Fine.Sort.TOLL and fine.sent_on is None:
        assert fine.offence_at is not None
        return Step.PAY, clock.local_date(deadlines.pay_toll_by(fine.offence_at), fine.platform.time_zone)
    assert fine.sent_on is not None
    if fine.sort == Fine.Sort.OFFENCE:
        return Step.DESIGNATE, deadlines.designate_by(fine.sent_on)
    if fine.sort == Fine.Sort.STOPPING:
        return Step.PAY, deadlines.settle_contravention_by(fine.sent_on)
    if fine.sort == Fine.Sort.PARKING:
        return Step.PAY, deadlines.pay_parking_by(fine.sent_on)
    return Step.PAY, deadlines.pay_reduced_toll_by(fine.sent_on)


def appeal_by(fine: Fine) -> dt.date | None:
    """The last day to contest the notice."""
    if fine.sent_on is None:
        return None
    return {
        Fine.Sort.OFFENCE: deadlines.designate_by,
        Fine.Sort.STOPPING: deadlines.settle_contravention_by,
        Fine.Sort.PARKING: deadlines.appeal_parking_by,
        Fine.Sort.TOLL: deadlines.appeal_toll_by,
    }[Fine.Sort(fine.sort)](fine.sent_on)


def mark_due(case: Incident | Fine) -> None:
    """Writes the next deadline on the row, before it is saved."""
    due = due_of_incident(case) if isinstance(case, Incident) else due_of_fine(case)
    case.due_step, case.due_on = due if due else ("", None)


def pound_cost(incident: Incident, today: dt.date) -> Decimal | None:
    """What the pound asks so far: the removal and each started day; None when nobody knows its price."""
    if incident.daily_cost is None and incident.removal_cost is None:
        return None
    start = clock.local_date(incident.happened_at, incident.platform.time_zone)
    days = max(((incident.fetched_on or today) - start).days + 1, 1)
    return (incident.removal_cost or Decimal(0)) + days * (incident.daily_cost or Decimal(0))
