"""What the pages of incidents and of fines do alike."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from bookings.models import CasePaper, Fine, Incident
from core import files
from core.journal import story_of
from core.web import attempt, page, row_id


def ask(
    request: HttpRequest,
    case: Any,
    form: forms.Form,
    act: Callable[..., Any],
    *,
    back: str,
    title: str,
    label: str,
    done: str,
    sign: str = "",
    tone: str = "primary",
    hint: str = "",
    template: str = "bookings/cases/verb.html",
    partial: str = "",
    leave: str = "",
    **context: Any,
) -> HttpResponse:
    """A verb with questions: its page, then the page that `back` names; `leave` is the way out of one about no case."""
    if request.method == "POST" and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, done)
        return redirect(back)
    told = {"case": case, "form": form, "back": back, "title": title, "label": label, "sign": sign, "tone": tone}
    return page(request, template, told | {"hint": hint, "leave": leave} | context, partial=partial)


def only(rows: QuerySet[Any], filters: forms.Form, over: tuple[str, ...]) -> QuerySet[Any]:
    """What the filters of the address leave: open ones unless something else is asked for."""
    wanted = filters.cleaned_data if filters.is_valid() else {}
    state = wanted.get("state") or ""
    if state == "over":
        rows = rows.filter(state__in=over)
    elif state != "all":
        rows = rows.exclude(state__in=over)
    if sort := wanted.get("sort"):
        rows = rows.filter(sort=sort)
    if vehicle := wanted.get("vehicle"):
        rows = rows.filter(vehicle=vehicle)
    return rows


def first_vehicle(request: HttpRequest) -> int | None:
    """The vehicle that the address chooses."""
    return row_id(request.GET.get("vehicule", ""))


def paper(request: HttpRequest, case: Incident | Fine, file: str) -> HttpResponse:
    named = {"incident": case} if isinstance(case, Incident) else {"fine": case}
    found = CasePaper.objects.filter(file_id=file, **named).select_related("file").first()
    if found is None:
        raise Http404
    return files.download(found.file)


# What the journal says of them, as it reads on their own pages.
TOLD = {
    "incident.opened": ("Signalé", "flag"),
    "incident.completed": ("Complété", "pencil"),
    "incident.complaint_lodged": ("Plainte notée", "shield-exclamation"),
    "incident.declared": ("Déclaré à l’assurance", "shield-check"),
    "incident.fetched": ("Sorti de la fourrière", "unlock"),
    "incident.closed": ("Clos", "check-circle"),
    "incident.paper_added": ("Papier ajouté", "paperclip"),
    "fine.recorded": ("Avis noté", "envelope"),
    "fine.notice_came": ("Avis arrivé", "envelope"),
    "fine.driver_named": ("Conducteur précisé", "person-check"),
    "fine.designated": ("Conducteur désigné", "send"),
    "fine.paid": ("Payée", "cash-coin"),
    "fine.rebilled": ("Refacturée", "receipt"),
    "fine.contested": ("Contestée", "flag"),
    "fine.closed": ("Close", "check-circle"),
    "fine.withdrawn": ("Notée par erreur", "trash"),
    "fine.purged": ("Données effacées", "trash"),
    "fine.paper_added": ("Papier ajouté", "paperclip"),
}


def timeline(case: Incident | Fine) -> list[dict[str, Any]]:
    """What happened to it, in one query."""
    entries = [entry for entry in story_of(case)[:40] if entry.verb in TOLD]
    return [{"what": TOLD[entry.verb][0], "icon": TOLD[entry.verb][1], "at": entry.at} for entry in reversed(entries)]
