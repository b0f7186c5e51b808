"""The list of people, a person's page, and the verbs that write somebody down. Names and numbers come by POST."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from core import clock, export, phones
from core.web import attempt, once, page
from participants import actions, doubles, entitlements, lists, perms, search
from participants.file import unpack, with_file
from participants.forms import AudienceForm, NewPersonForm, PeopleFilters, PersonForm
from participants.models import AudienceMembership, DrivingEntitlement, Participant
from participants.papers import Paper

AT_ONCE = 100


def people_of(request: HttpRequest) -> Any:
    return Participant.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]


def person_for(request: HttpRequest, pk: int) -> Participant:
    return get_object_or_404(people_of(request).select_related("platform", "address", "user"), pk=pk)


def participants(request: HttpRequest) -> HttpResponse:
    """Filters stand in the address; a search for a name or a number is a POST, and stands nowhere."""
    platform, today = request.platform, clock.today()  # type: ignore[attr-defined]
    filters = PeopleFilters(request.GET, platform=platform)
    filters.is_valid()
    asked = filters.cleaned_data
    sort = asked.get("sort") or "name"
    typed = request.POST.get("q", "").strip() if request.method == "POST" else ""
    found = search.matching(people_of(request), typed) if typed else lists.matching(people_of(request), asked, today)
    found = lists.in_order(lists.with_line(found), sort)
    if request.method == "GET" and request.GET.get("format") == "xlsx":
        return export.xlsx("participants", lists.HEADINGS, (lists.row(person, today) for person in found))
    shown = Paginator(found, AT_ONCE).get_page(request.GET.get("page"))
    for person in shown:
        person.publics = lists.publics_on(person, today)
    context = {
        "filters": filters,
        "page": shown,
        "sort": sort,
        "typed": typed,
        "filtered": typed or any(asked.get(name) for name in ("programme", "adviser", "audience")),
        "can_register": perms.can_register(request.user, platform),
    }
    return page(request, "participants/participants.html", context, partial="rows")


@require_GET
def participant(request: HttpRequest, pk: int) -> HttpResponse:
    rows = people_of(request).select_related(
        "platform", "address", "programme", "prescriber", "referent__organization", "adviser"
    )
    titles = Prefetch("entitlements", DrivingEntitlement.objects.select_related("verified_by"))
    person = unpack(get_object_or_404(with_file(lists.with_publics(rows).prefetch_related(titles)), pk=pk))
    today = clock.today()
    driver = entitlements.Driver.of(person)
    context = {
        "person": person,
        "age": person.age_on(today),
        "drives": grouped(entitlements.kinds_driven(driver, today)),
        "titles": sorted(person.entitlements.all(), key=lambda title: title.category),
        "publics": [(one, one.holds_on(today)) for one in lists.publics_of(person)],
        "documents": [(one, Paper.of(one).counts_on(today), Paper.of(one).counts_until) for one in papers_of(person)],
        "tests": sorted(person.aptitude_tests.all(), key=lambda test: test.tested_on, reverse=True),
        "can_note_papers": perms.can_note_papers(request.user, person),
        "can_change": perms.can_change(request.user, person),
        "can_record_entitlement": perms.can_record_entitlement(request.user, person),
    }
    return page(request, "participants/participant.html", context)


def papers_of(person: Participant) -> list[Any]:
    """By sort, the latest first."""
    return sorted(person.documents.all(), key=lambda one: (one.sort, -one.pk))


def grouped(kinds: list[tuple[Any, entitlements.Verdict]]) -> list[tuple[str, entitlements.Verdict]]:
    """Kinds with the same answer on one line: « Voiture, utilitaire »."""
    lines: dict[entitlements.Verdict, list[str]] = {}
    for kind, verdict in kinds:
        lines.setdefault(verdict, []).append(kind.label)
    said = [(", ".join([names[0], *(name.lower() for name in names[1:])]), verdict) for verdict, names in lines.items()]
    return sorted(said, key=lambda line: (not line[1].allowed, bool(line[1].warnings)))


@once
def register(request: HttpRequest) -> HttpResponse:
    """A name is enough. Likely doubles are shown before anything is written."""
    platform = request.platform  # type: ignore[attr-defined]
    if not perms.can_register(request.user, platform):
        raise PermissionDenied
    is_adviser = request.membership.role == Role.ADVISER  # type: ignore[attr-defined]
    initial = {"entered_on": clock.today(), "adviser": request.user.pk if is_adviser else None}
    form = NewPersonForm(request.POST or None, platform=platform, initial=initial)
    known: list[Participant] = []
    if form.is_valid():
        given = dict(form.cleaned_data)
        if not given.pop("is_somebody_else"):
            named = {name: given[name] for name in ("first_name", "last_name", "birth_date", "phone")}
            known = doubles.likely(people_of(request), **named)
        if not known and (made := attempt(form, actions.register, platform, by=request.user, **given)):
            messages.success(request, f"{made} : c’est noté.")
            warn_of_contact(request, made)
            return redirect("participants:participant", made.pk)
    return page(request, "participants/register.html", {"form": form, "known": known}, status=409 if known else None)


@once
def change(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_for(request, pk)
    if not perms.can_change(request.user, person):
        raise PermissionDenied
    names = (*PersonForm.WHO, *PersonForm.FOLLOWED, "phone", "email")
    initial = {name: getattr(person, name) for name in names}
    initial |= {name: getattr(person, f"{name}_id") for name in ("programme", "prescriber", "referent", "adviser")}
    initial |= {name: getattr(person.address, name, "") for name in ("street", "postcode", "city")}
    form = PersonForm(request.POST or None, platform=request.platform, initial=initial)  # type: ignore[attr-defined]
    if form.is_valid() and (changed := attempt(form, actions.change, person, by=request.user, **form.cleaned_data)):
        messages.success(request, "C’est enregistré.")
        warn_of_contact(request, changed)
        return redirect("participants:participant", person.pk)
    return page(request, "participants/change.html", {"form": form, "person": person})


def warn_of_contact(request: HttpRequest, person: Participant) -> None:
    if not person.phone and not person.email:
        messages.warning(request, "Ni téléphone ni mail : cette personne ne recevra aucun message.")
    elif person.phone and (number := phones.normalise(person.phone)) and not number.is_assigned:
        messages.warning(request, "Ce numéro de téléphone ne semble pas attribué : vérifiez-le.")


# --- publics ----------------------------------------------------------------------------------------


@once
def add_audience(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_for(request, pk)
    if not perms.can_change(request.user, person):
        raise PermissionDenied
    form = AudienceForm(request.POST or None)
    if form.is_valid() and attempt(form, actions.add_audience, person, by=request.user, **form.cleaned_data):
        messages.success(request, "Le public est noté.")
        return redirect("participants:participant", person.pk)
    context = {"person": person, "form": form, "title": "Ajouter un public", "submit": "Ajouter ce public"}
    return page(request, "participants/short_form.html", context)


@require_POST
@once
def end_audience(request: HttpRequest, pk: int) -> HttpResponse:
    rows = AudienceMembership.objects.visible_to(request.user).filter(platform=request.platform)  # type: ignore[attr-defined]
    membership = get_object_or_404(rows.select_related("participant"), pk=pk)
    actions.end_audience(membership, by=request.user)
    messages.success(request, "Ce public est terminé.")
    return redirect("participants:participant", membership.participant_id)
