"""The words that a reminder's text may hold, and what stands in their place when it leaves."""

import datetime as dt
import re

from bookings.messages import in_its_zone, on, tell, the_vehicle
from bookings.models import Assignment, Booking, ReminderStep
from bookings.reminders.schedule import Due
from core import clock, outbox
from pricing.tariffs import late_days

WORDS = {
    "prénom": "le prénom",
    "véhicule": "« la voiture », « le scooter »",
    "plaque": "l’immatriculation ou le numéro de parc",
    "début": "le jour et l’heure du départ",
    "fin": "le jour et l’heure du retour",
    "site": "où l’on prend et rend le véhicule",
    "retard": "« 2 jours » (chaque jour commencé compte)",
    "page": "le lien vers sa page",
}
PLATE = "{plaque}"
PLACE = re.compile(r"\{([^{}]*)\}")


def unknown_words(text: str) -> list[str]:
    """What stands between braces and is no word of ours; a lone brace too."""
    unknown = [word for word in PLACE.findall(text) if word not in WORDS]
    return unknown + re.findall(r"[{}]", PLACE.sub("", text))


def filled(text: str, booking: Booking, assignment: Assignment | None, now: dt.datetime) -> str:
    """The message as it leaves; its link is minted then."""
    vehicle = assignment.vehicle if assignment else None
    site = (assignment.site if assignment else None) or (vehicle.site if vehicle else None)
    days = late_days(booking.ends_at, now, booking.platform.time_zone)
    said = {
        "prénom": booking.participant.first_name,
        "véhicule": the_vehicle(booking.kind),
        "plaque": (vehicle.plate or vehicle.fleet_number) if vehicle else "",
        "début": on(booking.starts_at),
        "fin": on(booking.ends_at),
        "site": site.name if site else booking.platform.name,
        "retard": "1 jour" if days == 1 else f"{days} jours",
        "page": outbox.LINK,
    }
    return PLACE.sub(lambda found: said.get(found[1], found[0]), text)


def key_of(booking: Booking, due: Due) -> str:
    """One message a loan, a step of the schedule (and a day of it), and a start or end as it then stood."""
    return f"booking:{booking.pk}:reminder:{due.key}"


@in_its_zone
def remind_in_words(booking: Booking, assignment: Assignment | None, due: Due) -> None:
    text = filled(due.step.text, booking, assignment, clock.now())
    tell(booking, "reminder", text, once_per=due.key, useful_until=due.useful_until)


def said_when(step: ReminderStep) -> str:
    """« 3 jours avant la fin, à 10 h », « 1 heure après la fin », « chaque jour du 1er au 14e jour après la fin »."""
    side = "avant" if step.offset < 0 else "après"
    moment = step.get_anchor_display().replace(" du prêt", "")
    amount = abs(step.offset)
    if step.unit == ReminderStep.Unit.HOURS:
        if amount == 0:
            return f"à {moment}" if moment.startswith("la") else "au début"
        return f"{amount} heure{'s' if amount > 1 else ''} {side} {moment}"
    assert step.at is not None
    at = f"à {step.at.hour}\u00a0h" + (f"\u00a0{step.at.minute:02d}" if step.at.minute else "")
    if step.repeats_until is not None:
        first = "1er" if amount == 1 else f"{amount}e"
        return f"chaque jour {at}, du {first} au {step.repeats_until}e jour {side} {moment}"
    if amount == 0:
        return f"le jour de {moment}, {at}" if moment.startswith("la") else f"le jour du début, {at}"
    return f"{amount} jour{'s' if amount > 1 else ''} {side} {moment}, {at}"
