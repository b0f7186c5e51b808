"""Two people and one vehicle, any two verbs, real connections: what comes out is what one after the other gives.

Each race is run three times on the same rows: one verb before the other and the other way round (rolled back), then
both at once. At once must end like one of the two orders: the same answers, the same rows. No overlap, no deadlock that
anybody sees, nobody half done. tests/races/test_control.py shows what lock and constraint are for.
"""

import os
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from bookings.papers import contracts
from bookings.reports import papers as report_papers
from core import clock
from tests.bookings.conftest import car_tariff
from tests.factories import SiteFactory
from tests.races.scene import NOW, VERBS, Scene, Verb
from tests.test_races import at_once, overlaps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

BURSTS = max(1, int(os.environ.get("RACE_BURSTS", "20")) // 20)
PAIRS = list(combinations_with_replacement(VERBS, 2))


@pytest.fixture(autouse=True)
def a_clock_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that both orders and the race write the same moments; the papers are not printed."""
    monkeypatch.setattr(report_papers, "report_pdf", lambda report: b"%PDF-")
    monkeypatch.setattr(contracts, "contract_pdf", lambda *args, **named: b"%PDF-")
    with clock.travel(to=NOW), mock.patch.object(clock, "now", return_value=NOW):
        yield


@pytest.fixture
def scene(platform: Any, driss: Any) -> Callable[[], Scene]:
    car_tariff(platform)
    site = SiteFactory(platform=platform)
    return lambda: Scene(platform, driss, site)


def answer(verb: Verb) -> str:
    try:
        verb()
    except ValidationError as refusal:
        return "/".join(sorted({str(one.code) for one in refusal.error_list}))
    return "done"


def one_after_the_other(scene: Scene, verbs: list[Verb], order: tuple[int, int]) -> Any:
    """What that order gives; then it never happened."""
    with transaction.atomic():
        answers = {place: answer(verbs[place]) for place in order}
        outcome = [answers[0], answers[1]], scene.left()
        transaction.set_rollback(True)
    return outcome


def race(scene: Scene, verbs: list[Verb]) -> Any:
    answers = at_once(*[lambda verb=verb: answer(verb) for verb in verbs])
    return answers, scene.left()


@pytest.mark.parametrize("first", VERBS)
def test_two_verbs_at_once_end_as_one_after_the_other(first: str, scene: Callable[[], Scene]) -> None:
    for second in (pair[1] for pair in PAIRS if pair[0] == first):
        for _ in range(BURSTS):
            here = scene()
            verbs = [getattr(here, name)() for name in (first, second)]
            possible = [one_after_the_other(here, verbs, order) for order in ((0, 1), (1, 0))]
            came = race(here, verbs)
            assert came in possible, f"{first} and {second}\n  at once: {came}\n  in order: {possible}"
    assert overlaps() == 0
