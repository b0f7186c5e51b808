"""How deep a request is called does not decide how fast it is answered."""

import time
from collections.abc import Callable

from core.stack import one_piece_of_stack, roomy


def one() -> None:
    """A frame of the usual size, as functions with some variables have."""
    a = b = c = d = e = f = g = h = i = j = k = l = m = n = o = p = q = r = s = t = u = v = w = x = y = z = None  # noqa: E741, F841


def many_calls() -> float:
    """Microseconds a call, the best of a few."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(400):
            one()
        best = min(best, time.perf_counter() - began)
    return best / 400 * 1e6


def at_depth(depth: int, call: Callable[[], float]) -> float:
    return at_depth(depth - 1, call) if depth else call()


def test_a_loop_takes_as_long_at_every_depth() -> None:
    """Across the border of two pieces a call takes ten times as long and more, if nothing is done."""
    inside = roomy(lambda depth: at_depth(depth, many_calls))
    took = [inside(depth) for depth in range(150)]
    for depth, first in enumerate(took):
        if first >= 4 * min(took):  # a border is there each time, a machine that was busy for a moment is not
            took[depth] = min(inside(depth) for _ in range(50))
    assert max(took) < 4 * min(took)


def test_what_is_made_roomy_does_what_it_did() -> None:
    base = 40

    def add(n: int, more: int = 1) -> int:
        return base + n + more

    assert (roomy(add)(1), roomy(add)(1, more=0)) == (42, 41)
    assert one_piece_of_stack(lambda request: request)("asked") == "asked"  # type: ignore[arg-type,return-value]
