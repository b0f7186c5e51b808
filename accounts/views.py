from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import actions, limits, links, perms
from accounts.forms import InviteForm, NameForm, PlatformForm, RoleForm, TokenForm
from accounts.middleware import SESSION_KEY
from accounts.models import ApiToken, Membership, PersonalLink, Platform, Role
from core import clock, outbox
from core.db import require
from core.french import InFrench
from core.web import attempt, page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OPENED_A_MINUTE = 30  # links, by one visitor
ASKED_A_MINUTE = 3  # new links, by one visitor


def closed(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """A page of allauth's that Remise does not have; its name must exist all the same."""
    raise Http404


# --- personal links ---------------------------------------------------------------------------


@login_not_required
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    return _open(request, links.by_secret(secret))


@login_not_required
def open_qr(request: HttpRequest, signed: str) -> HttpResponse:
    return _open(request, links.by_signature(signed))


def _open(request: HttpRequest, link: PersonalLink | None) -> HttpResponse:
    """One button; its POST signs in. What opens no more says so, and how to come in all the same."""
    if not limits.within(OPENED_A_MINUTE, "open", limits.visitor(request)):
        return render(request, "429.html", status=429)
    if why := links.why_not(link):
        response = render(
            request,
            "accounts/link_closed.html",
            {"why": why, "link": link, "platform": link.platform if link else only_platform()},
            status=404 if link is None else 410,
        )
    elif request.method == "POST":
        assert link is not None
        login(request, link.user, backend=BACKEND)
        request.session.set_expiry(links.SESSION_LASTS)
        links.opened(link)
        response = redirect(link.path or reverse("portal:home"))
    else:
        assert link is not None
        response = render(
            request,
            "accounts/link.html",
            {"link": link, "platform": link.platform, "is_garage": link.purpose == PersonalLink.Purpose.GARAGE},
        )
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "same-origin"  # the address is the key; with "no-referrer" the POST has no origin
    return response


def only_platform() -> Platform | None:
    """Whom to call when the link says nothing: the platform, where there is but one."""
    platforms = Platform.objects.all()[:2]
    return platforms[0] if len(platforms) == 1 else None


@login_not_required
@require_POST
def ask_for_link(request: HttpRequest, secret: str) -> HttpResponse:
    """For a link that has expired: a new one goes where the platform writes to this person, and nowhere else."""
    link = links.by_secret(secret)
    if not limits.within(ASKED_A_MINUTE, "ask", limits.visitor(request)):
        return render(request, "429.html", status=429)
    if links.why_not(link) == "expired":
        assert link is not None
        outbox.send(
            "link.asked",
            key=f"link.asked:{link.pk}:{link.last_used_at or ''}:{_this_hour()}",
            platform_id=link.platform_id,
            payload={"user_id": link.user_id, "purpose": link.purpose, "path": link.path},
        )
    response = render(request, "accounts/link_sent.html", {"platform": link.platform if link else only_platform()})
    response["Referrer-Policy"] = "same-origin"
    return response


def _this_hour() -> str:
    return f"{clock.now():%Y%m%d%H}"


@require_POST
def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(PersonalLink, pk=pk, platform=request.platform)
    actions.revoke_link(link, by=request.user)
    messages.success(request, "Ce lien n’ouvre plus rien. Cette personne est déconnectée partout.")
    return redirect(back_to(request))


def back_to(request: HttpRequest) -> str:
    """The page of ours that the person came from, or home."""
    came_from = request.headers.get("Referer", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else "/"


# --- the platform and its team ----------------------------------------------------------------


@require_POST
def switch_platform(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("platform", "")
    if not any(str(membership.platform_id) == wanted for membership in request.memberships):
        raise Http404
    request.session[SESSION_KEY] = int(wanted)
    return redirect("portal:home")


def platform(request: HttpRequest) -> HttpResponse:
    """What papers and messages say of the platform."""
    require(perms.can_change_platform(request.user, request.platform))
    initial = {name: getattr(request.platform, name) for name in actions.SETTINGS}
    form = PlatformForm(request.POST or None, initial=initial)
    if form.is_valid() and attempt(
        form, actions.change_platform, request.platform, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "C’est enregistré.")
        return redirect("accounts:platform")
    return page(request, "accounts/platform.html", {"form": form})


def team(request: HttpRequest) -> HttpResponse:
    return page(request, "accounts/team.html", _team(request))


def _team(request: HttpRequest) -> dict[str, object]:
    members = (
        Membership.objects.filter(platform=request.platform)
        .select_related("user")
        .order_by(InFrench("user__name"), "pk")
    )
    return {
        "members": members,
        "roles": Role.choices,
        "may_change": perms.can_manage_team(request.user, request.platform),
    }


def invite(request: HttpRequest) -> HttpResponse:
    require(perms.can_manage_team(request.user, request.platform))
    form = InviteForm(request.POST or None, initial={"role": Role.ADVISER})
    if form.is_valid() and (
        member := attempt(form, actions.invite_member, request.platform, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, f"{member.user} fait partie de l’équipe. Un e-mail vient de partir.")
        return redirect("accounts:team")
    return page(request, "accounts/invite.html", {"form": form})


@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Membership.objects.select_related("platform"), pk=pk, platform=request.platform)
    form = RoleForm(request.POST)
    if form.is_valid():
        member = actions.change_role(member, by=request.user, **form.cleaned_data)
        messages.success(request, f"{member.user} : {member.get_role_display()}.")
    return redirect("accounts:team")


@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Membership.objects.select_related("platform"), pk=pk, platform=request.platform)
    user = actions.remove_member(member, by=request.user)
    messages.success(request, f"{user} ne fait plus partie de l’équipe.")
    return redirect("accounts:team" if user.pk != request.user.pk else "portal:home")


# --- oneself ----------------------------------------------------------------------------------


def me(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if form.is_valid() and attempt(form, actions.change_own_name, request.user, **form.cleaned_data):
        messages.success(request, "Votre nom est enregistré.")
        return redirect("accounts:me")
    return page(request, "accounts/me.html", {"form": form, "token_form": TokenForm()} | _me(request))


def _me(request: HttpRequest) -> dict[str, object]:
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    return {
        "tokens": ApiToken.objects.filter(user=request.user, revoked_at__isnull=True).order_by("-pk"),
        "has_second_factor": bool(kinds - {Authenticator.Type.RECOVERY_CODES}),
        "membership": request.membership,
    }


@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the secret: it is nowhere else, so there is nothing to come back to."""
    form = TokenForm(request.POST)
    made = form.is_valid() and attempt(form, actions.create_token, request.user, by=request.user, **form.cleaned_data)
    context = {"form": NameForm(initial={"name": request.user.name}), "token_form": form} | _me(request)
    if made:
        context |= {"token_form": TokenForm(), "made": made[0], "secret": made[1]}
    response = page(request, "accounts/me.html", context, status=201 if made else 422)
    add_never_cache_headers(response)
    return response


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    actions.revoke_token(token, by=request.user)
    messages.success(request, f"Le jeton « {token.name} » n’ouvre plus rien.")
    return redirect("accounts:me")
