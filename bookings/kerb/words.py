"""What is read aloud before both sign: the loan, the vehicle, the price, in plain sentences."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from bookings import messages
from bookings.changes.outcome import early_return
from bookings.charges import whole_agreement
from bookings.models import Booking, ConditionReport, Period
from bookings.reports import rules as report_rules
from core import words
from fleet import silhouettes
from fleet.models import Damage
from pricing.models import Deposit
from pricing.tariffs import Line, Quote, late_days

DEPOSIT_WORDS = {
    Deposit.State.EXPECTED: "il est à donner maintenant",
    Deposit.State.HELD: "il est reçu",
    Deposit.State.WAIVED: "la personne en est dispensée",
}


def the_vehicle(report: ConditionReport) -> str:
    """« la voiture Peugeot 208, AB-123-CD »."""
    vehicle = report.assignment.vehicle
    number = vehicle.plate or vehicle.fleet_number
    made = f" {vehicle.label}" if vehicle.make or vehicle.model else ""
    return f"{messages.the_vehicle(vehicle.kind)}{made}{f', {number}' if number else ''}"


def level(report: ConditionReport) -> str:
    said = []
    if report.km is not None:
        said.append(words.km(report.km))
    if report.fuel_eighths is not None:
        said.append(f"le réservoir à {report.fuel_eighths}/8" if report.fuel_eighths < 8 else "le plein")
    if report.battery_percent is not None:
        said.append(f"la batterie à {report.battery_percent} %")
    return f", avec {' et '.join(said)}" if said else ""


def departure(loan: Booking, report: ConditionReport, period: Period | None, deposits: list[Deposit]) -> list[str]:
    """What the participant agrees to before the keys leave."""
    known = len(report.reported_damages.all())
    said = [
        f"{loan.participant} reçoit {the_vehicle(report)}{level(report)}.",
        "Aucun dégât n’est noté." if not known else f"{count(known, 'dégât est noté', 'dégâts sont notés')}.",
        f"Le véhicule revient {words.moment(loan.ends_at)}, à {report.site}.",
    ]
    quote = Quote.from_json(period.quote) if period and period.quote else None
    if period:
        lines = f" ({', '.join(line.label for line in quote.lines)})" if quote else ""
        said.append(f"Le prix est de {words.euros(period.total)}{lines}, à payer au plus tard {by_day(period)}.")
    for deposit in deposits:
        if deposit.state in DEPOSIT_WORDS:
            state = DEPOSIT_WORDS[Deposit.State(deposit.state)]
            said.append(f"Le dépôt de garantie est de {words.euros(deposit.amount)} : {state}.")
    if quote and quote.late_fee_per_day:
        said.append(f"Chaque jour de retard coûte {words.euros(quote.late_fee_per_day)}.")
    return unbroken(said)


def unbroken(sentences: list[str]) -> list[str]:
    """No line begins with a colon."""
    return [sentence.replace(" :", f"{words.NBSP}:") for sentence in sentences]


def by_day(period: Period) -> str:
    day = words.day(period.ends_at)
    return day if day in {"aujourd’hui", "demain", "hier"} else f"le {day}"


def count(number: int, one: str, many: str) -> str:
    return f"{'Un' if number == 1 else number} {one if number == 1 else many}"


def comes_on_top(loan: Booking, report: ConditionReport, driven: int | None) -> list[Line]:
    """What the return adds to the price if it happens now: started late days, kilometres beyond those included; and
    what it takes away, when the vehicle is back before the agreed end.

    As `charges.charge_what_came_on_top`: nothing while another vehicle serves the loan, and no late day for a first
    one that is fetched after the last one came back. The loan comes from `report_reads.with_last_vehicle`.
    """
    if loan.vehicles_now > 1:  # type: ignore[attr-defined]
        return []
    back_at = report.happened_at
    if loan.last_given != report.assignment_id and loan.last_back_at is not None:  # type: ignore[attr-defined]
        back_at = loan.last_back_at  # type: ignore[attr-defined]
    late = late_days(loan.ends_at, back_at, ZoneInfo(loan.platform.time_zone))
    if back_at < loan.ends_at:
        change = early_return(loan, back_at)
        earlier = Line("Rendu plus tôt que prévu", 1, change.difference)
        return [line for line in (earlier, *change.agreed.on_top(late, driven)) if line and line.amount]
    return [line for line in whole_agreement(loan).on_top(late, driven) if line]


def homecoming(
    loan: Booking,
    report: ConditionReport,
    difference: report_rules.Difference | None,
    found: list[Damage],
    on_top: list[Line],
) -> list[str]:
    """What both agree on when the keys come back."""
    driven = difference.km if difference else None
    rolled = f" : {words.km(driven)} roulés" if driven is not None and driven >= 0 else ""
    said = [f"{loan.participant} rend {the_vehicle(report)}{level(report)}{rolled}."]
    if difference and difference.fuel_eighths is not None and difference.fuel_eighths < 0:
        said.append(f"Il manque {-difference.fuel_eighths}/8 de carburant par rapport au départ.")
    if difference and difference.now_missing:
        said.append(f"Il manque : {', '.join(difference.now_missing)}.")
    if found:
        named = ", ".join(damage_words(damage, report.assignment.vehicle.kind) for damage in found)
        said.append(f"{count(len(found), 'nouveau dégât', 'nouveaux dégâts')} : {named}.")
    else:
        said.append("Aucun nouveau dégât.")
    said += [
        f"{line.label} : {words.euros(abs(line.amount))} {'à payer' if line.amount > 0 else 'de moins à payer'}."
        for line in on_top
    ]
    return unbroken(said)


def damage_words(damage: Damage, kind: str) -> str:
    """« rayure, portière avant gauche »."""
    where = silhouettes.zone_name(kind, damage.zone) or damage.part
    return ", ".join(part for part in (damage.get_sort_display().lower(), where.lower()) if part)


def total(lines: list[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))
