"""Aujourd'hui: everything that waits for somebody, in a fixed number of queries (14)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from accounts.models import Platform
from bookings.actions.vehicles import CORRECTED, REPLACED
from bookings.models import Assignment, Booking
from core import clock, words
from core.models import Note, OutboxMessage
from fleet import inspections
from fleet.models import OdometerReading, Vehicle
from maintenance.models import RepairJob
from participants.models import DrivingEntitlement
from pricing.models import Account, Deposit

SHOWN = 15  # lines of a list that are read, at most; the rest stands behind « Tout voir »
SHOWN_OF_WHAT_CAN_WAIT = 6
SOON = 30  # days before a paper expires
WISH_STANDS = 60  # days that a participant's wish stays when nobody answers


@dataclass
class Line:
    """Who, which vehicle, when, one button."""

    who: str
    when: str
    url: str
    verb: str
    plate: str = ""
    vehicle: str = ""
    tone: str = ""
    label: str = ""
    phone: str = ""
    is_post: bool = False  # the button carries the verb out; else it leads to where that is done
    more: str = ""  # the page that tells more, when the button is a verb


@dataclass
class Part:
    """One list of the page."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    tone: str = ""
    all_url: str = ""
    nothing: str = ""  # what its empty state says; an empty part without one is not shown
    icon: str = "check-circle"
    column: int = 0  # where there is room for two: 0 the keys, 1 money and machines

    @property
    def most(self) -> int:
        return SHOWN_OF_WHAT_CAN_WAIT if self.column else SHOWN

    @property
    def is_cut(self) -> bool:
        return len(self.lines) > self.most

    @property
    def shown(self) -> list[Line]:
        return self.lines[: self.most]


def parts(platform: Platform) -> list[Part]:
    """All lists of the page, the most urgent first; those with nothing to say are left out by the template."""
    now = clock.now()
    today = clock.today(ZoneInfo(platform.time_zone))
    tonight = clock.at(today + dt.timedelta(days=1), dt.time(), platform.time_zone)
    out = vehicles_out(platform, tonight)
    late = [one for one in out if one.hold.ends_at <= now]
    back_today = [one for one in out if one.hold.ends_at > now]
    loans = reverse("bookings:bookings")
    return [
        Part("late", "En retard", [return_line(one, now) for one in late], "now", f"{loans}?state=late"),
        Part("displaced", "À reloger", displaced(platform), "now", f"{loans}?state=displaced"),
        Part("wishes", "Demandes des participants", wishes(platform, now), "soon"),
        Part(
            "departures",
            "Départs",
            departures(platform, tonight, now),
            nothing="Personne ne vient chercher de véhicule aujourd’hui.",
            icon="key",
            all_url=f"{loans}?state=reserved",
        ),
        Part(
            "returns",
            "Retours",
            [return_line(one, now) for one in back_today],
            nothing="Aucun véhicule ne revient aujourd’hui.",
            icon="box-arrow-in-down",
            all_url=f"{loans}?state=active",
        ),
        Part(
            "repairs",
            "Réparations qui attendent",
            repairs(platform),
            "soon",
            reverse("maintenance:jobs"),
            column=1,
        ),
        Part("unpaid", "À régler", unpaid(platform, today), "soon", reverse("pricing:accounts"), column=1),
        Part("deposits", "Dépôts à rendre", deposits(platform), column=1),
        Part(
            "papers",
            "Bientôt périmé",
            [*papers(platform, today), *licences(platform, today)],
            "soon",
            reverse("fleet:vehicles"),
            column=1,
        ),
        Part("readings", "Kilomètres à vérifier", readings(platform), column=1),
        Part(
            "failed",
            "Messages qui ne sont pas partis",
            failed(platform, now),
            "soon",
            reverse("portal:messages"),
            column=1,
        ),
    ]


def vehicles_out(platform: Platform, until: dt.datetime) -> list[Assignment]:
    """Out, and due back before `until`: the longest overdue first."""
    return list(
        Assignment.objects.filter(
            platform=platform,
            ended_at__isnull=True,
            hold__platform=platform,
            hold__out_at__isnull=False,
            hold__back_at__isnull=True,
            hold__ends_at__lt=until,
        )
        .select_related("hold", "vehicle", "booking__participant")
        .order_by("hold__ends_at")[: 2 * SHOWN + 1]
    )


def return_line(one: Assignment, now: dt.datetime) -> Line:
    is_late = one.hold.ends_at <= now  # type: ignore[union-attr]
    return Line(
        who=str(one.booking.participant),
        when=("devait revenir " if is_late else "revient ") + words.moment(one.hold.ends_at),  # type: ignore[union-attr]
        url=f"{reverse('bookings:take_back', args=[one.booking_id])}?vehicule={one.vehicle_id}",
        more=reverse("bookings:booking", args=[one.booking_id]),
        verb="Reprendre",
        phone=one.booking.participant.phone if is_late else "",
        tone="late" if is_late else "",
        label="En retard" if is_late else "",
        **named(one.vehicle),
    )


def named(vehicle: Vehicle | None) -> dict[str, str]:
    return {"plate": vehicle.plate, "vehicle": f"{vehicle.fleet_number} {vehicle.label}".strip()} if vehicle else {}


def departures(platform: Platform, until: dt.datetime, now: dt.datetime) -> list[Line]:
    """Promised until tonight, those who did not come yet first."""
    promised = (
        Assignment.objects.filter(
            platform=platform,
            ended_at__isnull=True,
            hold__out_at__isnull=True,
            hold__isnull=False,
            booking__platform=platform,
            booking__state=Booking.State.RESERVED,
            booking__starts_at__lt=until,
        )
        .select_related("vehicle__site", "booking__participant")
        .order_by("booking__starts_at")[: SHOWN + 1]
    )
    return [
        Line(
            who=str(one.booking.participant),
            when=f"{words.moment(one.booking.starts_at)}, {one.vehicle.site}",
            url=reverse("bookings:hand_over", args=[one.booking_id]),
            more=reverse("bookings:booking", args=[one.booking_id]),
            verb="Remettre les clés",
            tone="due" if one.booking.starts_at <= now else "",
            label="Attendu" if one.booking.starts_at <= now else "",
            **named(one.vehicle),
        )
        for one in promised
    ]


def displaced(platform: Platform) -> list[Line]:
    lines = (
        Assignment.objects.displaced()
        .filter(platform=platform, booking__state__in=[Booking.State.RESERVED, Booking.State.ACTIVE])
        .select_related("vehicle", "booking__participant")
        .order_by("starts_at")[: SHOWN + 1]
    )
    return [
        Line(
            who=str(one.booking.participant),
            when=f"à partir {words.from_day(one.starts_at)}",
            url=reverse("bookings:rehouse", args=[one.booking_id]),
            more=reverse("bookings:booking", args=[one.booking_id]),
            verb="Reloger",
            is_post=True,
            tone="now",
            label="Sans véhicule",
            **named(one.vehicle),
        )
        for one in lines
    ]


def wishes(platform: Platform, now: dt.datetime) -> list[Line]:
    """What a participant wrote on their own loan, until the staff writes there. Two queries."""
    since = now - dt.timedelta(days=WISH_STANDS)
    notes = Note.objects.filter(platform_id=platform.pk, target_type="bookings.booking", at__gte=since)
    notes = notes.exclude(Q(text__startswith=REPLACED) | Q(text__startswith=CORRECTED))  # these answer nobody
    last: dict[str, Note] = {}
    for note in notes.order_by("-at", "-pk")[:500]:
        last.setdefault(note.target_id, note)
    loans = Booking.objects.filter(
        platform=platform, pk__in=[int(pk) for pk in last], state=Booking.State.ACTIVE
    ).select_related("participant")
    return [
        Line(
            who=f"{loan.participant} : {last[str(loan.pk)].text}",
            when=words.moment(last[str(loan.pk)].at),
            url=reverse("bookings:booking", args=[loan.pk]),
            verb="Répondre",
            phone=loan.participant.phone,
        )
        for loan in loans
        if last[str(loan.pk)].author_id == loan.participant.user_id
    ]


WAITING = {
    RepairJob.State.TO_DECIDE: ("À décider", "Décider"),
    RepairJob.State.QUOTED: ("Devis reçu", "Voir le devis"),
    RepairJob.State.DONE: ("Prêt au garage", "Récupérer"),
}


def repairs(platform: Platform) -> list[Line]:
    """What waits for the staff: a decision, a quote, a vehicle to fetch, an invoice to pay."""
    jobs = (
        RepairJob.objects.filter(platform=platform)
        .filter(
            Q(state__in=list(WAITING))
            | Q(state=RepairJob.State.COLLECTED, invoiced_at__isnull=False, paid_on__isnull=True)
        )
        .select_related("vehicle", "garage")
        .order_by("reported_at")[: SHOWN + 1]
    )
    lines = []
    for job in jobs:
        label, verb = WAITING.get(RepairJob.State(job.state), ("Facture à payer", "Voir la facture"))
        since = words.day(job.done_at or job.reported_at)
        lines.append(
            Line(
                who=job.title,
                when=f"{job.garage}, {since}" if job.garage else f"signalé {since}",
                url=reverse("maintenance:job", args=[job.pk]),
                verb=verb,
                tone="waiting",
                label=label,
                **(named(job.vehicle) or {"vehicle": job.own_vehicle}),
            )
        )
    return lines


def unpaid(platform: Platform, today: dt.date) -> list[Line]:
    accounts = Account.objects.filter(platform=platform).unpaid(today).select_related("participant").order_by("-pk")
    return [
        Line(
            who=str(account.participant),
            when=account.title,
            url=reverse("pricing:account", args=[account.pk]),
            verb="Encaisser",
            tone="unpaid",
            label=words.euros(account.due),
            phone=account.participant.phone,
        )
        for account in accounts[: SHOWN + 1]
    ]


def deposits(platform: Platform) -> list[Line]:
    """Held although the loan is over and nothing is due."""
    held = (
        Deposit.objects.filter(
            platform=platform,
            state=Deposit.State.HELD,
            account__outstanding__lte=Decimal(0),
            account__booking__state__in=[Booking.State.RETURNED, Booking.State.CANCELLED],
        )
        .select_related("account__participant")
        .order_by("received_at")[: SHOWN + 1]
    )
    return [
        Line(
            who=str(deposit.account.participant),
            when=f"{deposit.get_means_display()} reçu {words.day(deposit.received_at)}" if deposit.received_at else "",
            url=reverse("pricing:account", args=[deposit.account_id]),
            verb="Rendre le dépôt",
            label=words.euros(deposit.amount),
            tone="neutral",
        )
        for deposit in held
    ]


def papers(platform: Platform, today: dt.date) -> list[Line]:
    """Inspections, insurances, and scrap-bonus cars whose term ends: past, or within a month."""
    limit = today + dt.timedelta(days=SOON)
    found: list[tuple[dt.date, str, Vehicle]] = []
    for vehicle in Vehicle.objects.filter(platform=platform).in_service().with_papers():
        for name, day in (
            ("Contrôle technique", inspections.due(vehicle)),
            ("Assurance", vehicle.insured_until),
            ("À rendre ou détruire", vehicle.must_be_retired_by),
        ):
            if day is not None and day <= limit:
                found.append((day, name, vehicle))
    found.sort(key=lambda one: one[0])
    return [expiry(name, day, today, reverse("fleet:vehicle", args=[vehicle.pk]), **named(vehicle))
            for day, name, vehicle in found[: SHOWN + 1]]  # fmt: skip


def licences(platform: Platform, today: dt.date) -> list[Line]:
    """Of people who have a vehicle or are promised one."""
    driving = Booking.objects.filter(
        platform=platform, state__in=[Booking.State.RESERVED, Booking.State.ACTIVE]
    ).values("participant_id")
    titles = (
        DrivingEntitlement.objects.filter(
            platform=platform, valid_until__lte=today + dt.timedelta(days=SOON), participant__in=driving
        )
        .select_related("participant")
        .order_by("valid_until")[: SHOWN + 1]
    )
    return [
        expiry(
            f"{title.participant}, {title.get_sort_display().lower()} {title.category}",
            title.valid_until,  # type: ignore[arg-type]
            today,
            reverse("participants:participant", args=[title.participant_id]),
        )
        for title in titles
    ]


def expiry(name: str, day: dt.date, today: dt.date, url: str, **vehicle: str) -> Line:
    past = day < today
    return Line(
        who=name,
        when=("depuis le " if past else "jusqu’au ") + words.calendar_day(day, with_year=day.year != today.year),
        url=url,
        verb="Voir",
        tone="now" if past else "soon",
        label="Périmé" if past else "Bientôt",
        **vehicle,
    )


def readings(platform: Platform) -> list[Line]:
    """Kilometres that did not fit and that nobody has settled."""
    disputed: Iterable[OdometerReading] = (
        OdometerReading.objects.filter(platform=platform, state=OdometerReading.State.DISPUTED, settled_by__isnull=True)
        .select_related("vehicle")
        .order_by("-pk")[: SHOWN + 1]
    )
    return [
        Line(
            who=f"{words.km(one.km or 0)} relevés",
            when=words.day(one.read_at),
            url=reverse("fleet:vehicle", args=[one.vehicle_id]),
            verb="Vérifier",
            **named(one.vehicle),
        )
        for one in disputed
    ]


def failed(platform: Platform, now: dt.datetime) -> list[Line]:
    """Mails and SMS that were given up in the last two weeks."""
    since = now - dt.timedelta(days=14)
    lost = OutboxMessage.objects.filter(platform_id=platform.pk, topic__in=["mail", "sms"], given_up_at__gte=since)
    return [
        Line(
            who=one.payload.get("subject") or one.payload.get("text", "")[:60],
            when=words.moment(one.created_at),
            url=reverse("portal:messages"),
            verb="Voir",
        )
        for one in lost.order_by("-pk")[: SHOWN + 1]
    ]
