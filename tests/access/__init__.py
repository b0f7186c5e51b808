"""Who may open what: one line for each address and method, kept by the room that owns the address.

`tests/access/<room>.py` holds `ROWS = [row(…), …]`; tests/test_access.py reads all of them, walks the cast through
each, and fails for an address of the resolver that has no line. In a room's file:

    from tests.access import FORBIDDEN, HIDDEN, OK, row
    from tests.access.world import World, vehicle

    def damage(world: World) -> Damage:                                  # made once a world, by whoever needs it
        return DamageFactory(vehicle=world.get(vehicle))

    ROWS = [
        row("GET", "fleet:vehicles", staff=OK),
        row("GET", "fleet:vehicle", {"pk": vehicle}, staff=OK),
        row("POST", "fleet:withdraw", {"pk": vehicle}, staff=FORBIDDEN, fleet_manager=OK),
        row("GET", "bookings:contract", {"pk": booking}, staff=OK, participant=OK),
        row("POST", "api:vehicle-list", data={…}, staff=FORBIDDEN, fleet_manager=OK),
        row("GET", "api:vehicle-detail", {"pk": vehicle}, staff=OK),
    ]

`OK` means: past the guards, whatever the verb then says (200, 201, 204, a redirect, 400, 409, 422); an exact status
may stand instead. What is not said:

- coordinator: OK; the other roles: what `staff` says
- stranger (the coordinator of another platform): 404 where the address names an object, else as the coordinator
- participant, garage, nobody (`outsiders` for all three): pages 403; the API 404 where it names an object, else OK for
  GET (an empty list) and 403 for POST
- anonymous: pages lead to the log-in, the API says 401

The participant is `participant`'s own user, the garage `garage`'s (tests/access/world.py): give them the object in its
maker where they may see it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OK = "ok"
LOGIN = "login"
FORBIDDEN = 403
HIDDEN = 404

ROLES = ("adviser", "fleet_manager", "accountant", "coordinator")
OUTSIDERS = ("participant", "garage", "nobody")
PEOPLE = (*ROLES, *OUTSIDERS, "stranger", "anonymous")


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    kwargs: dict[str, Any]
    expected: dict[str, str | int]
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def row(
    method: str,
    name: str,
    kwargs: dict[str, Any] | None = None,
    *,
    data: Any | Callable[..., Any] = None,
    staff: str | int | None = None,
    outsiders: str | int | None = None,
    **said: str | int,
) -> Row:
    """One line of the table; see above. `data` may be a function of the world."""
    assert not set(said) - set(PEOPLE), f"unknown people: {set(said) - set(PEOPLE)}"
    api, named = name.startswith("api:"), bool(kwargs)
    expected: dict[str, str | int] = {"coordinator": OK}
    for role in ROLES[:-1]:
        if staff is not None:
            expected[role] = staff
    if outsiders is None:
        outsiders = (HIDDEN if named else OK if method == "GET" else FORBIDDEN) if api else FORBIDDEN
    expected |= dict.fromkeys(OUTSIDERS, outsiders)
    expected["anonymous"] = 401 if api else LOGIN
    expected |= said
    expected.setdefault("stranger", HIDDEN if named else expected["coordinator"])
    missing = set(PEOPLE) - set(expected)
    assert not missing, f"{method} {name} says nothing of {sorted(missing)}"
    return Row(method, name, kwargs or {}, expected, data)


def open_page(method: str, name: str, kwargs: dict[str, Any] | None = None, **said: str | int) -> Row:
    """A line for an address that needs no log-in: everybody gets the same, unless said otherwise."""
    return row(method, name, kwargs, **(dict.fromkeys(PEOPLE, OK) | said))


def own_page(method: str, name: str, kwargs: dict[str, Any] | None = None, **said: str | int) -> Row:
    """A line for an address that is for whoever has signed in."""
    return row(method, name, kwargs, **(dict.fromkeys(PEOPLE, OK) | {"anonymous": LOGIN} | said))
