"""The designation of a driver on paper: what the administration's form asks for, in its order, to copy or to send."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.identity import Identity
from bookings.models import Fine
from core import clock, pdf, words
from pricing.receipts import letterhead


def sheet_pdf(fine: Fine) -> bytes:
    """The sheet of this notice, with the driver as far as they are known."""
    with timezone.override(ZoneInfo(fine.platform.time_zone)):
        return pdf.render("bookings/designation", contents(fine))


def contents(fine: Fine) -> dict[str, Any]:
    driver, vehicle, platform = Identity.from_json(fine.driver), fine.vehicle, fine.platform
    today = clock.local_date(clock.now(), platform.time_zone)
    at = fine.offence_at
    return {
        "platform": letterhead(platform),
        "number": fine.number,
        "notice": [
            ["Numéro de l’avis", fine.number],
            ["Avis envoyé le", words.calendar_day(fine.sent_on) if fine.sent_on else ""],
            ["Faits", f"{words.calendar_day(at)} à {words.hour(at)}" if at else ""],
            ["Lieu", fine.place],
            ["Véhicule", " ".join(part for part in (vehicle.make, vehicle.model) if part)],
            ["Immatriculation", vehicle.plate],
            ["À désigner au plus tard le", words.calendar_day(fine.due_on) if fine.due_on else ""],
        ],
        "owner": [
            ["Personne morale", platform.legal_name or platform.name],
            ["SIRET", platform.siret],
            ["Adresse", platform.postal_address],
        ],
        "driver": [
            ["Nom", driver.last_name],
            ["Prénom", driver.first_name],
            ["Né·e le", french(driver.born)],
            ["Né·e à", driver.birth_place],
            ["Adresse", driver.street],
            ["Code postal et commune", f"{driver.postcode} {driver.city}".strip()],
            ["Numéro du permis", driver.licence_number],
            ["Catégorie", driver.licence_category],
            ["Délivré le", french(driver.licensed)],
        ],
        "missing": driver.missing,
        "on": words.calendar_day(fine.designated_on or today),
    }


def french(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
