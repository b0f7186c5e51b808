"""The staff's pages: the board of jobs, one job, and what was photographed or sent."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.doors import not_only_staff
from core import clock
from core.files import download
from core.models import StoredFile
from core.web import page, row_id
from garages.models import Garage
from maintenance import perms
from maintenance.candidates import candidates
from maintenance.garage_verbs import verbs_for
from maintenance.models import GarageStay, JobFile, JobOffer, RepairJob
from maintenance.story import story_of_job

State, Answer = RepairJob.State, JobOffer.Answer
AT_ONCE = 200  # jobs on the board; a platform with more has another problem


@dataclass
class Column:
    title: str
    states: tuple[str, ...]
    hint: str  # when it is empty
    jobs: list[RepairJob] = field(default_factory=list)


def columns() -> list[Column]:
    return [
        Column("À décider", (State.TO_DECIDE,), "Un défaut signalé arrive ici."),
        Column("Proposé", (State.OFFERED,), "Les garages qui n’ont pas encore répondu."),
        Column("Accepté, devis", (State.ACCEPTED, State.QUOTED, State.APPROVED), "Rendez-vous pris, devis à lire."),
        Column("Au garage", (State.IN_PROGRESS, State.WAITING_PARTS), "Les véhicules en réparation."),
        Column("Terminé", (State.DONE,), "Prêts : à aller chercher."),
        Column("À payer", (State.COLLECTED,), "Les factures des garages."),
    ]


def jobs(request: HttpRequest) -> HttpResponse:
    """The board; `?garage=` and `?site=` narrow it."""
    shown = rows(request)
    mine = list(shown.open()[:AT_ONCE]) + list(shown.to_pay()[:AT_ONCE])
    board = columns()
    for column in board:
        column.jobs = sorted((job for job in mine if job.state in column.states), key=urgency)
    return page(
        request,
        "maintenance/jobs.html",
        {
            "columns": board,
            "number": len(mine),
            "garage": chosen_garage(request),
            "can_report": perms.can_report(request.user, request.platform.pk),
            "can_set": perms.can_change_policy(request.user, request.platform.pk),
        },
    )


def rows(request: HttpRequest) -> Any:
    """The platform's jobs with what a card says; one query, and one for the offers."""
    asked = Prefetch("offers", JobOffer.objects.filter(answer=Answer.PENDING).select_related("garage"), "asked")
    found = (
        RepairJob.objects.visible_to(request.user)
        .filter(platform=request.platform)
        .select_related("vehicle__site", "garage", "hold", "participant")
        .prefetch_related(asked)
        .with_costs()
        .with_next_loan(clock.now())
        .with_vehicle_out()
        .order_by("reported_at", "pk")
    )
    for name, lookup in (("garage", "garage"), ("vehicule", "vehicle"), ("site", "vehicle__site")):
        if (value := row_id(request.GET.get(name, ""))) is not None:
            found = found.filter(**{lookup: value})
    return found


def chosen_garage(request: HttpRequest) -> Garage | None:
    value = row_id(request.GET.get("garage", ""))
    return Garage.objects.visible_to(request.user).filter(platform=request.platform, pk=value).first()


def urgency(job: RepairJob) -> tuple[Any, ...]:
    """A quote to read first, then by the day on which the vehicle is needed, then the oldest."""
    needed = job.needed_by or job.next_loan_at  # type: ignore[attr-defined]
    return (job.state != State.QUOTED, needed is None, needed or job.reported_at, job.pk)


def history(request: HttpRequest) -> HttpResponse:
    """Every job, latest first."""
    found = rows(request).order_by("-reported_at", "-pk")
    state = request.GET.get("etat", "")
    if state in State.values:
        found = found.filter(state=state)
    return page(
        request,
        "maintenance/history.html",
        {
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "states": State.choices,
            "state": state,
            "garage": chosen_garage(request),
        },
    )


def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: what to do now, the ranking while it has no garage, the offers and answers, the story."""
    found = get_object_or_404(whole(request), pk=pk)
    offers = list(found.offers.all())
    asked = next((offer for offer in offers if offer.answer == Answer.PENDING), None)
    lines = list(found.quote_lines.all()) if found.garage_id else []
    able, unable = candidates(found) if found.state in (State.TO_DECIDE, State.OFFERED) else ([], [])
    may_decide = perms.can_decide(request.user, found)
    photos, quotes = [], []
    for file in found.files.all():
        (quotes if file.is_quote else photos).append(file)
    return page(
        request,
        "maintenance/job.html",
        {
            "job": found,
            "deadline": found.needed_by or found.next_loan_at,
            "asked": asked,
            "asked_too_late": asked is not None and asked.expires_at <= clock.now(),
            "offers": [offer for offer in offers if offer.answer != Answer.PENDING],
            "able": able,
            "unable": unable,
            "photos": photos,
            "quotes": quotes,
            "lines": lines,
            "total": sum((line.total for line in lines), Decimal(0)),
            "story": story_of_job(found, offers),
            "verbs": verbs_for(found),
            "may_place": perms.can_place(request.user, found),
            "may_decide": may_decide,
            "may_withdraw": may_decide and found.state in (State.ACCEPTED, State.QUOTED, State.APPROVED),
            "may_cancel": may_decide and State.CANCELLED in RepairJob.NEXT.get(found.state, ()),
            "may_collect": perms.can_collect(request.user, found) and found.state == State.DONE,
            "may_correct": perms.can_collect(request.user, found),
            "may_pay": perms.can_pay(request.user, found) and found.invoiced_at and not found.paid_on,
            "is_open": found.state not in RepairJob.CLOSED,
            "today": clock.today(),
            "late": is_late(found),
        },
    )


def whole(request: HttpRequest) -> Any:
    offers = Prefetch("offers", JobOffer.objects.select_related("garage").order_by("-pk"))
    stays = Prefetch("stays", GarageStay.objects.select_related("garage"))
    files = Prefetch("files", JobFile.objects.select_related("file").order_by("pk"))
    return (
        RepairJob.objects.visible_to(request.user)
        .filter(platform=request.platform)
        .select_related("vehicle__site__address", "garage", "hold", "platform", "participant__address", "reported_by")
        .prefetch_related(offers, files, "damages", stays)
        .with_next_loan(clock.now())
        .with_vehicle_out()
    )


def is_late(job: RepairJob) -> bool:
    """The garage said a day that has passed."""
    ready: dt.datetime | None = job.expected_ready_at
    return bool(ready and ready < clock.now() and job.state in (State.IN_PROGRESS, State.WAITING_PARTS))


@not_only_staff
def job_file(request: HttpRequest, pk: int, file: str) -> HttpResponse:
    """A photo, a quote or the invoice. Of those that are not staff, whoever reported the defect sees its photos."""
    found = get_object_or_404(RepairJob.objects.visible_to(request.user), pk=pk)
    files = JobFile.objects.filter(job=found)
    if not perms.can_see_papers(request.user, found):
        files = files.filter(is_quote=False)
    elif found.invoice_file_id and str(found.invoice_file_id) == str(file):
        return download(StoredFile.objects.get(pk=found.invoice_file_id))
    return download(get_object_or_404(files.select_related("file"), file_id=file).file)
