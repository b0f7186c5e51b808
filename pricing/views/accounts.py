"""« Comptes »: who owes what, one account, and the day's takings."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Min, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.doors import not_only_staff
from core import clock, export
from core.forms import DayField
from core.web import page
from pricing import perms
from pricing.models import Account, Deposit, Payment, Receipt
from pricing.receipts import paper

DUE, ALL, DEPOSITS = "a-encaisser", "tous", "depots"
A_PAGE = 40


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    view = request.GET.get("voir", DUE)
    if view == DEPOSITS:
        return _deposits(request)
    today = clock.today()
    rows = (_accounts(request).unpaid(today) if view != ALL else _accounts(request)).with_balance(today)
    due_sum = rows.aggregate(sum=Sum("due"))["sum"] if view != ALL else None
    listed = (
        rows.annotate(since=Min("charges__due_on")).order_by("since", "pk") if view != ALL else rows.order_by("-pk")
    )
    if "export" in request.GET:
        return _export_accounts(listed)
    return page(
        request,
        "pricing/accounts.html",
        {
            "view": DUE if view != ALL else ALL,
            "page": _page(listed, request),
            "due_sum": due_sum or Decimal(0),
            "today": today,
        },
    )


def _page(listed: Any, request: HttpRequest) -> Page:
    """The rows of one page alone are added up, so that the thousandth costs what the first does."""
    shown = Paginator(listed.values_list("pk", flat=True), A_PAGE).get_page(request.GET.get("page"))
    ids = list(shown.object_list)
    by_id = {account.pk: account for account in listed.filter(pk__in=ids)}
    shown.object_list = [by_id[pk] for pk in ids if pk in by_id]  # one may have been paid meanwhile
    return shown


def _accounts(request: HttpRequest) -> Any:
    return Account.objects.visible_to(request.user).filter(platform=request.platform).select_related("participant")


def _export_accounts(rows: QuerySet[Account]) -> HttpResponse:
    header = ["Participant", "Objet", "Ouvert le", "Facturé", "Payé", "À payer maintenant", "Reste en tout"]
    cells = (
        [str(a.participant), a.title, localdate(a.created_at), a.charged, a.paid, a.due, a.balance]
        for a in rows.iterator(chunk_size=1000)
    )
    return export.xlsx("comptes", header, cells)


def _deposits(request: HttpRequest) -> HttpResponse:
    held = (
        Deposit.objects.visible_to(request.user)
        .filter(platform=request.platform, state=Deposit.State.HELD)
        .select_related("account__participant")
        .order_by("received_at", "pk")
    )
    if "export" in request.GET:
        header = ["Participant", "Objet", "Reçu le", "Moyen", "Chèque", "Banque", "Montant"]
        cells = (
            [
                str(d.account.participant),
                d.account.title,
                localdate(d.received_at) if d.received_at else None,
                d.get_means_display(),
                d.cheque_number,
                d.bank,
                d.amount,
            ]
            for d in held.iterator(chunk_size=1000)
        )
        return export.xlsx("depots", header, cells)
    today = clock.today()
    shown = Paginator(held, A_PAGE).get_page(request.GET.get("page"))
    for deposit in shown:
        deposit.ends_soon = deposit.cheque_ends_soon(today)
    held_sum = held.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return page(request, "pricing/deposits.html", {"view": DEPOSITS, "page": shown, "held_sum": held_sum})


@require_safe
def account(request: HttpRequest, pk: int) -> HttpResponse:
    today = clock.today()
    found = get_object_or_404(_accounts(request).with_balance(today).with_lines(), pk=pk)
    return page(
        request,
        "pricing/account.html",
        {
            "account": found,
            "today": today,
            "can_charge": perms.can_charge(request.user, found),
            "can_take_payment": perms.can_take_payment(request.user, found),
            "can_hold_deposit": perms.can_hold_deposit(request.user, found),
            "can_settle_deposit": perms.can_settle_deposit(request.user, found),
            "waived": _waived(found.charges.all()),
        },
    )


def _waived(charges: Any) -> set[int]:
    """The charges of which nothing is left to waive."""
    left: dict[int, Decimal] = {}
    for row in charges:
        if row.is_standing:
            target = row.waives_id or row.pk
            left[target] = left.get(target, Decimal(0)) + row.amount
    return {pk for pk, amount in left.items() if amount <= 0}


@require_safe
def takings(request: HttpRequest) -> HttpResponse:
    """« Caisse du jour »: what was received on one day, by means."""
    today = clock.today()
    day = _day(request) or today
    received = (
        Payment.objects.visible_to(request.user)
        .filter(platform=request.platform)
        .received_on(day)
        .select_related("account__participant", "payer", "receipt", "by", "reverses")
        .order_by("received_at", "pk")
    )
    if "export" in request.GET:
        return _export_takings(received, day)
    rows = list(received)
    sums = [
        {"label": label, "sum": sum((r.amount for r in rows if r.means == means), Decimal(0)), "means": means}
        for means, label in Payment.Means.choices
        if any(r.means == means for r in rows)
    ]
    return page(
        request,
        "pricing/takings.html",
        {
            "day": day,
            "before": day - dt.timedelta(days=1),
            "after": day + dt.timedelta(days=1) if day < today else None,
            "rows": rows,
            "sums": sums,
            "sum": sum((r.amount for r in rows), Decimal(0)),
        },
    )


def _day(request: HttpRequest) -> dt.date | None:
    """The day of the address, when it is one that Remise can have seen."""
    try:
        day = DayField(required=False).clean(request.GET.get("jour", ""))
    except ValidationError:
        return None
    return day if day and 2000 <= day.year <= 2100 else None


def _export_takings(rows: QuerySet[Payment], day: dt.date) -> HttpResponse:
    header = ["Reçu", "Reçu le", "Participant", "Payé par", "Objet", "Moyen", "Référence", "Montant", "Encaissé par"]
    cells = (
        [
            row.receipt.label if hasattr(row, "receipt") else "Annulation",
            row.received_at,
            str(row.account.participant),
            str(row.payer or row.account.participant),
            row.account.title,
            row.get_means_display(),
            row.reference,
            row.amount,
            row.by.name,
        ]
        for row in rows
    )
    return export.xlsx(f"caisse-{day.isoformat()}", header, cells)


@not_only_staff
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF, for staff and for the participant whose account it is."""
    receipts = Receipt.objects.visible_to(request.user)
    found = get_object_or_404(
        receipts.select_related(
            "pdf", "payment__platform", "payment__account__participant", "payment__payer", "payment__by"
        ),
        pk=pk,
    )
    return paper(found)
