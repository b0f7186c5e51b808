"""Never wrong: any verbs, in any order, against a plain model of the pool; a few examples now, 320 in the long run."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.papers import contracts
from bookings.reports import papers as report_papers
from core import clock
from tests.machine.rules import LoanMachine
from tests.machine.world import START, a_small_world

pytestmark = pytest.mark.django_db

STEPS = 40
QUICK, LONG = 20, 320  # examples
PHASES = (Phase.generate, Phase.shrink)
PARTS = 4  # of the long run, so that the workers share it


@pytest.fixture
def machine(platform: Any, driss: Any, monkeypatch: pytest.MonkeyPatch) -> type[LoanMachine]:
    """The papers are not printed: they are half of the time, and none of what is looked at here."""
    monkeypatch.setattr(report_papers, "report_pdf", lambda report: b"%PDF-")
    monkeypatch.setattr(contracts, "contract_pdf", lambda *args, **named: b"%PDF-")
    with clock.travel(to=START):
        LoanMachine.world = a_small_world(platform, driss)
        yield LoanMachine


def run(machine: type[LoanMachine], examples: int, part: int = 0) -> None:
    if settings.default.derandomize:
        seed(part)(machine)  # each part has examples of its own, the same in every run
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )


def test_the_database_and_the_model_agree_after_every_verb(machine: type[LoanMachine]) -> None:
    run(machine, QUICK)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_they_agree_for_long(machine: type[LoanMachine], part: int) -> None:
    run(machine, LONG // PARTS, part)
