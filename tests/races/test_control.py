"""The control of the pairs: without lock and constraint the same two verbs do promise the vehicle twice."""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from core import db
from fleet import holds
from fleet.models import Hold
from tests.races.scene import VERBS, Scene
from tests.races.test_pairs import a_clock_that_stands_still, race, scene  # noqa: F401
from tests.test_races import CONSTRAINT, RESTORE, overlaps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

TAKERS = [verb for verb in VERBS if verb not in {"cancel", "withdraw", "book_series"}]  # who puts one hold on it


@pytest.fixture
def no_constraint(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE fleet_hold DROP CONSTRAINT {CONSTRAINT}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE fleet_hold CASCADE")
        cursor.execute(RESTORE)


def nobody_waits(monkeypatch: pytest.MonkeyPatch, wanted: int) -> None:
    """No row is locked, and both have looked before either writes the vehicle's hold."""
    both_looked, waited = threading.Barrier(2), threading.local()
    instead = {
        "lock": (db.lock, lambda row, *_: row.__class__.objects.get(pk=row.pk)),
        "lock_all": (db.lock_all, lambda model, ids, *_: list(model.objects.filter(pk__in=set(ids)).order_by("pk"))),
    }
    for module in list(sys.modules.values()):
        for name, (real, unlocked) in instead.items():
            if getattr(module, name, None) is real and module is not db:
                monkeypatch.setattr(module, name, unlocked)
    write = holds.save

    def save(row: Any, *fields: str) -> Any:
        if isinstance(row, Hold) and row.vehicle_id == wanted and not getattr(waited, "once", False):
            waited.once = True
            both_looked.wait(timeout=30)
        return write(row, *fields)

    monkeypatch.setattr(holds, "save", save)


@pytest.mark.usefixtures("no_constraint")
@pytest.mark.parametrize("verb", TAKERS)
def test_without_both_the_vehicle_is_promised_twice(
    verb: str,
    scene: Callable[[], Scene],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = scene()
    verbs = [getattr(here, name)() for name in ("book", verb)]
    nobody_waits(monkeypatch, here.wanted.pk)
    answers, _ = race(here, verbs)
    assert answers == ["done", "done"]
    assert overlaps() == 1
