"""What the participant is told about their request and their place on the waiting list: plain French (A2)."""

from bookings.messages import in_its_zone, on, tell, the_vehicle
from bookings.models import Booking
from core import clock, outbox
from fleet.models import Kind, Vehicle

A = {
    Kind.CAR: "une voiture",
    Kind.VAN: "un utilitaire",
    Kind.MICROCAR: "une voiturette",
    Kind.MOPED: "un scooter",
    Kind.MOTORCYCLE_125: "un scooter 125",
    Kind.E_BIKE: "un vélo électrique",
    Kind.BIKE: "un vélo",
}


def a_vehicle(kind: str) -> str:
    """« une voiture », « un scooter »: what somebody asks for."""
    return A[Kind(kind)]


def papers_asked(booking: Booking, papers: list[str]) -> None:
    tell(
        booking,
        "papers-asked",
        f"Bonjour {booking.participant.first_name}. Pour votre demande ({a_vehicle(booking.kind)}), il manque : "
        f"{', '.join(paper.lower() for paper in papers)}. Apportez ces papiers ou appelez-nous. "
        f"Votre page : {outbox.LINK}",
        once_per=clock.now().isoformat(),
    )


@in_its_zone
def kept(booking: Booking, vehicle: Vehicle) -> None:
    assert booking.promised_until is not None
    tell(
        booking,
        "kept",
        f"Bonjour {booking.participant.first_name}. Nous gardons {the_vehicle(booking.kind)} pour vous "
        f"du {on(booking.starts_at)} au {on(booking.ends_at)}, à : {vehicle.site}. Ce n’est pas encore sûr : "
        f"appelez-nous avant {on(booking.promised_until)}. Votre page : {outbox.LINK}",
        useful_until=booking.promised_until,
    )


@in_its_zone
def offered(booking: Booking, vehicle: Vehicle) -> None:
    assert booking.promised_until is not None
    tell(
        booking,
        "offered",
        f"Bonjour {booking.participant.first_name}. Bonne nouvelle : nous avons {a_vehicle(booking.kind)} pour vous "
        f"du {on(booking.starts_at)} au {on(booking.ends_at)}, à : {vehicle.site}. "
        f"Répondez avant {on(booking.promised_until)} ici : {outbox.LINK}",
        useful_until=booking.promised_until,
    )


@in_its_zone
def confirmed(booking: Booking) -> None:
    tell(
        booking,
        "confirmed",
        f"Bonjour {booking.participant.first_name}. C’est sûr : vous avez {the_vehicle(booking.kind)} "
        f"du {on(booking.starts_at)} au {on(booking.ends_at)}. Apportez votre pièce d’identité et votre permis. "
        f"Votre page : {outbox.LINK}",
    )


def refused(booking: Booking) -> None:
    tell(
        booking,
        "refused",
        f"Bonjour {booking.participant.first_name}. Nous ne pouvons pas vous prêter {a_vehicle(booking.kind)} "
        "cette fois. Pour comprendre pourquoi et chercher une autre solution, appelez-nous.",
    )


def expired(booking: Booking) -> None:
    tell(
        booking,
        "expired",
        f"Bonjour {booking.participant.first_name}. Nous ne gardons plus {the_vehicle(booking.kind)} pour vous : "
        "nous n’avons pas eu de réponse. Vous en avez encore besoin ? Appelez-nous.",
    )


def waits(booking: Booking) -> None:
    tell(
        booking,
        "waits",
        f"Bonjour {booking.participant.first_name}. Il n’y a pas encore de véhicule libre pour vous. "
        f"Vous êtes sur la liste d’attente. Nous vous écrivons dès que nous avons {a_vehicle(booking.kind)}.",
    )
