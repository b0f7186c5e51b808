"""All that the page of one loan shows, read in a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from bookings import perms, wishes
from bookings.changes.story import changes_told, wish_of, with_changes
from bookings.day import flags
from bookings.models import Assignment, Booking, ConditionReport, Period
from bookings.offers.choices import Needs, nearest_alternatives
from bookings.requests.reads import asked_of
from bookings.verbs import Now, verbs_for
from core import clock
from core.journal import name_of
from core.models import OutboxMessage
from pricing.models.accounts import balances, lines_of
from pricing.perms import can_hold_deposit, can_take_payment


@dataclass
class Step:
    """One line of the timeline: what, when, whether it is past, now or to come."""

    what: str
    at: Any
    state: str  # done | now | next
    icon: str
    detail: str = ""


def loan_with_account(user: Any, pk: int) -> Booking:
    """The loan, when this user may see it, with its people and its account as `pricing/_account.html` wants it."""
    known = balances(clock.today(), "account")
    loans = with_changes(Booking.objects.visible_to(user)).annotate(**known).prefetch_related(*lines_of("account"))
    people = ("participant__user", "platform", "account__participant", "account__platform", "series__event__rule")
    asked = ("programme", "proposal", "request__site", "request__asked_by", "request__decided_by")
    loan: Booking = get_object_or_404(loans.select_related(*people, *asked), pk=pk)
    for name in known if loan.account else ():  # a request has none
        setattr(loan.account, name, getattr(loan, name))
    return loan


def messages_about(loan: Booking) -> list[OutboxMessage]:
    """What was written to the participant about this loan, latest first."""
    target_type, target_id = name_of(loan)
    sent = OutboxMessage.objects.filter(target_type=target_type, target_id=target_id, topic__in=["mail", "sms"])
    return list(sent.order_by("-pk")[:50])


def story_of_loan(loan: Booking, user: Any) -> dict[str, Any]:
    now = clock.now()
    known = flags.with_flags(loan.assignments.select_related("vehicle__site", "hold", "site"), now)
    assignments = list(known.order_by("pk"))
    reports = list(
        ConditionReport.objects.filter(assignment__in=assignments).select_related("by", "pdf").order_by("happened_at")
    )
    current = [a for a in assignments if a.ended_at is None]
    out = [a for a in current if a.hold and a.hold.out_at and not a.hold.back_at]
    promised = [a for a in current if a.hold and not a.hold.out_at]
    displaced = [a for a in current if a.hold is None]
    periods = list(loan.periods.select_related("contract", "tariff"))
    wish = wish_of(loan) if loan.state == Booking.State.ACTIVE else None
    return {
        "loan": loan,
        "participant": loan.participant,
        "now": now,
        "is_late": loan.is_late(now),
        "assignments": assignments,
        "current": (out or promised or displaced or assignments[-1:] or [None])[-1],
        "out": out,
        "promised": promised,
        **in_the_way(loan, promised, now),
        "displaced": displaced,
        "to_recover": out if promised else out[:-1],
        "reports": reports,
        "drafts": [r for r in reports if not r.is_frozen and r.assignment_id in {a.pk for a in current}],
        "periods": periods,
        "account": loan.account,
        "can_take_payment": can_take_payment(user, loan),
        "can_hold_deposit": can_hold_deposit(user, loan),
        "steps": timeline(loan, assignments, periods, now),
        "to_sign": [one for one in periods if one.awaits_signature and loan.state == Booking.State.ACTIVE],
        "wish": wish,
        "wish_address": wishes.change_address(wish) if wish else "",
        "may_change": perms.can_change(user, loan),
        "verbs": verbs_for(Now(loan, out, promised)),
        "asked": asked_of(loan, user),
        "rehouse_url": reverse("bookings:rehouse", args=[loan.pk]),
    }


def in_the_way(loan: Booking, promised: list[Assignment], now: dt.datetime) -> dict[str, Any]:
    """What stands in the way of the keys, and vehicles that are free instead (one query, only then)."""
    found = [flag for one in promised for flag in flags.flags_of(one, now)]
    instead = []
    if any(flag.code != flags.NOT_READY for flag in found):
        one = promised[-1]
        needs = Needs(loan.kind, loan.needs_automatic, loan.needs_seats)
        instead = nearest_alternatives(loan.platform, needs, max(one.starts_at, now), one.ends_at, but=one.vehicle)
    return {"flags": found, "instead": instead}


def timeline(loan: Booking, assignments: list[Assignment], periods: list[Period], now: Any) -> list[Step]:
    """What happened, what is under way, what comes next."""
    steps = asked_steps(loan) or [Step("Réservé", loan.created_at, "done", "calendar-check")]
    if loan.is_request or loan.state in {Booking.State.REFUSED, Booking.State.EXPIRED}:
        return steps
    steps += [Step(what, at, "done", icon, detail) for what, at, icon, detail in changes_told(loan, periods)]
    if loan.state == Booking.State.CANCELLED:
        return [*steps, Step("Annulé", loan.cancelled_at, "done", "x-circle", loan.cancel_reason)]
    for assignment in assignments:
        hold, vehicle = assignment.hold, assignment.vehicle
        name = f"{vehicle.label} {vehicle.plate or vehicle.fleet_number}"
        if assignment.end_reason == Assignment.EndReason.CORRECTED:
            steps.append(Step("Véhicule corrigé", assignment.ended_at, "done", "arrow-left-right", name))
        if hold is None:
            continue
        if hold.out_at:
            steps.append(Step("Clés remises", hold.out_at, "done", "key", name))
        if assignment.end_reason == Assignment.EndReason.LOST:
            what = "Jamais rendu" if len(assignments) > 1 else "Fini sans retour"  # the loan may go on with another
            steps.append(Step(what, assignment.ended_at, "done", "slash-circle", name))
        if hold.back_at:
            steps.append(Step("Véhicule repris", hold.back_at, "done", "box-arrow-in-down", name))
    if loan.state == Booking.State.RESERVED:
        steps.append(Step("Remise des clés", loan.starts_at, "now" if loan.starts_at <= now else "next", "key"))
    if loan.state in Booking.OPEN:
        steps.append(Step("Retour prévu", loan.ends_at, "now" if loan.is_late(now) else "next", "flag"))
    return sorted(steps, key=lambda step: (step.state != "done", step.at))


def asked_steps(loan: Booking) -> list[Step]:
    """What happened to the request: asked, its papers, its answer. None for a loan that nobody had to ask for."""
    row = getattr(loan, "request", None)
    steps = []
    if row is not None:
        steps.append(Step("Demandé", row.submitted_at or loan.created_at, "done", "send"))
        if row.papers_asked_at:
            steps.append(Step("Papiers demandés", row.papers_asked_at, "done", "file-earmark-text"))
        if row.decided_at:
            refused = loan.state == Booking.State.REFUSED
            what, icon = ("Refusé", "x-circle") if refused else ("Approuvé", "calendar-check")
            steps.append(Step(what, row.decided_at, "done", icon, loan.get_refusal_display() if refused else ""))
    elif loan.promised_until is not None:
        steps.append(Step("Gardé sous réserve", loan.created_at, "done", "hourglass-split"))
    if loan.state == Booking.State.EXPIRED and loan.promised_until:
        steps.append(Step("Expiré", loan.promised_until, "done", "x-circle"))
    return steps
