"""What portal adds to the pages of other rooms: notes everywhere, and what joins several rooms."""

from typing import Any

from django.db.models import Case, F, When
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

LOAN_SHOWN = ("id", "kind", "state", "starts_at", "ends_at", "series_id")
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
    loans = [loan for account in accounts_with_loans(request, participant) if (loan := loan_of(account))]
    return {"loans": sorted(loans, key=lambda loan: loan.starts_at, reverse=True), "now": clock.now()}


@panel("participants.participant", template="portal/panels/accounts.html", order=40)
def accounts_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    return {"accounts": accounts_with_loans(request, participant)}


def accounts_with_loans(request: HttpRequest, participant: Participant) -> list[Account]:
    """Both panels in one query: each account with its loan; of a series that which comes next, or came last."""
    if not hasattr(participant, "shown_accounts"):
        of_loan = {f"loan_{name}": F(f"bookings__{name}") for name in LOAN_SHOWN}
        is_open = Case(When(bookings__state__in=Booking.OPEN, then=F("bookings__starts_at")))
        accounts = Account.objects.visible_to(request.user).filter(participant=participant)
        shown = accounts.with_balance(clock.today()).annotate(**of_loan)
        shown = shown.order_by("-pk", is_open.asc(nulls_last=True), F("bookings__starts_at").desc())
        participant.shown_accounts = list(shown.distinct("pk")[:SHOWN])  # type: ignore[attr-defined]
    return participant.shown_accounts  # type: ignore[attr-defined]


def loan_of(account: Any) -> Booking | None:
    """As `accounts_with_loans` read it: what its line shows."""
    return Booking(**{name: getattr(account, f"loan_{name}") for name in LOAN_SHOWN}) if account.loan_id else None


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
