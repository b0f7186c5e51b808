"""How time is taken: sides by turns, so that a machine that slows down slows both; the middle of at least five."""

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

FEWEST_ROUNDS = 5


def interleaved(sides: Mapping[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """What each side gave in each round; every round runs all of them, in turned order every second time.

    A side is called with the number of the round, after one round that warms everything up and does not count.
    """
    if rounds < FEWEST_ROUNDS:
        raise ValueError(f"a median wants at least {FEWEST_ROUNDS} rounds")
    gave: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items() if number % 2 else reversed(sides.items()):
            gc.collect()
            value = side(number)
            if number:
                gave[name].append(value)
    return gave


def seconds(call: Callable[[], Any], times: int = 1) -> float:
    """The mean of so many calls, in seconds."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of what each round's two sides gave, one divided by the other."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 do not exceed (the nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(0.95 * len(ordered)) - 1, 0)]


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """b of time = a · size^b, by least squares on the logarithms: 0 does not grow, 1 grows with the size."""
    return statistics.linear_regression([math.log(size) for size in sizes], [math.log(one) for one in times]).slope
