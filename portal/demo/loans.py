"""The planned loans as rows: bookings, holds, assignments, condition reports, kilometres, damages."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from bookings.models import Assignment, Booking, ConditionReport, Period, ReportedDamage, ReportPhoto
from fleet import silhouettes
from fleet.checklists import has_battery, has_tank, items_of, photo_positions
from fleet.models import Damage, Equipment, Hold, Kind, OdometerReading, Vehicle
from portal.demo.cast import World
from portal.demo.names import WORKPLACES
from portal.demo.pictures import Album
from portal.demo.plan import ACTIVE, CANCELLED, Loan, Planner
from portal.demo.pool import KM_A_DAY
from pricing.models import Account, Tariff
from pricing.tariffs import Quote, Terms, quote

WITH_PHOTOS = dt.timedelta(days=45)  # older reports of the demo say why they have none
OUT, IN = ConditionReport.Direction.OUT, ConditionReport.Direction.IN
REMARKS = ("Rayure déjà connue sur l’aile.", "Plein fait par le participant.", "Siège passager un peu taché.", "")
PURPOSES = ("cdi", "cdd", "cdd", "temporary", "temporary", "training", "apprenticeship", "subsidised", "internship",
            "job_search", "keep_job")  # fmt: skip
CANCELLED_BECAUSE = (
    "A trouvé un covoiturage",
    "Contrat de travail annulé",
    "Ne s’est pas présenté·e",
    "A acheté sa voiture",
)


@dataclass
class Written:
    """A loan with its rows."""

    loan: Loan
    tariff: Tariff
    price: Quote
    agent: Any
    account: Account = None  # type: ignore[assignment]
    booking: Booking = None  # type: ignore[assignment]
    period: Period = None  # type: ignore[assignment]
    assignment: Assignment = None  # type: ignore[assignment]
    km_driven: int = 0
    new_damages: list[Damage] = field(default_factory=list)


class Writer:
    def __init__(self, world: World, planner: Planner, album: Album) -> None:
        self.world, self.rng, self.album, self.planner = world, world.rng, album, planner
        self.terms = {tariff.pk: Terms.of(tariff) for tariff in world.tariffs}
        self.equipment: dict[int, list[Equipment]] = {}
        for one in Equipment.objects.filter(platform=world.platform, vehicle__isnull=False).order_by("pk"):
            self.equipment.setdefault(one.vehicle_id or 0, []).append(one)

    def run(self) -> list[Written]:
        written = [self.agreed(loan) for _, loans in self.planner.by_vehicle() for loan in loans]
        self.write_agreements(written)
        self.write_kerb(written)
        self.write_vehicle_photos()
        return written

    # --- the agreement ------------------------------------------------------------------------

    def agreed(self, loan: Loan) -> Written:
        tariff = self.tariff_of(loan)
        price = quote(self.terms[tariff.pk], loan.starts_at, loan.ends_at, self.world.zone)
        return Written(loan, tariff, price, self.rng.choice(self.world.desk))

    def tariff_of(self, loan: Loan) -> Tariff:
        """As pricing.tariff_choice chooses, without a query for each loan."""
        on = loan.starts_at.astimezone(self.world.zone).date()
        theirs = self.world.audiences.get(loan.participant.pk, set())
        holds = [t for t in self.world.tariffs if t.kind == loan.vehicle.kind and t.valid_on(on)]
        fitting = [t for t in holds if t.audience == "" or t.audience in theirs]
        return min(fitting, key=lambda t: (t.audience == "", t.pk))

    def write_agreements(self, written: list[Written]) -> None:
        platform = self.world.platform
        accounts = Account.objects.bulk_create(
            [
                Account(
                    platform=platform,
                    participant=one.loan.participant,
                    title=f"Prêt : {Kind(one.loan.vehicle.kind).label.lower()}",
                    created_at=one.loan.booked_at,
                )
                for one in written
            ]
        )
        for one, account in zip(written, accounts, strict=True):
            one.account = account
        bookings = Booking.objects.bulk_create([self.booking(one) for one in written])
        for one, booking in zip(written, bookings, strict=True):
            one.booking = booking
        periods = Period.objects.bulk_create(
            [
                Period(
                    platform=platform,
                    booking=one.booking,
                    starts_at=one.loan.starts_at,
                    ends_at=one.loan.ends_at,
                    tariff=one.tariff,
                    quote=one.price.as_json(),
                    total=one.price.total,
                    created_at=one.loan.booked_at,
                )
                for one in written
            ]
        )
        for one, period in zip(written, periods, strict=True):
            one.period = period
        taken = [one for one in written if one.loan.state != CANCELLED]
        holds = Hold.objects.bulk_create([self.hold(one.loan) for one in taken])
        of_loan = {id(one): hold for one, hold in zip(taken, holds, strict=True)}
        assignments = Assignment.objects.bulk_create([self.assignment(one, of_loan.get(id(one))) for one in written])
        for one, assignment in zip(written, assignments, strict=True):
            one.assignment = assignment

    def booking(self, one: Written) -> Booking:
        loan, rng = one.loan, self.rng
        home = loan.participant.address.city if loan.participant.address else self.world.spec.homes[0].commune
        cancelled = loan.state == CANCELLED
        return Booking(
            platform=self.world.platform,
            participant=loan.participant,
            programme=loan.participant.programme,
            account=one.account,
            state=loan.state,
            kind=loan.vehicle.kind,
            needs_automatic=loan.vehicle.kind == Kind.CAR and "78" in self.codes(loan),
            purpose=rng.choice(PURPOSES),
            destination=f"{home} – {rng.choice(WORKPLACES)}",
            starts_at=loan.starts_at,
            ends_at=loan.ends_at,
            created_by=one.agent,
            created_at=loan.booked_at,
            cancelled_at=loan.booked_at + dt.timedelta(hours=20) if cancelled else None,
            cancel_reason=rng.choice(CANCELLED_BECAUSE) if cancelled else "",
        )

    def codes(self, loan: Loan) -> set[str]:
        rows = self.world.entitlements.get(loan.participant.pk, [])
        return {code for row in rows for code in row.restriction_codes}

    def hold(self, loan: Loan) -> Hold:
        early = loan.back_at is not None and loan.back_at < loan.ends_at
        return Hold(
            platform=self.world.platform,
            vehicle=loan.vehicle,
            purpose=Hold.Purpose.LOAN,
            starts_at=loan.starts_at,
            ends_at=loan.back_at if early else loan.ends_at,
            out_at=loan.out_at,
            back_at=loan.back_at,
            ready_at=self.ready_at(loan),
            created_at=loan.booked_at,
        )

    def ready_at(self, loan: Loan) -> dt.datetime | None:
        """What came back an hour ago is not ready yet; all the rest has been for long."""
        if loan.back_at is None or self.world.now - loan.back_at < dt.timedelta(hours=6):
            return None
        return loan.back_at + dt.timedelta(minutes=40)

    def assignment(self, one: Written, hold: Hold | None) -> Assignment:
        loan, reasons = one.loan, Assignment.EndReason
        ended = loan.back_at or (one.booking.cancelled_at if loan.state == CANCELLED else None)
        reason = reasons.RETURNED if loan.back_at else reasons.CANCELLED if loan.state == CANCELLED else ""
        return Assignment(
            platform=self.world.platform,
            booking=one.booking,
            vehicle=loan.vehicle,
            hold=hold,
            site_id=loan.vehicle.site_id,
            starts_at=loan.starts_at,
            ends_at=loan.ends_at,
            ended_at=ended,
            end_reason=reason,
            created_at=loan.booked_at,
        )

    # --- at the kerb --------------------------------------------------------------------------

    def write_kerb(self, written: list[Written]) -> None:
        """Reports and readings as they happened to each vehicle; a damage stands in the reports that follow."""
        readings: list[OdometerReading] = []
        reports: list[ConditionReport] = []
        shown: list[tuple[ConditionReport, Damage, bool]] = []
        damages: list[Damage] = []
        known: dict[int, list[Damage]] = {}
        for one in written:
            loan = one.loan
            if loan.out_at is None:
                continue
            of_vehicle = known.setdefault(loan.vehicle.pk, [])
            for direction, at in ((OUT, loan.out_at), (IN, loan.back_at)):
                if at is None:
                    continue
                if direction == IN:
                    loan.vehicle.km += self.driven(one)  # type: ignore[attr-defined]
                reading = self.reading(one, direction, at)
                report = self.report(one, direction, at, reading)
                still = [damage for damage in of_vehicle if damage.repaired_at is None or damage.repaired_at > at]
                shown += [(report, damage, False) for damage in still]
                if direction == IN and self.rng.random() < 0.07:
                    damage = self.damage(loan.vehicle, at, one.agent)
                    of_vehicle.append(damage)
                    damages.append(damage)
                    one.new_damages.append(damage)
                    shown.append((report, damage, True))
                readings.append(reading)
                reports.append(report)
        OdometerReading.objects.bulk_create(readings)
        Damage.objects.bulk_create(damages)
        ConditionReport.objects.bulk_create(reports)
        ReportedDamage.objects.bulk_create(
            [ReportedDamage(report=report, damage=damage, is_new=new) for report, damage, new in shown]
        )
        ReportPhoto.objects.bulk_create([photo for report in reports for photo in self.photos(report)])

    def driven(self, one: Written) -> int:
        loan = one.loan
        assert loan.out_at is not None
        assert loan.back_at is not None
        days = max(1.0, (loan.back_at - loan.out_at) / dt.timedelta(days=1))
        one.km_driven = round(days * self.rng.uniform(*KM_A_DAY[Kind(loan.vehicle.kind)]))
        return one.km_driven

    def reading(self, one: Written, direction: str, at: dt.datetime) -> OdometerReading:
        sources = OdometerReading.Source
        return OdometerReading(
            platform=self.world.platform,
            vehicle=one.loan.vehicle,
            km=one.loan.vehicle.km,  # type: ignore[attr-defined]
            state=OdometerReading.State.ACCEPTED,
            source=sources.LOAN_OUT if direction == OUT else sources.LOAN_IN,
            read_at=at,
            recorded_at=at,
            by=one.agent,
        )

    def report(self, one: Written, direction: str, at: dt.datetime, reading: OdometerReading) -> ConditionReport:
        loan, rng, vehicle = one.loan, self.rng, one.loan.vehicle
        absent = direction == IN and loan.absent
        recent = at > self.world.now - WITH_PHOTOS
        return ConditionReport(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            platform=self.world.platform,
            assignment=one.assignment,
            direction=direction,
            site=vehicle.site,
            happened_at=at,
            recorded_at=at,
            by=one.agent,
            licence_seen=direction == OUT,
            identity_seen=direction == OUT,
            km=reading.km,
            km_state=reading.state,
            reading=reading,
            fuel_eighths=rng.randint(3, 8) if has_tank(vehicle.kind, vehicle.energy) else None,
            battery_percent=rng.randint(35, 100) if has_battery(vehicle.kind, vehicle.energy) else None,
            is_clean=direction == OUT or rng.random() < 0.9,
            checklist={item.code: {"state": "ok", "note": ""} for item in items_of(vehicle.kind, vehicle.energy)},
            equipment={str(e.pk): {"present": True, "note": ""} for e in self.equipment.get(vehicle.pk, [])},
            remarks=rng.choice(REMARKS) if rng.random() < 0.15 else "",
            photos_reason="" if recent else "Photos non reprises dans la démonstration",
            presence=ConditionReport.Presence.ABSENT if absent else ConditionReport.Presence.SIGNED,
            signer_name="" if absent else str(loan.participant),
            witness_name="Marie Loubens, accueil" if absent else "",
            absence_reason="Clés dans la boîte" if absent else "",
            participant_signature=None if absent else rng.choice(self.album.signatures),
            agent_signature=self.album.agents[one.agent.pk],
            signed_at=at,
        )

    def photos(self, report: ConditionReport) -> list[ReportPhoto]:
        if report.photos_reason:
            return []
        vehicle = report.assignment.vehicle
        return [
            ReportPhoto(
                report=report,
                file=self.album.vehicle(vehicle.kind, vehicle.colour, "right" in position),
                position=position,
            )
            for position, _ in photo_positions(vehicle.kind)
        ]

    def damage(self, vehicle: Vehicle, at: dt.datetime, agent: Any) -> Damage:
        rng, drawing = self.rng, silhouettes.of(vehicle.kind)
        zone = rng.choice([zone for zone in drawing.zones if zone.shapes])
        x, y = zone.shapes[0].centre
        sort = rng.choice((Damage.Sort.SCRATCH, Damage.Sort.SCRATCH, Damage.Sort.CHIP, Damage.Sort.DENT))
        old = at < self.world.now - dt.timedelta(days=90)
        return Damage(
            platform=self.world.platform,
            vehicle=vehicle,
            zone=zone.code,
            sort=sort,
            severity=Damage.Severity.COSMETIC if rng.random() < 0.75 else Damage.Severity.MODERATE,
            x=round(x / drawing.width, 4),
            y=round(y / drawing.height, 4),
            note=rng.choice(("", "", "5 cm environ", "trace de peinture", "au retour")),
            found_at=at,
            found_by=agent,
            repaired_at=at + dt.timedelta(days=40) if old and rng.random() < 0.5 else None,
        )

    def write_vehicle_photos(self) -> None:
        for vehicle in self.world.vehicles:
            vehicle.photo = self.album.vehicle(vehicle.kind, vehicle.colour)
        Vehicle.objects.bulk_update(self.world.vehicles, ["photo"])


def out_now(written: list[Written]) -> list[Written]:
    return [one for one in written if one.loan.state == ACTIVE]
