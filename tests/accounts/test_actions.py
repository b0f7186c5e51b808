"""Platforms, teams, tokens: each verb happens, or is refused and nothing changed."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import actions
from accounts.models import ApiToken, Membership, Platform, Role, User
from accounts.perms import has_role
from core import outbox
from core.models import JournalEntry
from tests.factories import MembershipFactory, ParticipantFactory, UserFactory

PASSWORD = "quatre mots sans lien"


def test_a_new_colleague_chooses_a_password_from_the_mail(
    platform: Any, driss: Any, mailoutbox: Any, client: Client
) -> None:
    member = actions.invite_member(platform, name="Zoé", email="zoe@example.org", role="adviser", by=driss)
    outbox.sweep()
    [mail] = mailoutbox
    assert (mail.to, "Sud Landes" in mail.subject) == (["zoe@example.org"], True)
    link = re.search(r"http://localhost:8000(\S+)", mail.body)[1]  # type: ignore[index]
    form = client.get(link, follow=True)
    assert "mot de passe" in form.content.decode()
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    answer = client.post("/compte/login/", {"login": "zoe@example.org", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert JournalEntry.objects.get(verb="member.invited").target_id == str(member.pk)
    assert Client().get(link, follow=True).content.decode().count("Ce lien ne sert plus"), "it serves once"


def test_a_colleague_known_elsewhere_only_joins(platform: Any, driss: Any, eve: Any, mailoutbox: Any) -> None:
    eve.set_password(PASSWORD)
    eve.save()
    actions.invite_member(platform, name="Eve", email="EVE@example.org", role="accountant", by=driss)
    outbox.sweep()
    assert has_role(User.objects.get(pk=eve.pk), platform.pk, Role.ACCOUNTANT)
    assert "http" not in mailoutbox[0].body


def test_nobody_joins_twice(platform: Any, driss: Any, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.invite_member(platform, name="Bruno", email=bruno.email, role="adviser", by=driss)
    assert refusal.value.code == "already_member"


def test_a_participants_address_is_no_colleagues(platform: Any, driss: Any) -> None:
    ParticipantFactory(platform=platform, user__email="ana@example.org")
    with pytest.raises(ValidationError) as refusal:
        actions.invite_member(platform, name="Ana", email="ana@example.org", role="adviser", by=driss)
    assert refusal.value.code == "email_taken"


def test_who_was_invited_and_left_before_choosing_a_password_may_come_back(platform: Any, driss: Any) -> None:
    member = actions.invite_member(platform, name="Zoé", email="zoe@example.org", role="adviser", by=driss)
    actions.remove_member(member, by=driss)
    assert actions.invite_member(platform, name="Zoé", email="zoe@example.org", role="adviser", by=driss)


@pytest.mark.parametrize("who", ["bruno", "agathe", "farid", "eve"])
def test_only_the_coordinator_manages_the_team(
    platform: Any, driss: Any, who: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    member = MembershipFactory(platform=platform)
    for verb in (
        lambda: actions.invite_member(platform, name="X", email="x@example.org", role="adviser", by=user),
        lambda: actions.change_role(member, role="coordinator", by=user),
        lambda: actions.remove_member(member, by=user),
        lambda: actions.change_platform(platform, by=user, name="À moi"),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert Platform.objects.get(pk=platform.pk).name == "Sud Landes"
    assert Membership.objects.get(pk=member.pk).role == "adviser"


def test_a_platform_has_a_clock_that_exists(platform: Any, driss: Any) -> None:
    for verb in (
        lambda: actions.change_platform(platform, by=driss, name="Autre", time_zone="Europe/Dax"),
        lambda: actions.create_platform("Autre", coordinator="zoe@example.org", time_zone="Europe/Dax"),
    ):
        with pytest.raises(ValidationError) as refusal:
            verb()
        assert refusal.value.code == "unknown_time_zone"
    assert list(Platform.objects.values_list("name", "time_zone")) == [("Sud Landes", "Europe/Paris")]


def test_one_coordinator_always_stays(platform: Any, driss: Any) -> None:
    mine = Membership.objects.get(user=driss)
    for verb in (
        lambda: actions.change_role(mine, role="adviser", by=driss),
        lambda: actions.remove_member(mine, by=driss),
    ):
        with pytest.raises(ValidationError) as refusal:
            verb()
        assert refusal.value.code == "last_coordinator"
    MembershipFactory(platform=platform, role=Role.COORDINATOR)
    actions.change_role(mine, role="adviser", by=driss)
    assert Membership.objects.get(pk=mine.pk).role == "adviser"


def test_who_leaves_the_last_team_speaks_through_no_program(platform: Any, driss: Any, bruno: Any) -> None:
    token, _ = actions.create_token(bruno, name="tableau", by=bruno)
    actions.remove_member(Membership.objects.get(user=bruno), by=driss)
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None


def test_a_token_is_shown_once_and_kept_as_a_hash(client: Client, bruno: Any) -> None:
    client.force_login(bruno)
    answer = client.post("/mon-compte/jetons/", {"name": "tableau de bord"})
    secret = re.search(r"<code class=\"text-break\">(\S+)</code>", answer.content.decode())[1]  # type: ignore[index]
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    assert secret not in str(ApiToken.objects.values().get())
    assert secret not in client.get("/mon-compte/").content.decode()
    program, bearer = Client(), {"Authorization": f"Bearer {secret}"}
    assert program.get("/api/v1/vehicles/", headers=bearer).status_code == 200
    client.post(f"/mon-compte/jetons/{ApiToken.objects.get().pk}/revoquer/")
    assert program.get("/api/v1/vehicles/", headers=bearer).status_code == 401


def test_a_coordinator_revokes_a_colleagues_token_and_no_strangers(driss: Any, bruno: Any, eve: Any) -> None:
    token, _ = actions.create_token(bruno, name="x", by=bruno)
    with pytest.raises(PermissionDenied):
        actions.revoke_token(token, by=eve)
    actions.revoke_token(token, by=driss)


def test_nobody_makes_a_token_for_somebody_else(driss: Any, bruno: Any, nobody: Any) -> None:
    with pytest.raises(PermissionDenied):
        actions.create_token(bruno, name="x", by=driss)
    with pytest.raises(PermissionDenied):
        actions.create_token(nobody, name="x", by=nobody)


def test_the_shell_prints_a_token(bruno: Any) -> None:
    said = StringIO()
    call_command("api_token", "BRUNO@example.org", stdout=said)
    assert ApiToken.objects.get().prefix == said.getvalue()[:8]
    with pytest.raises(CommandError):
        call_command("api_token", "nobody@example.org")


def test_the_shell_opens_a_platform(db: None, client: Client) -> None:
    said = StringIO()
    call_command("create_platform", "Allier", "--coordinator", "cleo@example.org", stdout=said)
    platform = Platform.objects.get(slug="allier")
    member = Membership.objects.get(platform=platform)
    assert (member.role, member.user.email) == ("coordinator", "cleo@example.org")
    assert platform.programmes.get().is_default
    assert platform.repair_policy
    assert has_role(platform.machine_user, platform.pk, "adviser"), "Celery may act"
    link = said.getvalue().split()[-1].removeprefix("http://localhost:8000")
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert client.login(email="cleo@example.org", password=PASSWORD)


def test_a_platform_that_cannot_be_opened_leaves_nothing(db: None) -> None:
    call_command("create_platform", "Allier", "--coordinator", "cleo@example.org", stdout=StringIO())
    users = User.objects.count()
    with pytest.raises(CommandError, match="identifiant"):
        call_command("create_platform", "Allier", "--coordinator", "autre@example.org")
    with pytest.raises(CommandError, match="fuseau"):
        call_command("create_platform", "Loiret", "--coordinator", "x@example.org", "--time-zone", "Mars/Olympus")
    assert (Platform.objects.count(), User.objects.count()) == (1, users)


def test_the_coordinator_says_what_papers_say(client: Client, driss: Any, platform: Any) -> None:
    client.force_login(driss)
    given = {
        "name": "Sud Landes",
        "phone": "05 58 41 22 10",
        "vat_mention": "out_of_scope",
        "time_zone": "Europe/Paris",
        "no_show_after_minutes": 60,
    }
    assert client.post("/plateforme/", given | {"siret": "12345678901234"}).status_code == 422
    assert client.post("/plateforme/", given | {"siret": "732 829 320 00074"}).status_code == 302
    platform.refresh_from_db()
    assert (platform.phone, platform.siret, platform.vat_mention) == ("+33558412210", "73282932000074", "out_of_scope")
    assert JournalEntry.objects.get(verb="platform.changed").facts["fields"] == [
        "assistance_phone", "email", "phone", "siret", "vat_mention"
    ]  # fmt: skip


def test_one_switches_between_ones_own_platforms_only(
    client: Client, bruno: Any, other_platform: Any, platform: Any
) -> None:
    client.force_login(bruno)
    assert client.post("/plateforme/choisir/", {"platform": other_platform.pk}).status_code == 404
    MembershipFactory(user=bruno, platform=other_platform, role=Role.ADVISER)
    assert client.post("/plateforme/choisir/", {"platform": other_platform.pk}).status_code == 302
    assert "Loiret" in client.get("/equipe/").content.decode()


def test_a_name_is_kept(client: Client, bruno: Any) -> None:
    client.force_login(bruno)
    client.post("/mon-compte/", {"name": "Bruno D."})
    bruno.refresh_from_db()
    assert bruno.name == "Bruno D."
    assert client.post("/mon-compte/", {"name": " "}).status_code == 422


# --- who has no business here -------------------------------------------------------------------


def test_a_code_by_mail_lets_a_participant_in_for_a_month(client: Client, platform: Any, mailoutbox: Any) -> None:
    user = ParticipantFactory(platform=platform, user__email="ana@example.org").user
    client.post("/compte/login/code/", {"email": "ana@example.org"})
    outbox.sweep()
    code = re.search(r"^    (\S+)$", mailoutbox[0].body, re.MULTILINE)[1]  # type: ignore[index]
    client.post("/compte/login/code/confirm/", {"code": code})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.get_expiry_age() > 29 * 86_400


def test_an_unknown_address_gets_the_same_page_and_no_mail(client: Client, db: None, mailoutbox: Any) -> None:
    answer = client.post("/compte/login/code/", {"email": "nobody@example.org"}, follow=True)
    outbox.sweep()
    assert "Écrivez le code" in answer.content.decode()
    answer = client.post("/compte/password/reset/", {"email": "nobody@example.org"}, follow=True)
    outbox.sweep()
    assert answer.status_code == 200
    assert mailoutbox == []


def test_a_password_cannot_be_tried_for_ever(client: Client, bruno: Any) -> None:
    tries = [
        client.post("/compte/login/", {"login": bruno.email, "password": f"faux {n}"}).status_code for n in range(25)
    ]
    assert tries[-1] == 429


def test_the_link_to_a_new_password_is_not_kept(client: Client, bruno: Any, mailoutbox: Any) -> None:
    from core.models import OutboxMessage

    client.post("/compte/password/reset/", {"email": bruno.email})
    outbox.sweep()
    link = re.search(r"http://\S+", mailoutbox[0].body)[0]  # type: ignore[index]
    assert "/password/reset/key/" in link
    assert "/password/reset/key/" not in str(OutboxMessage.objects.values_list("payload", flat=True).get())


def test_a_page_for_staff_is_closed_to_everybody_else(client: Client, platform: Any) -> None:
    client.force_login(UserFactory())
    assert client.get("/equipe/").status_code == 403
