"""What loans show on the pages of other rooms, and on their own: incidents, fines, who drove."""

from typing import Any

from django.http import HttpRequest

from bookings.cases import perms as case_perms
from bookings.models import Booking, Fine, Incident
from core.panels import panel
from fleet.models import Hold, Vehicle

SHOWN = 5


@panel("fleet.vehicle", template="bookings/cases/panel_of_vehicle.html", order=45)
def cases_of_vehicle(request: HttpRequest, vehicle: Vehicle) -> dict[str, Any]:
    """No query: the page has many already. What stands there comes as a fragment, or by a link."""
    return {
        "vehicle": vehicle,
        "is_missing": getattr(vehicle, "held_for", "") == Hold.Purpose.MISSING,
        "may": case_perms.can_handle(request.user, vehicle),
    }


@panel("bookings.booking", template="bookings/cases/panel.html", order=45)
def cases_of_loan(request: HttpRequest, loan: Booking) -> dict[str, Any] | None:
    """Two queries; nothing for whoever is not of the staff, nor before the keys are given."""
    if not case_perms.can_see(request.user, loan.platform) or loan.state in {Booking.State.RESERVED, *Booking.REQUESTS}:
        return None
    fines = Fine.objects.filter(assignment__booking=loan).order_by("-noted_at", "-pk")
    return {
        "incidents": list(Incident.objects.filter(booking=loan)[:SHOWN]),
        "fines": list(fines[:SHOWN]),
        "query": f"pret={loan.pk}",
        "may": case_perms.can_handle(request.user, loan),
    }
