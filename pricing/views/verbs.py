"""What staff do to an account: one address a verb, each a short form that keeps what was typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core import clock
from core.web import attempt, once, page
from core.words import euros
from pricing import actions
from pricing.forms import ChargeForm, DepositForm, KeepForm, PaymentForm, ReasonForm, WaiverForm
from pricing.models import Account, Charge, Deposit, Payment


@once
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    initial = {"amount": account.due if account.due else None, "means": Payment.Means.CASH}
    form = PaymentForm(account.platform, request.POST or None, initial=initial)
    if form.is_valid() and (payment := attempt(form, actions.pay, account, by=request.user, **form.cleaned_data)):
        messages.success(request, f"{euros(payment.amount)} reçus. Le reçu {payment.receipt} est prêt.")
        return redirect("pricing:account", pk)
    return _verb(request, account, form, "Encaisser un paiement", "Encaisser")


@once
def add_charge(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    form = ChargeForm(account.platform, request.POST or None)
    if form.is_valid() and (charge := attempt(form, actions.add_charge, account, by=request.user, **form.cleaned_data)):
        messages.success(request, f"{charge.label} : {euros(charge.amount)} à payer.")
        return redirect("pricing:account", pk)
    return _verb(request, account, form, "Ajouter un montant à payer", "Ajouter ce montant")


@once
def reverse_charge(request: HttpRequest, pk: int) -> HttpResponse:
    charge = _row(request, Charge, pk)
    form = ReasonForm(request.POST or None)
    done = f"{charge.label} : annulé. La ligne reste, avec son annulation."
    return _do(
        request,
        charge,
        form,
        actions.reverse_charge,
        f"Annuler « {charge.label} » ({euros(charge.amount)})",
        "Annuler ce montant",
        done,
        tone="danger",
    )


@once
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    charge = _row(request, Charge, pk)
    form = WaiverForm(request.POST or None, initial={"amount": charge.amount})
    title = f"Remise sur « {charge.label} » ({euros(charge.amount)})"
    return _do(request, charge, form, actions.waive, title, "Accorder la remise", "La remise est faite.")


@once
def reverse_payment(request: HttpRequest, pk: int) -> HttpResponse:
    payment = _row(request, Payment, pk)
    form = ReasonForm(request.POST or None)
    return _do(
        request,
        payment,
        form,
        actions.reverse_payment,
        f"Annuler le paiement de {euros(payment.amount)}",
        "Annuler ce paiement",
        "Paiement annulé. Son reçu garde son numéro et se lit « annulé ».",
        tone="danger",
    )


@once
def receive_deposit(request: HttpRequest, pk: int) -> HttpResponse:
    deposit = _row(request, Deposit, pk)
    initial = {"amount": deposit.amount, "means": Deposit.Means.CHEQUE}
    form = DepositForm(request.POST or None, initial=initial)
    done = "Dépôt de garantie reçu. Il n’est pas un paiement : il sera rendu au retour."
    return _do(
        request, deposit, form, actions.receive_deposit, "Recevoir le dépôt de garantie", "Noter le dépôt reçu", done
    )


@once
def return_deposit(request: HttpRequest, pk: int) -> HttpResponse:
    deposit = _row(request, Deposit, pk)
    form = forms.Form(request.POST if request.method == "POST" else None)  # nothing to ask
    given = f" (chèque n° {deposit.cheque_number})" if deposit.cheque_number else ""
    title = f"Rendre le dépôt de {euros(deposit.amount)}{given}"
    return _do(request, deposit, form, actions.return_deposit, title, "Le dépôt est rendu", "Dépôt de garantie rendu.")


@once
def keep_deposit(request: HttpRequest, pk: int) -> HttpResponse:
    deposit = _row(request, Deposit, pk)
    form = KeepForm(request.POST or None, initial={"amount": deposit.amount})
    done = "Dépôt gardé. Quand l’argent est encaissé, notez-le comme un paiement : le dépôt seul ne paie rien."
    return _do(
        request,
        deposit,
        form,
        actions.keep_deposit,
        f"Garder le dépôt de {euros(deposit.amount)}, en tout ou partie",
        "Garder ce montant",
        done,
        tone="danger",
    )


@once
def waive_deposit(request: HttpRequest, pk: int) -> HttpResponse:
    deposit = _row(request, Deposit, pk)
    form = ReasonForm(request.POST or None)
    title = f"Se passer du dépôt de {euros(deposit.amount)}"
    return _do(request, deposit, form, actions.waive_deposit, title, "Dispenser de dépôt", "Pas de dépôt demandé.")


def _account(request: HttpRequest, pk: int) -> Any:
    ours = Account.objects.visible_to(request.user).filter(platform=request.platform)
    return get_object_or_404(ours.with_balance(clock.today()).select_related("participant", "platform"), pk=pk)


def _row(request: HttpRequest, model: Any, pk: int) -> Any:
    ours = model.objects.visible_to(request.user).filter(platform=request.platform)
    return get_object_or_404(ours.select_related("account__participant", "account__platform"), pk=pk)


def _do(
    request: HttpRequest,
    row: Any,
    form: forms.Form,
    verb: Callable[..., Any],
    title: str,
    submit: str,
    done: str,
    tone: str = "primary",
) -> HttpResponse:
    """A verb upon one row of an account: done, it leads back to the account."""
    if request.method == "POST" and form.is_valid() and attempt(form, verb, row, by=request.user, **form.cleaned_data):
        messages.success(request, done)
        return redirect("pricing:account", row.account_id)
    return _verb(request, row.account, form, title, submit, tone)


def _verb(
    request: HttpRequest, account: Account, form: forms.Form, title: str, submit: str, tone: str = "primary"
) -> HttpResponse:
    context = {"account": account, "form": form, "title": title, "submit": submit, "tone": tone}
    return page(request, "pricing/verb.html", context)
