"""How a verb becomes a step of the machine.

One rule draws a verb and what it is given: Hypothesis would otherwise leave most rules out of an example, and a loan
that is never booked is never brought back late.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

STEPS: dict[str, tuple[int, dict[str, Any]]] = {}


def step(weight: int = 2, **given: Any) -> Callable[[Any], Any]:
    """`weight`: how often, beside the others; `given`: what is drawn for it."""

    def register(verb: Any) -> Any:
        STEPS[verb.__name__] = (weight, given)
        return verb

    return register


def any_step() -> Any:
    """A verb's name, as often as its weight says."""
    return st.sampled_from([name for name, (weight, _) in STEPS.items() for _ in range(weight)])
