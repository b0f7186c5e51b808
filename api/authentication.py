import datetime as dt
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.secrets import hash_of
from core import clock

SEEN_AT_MOST_EVERY = dt.timedelta(minutes=5)


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer …` with a token that the API page or `script/manage api_token` gave."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(secret_hash=hash_of(secret.strip()), revoked_at__isnull=True, user__is_active=True)
            .first()
        )
        if token is None:
            raise AuthenticationFailed("Ce jeton n’existe pas ou a été révoqué.")
        if token.last_used_at is None or token.last_used_at < clock.now() - SEEN_AT_MOST_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=clock.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
