"""The four pages of an import: send a spreadsheet, see what each row becomes, confirm, see what was done.

A room says what it imports in an `ImportPages`, and adds `routes(…)` to its URLs. Nothing is written before the
confirmation, which reads the file again and judges it again.
"""

import csv
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from core import waiting_sheets
from core.db import require
from core.imports import KNOWN, NEW, REFUSED, Column, Line, Report
from core.models import JournalEntry, StoredFile
from core.sheets import bytes_of
from core.web import attempt, once, page

A_PAGE = 100
DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class ImportPages:
    room: str  # the namespace of its URLs
    path: str  # "vehicules": the pages stand under /vehicules/importer/
    verb: Callable[..., Report]
    may: Callable[[Any, Any], bool]
    columns: tuple[Column, ...]
    journal: str  # the journal's name for it
    one: str  # « véhicule »
    many: str  # « véhicules »
    recognised_by: str  # how a row is known again, in a sentence
    shown: tuple[str, ...]  # headings of what tells a row apart
    list_name: str  # where the imported rows are to be seen
    feminine: bool = False
    option: str = ""  # an argument of the verb, given when the person asks to create what is missing
    missing: str = ""  # what that is

    def counted(self, count: int) -> str:
        return f"{count} {self.many if count > 1 else self.one}"

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.room}:{name}", args=args)


class SheetForm(forms.Form):
    sheet = forms.FileField(
        label="Votre tableau",
        help_text="CSV ou XLSX. La première ligne porte les noms des colonnes.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"empty": "Ce fichier est vide.", "required": "Choisissez un fichier."},
    )

    create = forms.BooleanField(required=False)

    def __init__(self, pages: ImportPages, *args: Any) -> None:
        super().__init__(*args)
        if pages.option:
            self.fields["create"].label = f"Créer les {pages.missing} qui n’existent pas encore"
        else:
            del self.fields["create"]


def routes(pages: ImportPages) -> list[URLPattern]:
    """The URLs of these pages; their names begin with `import`."""

    @once
    def send(request: HttpRequest) -> HttpResponse:
        return _send(request, pages)

    def template(request: HttpRequest) -> HttpResponse:
        return _template(request, pages)

    def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return _preview(request, pages, pk)

    @require_POST
    @once
    def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return _confirm(request, pages, pk)

    def done(request: HttpRequest, pk: int) -> HttpResponse:
        return _done(request, pages, pk)

    root = f"{pages.path}/importer/"
    return [
        path(root, send, name="import"),
        path(f"{root}modele.csv", template, name="import_template"),
        path(f"{root}fait/<int:pk>/", done, name="import_done"),
        path(f"{root}<uuid:pk>/", preview, name="import_preview"),
        path(f"{root}<uuid:pk>/confirmer/", confirm, name="import_confirm"),
    ]


def _send(request: HttpRequest, pages: ImportPages) -> HttpResponse:
    require(pages.may(request.user, request.platform))
    form = SheetForm(pages, request.POST, request.FILES) if request.method == "POST" else SheetForm(pages)
    if form.is_valid():
        sheet = form.cleaned_data["sheet"]
        content = attempt(form, bytes_of, sheet)
        # A file that is no such table is refused here, before it is kept.
        if content is not None and attempt(form, pages.verb, request.platform, content, by=request.user, dry_run=True):
            kept = waiting_sheets.keep(content, name=sheet.name, platform_id=request.platform.pk, by=request.user)
            asked = form.cleaned_data.get("create", False)
            return redirect(pages.url("import_preview", kept.pk) + address(pages, asked, ""))
    context = {"pages": pages, "form": form, "template_url": pages.url("import_template")}
    return page(request, "core/import_send.html", context)


def _template(request: HttpRequest, pages: ImportPages) -> HttpResponse:
    """The headings alone, as spreadsheet programs of this country open them."""
    require(pages.may(request.user, request.platform))
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(column.heading for column in pages.columns)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="modele-{pages.path}.csv"'
    return response


def _preview(request: HttpRequest, pages: ImportPages, pk: uuid.UUID) -> HttpResponse:
    require(pages.may(request.user, request.platform))
    stored = found(request, pk)
    asked = bool(pages.option and request.GET.get(pages.option))
    report = judged_again(request, pages, stored, asked, dry_run=True)
    counts = report.counts() | {DOUBTFUL: len(report.doubtful)}
    wanted = request.GET.get("verdict", "")
    lines = [line for line in report.lines if is_wanted(line, wanted)]
    totals = [
        (counts[NEW], "go", "à ajouter", "plus-lg"),
        (counts[KNOWN], "done", plural(counts[KNOWN], "déjà connue"), ""),
        (counts[REFUSED], "refused", plural(counts[REFUSED], "refusée"), ""),
        (counts[DOUBTFUL], "warning", "à vérifier", ""),
    ]
    tabs = [("", "Toutes", len(report.lines)), (NEW, "Nouvelles", counts[NEW])]
    tabs += [(DOUBTFUL, "À vérifier", counts[DOUBTFUL]), (KNOWN, "Déjà connues", counts[KNOWN])]
    tabs += [(REFUSED, "Refusées", counts[REFUSED])]
    context = {
        "pages": pages,
        "stored": stored,
        "report": report,
        "counts": counts,
        "totals": totals,
        "wanted": wanted,
        "tabs": [
            {"label": label, "count": count, "current": name == wanted, "address": address(pages, asked, name)}
            for name, label, count in tabs
        ],
        "lines": Paginator(lines, A_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "confirm_url": pages.url("import_confirm", stored.pk),
        "confirm_label": f"Importer {pages.counted(counts[NEW])}",
        "send_url": pages.url("import"),
    }
    return page(request, "core/import_preview.html", context)


def _confirm(request: HttpRequest, pages: ImportPages, pk: uuid.UUID) -> HttpResponse:
    require(pages.may(request.user, request.platform))
    stored = waiting_sheets.find(pk, platform_id=request.platform.pk, user=request.user)
    if stored is None:
        # Confirmed a moment ago in another window: show what that did.
        entry = entries(request, pages).filter(facts__file=str(pk)).first()
        if entry is None:
            raise Http404
        return redirect(pages.url("import_done", entry.pk))
    asked = bool(pages.option and request.POST.get(pages.option))
    report = judged_again(request, pages, stored, asked, dry_run=False)
    if report.entry_id is None:
        # Meanwhile somebody else imported the same rows: the preview now says so.
        return redirect(pages.url("import_preview", pk))
    waiting_sheets.forget(stored)
    return redirect(pages.url("import_done", report.entry_id))


def _done(request: HttpRequest, pages: ImportPages, pk: int) -> HttpResponse:
    require(pages.may(request.user, request.platform))
    entry = get_object_or_404(entries(request, pages), pk=pk)
    ending = ("e" if pages.feminine else "") + ("s" if entry.facts[NEW] > 1 else "")
    context = {
        "pages": pages,
        "entry": entry,
        "facts": entry.facts,
        "added": f"{pages.counted(entry.facts[NEW])} ajouté{ending}",
        "send_url": pages.url("import"),
    }
    return page(request, "core/import_done.html", context)


def entries(request: HttpRequest, pages: ImportPages) -> Any:
    return JournalEntry.objects.filter(platform_id=request.platform.pk, verb=pages.journal)


def found(request: HttpRequest, pk: uuid.UUID) -> StoredFile:
    stored = waiting_sheets.find(pk, platform_id=request.platform.pk, user=request.user)
    if stored is None:
        raise Http404
    return stored


def judged_again(request: HttpRequest, pages: ImportPages, stored: StoredFile, asked: bool, *, dry_run: bool) -> Report:
    option = {pages.option: asked} if pages.option else {}
    content = waiting_sheets.content_of(stored)
    return pages.verb(request.platform, content, by=request.user, dry_run=dry_run, sheet_id=str(stored.pk), **option)


def plural(count: int, word: str) -> str:
    return f"{word}s" if count > 1 else word


def is_wanted(line: Line, wanted: str) -> bool:
    if wanted == DOUBTFUL:
        return line.verdict == NEW and bool(line.warnings)
    return not wanted or line.verdict == wanted


def address(pages: ImportPages, asked: bool, verdict: str) -> str:
    """The query of a preview; « ? » alone leads to the page without any."""
    kept = {pages.option: "on"} if asked else {}
    return "?" + urlencode(kept | ({"verdict": verdict} if verdict else {}))
