"""The demo is written in bulk; these tests hold it to what the actions would have left."""

import datetime as dt
import html
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.test import Client, override_settings

from accounts.models import Membership, Platform, User
from bookings.models import Assignment, Booking, ConditionReport, Period
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet.models import Hold, Kind, OdometerReading, Vehicle
from maintenance.models import RepairJob
from participants.entitlements import Driver, ToDrive, can_drive
from portal.demo import load, repairs
from portal.demo.cast import PASSWORD
from portal.demo.specs import ALLIER, PLATFORMS
from pricing.models import Account, Charge, Counter, Deposit, Payment, Receipt
from tests.factories import PlatformFactory

pytestmark = pytest.mark.xdist_group("demo")  # loaded once, not once for each process

State = Booking.State
A_TUESDAY = dt.datetime(2026, 11, 17, 9, 20, tzinfo=dt.UTC)  # in the morning: at midnight nothing is « back today »


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The whole demo of a Tuesday morning, loaded once for this file and taken away after it."""
    folder = tmp_path_factory.mktemp("demo")
    storages = settings.STORAGES | {"default": stored_in(folder)}
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=storages),
        pytest.MonkeyPatch.context() as patch,
        clock.travel(to=A_TUESDAY),
        transaction.atomic(),
    ):
        patch.setattr("core.bell.ring", lambda: None)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        load.load()
        yield folder
        transaction.set_rollback(True)


def stored_in(folder: Path) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder)},
    }


@pytest.fixture(autouse=True)
def _inside(request: pytest.FixtureRequest, django_db_blocker: Any) -> Any:
    if "demo" not in request.fixturenames:
        yield
        return
    with django_db_blocker.unblock():
        yield


def test_the_five_platforms_stand_under_their_names(demo: None) -> None:
    assert set(Platform.objects.values_list("name", flat=True)) == {
        "Sud Landes",
        "Cambrésis",
        "Allier",
        "Loiret",
        "Valenciennois",
    }
    assert not Platform.objects.filter(is_demo=False).exists()
    pool = Vehicle.objects.filter(platform__slug="sud-landes", withdrawn_on=None)
    assert dict(pool.values_list("kind").annotate(n=Count("pk")).order_by()) == {"car": 8, "moped": 28, "e_bike": 4}


# What every platform shows; some also have requests, or a vehicle that never came back.
SHOWN = {State.RESERVED, State.ACTIVE, State.RETURNED, State.CANCELLED}


def test_each_platform_has_something_for_every_page(demo: None) -> None:
    now, today = clock.now(), clock.today()
    for platform in Platform.objects.all():
        loans = Booking.objects.filter(platform=platform)
        assert {*loans.values_list("state", flat=True).distinct()} >= SHOWN, platform
        assert loans.filter(state=State.ACTIVE, ends_at__lte=now).count() >= 2, "late"
        assert loans.filter(state=State.ACTIVE, ends_at__gt=now, ends_at__date=today).exists(), "back today"
        assert loans.filter(state=State.RESERVED, starts_at__date=today).exists(), "leaving today"
        assert loans.filter(state=State.RESERVED, starts_at__gt=now + dt.timedelta(days=7)).exists(), "coming"
        assert loans.filter(starts_at__lt=now - dt.timedelta(days=300)).exists(), "a year of them"
        assert Account.objects.filter(platform=platform).unpaid(today).exists()
        assert Deposit.objects.filter(platform=platform, state="held").exists()
        jobs = RepairJob.objects.filter(platform=platform)
        assert jobs.filter(state="collected").exists()
        assert jobs.open().count() >= 3
        assert Membership.objects.filter(platform=platform).values("role").distinct().count() == 4
    landes = RepairJob.objects.filter(platform__slug="sud-landes").values_list("state", flat=True)
    assert set(landes) >= {
        "to_decide",
        "offered",
        "accepted",
        "quoted",
        "approved",
        "in_progress",
        "waiting_parts",
        "done",
    }


def test_keys_and_states_agree(demo: None) -> None:
    out = Q(assignments__hold__out_at__isnull=False, assignments__hold__back_at__isnull=True)
    loans = Booking.objects.annotate(
        out=Count("assignments", filter=out), open=Count("assignments", filter=Q(assignments__ended_at__isnull=True))
    )
    assert not loans.filter(state=State.ACTIVE).exclude(out=1, open=1).exists()
    assert not loans.filter(state=State.RESERVED).exclude(out=0, open=1).exists()
    assert not loans.filter(state__in=[State.RETURNED, State.CANCELLED]).exclude(out=0, open=0).exists()
    assert not Assignment.objects.displaced().exists()
    assert not Hold.objects.filter(Q(out_at__gt=clock.now()) | Q(back_at__gt=clock.now())).exists()
    twice = Hold.objects.out().values("vehicle").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()


def test_every_key_has_its_report(demo: None) -> None:
    reports = defaultdict(set)
    for assignment, direction in ConditionReport.objects.values_list("assignment_id", "direction"):
        reports[assignment].add(direction)
    for pk, out_at, back_at in Assignment.objects.exclude(hold=None).values_list("pk", "hold__out_at", "hold__back_at"):
        assert reports[pk] == {d for d, at in (("out", out_at), ("in", back_at)) if at}
    assert not ConditionReport.objects.filter(signed_at=None).exists()
    assert (
        not ConditionReport.objects.exclude(km=F("reading__km")).exclude(assignment__vehicle__kind=Kind.BIKE).exists()
    )


def test_counters_only_go_up(demo: None) -> None:
    last: dict[int, int] = {}
    for vehicle, km in OdometerReading.objects.order_by("read_at", "pk").values_list("vehicle_id", "km"):
        assert km >= last.get(vehicle, 0)
        last[vehicle] = km


def test_everybody_may_drive_what_they_were_lent(demo: None) -> None:
    lent = Assignment.objects.select_related("vehicle", "booking__participant").prefetch_related(
        "booking__participant__entitlements"
    )
    for one in lent:
        on = one.starts_at.date()
        verdict = can_drive(Driver.of(one.booking.participant), ToDrive.of(one.vehicle), on)
        assert verdict.allowed, (one.booking.participant, one.vehicle, verdict.refusals)


def test_what_was_quoted_is_what_was_charged(demo: None) -> None:
    """On each account the rent is that of the periods whose keys have left, however often they changed since."""
    quoted: defaultdict[int, Decimal] = defaultdict(Decimal)
    left = Period.objects.filter(given_up_at=None).exclude(booking__state=State.NOT_RETURNED)  # its rent stops on a day
    for account, state, total, of_quote in left.values_list(
        "booking__account", "booking__state", "total", "quote__total"
    ):
        assert Decimal(of_quote) == total
        quoted[account] += total if state in (State.ACTIVE, State.RETURNED) else 0
    never_back = Booking.objects.filter(state=State.NOT_RETURNED).values("account")
    rent = Charge.objects.filter(sort="rent").exclude(account__in=never_back).order_by()
    charged = dict(rent.values_list("account").annotate(sum=Sum("amount")))
    assert {account: total for account, total in quoted.items() if total} == charged


def test_the_ledger_adds_up(demo: None) -> None:
    for account in Account.objects.with_balance(clock.today()):
        assert account.outstanding == account.charged - account.paid
        assert account.paid >= 0
    assert not Payment.objects.filter(received_at__gt=clock.now()).exists()


def test_receipts_have_no_gap(demo: None) -> None:
    numbers = defaultdict(list)
    for platform, year, number, at in Receipt.objects.order_by("payment__received_at", "payment_id").values_list(
        "platform_id", "year", "number", "payment__received_at"
    ):
        numbers[platform, year].append(number)
        assert at.year in (year, year - 1)
    for (platform, year), found in numbers.items():
        assert found == list(range(1, len(found) + 1))
        assert Counter.objects.get(platform=platform, year=year).last == len(found)
    assert Receipt.objects.count() == Payment.objects.count()


def test_no_row_refers_to_another_platforms(demo: None) -> None:
    same = F("platform")
    assert not Booking.objects.exclude(participant__platform=same).exists()
    assert not Booking.objects.exclude(account=None).exclude(account__platform=same).exists()
    assert not Assignment.objects.exclude(vehicle__platform=same, booking__platform=same).exists()
    assert not Charge.objects.exclude(account__platform=same).exists()
    assert not Payment.objects.exclude(account__platform=same).exists()
    assert not Vehicle.objects.exclude(site__platform=same).exists()
    assert not RepairJob.objects.exclude(garage=None).exclude(garage__platform=same).exists()


@pytest.mark.parametrize("model", [User, Vehicle, Booking, Charge, Payment, Deposit, ConditionReport, RepairJob])
def test_rows_would_pass_every_check_of_their_model(demo: None, model: Any) -> None:
    for row in model.objects.order_by("-pk")[:60]:
        row.full_clean(validate_unique=False)


def test_nobody_in_it_can_be_written_to(demo: None) -> None:
    """Reserved domains, and telephone numbers that ARCEP keeps for fiction."""
    assert not User.objects.filter(email__isnull=False).exclude(email__endswith=".example").exists()
    assert not OutboxMessage.objects.filter(topic="sms").exclude(payload__to__regex=r"^\+33(63998|[1-5])").exists()


def test_the_journal_tells_the_past_in_its_order(demo: None) -> None:
    for platform in Platform.objects.all():
        told = JournalEntry.objects.filter(platform_id=platform.pk, verb__startswith="booking.").order_by("pk")
        days = list(told.values_list("at", flat=True))
        assert days == sorted(days)
        assert len(days) > 100


def test_a_demo_is_not_loaded_over_another_and_says_who_can_sign_in(demo: None, capsys: Any) -> None:
    with pytest.raises(CommandError, match="--recreate"):
        call_command("demo")
    call_command("demo", "--logins")
    said = capsys.readouterr().out
    for words in (PASSWORD, "coordination@sud-landes.example", "compta@loiret.example", "participant", "garage"):
        assert words in said
    kept = User.objects.get(email="parc@allier.example").password
    assert PBKDF2PasswordHasher().verify(PASSWORD, kept)


@pytest.mark.parametrize("arguments", [[], ["--recreate"]])
@pytest.mark.django_db
def test_the_demo_never_touches_a_real_platform(arguments: list[str]) -> None:
    PlatformFactory(name="Vraie")
    with pytest.raises(CommandError, match="real"):
        call_command("demo", *arguments)
    assert Platform.objects.get().name == "Vraie"


@pytest.mark.django_db
def test_the_same_day_gives_the_same_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = clock.now()
    monkeypatch.setattr("core.clock.now", lambda: fixed)
    monkeypatch.setattr(repairs, "open_jobs", lambda *_: None)

    def what_there_is() -> list[Any]:
        load.load_platform(ALLIER, User.objects.create(name="R", email="r@remise.example"), "!")
        loans = Booking.objects.values_list(
            "participant__name_key",
            "assignments__vehicle__plate",
            "starts_at",
            "ends_at",
            "state",
            "account__outstanding",
        )
        found = [*loans.order_by("starts_at", "pk"), *Payment.objects.order_by("pk").values_list("amount", "means")]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a transaction of the test's own goes on
        load.empty()
        return found

    first = what_there_is()
    assert first == what_there_is()
    assert not Platform.objects.exists()


def test_each_platform_has_a_tariff_for_all_it_lends() -> None:
    for spec in PLATFORMS:
        assert set(spec.pool) <= {tariff.kind for tariff in spec.tariffs if not tariff.audience}


LINK = re.compile(r'href="(/[^"#]*)"')


def opened(client: Client, start: list[str]) -> dict[str, int]:
    """The status of one page of each kind that can be reached from these by links."""
    found: dict[str, int] = {}
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        url = html.unescape(waiting.pop(0))
        kind = re.sub(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}", "n", url.partition("?")[0])
        if kind in seen or kind.startswith(("/static/", "/api/", "/compte/")):
            continue
        seen.add(kind)
        answer = client.get(url)
        found[url] = answer.status_code
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code == 302:
            waiting.append(answer["Location"])
        if "html" in answer.headers.get("Content-Type", ""):
            waiting += LINK.findall(content.decode())
    return found


def test_every_page_opens_on_the_demo(demo: Path, client: Client, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"default": stored_in(demo)}
    client.force_login(User.objects.get(email="coordination@sud-landes.example"))
    pages = opened(client, ["/aujourdhui/"])
    assert {url: status for url, status in pages.items() if status not in (200, 302)} == {}
    assert len(pages) > 40
    loan = Booking.objects.filter(state=State.ACTIVE).order_by("pk")[0]
    client.force_login(loan.participant.user)
    pages = opened(client, ["/moi/"])
    assert {url: status for url, status in pages.items() if status not in (200, 302)} == {}
