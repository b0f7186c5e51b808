"""The contract of each period of a loan: made when the keys leave, kept as PDF with its SHA-256."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils import timezone

from accounts import links
from accounts.models import User
from bookings.messages import the_vehicle
from bookings.models import Assignment, Booking, Clause, ConditionReport, ContractSignature, Period
from bookings.papers import drawings
from bookings.reports import papers as report_papers
from bookings.series.papers import of_series
from bookings.starters import CLAUSES, ON_FOUR_WHEELS, PLACE
from core import clock, pdf, words
from core.db import save
from core.files import store
from core.models import StoredFile
from fleet.models import Vehicle
from fleet.opening import opening_words
from pricing.models import Deposit
from pricing.receipts import letterhead
from pricing.tariffs import CALENDAR_DAYS, Quote

PERSON_PAGE = "/moi/"
Signed = ConditionReport | ContractSignature  # what a contract page was signed with


def issue(booking: Booking, *, by: User) -> list[Period]:
    """Makes the contract of each period that has none yet, signed as the departure report was. Step of `hand_over`."""
    waiting = list(booking.periods.standing().filter(contract__isnull=True))
    if not waiting:
        return []
    report = departure_report(booking)
    for period in waiting:
        freeze(booking, period, report, by=by)
    if booking.series is not None and booking.series.contract is None:
        booking.series.contract = waiting[0].contract
        save(booking.series, "contract")
    return waiting


def freeze(booking: Booking, period: Period, signed: Signed | None, *, by: User) -> Period:
    """Keeps the contract of this period as it was signed: a PDF with its SHA-256. It waits for no signature then."""
    period.contract = contract_of_series(booking, period) or store(
        contract_pdf(booking, period, report=signed, qr_address=address_of_page(booking)),
        kind=StoredFile.Kind.DOCUMENT,
        name=f"contrat-pret-{booking.pk}.pdf",
        media_type="application/pdf",
        platform_id=booking.platform_id,
        by=by,
    )
    period.awaits_signature = False
    return save(period, "contract", "awaits_signature")


def contract_of_series(booking: Booking, period: Period) -> StoredFile | None:
    """A recurring loan has one contract for all its dates, signed with the first keys; what a date is prolonged by has
    a page of its own."""
    return booking.series.contract if booking.series is not None and numbered(booking, period) == 1 else None


def departure_report(booking: Booking) -> ConditionReport | None:
    """The last signed report of a departure of this loan."""
    signed = ConditionReport.objects.filter(
        assignment__booking=booking, direction=ConditionReport.Direction.OUT, signed_at__isnull=False
    )
    return signed.select_related("participant_signature", "agent_signature", "paper_scan", "by").last()


def address_of_page(booking: Booking) -> str:
    """Where the printed code leads: the participant's own page. Empty for a member of staff, who signs in."""
    try:
        return links.qr_url(booking.participant.user, booking.platform, PERSON_PAGE)[1]
    except ValidationError:
        return ""


def contract_pdf(booking: Booking, period: Period, *, report: Signed | None = None, qr_address: str = "") -> bytes:
    """The contract and its one-page summary in plain French. Without a report it is a draft to read or to sign on."""
    with timezone.override(ZoneInfo(booking.platform.time_zone)):
        pictures = pictures_of(report)
        if qr_address:
            pictures["qr"] = drawings.qr(qr_address)
        said = contents(booking, period, report, bool(qr_address))
        if not said["prolongs"]:  # what a date of a recurring loan is prolonged by says its own dates
            said = of_series(booking, said)
        return pdf.render("bookings/contract", said, pictures)


def pictures_of(signed: Signed | None) -> dict[str, bytes]:
    """The drawn signatures: both at the kerb, the participant's alone on a page that is signed by a link."""
    if isinstance(signed, ContractSignature):
        return {"participant": drawings.signature(signed.drawing)}
    return report_papers.signed_pictures(signed) if signed else {}


def contents(booking: Booking, period: Period, report: Signed | None, has_qr: bool) -> dict[str, Any]:
    platform, participant = booking.platform, booking.participant
    assignment = vehicle_of(booking)
    vehicle = assignment.vehicle if assignment else None
    quote = Quote.from_json(period.quote) if period.quote else None
    clauses = clauses_of(booking)
    number, deposit = numbered(booking, period), deposit_words(booking)
    return {
        "number": f"{booking.pk}-{number}",
        "prolongs": f"{booking.pk}-{number - 1}" if number > 1 else "",
        "platform": letterhead(platform),
        "signed": report is not None,
        "parties": {
            "platform": platform.legal_name or platform.name,
            "participant": str(participant),
            "born": f"né·e le {participant.birth_date:%d/%m/%Y}" if participant.birth_date else "",
            "address": address_words(participant.address),
            "phone": words.phone(participant.phone) if participant.phone else "",
        },
        "loan": loan_rows(booking, period, vehicle),
        "prices": [[line.label, words.euros(line.amount)] for line in quote.lines] if quote else [],
        "total": words.euros(period.total),
        "rules": price_rules(quote, period) if quote else [],
        "deposit": deposit,
        "undertakings": clauses[Clause.Part.PROMISE],
        "duties": clauses[Clause.Part.DUTY],
        "emergency": emergency(booking),
        "has_qr": has_qr,
        "summary": summary(booking, period, assignment, number, deposit, clauses[Clause.Part.SUMMARY]),
        "signatures": signatures(booking, period, report),
    }


def vehicle_of(booking: Booking) -> Assignment | None:
    """The vehicle that serves the loan now, or served it last."""
    given = booking.assignments.select_related("hold", "vehicle__site__address", "site__address")
    return given.current().last() or given.last()


def summary_pdf(booking: Booking, period: Period, *, qr_address: str = "", for_participant: bool = False) -> bytes:
    """The loan on one page, in plain French: for the pocket, the fridge, the glove box.

    `for_participant`: as they may read it, without the vehicle before they were told of it or had its keys.
    """
    with timezone.override(ZoneInfo(booking.platform.time_zone)):
        pictures = {"qr": drawings.qr(qr_address)} if qr_address else {}
        number, deposit = numbered(booking, period), deposit_words(booking)
        reminders = clauses_of(booking)[Clause.Part.SUMMARY]
        said = {
            "platform": letterhead(booking.platform),
            "number": f"{booking.pk}-{number}",
            "has_qr": bool(qr_address),
            "summary": summary(booking, period, vehicle_of(booking), number, deposit, reminders)
            | (vehicle_unsaid(booking) if for_participant else {}),
        }
        return pdf.render("bookings/summary", said, pictures)


def vehicle_unsaid(booking: Booking) -> dict[str, str]:
    """Blanks of the summary, as long as an equal vehicle may still take the place of this one."""
    assignment = vehicle_of(booking)
    return {} if assignment is None or assignment.is_told else {"vehicle": "", "plate": ""}


def numbered(booking: Booking, period: Period) -> int:
    """Which contract of the loan this is: the first, or that of its nth renewal."""
    return 1 + booking.periods.filter(starts_at__lt=period.starts_at).count()


def deposit_words(booking: Booking) -> str:
    """What was given, or is to be; nothing for whoever is let off."""
    asked = [Deposit.State.EXPECTED, Deposit.State.HELD]
    amount = Deposit.objects.filter(account=booking.account_id, state__in=asked).aggregate(sum=Sum("amount"))["sum"]
    return words.euros(amount) if amount else ""


def address_words(address: Any) -> str:
    if address is None:
        return ""
    return ", ".join(part for part in (address.street, f"{address.postcode} {address.city}".strip()) if part)


def loan_rows(booking: Booking, period: Period, vehicle: Vehicle | None) -> list[list[str]]:
    rows = [
        ["Véhicule", report_papers.vehicle_words(vehicle) if vehicle else booking.get_kind_display()],
        ["Début", at_words(period.starts_at)],
        ["Fin", at_words(period.ends_at)],
        ["Motif", booking.get_purpose_display() if booking.purpose else ""],
        ["Trajet convenu", booking.destination],
        ["Dispositif", booking.programme.name],
    ]
    return [row for row in rows if row[1]]


def at_words(at: Any) -> str:
    return f"{words.calendar_day(at)} à {words.hour(at)}"


def price_rules(quote: Quote, period: Period) -> list[str]:
    """How the price was counted, and what may come on top: all of it is known before signing."""
    counted = (
        "On compte les jours du calendrier. Le premier et le dernier jour comptent."
        if quote.rule == CALENDAR_DAYS
        else "Un jour de 24 heures commencé est à payer."
    )
    said = [counted, f"Le prix est à payer au plus tard le {words.calendar_day(period.ends_at)}."]
    if quote.late_fee_per_day:
        said.append(f"Chaque jour de retard commencé coûte {words.euros(quote.late_fee_per_day)}.")
    if quote.km_included is not None:
        beyond = f" Au-delà : {words.euros(quote.excess_km_price)} par kilomètre." if quote.excess_km_price else ""
        said.append(f"{words.km(quote.km_included)} sont compris.{beyond}")
    due = "ne sont pas à payer" if quote.gives_back else "restent à payer"
    said.append(f"Véhicule rendu plus tôt : les jours non utilisés {due}.")
    return said


def clauses_of(booking: Booking) -> dict[str, list[str]]:
    """What the platform's contracts say today of this kind of vehicle, by part; the usual sentences where it has never
    written any. One query."""
    today = clock.local_date(clock.now(), booking.platform.time_zone)
    rows = [(row.part, row.kinds, row.text) for row in booking.platform.clauses.valid_on(today)]  # type: ignore[attr-defined]
    where = f" : {booking.destination}" if booking.destination else ""
    said: dict[str, list[str]] = {part: [] for part in Clause.Part.values}
    for part, kinds, text in rows or CLAUSES:
        if not kinds or booking.kind in kinds:
            said[part].append(text.replace(PLACE, where))
    return said


def emergency(booking: Booking) -> list[list[str]]:
    platform = booking.platform
    numbers = [
        ["La plateforme", words.phone(platform.phone) if platform.phone else ""],
        ["Assistance, panne ou accident", words.phone(platform.assistance_phone) if platform.assistance_phone else ""],
        ["Urgences (blessés, danger)", "112"],
        ["Personne sourde ou malentendante", "114 (par SMS)"],
    ]
    return [row for row in numbers if row[1]]


def summary(
    booking: Booking,
    period: Period,
    assignment: Assignment | None,
    number: int,
    deposit: str,
    not_to_forget: list[str],
) -> dict[str, Any]:
    """The loan on one page, in French that a reader at level A2 understands."""
    quote = Quote.from_json(period.quote) if period.quote else None
    vehicle = assignment.vehicle if assignment else None
    site = (assignment.site or assignment.vehicle.site) if assignment else None
    platform = booking.platform
    return {
        "keeps": number > 1,
        "what": the_vehicle(booking.kind),
        "vehicle": vehicle.label if vehicle else "",
        "plate": (vehicle.plate or vehicle.fleet_number) if vehicle else "",
        "from_day": words.calendar_day(period.starts_at),
        "from_hour": words.hour(period.starts_at),
        "until_day": words.calendar_day(period.ends_at),
        "until_hour": words.hour(period.ends_at),
        "site": site.name if site else "",
        "site_address": address_words(site.address) if site else "",
        "opening_hours": opening_words(site) if site else "",
        "price": words.euros(period.total),
        "pay_by": words.calendar_day(period.ends_at),
        "deposit": deposit,
        "late_fee": words.euros(quote.late_fee_per_day) if quote and quote.late_fee_per_day else "",
        "assistance": words.phone(platform.assistance_phone) if platform.assistance_phone else "",
        "on_four_wheels": booking.kind in ON_FOUR_WHEELS,
        "not_to_forget": not_to_forget,
    }


def signatures(booking: Booking, period: Period, report: Signed | None) -> dict[str, Any]:
    if isinstance(report, ContractSignature):
        return {
            "signer": report.signer_name,
            "agent": str(period.agreed_by or booking.platform),
            "at": at_words(report.signed_at),
            "note": report.get_means_display() if report.means == ContractSignature.Means.LINK else "",
        }
    paper = bool(report and report.paper_scan_id)
    return {
        "signer": (report.signer_name if report else "") or str(booking.participant),
        "agent": str(report.by) if report else "",
        "at": at_words(report.happened_at) if report and not paper else "",
        "note": "Signé sur papier ; la copie est gardée." if paper else "",
    }
