"""What must be there before somebody comes for the keys, and what of it is: known from the records, or ticked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bookings.day.flags import is_elsewhere
from bookings.models import PreparationTick

Item = PreparationTick.Item


@dataclass(frozen=True)
class Thing:
    """One line of the list."""

    item: str
    is_done: bool
    known: str = ""  # what the records say of it; then nobody ticks it
    tick: Any = None  # who ticked it, and when

    @property
    def label(self) -> str:
        return Item(self.item).label

    @property
    def can_be_ticked(self) -> bool:
        """What the records know is done where it is recorded: a deposit in the account, a vehicle in the yard."""
        return not self.known


def things_of(one: Any, ticks: Iterable[PreparationTick] = ()) -> list[Thing]:
    """For an assignment that `flags.with_flags` read. `ticks` say who and when; without them, that it is."""
    by_item = {tick.item: tick for tick in ticks}
    ticked = set(one.ticked)

    def by_hand(item: str) -> Thing:
        return Thing(item, item in ticked, tick=by_item.get(item))

    papers = getattr(one, "papers_known", None)  # see bookings/day/prepare_reads.py
    return [
        Thing(Item.PAPERS, *papers) if papers else by_hand(Item.PAPERS),
        deposit(one, by_hand(Item.DEPOSIT)),
        by_hand(Item.CONTRACT),
        clean(one, by_hand(Item.CLEAN)),
        on_site(one),
    ]


def deposit(one: Any, by_hand: Thing) -> Thing:
    if not one.deposit_expected:
        return Thing(Item.DEPOSIT, True, "Reçu, ou il n’en faut pas.")
    return Thing(Item.DEPOSIT, False, "À recevoir, dans le compte du prêt.")


def clean(one: Any, by_hand: Thing) -> Thing:
    if one.vehicle_out_until is not None:
        return Thing(Item.CLEAN, False, "Il n’est pas encore revenu.")
    if one.vehicle_not_ready:
        return Thing(Item.CLEAN, False, "Revenu, pas encore prêt.")
    return by_hand


def on_site(one: Any) -> Thing:
    if one.vehicle_out_until is not None:
        return Thing(Item.ON_SITE, False, "Il est encore sorti.")
    if is_elsewhere(one):
        return Thing(Item.ON_SITE, False, f"Il est à {one.vehicle.site}.")
    if one.site_id is not None and one.site_id != one.vehicle.site_id:
        return Thing(Item.ON_SITE, False, f"Il est à {one.vehicle.site} ; un déplacement est prévu.")
    return Thing(Item.ON_SITE, True, f"Il est à {one.vehicle.site}.")


def done_words(things: list[Thing]) -> str:
    """« 3 sur 5 »."""
    return f"{sum(thing.is_done for thing in things)} sur {len(things)}"
