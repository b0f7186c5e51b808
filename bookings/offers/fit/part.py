"""Which part of a pool is looked at when it is too large to be looked at as a whole. Pure."""

from bisect import bisect_left
from itertools import pairwise

from bookings.offers.fit.question import NONE, Question


def nearest(question: Question, vehicles: set[int], most: int) -> int:
    """The loans on these vehicles that may go elsewhere, as many as `most`, the nearest to the wish in time."""
    new = question.plans[question.new]
    away = {
        number: max(plan.start - new.end, new.start - plan.end)
        for number, plan in enumerate(question.plans[: question.new])
        if plan.vehicle in vehicles and plan.fits
    }
    return sum(1 << number for number in sorted(away, key=away.__getitem__)[:most])


def roomiest(question: Question, most: int) -> set[int]:
    """Vehicles with the most free time within the wish, an instant counting more when fewer are free; half fit it."""
    new = question.plans[question.new]
    ends = {at for plan in question.plans for at in (plan.start, plan.end)}
    instants = sorted(at for at in ends if new.start <= at <= new.end)
    taken = {vehicle: set[int]() for vehicle in sorted(question.vehicles)}
    for plan in question.plans[: question.new]:
        assert plan.vehicle is not None
        taken[plan.vehicle].update(range(bisect_left(instants, plan.start), bisect_left(instants, plan.end)))
    stretches = [(number, after - before) for number, (before, after) in enumerate(pairwise(instants))]
    free = {number: sum(number not in here for here in taken.values()) for number, _ in stretches}
    room = {
        vehicle: sum((length / free[number] for number, length in stretches if number not in here), NONE)
        for vehicle, here in taken.items()
    }
    order = sorted(room, key=lambda vehicle: -room[vehicle])
    fit = [vehicle for vehicle in order if vehicle in new.fits][: most // 2]
    return {*fit, *[vehicle for vehicle in order if vehicle not in fit][: most - len(fit)]}
