"""What the demo's past has left behind: the journal, the messages that left, notes; contracts and reports on paper."""

import datetime as dt
from typing import Any

from accounts.secrets import hash_of
from bookings.models import CalendarFeed, ConditionReport
from bookings.papers import contracts
from bookings.reports import papers as report_papers
from bookings.reports import reads as report_reads
from core import files, words
from core.models import JournalEntry, Note, OutboxMessage, StoredFile
from fleet.models import Site
from portal.demo.cast import World
from portal.demo.loans import Written, out_now
from pricing.models import Payment

TOLD_SINCE = dt.timedelta(days=30)
PAPERS_SINCE = dt.timedelta(days=3)
NOTES = (
    "Préfère être appelé·e après 17 h.",
    "A demandé s’il est possible de garder le véhicule deux semaines de plus.",
    "Attend son nouveau planning de travail.",
    "Le référent a confirmé la prolongation du contrat.",
    "Casque taille L à prévoir.",
)


def write_journal(world: World, written: list[Written], payments: list[Payment]) -> None:
    entries = [entry for one in written for entry in told_of(world, one)]
    entries += [
        entry_of(
            world,
            payment.by,
            "payment.received",
            ("pricing.account", payment.account_id),
            payment.received_at,
            {"payment": payment.pk, "means": str(payment.means), "amount": str(payment.amount)},
        )
        for payment in payments
    ]
    JournalEntry.objects.bulk_create(sorted(entries, key=lambda entry: entry.at))


def told_of(world: World, one: Written) -> list[JournalEntry]:
    loan, target = one.loan, ("bookings.booking", one.booking.pk)
    vehicle = {"vehicle": loan.vehicle.pk}
    steps: list[tuple[str, dt.datetime | None, dict[str, Any]]] = [
        ("booking.booked", loan.booked_at, vehicle | {"kind": str(loan.vehicle.kind)}),
        ("booking.cancelled", one.booking.cancelled_at, {}),
        ("booking.handed_over", loan.out_at, vehicle),
        ("booking.taken_back", loan.back_at, vehicle | {"last": True}),
    ]
    return [entry_of(world, one.agent, verb, target, at, facts) for verb, at, facts in steps if at is not None]


def entry_of(
    world: World, by: Any, verb: str, target: tuple[str, Any], at: dt.datetime, facts: dict[str, Any]
) -> JournalEntry:
    return JournalEntry(
        platform_id=world.platform.pk,
        actor_id=by.pk,
        verb=verb,
        target_type=target[0],
        target_id=str(target[1]),
        facts=facts,
        at=at,
    )


def write_messages(world: World, written: list[Written]) -> None:
    """The SMS of the last weeks, as they left."""
    since = world.now - TOLD_SINCE
    messages = []
    for one in written:
        loan, first_name = one.loan, one.loan.participant.first_name
        told = [
            (
                loan.booked_at,
                f"Bonjour {first_name}. Nous vous prêtons {loan.vehicle.label} à partir du "
                f"{words.calendar_day(loan.starts_at, with_year=False)} à {words.hour(loan.starts_at)}. "
                f"Venez à : {loan.vehicle.site}. Apportez votre pièce d’identité et votre permis.",
            ),
            (
                loan.back_at,
                f"Bonjour {first_name}. Vous avez rendu {loan.vehicle.label}. Merci !",
            ),
        ]
        messages += [
            sms(world, one, at, text)
            for at, text in told
            if at is not None and at > since and loan.participant.phone and loan.state != "cancelled"
        ]
    OutboxMessage.objects.bulk_create(sorted(messages, key=lambda message: message.created_at))


def sms(world: World, one: Written, at: dt.datetime, text: str) -> OutboxMessage:
    person = one.loan.participant
    return OutboxMessage(
        platform_id=world.platform.pk,
        topic="sms",
        key=f"demo:{one.booking.pk}:{at.isoformat()}",
        payload={"to": person.phone, "text": text},
        user_id=person.user_id,
        target_type="bookings.booking",
        target_id=str(one.booking.pk),
        created_at=at,
        due_at=at,
        done_at=at + dt.timedelta(seconds=4),
        attempts=1,
    )


def write_notes(world: World, written: list[Written]) -> None:
    rng = world.rng
    noted = rng.sample(out_now(written), min(6, len(out_now(written))))
    rows = []
    for one in noted:
        on_loan = rng.random() < 0.5
        rows.append(
            Note(
                platform_id=world.platform.pk,
                target_type="bookings.booking" if on_loan else "participants.participant",
                target_id=str(one.booking.pk if on_loan else one.loan.participant.pk),
                author_id=one.agent.pk,
                text=rng.choice(NOTES),
                at=world.now - dt.timedelta(days=rng.randint(0, 9), hours=rng.randint(1, 8)),
            )
        )
    Note.objects.bulk_create(sorted(rows, key=lambda note: note.at))


def print_papers(world: World, written: list[Written]) -> None:
    """The contracts of the loans under way, and the reports of the last days; older ones are not printed."""
    for one in out_now(written):
        contracts.issue(one.booking, by=one.agent)
    recent = ConditionReport.objects.filter(
        platform=world.platform, pdf__isnull=True, happened_at__gte=world.now - PAPERS_SINCE
    )
    printed = []
    for report in report_reads.whole(recent):
        report.pdf = files.store(
            report_papers.report_pdf(report),
            kind=StoredFile.Kind.DOCUMENT,
            name=report_papers.file_name(report),
            media_type="application/pdf",
            platform_id=world.platform.pk,
            by=report.by,
        )
        printed.append(report)
    ConditionReport.objects.bulk_update(printed, ["pdf"])


def write_feeds(world: World) -> None:
    """Two agendas that the team follows; nobody knows their addresses any more, they can be closed."""
    site = Site.objects.filter(platform=world.platform).order_by("pk").first()
    began = world.now - dt.timedelta(days=40)
    for owner, of, where, name in (
        (world.desk[0], CalendarFeed.Of.ADVISER, None, "mon téléphone"),
        (world.staff["coordinator"], CalendarFeed.Of.SITE, site, "l’écran de l’accueil"),
    ):
        secret = f"{world.rng.getrandbits(256):064x}"
        CalendarFeed.objects.create(
            platform=world.platform, owner=owner, of=of, site=where, name=name, created_at=began,
            prefix=secret[:6], secret_hash=hash_of(secret),
        )  # fmt: skip
