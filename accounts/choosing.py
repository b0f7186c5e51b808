"""Signing in by a code: who shares the mailbox chooses whose page to open, once the code has proved it."""

from typing import Any

from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.stages import LoginStage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.mailboxes import Resident, residents

STAGE = "choose_person"


class RequestLoginCodeForm(AllauthRequestLoginCodeForm):
    """Sends a code wherever the platforms write to somebody, not only where it is one user's own address."""

    def clean_email(self) -> str:
        email = super().clean_email()
        if email and self._user is None:
            known = residents(email)
            self._user = known[0].user if known else None
        return email


class ChoosePersonStage(LoginStage):
    """Between the code and the second proof, which is then asked of the person who was chosen."""

    key = STAGE
    urlname = "account_choose_person"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if len(self.people()) < 2:
            return None, True
        return HttpResponseRedirect(reverse(self.urlname)), True

    def people(self) -> list[Resident]:
        """Nobody, unless a code has just proved the mailbox: a password or a key speaks for one person alone."""
        proofs = get_authentication_records(self.request, self.login.user)
        proof = proofs[-1] if proofs else {}
        return residents(proof["email"]) if proof.get("method") == "code" and proof.get("email") else []

    def choose(self, person: Resident) -> HttpResponse:
        self.login.user = person.user
        record_authentication(self.request, person.user, method="code", email=person.email)
        return self.exit()


@login_stage_required(stage=STAGE, redirect_urlname="account_login")
def choose_person(request: HttpRequest) -> HttpResponse:
    stage: Any = request._login_stage  # type: ignore[attr-defined]
    people = stage.people()
    if not people:  # nobody is written to there any more
        return stage.abort()
    chosen = next((one for one in people if str(one.user.pk) == request.POST.get("person")), None)
    if chosen is not None:
        return stage.choose(chosen)
    if request.method == "POST":
        return redirect("account_choose_person")
    return render(request, "account/choose_person.html", {"people": people})
