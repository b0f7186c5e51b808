"""At the kerb: the hand-over and the return, one step a page, on a phone held by one of both.

The draft of the condition report is on the server, so that the walk can be interrupted and continued by anyone;
each step writes what it asks for and leads to the next. The last one carries out the verb.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import actions, perms
from bookings.actions import reports
from bookings.day import flags
from bookings.kerb import words as kerb_words
from bookings.kerb.forms import (
    CounterForm,
    DamageForm,
    EquipmentForm,
    PapersForm,
    PhotoForm,
    PhotosForm,
    RoundForm,
    SignaturesForm,
)
from bookings.models import Assignment, Booking, ConditionReport, ReportPhoto
from bookings.reports import papers as report_papers
from bookings.reports import reads as report_reads
from bookings.reports import rules as report_rules
from bookings.reports.rules import Missing, Step
from core import clock, words
from core.db import require
from core.web import attempt, once, page, row_id
from fleet import checklists
from fleet.models import Damage
from participants.entitlements import Driver, ToDrive, can_drive
from pricing.models import Account

Direction, Presence = ConditionReport.Direction, ConditionReport.Presence
LEAP = 5_000  # kilometres since the last reading that make one look again


@dataclass
class Walk:
    """One departure or return: whose, of which vehicle, and where it stands."""

    loan: Booking
    direction: str
    vehicle: str = ""  # ?vehicule=: which one, when two of a loan are out
    report: ConditionReport | None = None
    step: Step | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "hand_over" if self.direction == Direction.OUT else "take_back"

    @property
    def title(self) -> str:
        return "Remise des clés" if self.direction == Direction.OUT else "Retour du véhicule"

    def url(self, what: str = "", **named: Any) -> str:
        """`url()` is where the walk begins, `url("step", step="photos")` a step of it."""
        address = reverse(f"bookings:{self.name}{f'_{what}' if what else ''}", kwargs={"pk": self.loan.pk} | named)
        return f"{address}?{urlencode({'vehicule': self.vehicle})}" if self.vehicle else address

    def url_of(self, step: Step) -> str:
        return self.url("step", step=step.value)

    @cached_property
    def facts(self) -> report_rules.Facts:
        return report_reads.facts_of(self.report)  # type: ignore[arg-type]

    @cached_property
    def lacking(self) -> list[Missing]:
        return report_rules.missing(self.facts)

    def lacking_before_signing(self) -> list[Missing]:
        return [missing for missing in self.lacking if missing.step != Step.SIGNATURES]

    def after(self, step: Step) -> Step | None:
        following = self.steps[self.steps.index(step) + 1 :]
        return following[0] if following else None

    def before(self, step: Step) -> Step | None:
        earlier = self.steps[: self.steps.index(step)]
        return earlier[-1] if earlier else None

    def first_lacking(self) -> Step:
        return self.lacking[0].step if self.lacking else Step.SIGNATURES


def find(request: HttpRequest, pk: int) -> Booking:
    """The loan, for whoever hands over and takes back; 404 for a stranger's, 403 for who may only look."""
    loans = report_reads.with_last_vehicle(Booking.objects.visible_to(request.user))
    loan = get_object_or_404(loans.select_related("participant", "platform", "account"), pk=pk)
    require(perms.can_change(request.user, loan))
    return loan


def vehicles_of(loan: Booking, direction: str) -> list[Assignment]:
    found = report_reads.waiting_for_keys(loan) if direction == Direction.OUT else report_reads.to_bring_back(loan)
    return list(found.prefetch_related("reports"))


def walk_of(request: HttpRequest, pk: int, direction: str, step: Step | None = None) -> Walk:
    """The walk with its draft, of the vehicle that the address names or the last one; no draft leads to its start."""
    loan = find(request, pk)
    vehicle = row_id(request.GET.get("vehicule", ""))
    drafts = ConditionReport.objects.filter(assignment__booking=loan, direction=direction, signed_at__isnull=True)
    drafts = drafts.filter(assignment__hold__isnull=False, assignment__ended_at__isnull=True)
    if vehicle is not None:
        drafts = drafts.filter(assignment__vehicle=vehicle)
    report = report_reads.whole(drafts).order_by("recorded_at").last()
    steps = report_rules.steps_of(direction)
    if step is not None and step not in steps:
        raise Http404
    return Walk(loan, direction, "" if vehicle is None else str(vehicle), report, step, steps)


# --- where it begins and ends ------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@once
def start(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    """Who, which vehicle, what to have at hand; then the draft is opened, or continued where it was left."""
    loan = find(request, pk)
    walk = Walk(loan, direction, request.GET.get("vehicule", "").strip())
    vehicles = vehicles_of(loan, direction)
    chosen = [one for one in vehicles if str(one.vehicle_id) == (request.POST.get("vehicle") or walk.vehicle)]
    assignment = (chosen or vehicles[-1:] or [None])[0]
    if request.method == "POST" and assignment is not None:
        absent = request.POST.get("presence") == Presence.ABSENT and direction == Direction.IN
        report = reports.open_report(
            assignment, direction=direction, by=request.user, presence=Presence.ABSENT if absent else ""
        )
        if absent and report.presence != Presence.ABSENT:
            report = reports.write_report(report, by=request.user, presence=Presence.ABSENT)
        walk.vehicle = str(assignment.vehicle_id) if len(vehicles) > 1 else ""
        walk.report = report_reads.whole(ConditionReport.objects.filter(pk=report.pk)).get()
        return redirect(walk.url_of(walk.first_lacking()))
    draft = next((r for r in assignment.reports.all() if r.direction == direction), None) if assignment else None
    context = {
        "walk": walk,
        "loan": loan,
        "vehicles": vehicles,
        "assignment": assignment,
        "draft": draft,
        "verdict": verdict_of(loan, assignment) if assignment and direction == Direction.OUT else None,
        "needs_licence": assignment is None or report_reads.licence_needed(loan.participant, assignment.vehicle),
        "is_late": loan.is_late(clock.now()),
        "is_early": direction == Direction.OUT and loan.starts_at > clock.now(),
        "deposits": list(loan.account.deposits.all()) if direction == Direction.OUT and loan.account else [],
    }
    return page(request, "bookings/kerb/start.html", context)


def verdict_of(loan: Booking, assignment: Assignment) -> Any:
    day = words.local_date(clock.now())
    return can_drive(Driver.of(loan.participant), ToDrive.of(assignment.vehicle), day)


@require_safe
def done(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    """The papers, and what comes next."""
    loan = find(request, pk)
    signed = ConditionReport.objects.filter(assignment__booking=loan, direction=direction, signed_at__isnull=False)
    report = signed.select_related("assignment__vehicle", "site", "pdf").order_by("signed_at").last()
    if report is None:
        return redirect(Walk(loan, direction).url())
    context = {
        "walk": Walk(loan, direction, report=report),
        "loan": loan,
        "report": report,
        "periods": [period for period in loan.periods.all() if period.contract_id],
        "account": Account.objects.with_balance(clock.today()).get(pk=loan.account_id),
        "deposits": list(loan.account.deposits.all()),
        "still_out": loan.assignments.out().exists(),
        "next": None,
    }
    if direction == Direction.IN:
        context["next"], context["flags"] = flags.next_departure(report.assignment.vehicle, clock.now())
    return page(request, "bookings/kerb/done.html", context)


# --- the steps -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@once
def step(request: HttpRequest, pk: int, direction: str, step: str) -> HttpResponse:
    """One step of the walk."""
    if step not in set(Step):
        raise Http404
    walk = walk_of(request, pk, direction, Step(step))
    if walk.report is None:
        return redirect(walk.url("done") if already_signed(walk) else walk.url())
    return STEPS[walk.step](request, walk)  # type: ignore[index]


def already_signed(walk: Walk) -> bool:
    """The other phone was quicker, or the button was pressed twice."""
    signed = ConditionReport.objects.filter(assignment__booking=walk.loan, direction=walk.direction)
    return signed.filter(signed_at__isnull=False).exists() and not vehicles_of(walk.loan, walk.direction)


def shown(request: HttpRequest, walk: Walk, form: Form, **more: Any) -> HttpResponse:
    step = walk.step
    assert step is not None
    before = walk.before(step)
    lacking_at = {missing.step for missing in walk.lacking}
    context = {
        "walk": walk,
        "loan": walk.loan,
        "report": walk.report,
        "vehicle": walk.report.assignment.vehicle,  # type: ignore[union-attr]
        "form": form,
        "step": step,
        "step_name": report_rules.NAMES[step],
        "number": walk.steps.index(step) + 1,
        "all_steps": [
            {"url": walk.url_of(one), "name": report_rules.NAMES[one], "lacks": one in lacking_at, "here": one == step}
            for one in walk.steps
        ],
        "back": walk.url_of(before) if before else walk.url(),
    }
    return page(request, f"bookings/kerb/{step.value}.html", context | more)


def written(request: HttpRequest, walk: Walk, form: Form, **fields: Any) -> HttpResponse | None:
    """Writes the step into the draft and leads on, or back where the person asked for it; None when it was refused."""
    if attempt(form, reports.write_report, walk.report, by=request.user, **fields) is None:
        return None
    if request.POST.get("rest") == "ok":
        return redirect(f"{walk.url_of(walk.step)}#suite")  # type: ignore[arg-type]
    return redirect(where_to(request, walk))


def where_to(request: HttpRequest, walk: Walk) -> str:
    step = walk.step
    assert step is not None
    if request.POST.get("go") == "back":
        before = walk.before(step)
        return walk.url_of(before) if before else walk.url()
    return f"{walk.url_of(walk.after(step) or step)}#etape"  # else the browser keeps the former page's fragment


def papers(request: HttpRequest, walk: Walk) -> HttpResponse:
    form = PapersForm(request.POST or None, report=walk.report, licence_needed=walk.facts.licence_needed)
    if form.is_valid() and (answer := written(request, walk, form, **form.cleaned_data)):
        return answer
    verdict = verdict_of(walk.loan, walk.report.assignment)  # type: ignore[union-attr]
    return shown(request, walk, form, verdict=verdict, licence_needed=walk.facts.licence_needed)


def counter(request: HttpRequest, walk: Walk) -> HttpResponse:
    report = walk.report
    assert report is not None
    form = CounterForm(request.POST or None, report=report)
    last = report_reads.last_reading(report.assignment.vehicle)
    if form.is_valid():
        answer = written(request, walk, form, **form.cleaned_data)
        if answer is not None:
            if doubt := doubt_about(form.cleaned_data.get("km"), last.km if last else None):
                messages.warning(request, doubt)
            return answer
    return shown(request, walk, form, last=last)


def doubt_about(km: int | None, last: int | None) -> str:
    """A calm word where the counter surprises; it is written down all the same."""
    if km is None or last is None or last <= km <= last + LEAP:
        return ""
    than = "moins" if km < last else "beaucoup plus"
    return f"C’est {than} que le dernier relevé ({words.km(last)}). C’est noté quand même, à vérifier plus tard."


def round_trip(request: HttpRequest, walk: Walk) -> HttpResponse:
    form = RoundForm(request.POST or None, report=walk.report)
    if form.is_valid():
        checklist = form.checklist(rest_in_order=request.POST.get("rest") == "ok")
        if answer := written(request, walk, form, checklist=checklist, is_clean=form.cleaned_data["is_clean"]):
            return answer
    return around(request, walk, form, DamageForm(kind=walk.facts.kind, prefix="d"))


def around(request: HttpRequest, walk: Walk, form: Form, damage_form: DamageForm) -> HttpResponse:
    lines = list(walk.report.reported_damages.all())  # type: ignore[union-attr]
    for line in lines:
        line.remove_url = walk.url("remove_damage", damage=line.damage_id)
    damages = [line.damage for line in lines]
    more = {"damage_form": damage_form, "lines": lines, "damages": damages, "add_damage_url": walk.url("add_damage")}
    answer = shown(request, walk, form, **more)
    if damage_form.is_bound:
        answer.status_code = 409 if getattr(damage_form, "refused", False) else 422
    return answer


def accessories(request: HttpRequest, walk: Walk) -> HttpResponse:
    form = EquipmentForm(request.POST or None, report=walk.report)
    if form.is_valid():
        rest = request.POST.get("rest") == "ok"
        said = {
            "checklist": form.checklist(rest_in_order=rest),
            "equipment": form.equipment(rest_in_order=rest),
            "remarks": form.cleaned_data["remarks"],
        }
        if answer := written(request, walk, form, **said):
            return answer
    return shown(request, walk, form)


def photos(request: HttpRequest, walk: Walk) -> HttpResponse:
    form = PhotosForm(request.POST or None, report=walk.report)
    if form.is_valid() and (answer := written(request, walk, form, **form.cleaned_data)):
        return answer
    return album(request, walk, form, PhotoForm())


def album(request: HttpRequest, walk: Walk, form: Form, photo_form: PhotoForm) -> HttpResponse:
    """The views to take, those that are taken, and the others."""
    taken = list(walk.report.photos.all())  # type: ignore[union-attr]
    by_view = {photo.position: photo for photo in taken if photo.position}
    views = [
        {"code": code, "label": label, "photo": by_view.get(code)}
        for code, label in checklists.photo_positions(walk.facts.kind)
    ]
    others = [photo for photo in taken if not photo.position]
    for photo in others:
        photo.remove_url = walk.url("remove_photo", photo=photo.pk)
    more = {
        "views": views,
        "others": others,
        "views_lacking": sum(1 for view in views if view["photo"] is None),
        "photo_form": photo_form,
        "add_photo_url": walk.url("add_photo"),
    }
    answer = shown(request, walk, form, **more)
    if photo_form.is_bound:
        answer.status_code = 409 if getattr(photo_form, "refused", False) else 422
    return answer


def agreed(request: HttpRequest, walk: Walk) -> HttpResponse:
    """What is read aloud before both sign."""
    report, loan = walk.report, walk.loan
    assert report is not None
    if request.method == "POST":
        return redirect(where_to(request, walk))
    report.happened_at = clock.now()  # as if it were signed now; nothing is written
    if walk.direction == Direction.OUT:
        period = loan.periods.standing().last()
        more: dict[str, Any] = {
            "said": kerb_words.departure(loan, report, period, list(loan.account.deposits.all())),
        }
    else:
        departure = report_reads.departure_of(report)
        difference = report_reads.difference(departure, report)
        found = report_reads.newly_found(report.reported_damages.all())
        on_top = kerb_words.comes_on_top(loan, report, difference.km if difference else None)
        account = Account.objects.with_balance(clock.today()).get(pk=loan.account_id)
        more = {
            "said": kerb_words.homecoming(loan, report, difference, found, on_top),
            "departure": departure,
            "difference": difference,
            "on_top": on_top,
            "found": [kerb_words.damage_words(damage, walk.facts.kind) for damage in found],
            "account": account,
            "whole_amount": account.balance + kerb_words.total(on_top),
            "readings": report_papers.readings(report, departure) if departure else [],
        }
    return shown(request, walk, Form(), lacking=lacking_with_urls(walk), **more)


def lacking_with_urls(walk: Walk) -> list[dict[str, str]]:
    return [{"sentence": one.sentence, "url": walk.url_of(one.step)} for one in walk.lacking_before_signing()]


def signatures(request: HttpRequest, walk: Walk) -> HttpResponse:
    """Both sign, or it is said why not; then the keys change hands."""
    report = walk.report
    assert report is not None
    form = SignaturesForm(request.POST or None, request.FILES or None, report=report)
    if request.POST.get("go") == "back":
        return redirect(where_to(request, walk))
    if form.is_valid():
        fields = form.said() | {"happened_at": clock.now()}
        signed = attempt(form, reports.write_report, report, by=request.user, **fields)
        verb = actions.hand_over if walk.direction == Direction.OUT else actions.take_back
        if signed and attempt(form, verb, walk.loan, by=request.user, report=signed):
            return redirect(Walk(walk.loan, walk.direction).url("done"))
        report.refresh_from_db()
    return shown(request, walk, form, lacking=lacking_with_urls(walk))


STEPS: dict[Step, Callable[[HttpRequest, Walk], HttpResponse]] = {
    Step.PAPERS: papers,
    Step.COUNTER: counter,
    Step.ROUND: round_trip,
    Step.EQUIPMENT: accessories,
    Step.PHOTOS: photos,
    Step.AGREED: agreed,
    Step.SIGNATURES: signatures,
}


# --- damages and photos, one by one -----------------------------------------------------------------------


@require_POST
@once
def add_damage(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    walk = walk_of(request, pk, direction, Step.ROUND)
    if walk.report is None:
        return redirect(walk.url())
    form = DamageForm(request.POST, request.FILES, kind=walk.facts.kind, prefix="d")
    if form.is_valid() and attempt(form, reports.add_damage, walk.report, by=request.user, **form.cleaned_data):
        return redirect(f"{walk.url_of(Step.ROUND)}#degats")
    return around(request, walk, RoundForm(report=walk.report), form)


@require_POST
def remove_damage(request: HttpRequest, pk: int, direction: str, damage: int) -> HttpResponse:
    walk = walk_of(request, pk, direction, Step.ROUND)
    if walk.report is None:
        return redirect(walk.url())
    found = get_object_or_404(Damage.objects.visible_to(request.user), pk=damage, reports=walk.report)
    reports.remove_damage(walk.report, found, by=request.user)
    return redirect(f"{walk.url_of(Step.ROUND)}#degats")


@require_POST
@once
def add_photo(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    walk = walk_of(request, pk, direction, Step.PHOTOS)
    if walk.report is None:
        return redirect(walk.url())
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        upload, position = form.cleaned_data["photo"], form.cleaned_data["position"]
        if attempt(form, reports.add_photo, walk.report, upload, position, by=request.user):
            return redirect(f"{walk.url_of(Step.PHOTOS)}#vue-{position or 'autre'}")
    return album(request, walk, PhotosForm(report=walk.report), form)


@require_POST
def remove_photo(request: HttpRequest, pk: int, direction: str, photo: int) -> HttpResponse:
    walk = walk_of(request, pk, direction, Step.PHOTOS)
    if walk.report is None:
        return redirect(walk.url())
    reports.remove_photo(get_object_or_404(ReportPhoto, pk=photo, report=walk.report), by=request.user)
    return redirect(f"{walk.url_of(Step.PHOTOS)}#photos")
