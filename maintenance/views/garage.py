"""The garage's pages: opened from its link, on a phone. The job, then the one thing to do now."""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from core import clock
from core.files import download
from core.web import attempt, once, page, sent
from fleet.models import Vehicle
from garages.models import Garage, GarageRate
from maintenance.candidates import next_loan_at
from maintenance.garage_verbs import VERBS, first_values, one_to_do, verbs_for
from maintenance.models import JobFile, JobOffer, RepairJob

State, Answer = RepairJob.State, JobOffer.Answer
WAITING_FOR_US = (State.QUOTED,)  # the garage has nothing to do


def garage_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For whoever answers for a garage: the view gets its garages, and the garage's wall clock."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        garages = list(Garage.objects.answered_by(request.user).select_related("platform"))
        if not garages:
            raise PermissionDenied
        with timezone.override(ZoneInfo(garages[0].platform.time_zone)):
            return view(request, garages, *args, **kwargs)

    return answered


@garage_page
def garage(request: HttpRequest, garages: list[Garage]) -> HttpResponse:
    """All its jobs: what it must do first, then what waits for others, then what is over."""
    mine = RepairJob.objects.in_the_hands_of(garages).select_related("vehicle", "platform").order_by("appointment_at")
    jobs = list(mine.exclude(state__in=RepairJob.CLOSED)) + list(
        mine.filter(state=State.COLLECTED).order_by("-collected_at")[:20]
    )
    owing = [job for job in jobs if job.invoiced_at is None and job.state == State.COLLECTED]
    todo = [job for job in jobs if job.state not in (*WAITING_FOR_US, State.COLLECTED) and not is_over(job)] + owing
    waiting = [job for job in jobs if job.state in WAITING_FOR_US]
    over = [job for job in jobs if is_over(job) and job not in owing]
    sections = [
        ("À faire", sorted(todo, key=lambda job: job.state != State.OFFERED)),
        ("La plateforme regarde", waiting),
        ("Derniers travaux", over),
    ]
    return page(
        request,
        "maintenance/garage/jobs.html",
        {"garage": garages[0], "platform": garages[0].platform, "sections": sections, "any": bool(jobs)},
    )


def is_over(job: RepairJob) -> bool:
    return job.state in RepairJob.CLOSED or (job.state == State.DONE and job.invoiced_at is not None)


@garage_page
def garage_job(request: HttpRequest, garages: list[Garage], pk: int) -> HttpResponse:
    job = its_jobs(garages).filter(pk=pk).first()
    if job is None:
        return gone(request, garages, pk)
    first = one_to_do(job)
    others = [verb for verb in verbs_for(job) if verb is not first and job.invoiced_at is None]
    lines = list(job.quote_lines.all()) if job.garage_id else []
    asked = job.offers.filter(answer=Answer.PENDING).first() if job.state == State.OFFERED else None
    return page(
        request,
        "maintenance/garage/job.html",
        {
            "job": job,
            "platform": job.platform,
            "asked": asked,
            "too_late": asked is not None and asked.expires_at <= clock.now(),
            "first": first,
            "others": others,
            "photos": [file for file in job.files.all() if not file.is_quote],
            "lines": lines,
            "total": sum((line.total for line in lines), Decimal(0)),
            "km": kilometres(job),
            "deadline": job.needed_by or next_loan_at(job),
        },
    )


@once
@garage_page
def garage_verb(request: HttpRequest, garages: list[Garage], pk: int, verb: str) -> HttpResponse:
    """One verb: its few questions, then done."""
    job = its_jobs(garages).filter(pk=pk).first()
    if job is None:
        return gone(request, garages, pk)
    wanted = VERBS[verb]
    first = first_values(wanted, job, rate_of(job) if verb == "quote" else None)
    form = wanted.form(*sent(request), job=job, initial=first)
    asked_for_more = "more" in request.POST or "sum" in request.POST
    answered = request.method == "POST" and not asked_for_more
    if answered and form.is_valid() and attempt(form, wanted.action, job, by=request.user, **form.told()):
        messages.success(request, wanted.done)
        if verb == "decline":
            return redirect("maintenance:garage")
        return redirect("maintenance:garage_job", pk)
    template = "maintenance/garage/quote.html" if verb == "quote" else "maintenance/garage/verb.html"
    if asked_for_more:
        form.is_valid()
    context = {"job": job, "platform": job.platform, "verb": wanted, "form": form, "asked_for_more": asked_for_more}
    return page(request, template, context, status=200 if asked_for_more else None)


@garage_page
def garage_photo(request: HttpRequest, garages: list[Garage], pk: int, file: str) -> HttpResponse:
    """A photo of the defect; quotes and invoices of others are not among them."""
    photos = JobFile.objects.filter(job__in=its_jobs(garages).filter(pk=pk), is_quote=False).select_related("file")
    return download(get_object_or_404(photos, file_id=file).file)


def its_jobs(garages: list[Garage]) -> Any:
    return RepairJob.objects.in_the_hands_of(garages).select_related("vehicle__site__address", "platform", "garage")


def gone(request: HttpRequest, garages: list[Garage], pk: int) -> HttpResponse:
    """A job that is not this garage's any more: said kindly. One of which it was never asked does not exist."""
    offers = JobOffer.objects.filter(job_id=pk, garage__in=garages).select_related("platform", "job__vehicle")
    offer = offers.order_by("-pk").first()
    if offer is None:
        raise Http404
    return page(
        request,
        "maintenance/garage/gone.html",
        {"offer": offer, "job": offer.job, "platform": offer.platform},
        status=410,
    )


def kilometres(job: RepairJob) -> int | None:
    """What the counter showed last."""
    if job.odometer_km is not None or job.vehicle_id is None:
        return job.odometer_km
    return Vehicle.objects.with_km().values_list("current_km", flat=True).get(pk=job.vehicle_id)


def rate_of(job: RepairJob) -> Any:
    """The garage's own hourly rate for the platform's vehicles, so that nobody types it again."""
    rates = GarageRate.objects.filter(garage_id=job.garage_id, valid_from__lte=clock.today())
    return (
        rates.filter(tier=GarageRate.Tier.PLATFORM)
        .order_by("-valid_from")
        .values_list("hourly_rate", flat=True)
        .first()
    )
