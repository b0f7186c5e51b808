"""What is due, and deposits to give back."""

import datetime as dt
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import Platform
from bookings.models import Booking
from core import words
from portal.today.lines import SHOWN, Line
from pricing.models import Account, Deposit


def unpaid(platform: Platform, today: dt.date) -> list[Line]:
    accounts = Account.objects.filter(platform=platform).unpaid(today).select_related("participant").order_by("-pk")
    return [
        Line(
            who=str(account.participant),
            when=account.title,
            url=reverse("pricing:account", args=[account.pk]),
            verb="Encaisser",
            tone="unpaid",
            label=words.euros(account.due),
            phone=account.participant.phone,
        )
        for account in accounts[: SHOWN + 1]
    ]


def deposits(platform: Platform) -> list[Line]:
    """Held although the loan is over (all loans of a series are) and nothing is due; not while a vehicle of it never
    came back."""
    of_account = Booking.objects.filter(account=OuterRef("account"))
    held = (
        Deposit.objects.filter(
            platform=platform,
            state=Deposit.State.HELD,
            account__outstanding__lte=Decimal(0),
        )
        .filter(Exists(of_account), ~Exists(of_account.filter(state__in=[*Booking.OPEN, Booking.State.NOT_RETURNED])))
        .select_related("account__participant")
        .order_by("received_at")[: SHOWN + 1]
    )
    return [
        Line(
            who=str(deposit.account.participant),
            when=f"{deposit.get_means_display()} reçu {words.day(deposit.received_at)}" if deposit.received_at else "",
            url=reverse("pricing:account", args=[deposit.account_id]),
            verb="Rendre le dépôt",
            label=words.euros(deposit.amount),
            tone="neutral",
        )
        for deposit in held
    ]
