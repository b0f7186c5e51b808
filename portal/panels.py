"""What portal adds to the pages of other rooms: notes everywhere, and what joins several rooms."""

from typing import Any

from django.db.models import Case, F, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts.models import PersonalLink
from bookings import notes
from bookings.models import Assignment, Booking
from core import clock
from core.models import OutboxMessage
from core.panels import SIDE, panel
from fleet.models import Vehicle
from participants.models import Participant
from portal.journal import story
from pricing.models import Account
from pricing.models.accounts import balances

REQUESTS_FIRST = 10**15  # above any account's number
SHOWN = 6


@panel(*notes.TARGETS, template="portal/panels/notes.html", place=SIDE, order=10)
def notes_panel(request: HttpRequest, thing: Any) -> dict[str, Any] | None:
    if not notes.can_write_note(request.user, thing):
        return None
    return {"notes": notes.notes_of(thing), "target_type": thing._meta.label_lower, "target_id": thing.pk}


@panel("fleet.vehicle", "participants.participant", template="portal/panels/story.html",
       place=SIDE, order=90)  # fmt: skip
def story_panel(request: HttpRequest, thing: Any) -> dict[str, Any] | None:
    if not notes.can_write_note(request.user, thing):
        return None
    return {"entries": story(thing, SHOWN)}


@panel("fleet.vehicle", template="portal/panels/loans_of_vehicle.html", order=30)
def loans_of_vehicle(request: HttpRequest, vehicle: Vehicle) -> dict[str, Any]:
    assignments = (
        Assignment.objects.visible_to(request.user)
        .filter(vehicle=vehicle)
        .select_related("booking__participant", "hold")
        .order_by("-starts_at")
    )
    return {"assignments": list(assignments[:SHOWN]), "now": clock.now()}


@panel("participants.participant", template="portal/panels/loans_of_participant.html", order=30)
def loans_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    loans = loans_with_accounts(request, participant)
    return {"loans": sorted(loans, key=lambda loan: loan.starts_at, reverse=True), "now": clock.now()}


@panel("participants.participant", template="portal/panels/accounts.html", order=40)
def accounts_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    return {"accounts": [loan.account for loan in loans_with_accounts(request, participant) if loan.account]}


def loans_with_accounts(request: HttpRequest, participant: Participant) -> list[Booking]:
    """Both panels in one query: requests, which have no account yet, then each account's loan; of a series that which
    comes next, or came last."""
    if not hasattr(participant, "shown_loans"):
        known = balances(clock.today(), "account")
        is_open = Case(When(state__in=Booking.OPEN, then=F("starts_at")))
        loans = Booking.objects.visible_to(request.user).filter(participant=participant).select_related("account")
        loans = loans.annotate(**known, agreement=Coalesce(F("account_id"), REQUESTS_FIRST + F("pk")))
        loans = loans.order_by("-agreement", is_open.asc(nulls_last=True), "-starts_at").distinct("agreement")
        participant.shown_loans = list(loans[:SHOWN])  # type: ignore[attr-defined]
        for loan in participant.shown_loans:  # type: ignore[attr-defined]
            for name in known if loan.account else ():
                setattr(loan.account, name, getattr(loan, name))
    return participant.shown_loans  # type: ignore[attr-defined]


@panel("participants.participant", template="portal/panels/links.html", place=SIDE, order=60)
def links_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    """What lets this person in, and what was written to them."""
    links = PersonalLink.objects.filter(user=participant.user_id, revoked_at__isnull=True)
    messages = OutboxMessage.objects.filter(
        platform_id=participant.platform_id, user_id=participant.user_id, topic__in=["mail", "sms"]
    )
    return {"links": list(links.order_by("-pk")[:SHOWN]), "sent": list(messages.order_by("-pk")[:5])}


@panel("pricing.account", template="portal/panels/loan_of_account.html", place=SIDE, order=10)
def loan_of_account(request: HttpRequest, account: Account) -> dict[str, Any] | None:
    loan = Booking.objects.visible_to(request.user).filter(account=account).first()
    return {"loan": loan, "now": clock.now()} if loan else None
