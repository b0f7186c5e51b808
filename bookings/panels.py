"""What bookings add to the pages of lower rooms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from bookings.cases import panels as case_panels  # noqa: F401 - registers its own
from core.panels import MAIN, SIDE, panel
from fleet.models import Site, Vehicle
from participants.models import Participant


@panel("fleet.vehicle", template="bookings/panels/agenda.html", place=SIDE, order=80)
def agenda_of_vehicle(request: HttpRequest, vehicle: Vehicle) -> dict[str, Any]:
    return {"url": f"{reverse('bookings:feeds')}?vehicule={vehicle.pk}", "words": "Suivre ce véhicule dans son agenda"}


@panel("fleet.site", template="bookings/panels/agenda_link.html", place=SIDE)
def agenda_of_site(request: HttpRequest, site: Site) -> dict[str, Any]:
    return {"url": f"{reverse('bookings:feeds')}?site={site.pk}"}


@panel("participants.participant", template="bookings/panels/agenda.html", place=SIDE, order=70)
def agendas_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    url = f"{reverse('bookings:feeds')}?participant={participant.pk}"
    return {"url": url, "words": "Les agendas que cette personne a faits"}


@panel("accounts.user", template="bookings/panels/agenda.html", place=MAIN)
def own_agendas(request: HttpRequest, user: User) -> dict[str, Any] | None:
    if not request.memberships:  # type: ignore[attr-defined]
        return None
    return {"url": reverse("bookings:feeds"), "words": "Vos remises et vos retours dans votre agenda"}
