from typing import Any

from accounts import links
from accounts.models import ApiToken, Membership, PersonalLink
from tests.access import FORBIDDEN, HIDDEN, OK, OUTSIDERS, ROLES, open_page, own_page, row
from tests.access.world import World, participant
from tests.factories import MembershipFactory


def secret(world: World) -> str:
    url = links.mint(world.get(participant).user, platform=world.platform, purpose="person")
    return url.rstrip("/").rpartition("/")[2]


def signed(world: World) -> str:
    _, url = links.qr_url(world.get(participant).user, world.platform)
    return url.rstrip("/").rpartition("/")[2]


def link(world: World) -> PersonalLink:
    world.get(secret)
    return PersonalLink.objects.get(user=world.get(participant).user, purpose="person")


def member(world: World) -> Membership:
    return MembershipFactory(platform=world.platform)


def token(world: World) -> Any:
    """The adviser's."""
    return ApiToken.objects.create(user=world.people["adviser"], name="x", prefix="x", secret_hash="x")


NO_PASSWORD = dict.fromkeys(OUTSIDERS, FORBIDDEN)
NOTHING_THERE = dict.fromkeys((*ROLES, *OUTSIDERS, "stranger"), HIDDEN)

ROWS = [
    open_page("GET", "accounts:open_link", {"secret": secret}),
    open_page("POST", "accounts:open_link", {"secret": secret}),
    open_page("GET", "accounts:open_qr", {"signed": signed}),
    open_page("POST", "accounts:open_qr", {"signed": signed}),
    open_page("POST", "accounts:ask_for_link", {"secret": secret}),
    row("POST", "accounts:revoke_link", {"pk": link}, staff=OK),
    row("GET", "accounts:platform", staff=FORBIDDEN),
    row("POST", "accounts:platform", staff=FORBIDDEN),
    row("POST", "accounts:switch_platform", staff=HIDDEN, coordinator=HIDDEN),  # without saying to which
    row("GET", "accounts:team", staff=OK),
    row("GET", "accounts:invite", staff=FORBIDDEN),
    row("POST", "accounts:invite", staff=FORBIDDEN),
    row("POST", "accounts:change_role", {"pk": member}, data={"role": "accountant"}, staff=FORBIDDEN),
    row("POST", "accounts:remove_member", {"pk": member}, staff=FORBIDDEN),
    row("GET", "accounts:me", staff=OK),
    row("POST", "accounts:me", staff=OK),
    row("POST", "accounts:create_token", data={"name": "essai"}, staff=OK),
    row("POST", "accounts:revoke_token", {"pk": token}, staff=HIDDEN, adviser=OK, coordinator=HIDDEN),
    # allauth's
    open_page("GET", "account_login"),
    open_page("POST", "account_login"),
    open_page("GET", "account_request_login_code"),
    open_page("GET", "account_confirm_login_code"),
    open_page("GET", "account_choose_person"),
    open_page("POST", "account_choose_person"),
    open_page("GET", "account_signup"),
    open_page("GET", "account_inactive"),
    open_page("GET", "account_reset_password"),
    open_page("GET", "account_reset_password_done"),
    open_page("GET", "account_reset_password_from_key", {"uidb36": "1", "key": "set-password"}),
    open_page("GET", "account_reset_password_from_key_done"),
    own_page("GET", "account_logout", anonymous=OK),
    own_page("GET", "account_email"),
    own_page("GET", "account_email_verification_sent", **NOTHING_THERE),
    own_page("GET", "account_reauthenticate", **NO_PASSWORD),
    own_page("GET", "account_change_password"),
    own_page("GET", "account_set_password"),
    open_page("GET", "mfa_authenticate"),
    open_page("GET", "mfa_login_webauthn"),
    own_page("GET", "mfa_reauthenticate", **NO_PASSWORD),
    own_page("GET", "mfa_reauthenticate_webauthn", **NO_PASSWORD),
    *(own_page("GET", f"mfa_{name}") for name in ("index", "activate_totp", "list_webauthn", "add_webauthn")),
    # nobody of the cast has set up a second proof: there is nothing to show or to take away
    own_page("GET", "mfa_deactivate_totp", **NOTHING_THERE),
    own_page("GET", "mfa_view_recovery_codes", **NOTHING_THERE),
    own_page("GET", "mfa_download_recovery_codes", **NOTHING_THERE),
    own_page("GET", "mfa_generate_recovery_codes"),
    own_page("GET", "mfa_edit_webauthn", {"pk": 1}, **(NOTHING_THERE | dict.fromkeys((*ROLES, "stranger"), OK))),
    own_page("GET", "mfa_remove_webauthn", {"pk": 1}, **(NOTHING_THERE | dict.fromkeys((*ROLES, "stranger"), OK))),
]
