"""The house holds: rooms in layers, doors that do not write, one clock, no template that nobody shows."""

import ast
import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models

ROOT = Path(settings.BASE_DIR)
LAYERS = [
    {"core"},
    {"accounts"},
    {"places"},
    {"fleet"},
    {"participants", "garages"},
    {"pricing"},
    {"maintenance"},
    {"bookings"},
    {"portal", "api"},
]
ROOMS = [room for layer in LAYERS for room in sorted(layer)]
HEIGHT = {room: height for height, layer in enumerate(LAYERS) for room in layer}

WRITES = {"save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}
OTHER_CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "today"), ("date", "today"), ("time", "time")}
LONGEST_FILE = 500


def sources(*patterns: str) -> list[Path]:
    return sorted(
        file
        for room in ROOMS
        for pattern in patterns
        for file in (ROOT / room).glob(pattern)
        if "migrations" not in file.parts
    )


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


DOORS = [
    file
    for file in sources("views.py", "views/*.py", "**/forms.py", "**/urls.py", "context_processors.py")
    + sorted((ROOT / "api").glob("*.py"))
    if name_of(file) not in {"api/authentication.py"}  # notes when a token was last used
]


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[models.Model]) -> None:
    room = model._meta.app_label
    if room not in HEIGHT:
        return
    for field in model._meta.get_fields():
        if not field.concrete or field.related_model is None or isinstance(field.related_model, str):
            continue
        theirs = field.related_model._meta.app_label
        if theirs in HEIGHT and theirs != room:
            assert HEIGHT[theirs] < HEIGHT[room], f"{model.__name__}.{field.name} points up to {theirs}"


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_every_constraint_has_a_sentence_and_a_code(model: type[models.Model]) -> None:
    if model._meta.app_label not in HEIGHT:
        return
    for constraint in model._meta.constraints:
        assert constraint.violation_error_code, constraint.name
        assert "Constraint" not in str(constraint.get_violation_error_message()), constraint.name
    for field in model._meta.local_fields:
        unique = field.unique and not field.primary_key and not isinstance(field, models.OneToOneField)
        assert not unique, f"{field.name}: a constraint in Meta says it with a sentence"


@pytest.mark.parametrize("file", DOORS, ids=name_of)
def test_doors_do_not_write(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            base = ast.unparse(node.func.value)
            harmless = base.endswith(("session", "kept", "context", "request.GET.copy()")) or "super()" in base
            dictionary = node.func.attr == "update" and not re.search(r"objects|filter\(|all\(", base)
            assert harmless or dictionary or (node.func.attr == "create" and base == "actions"), (
                f"line {node.lineno}: {ast.unparse(node.func)} — an action writes"
            )


@pytest.mark.parametrize("file", sources("**/*.py"), ids=name_of)
def test_there_is_one_clock(file: Path) -> None:
    if name_of(file) == "core/clock.py":
        return
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = (ast.unparse(node.func.value).rpartition(".")[2], node.func.attr)
            assert called not in OTHER_CLOCKS, f"line {node.lineno}: core.clock tells the time"


@pytest.mark.parametrize("file", sources("**/*.py") + sorted((ROOT / "bench").glob("*.py")), ids=name_of)
def test_no_file_outgrows_its_subject(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())


def test_every_template_is_shown_by_somebody() -> None:
    """A template is named in Python, or included or extended by another; allauth, Django and error pages by name.

    A folder whose templates are named by a step of it (`f"bookings/kerb/{step}.html"`) is shown as a whole.
    """
    templates = {
        str(file.relative_to(folder)): file
        for room in ROOMS
        for folder in [ROOT / room / "templates"]
        for file in folder.glob("**/*.html")
    }
    text = "\n".join(file.read_text() for file in [*sources("**/*.py"), *templates.values()])
    called_by_others = re.compile(r"^(account|mfa|allauth|socialaccount|usersessions|django)/|^\d{3}(_\w+)?\.html$")
    by_step = set(re.findall(r'f"([\w/]+)/\{[\w.]+\}\.html"', text))
    unused = [
        name
        for name in templates
        if name not in text and name.rpartition("/")[0] not in by_step and not called_by_others.search(name)
    ]
    assert unused == []


def test_no_template_holds_script_or_style_of_its_own() -> None:
    """The Content-Security-Policy would refuse it, and nobody would see why."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son\w+=\"", re.I)
    guilty = [
        name_of(file)
        for room in ROOMS
        for file in (ROOT / room / "templates").glob("**/*.html")
        if inline.search(re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", file.read_text(), flags=re.S))
    ]
    assert guilty == []


def test_the_glossary_names_codes_that_are_given_and_each_once() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text()
    named = re.findall(r"`(\w+)`", glossary[glossary.index("Refusals have a French sentence") :])
    given = set(re.findall(r'"(\w+)"', "".join(file.read_text() for file in sources("**/*.py"))))
    assert named == sorted(set(named))
    assert not set(named) - given


def test_the_kinds_of_the_api_keep_their_names() -> None:
    from fleet.models import Kind

    assert list(Kind.values) == ["car", "van", "microcar", "moped", "motorcycle_125", "e_bike", "bike"]
