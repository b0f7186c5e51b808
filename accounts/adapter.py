import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.links import SESSION_LASTS
from accounts.models import Membership, User
from core import outbox

PASSWORD_LINK = "account/email/password_reset_key"


class AccountAdapter(DefaultAccountAdapter):
    """How allauth behaves here: nobody signs up by themselves, and every mail goes through our outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The link to choose a password is made when the mail leaves; the outbox keeps a placeholder."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        link = None
        if template_prefix == PASSWORD_LINK and user is not None:
            context = context | {"password_reset_url": outbox.LINK}
            link = {"user_id": user.pk, "purpose": "password"}
        mail = self.render_mail(template_prefix, email, context)
        outbox.mail(
            email,
            str(mail.subject),
            str(mail.body),
            key=f"{template_prefix.rpartition('/')[2]}:{uuid.uuid4()}",
            platform_id=None,  # a code is nobody's business but its reader's: no platform lists it
            user_id=user.pk if user is not None else None,
            link=link,
        )

    def get_login_stages(self) -> list[str]:
        by_code, *others = super().get_login_stages()
        return [by_code, "accounts.choosing.ChoosePersonStage", *others]

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Participants and garages stay signed in on their phone; staff until the browser closes."""
        response = super().post_login(request, user, **kwargs)
        if not Membership.objects.filter(user=user).exists():  # type: ignore[misc]
            request.session.set_expiry(SESSION_LASTS)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:me")
