"""What a garage is told of a job: the vehicle and the work, never who drove it."""

from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from core import outbox, words
from garages.messages import tell
from garages.models import Garage
from maintenance.models import JobOffer, RepairJob


def offered(job: RepairJob, offer: JobOffer) -> None:
    with timezone.override(ZoneInfo(job.platform.time_zone)):
        until = f"{words.calendar_day(offer.expires_at, with_year=False)} à {words.hour(offer.expires_at)}"
    _tell(
        job,
        offer.garage,
        subject=f"Un travail pour vous : {job.title}",
        text=f"{job.platform.name} vous propose un travail.\n\n{_what(job)}\n\n"
        f"Dites oui ou non avant {until}, en deux touches :\n{outbox.LINK}",
        sms=f"{job.platform.name} : {job.title}, {_vehicle(job)}. Oui ou non ? {outbox.LINK}",
        key=f"job.offered:{offer.pk}",
    )


def given(job: RepairJob, offer: JobOffer) -> None:
    with timezone.override(ZoneInfo(job.platform.time_zone)):
        day = words.calendar_day(job.appointment_at, with_year=False)  # type: ignore[arg-type]
        at = f"{day} à {words.hour(job.appointment_at)}"  # type: ignore[arg-type]
    _tell(
        job,
        offer.garage,
        subject=f"Travail confirmé : {job.title}",
        text=f"{job.platform.name} vous confie ce travail, rendez-vous {at}.\n\n{_what(job)}\n\n"
        f"Devis, avancement et facture se font ici :\n{outbox.LINK}",
        sms=f"{job.platform.name} : {job.title}, {_vehicle(job)}, rendez-vous {at}. {outbox.LINK}",
        key=f"job.given:{offer.pk}",
    )


def withdrawn(job: RepairJob, garage: Garage) -> None:
    _tell(
        job,
        garage,
        subject=f"Travail annulé : {job.title}",
        text=f"{job.platform.name} n’a plus besoin de vous pour ce travail. Rien à faire de votre côté.\n\n"
        f"{_what(job)}\n\nVos autres travaux :\n{outbox.LINK}",
        sms=f"{job.platform.name} : travail annulé, {job.title}, {_vehicle(job)}. Rien à faire.",
        key=f"job.withdrawn:{job.pk}:{garage.pk}:{job.offers.count()}",
        path=reverse("maintenance:garage"),
    )


def quote_approved(job: RepairJob) -> None:
    assert job.garage is not None
    _tell(
        job,
        job.garage,
        subject=f"Devis accepté : {job.title}",
        text=f"Votre devis de {words.euros(job.quote_total())} est accepté : vous pouvez commencer.\n\n"
        f"{_what(job)}\n\n{outbox.LINK}",
        sms=f"{job.platform.name} : devis accepté, {job.title}, {_vehicle(job)}. Vous pouvez commencer. {outbox.LINK}",
        key=f"job.quote_approved:{job.pk}:{_last_line(job)}",
    )


def quote_refused(job: RepairJob) -> None:
    assert job.garage is not None
    _tell(
        job,
        job.garage,
        subject=f"Devis à revoir : {job.title}",
        text=f"Votre devis n’est pas accepté : {job.quote_refused_reason}\n\n{_what(job)}\n\n"
        f"Vous pouvez en faire un autre ici :\n{outbox.LINK}",
        sms=f"{job.platform.name} : devis à revoir, {job.title}, {_vehicle(job)}. {outbox.LINK}",
        key=f"job.quote_refused:{job.pk}:{_last_line(job)}",
    )


def _tell(job: RepairJob, garage: Garage, *, text: str, path: str = "", **words_: str) -> None:
    tell(
        garage,
        text=f"Bonjour,\n\n{text}",
        about=job,
        path=path or reverse("maintenance:garage_job", args=[job.pk]),
        **words_,
    )


def _vehicle(job: RepairJob) -> str:
    if job.vehicle is None:
        return job.own_vehicle
    return f"{job.vehicle.label} {job.vehicle.plate or job.vehicle.fleet_number}".strip()


def _what(job: RepairJob) -> str:
    where = f"\nIl est à {job.vehicle.site.name}." if job.vehicle else ""
    return f"{job.title}\n{_vehicle(job)}{where}"


def _last_line(job: RepairJob) -> int:
    """Tells one quote from the next, so that each has its message."""
    return job.quote_lines.order_by("-pk").values_list("pk", flat=True).first() or 0
