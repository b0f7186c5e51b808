"""The things that the access table's addresses name, each made when first asked for."""

from collections.abc import Callable
from typing import Any, TypeVar

from accounts.models import Role, User
from tests.factories import (
    GarageFactory,
    MembershipFactory,
    ParticipantFactory,
    PlatformFactory,
    SiteFactory,
    UserFactory,
    VehicleFactory,
)

T = TypeVar("T")


class World:
    """One platform with its people, and a stranger from another."""

    def __init__(self) -> None:
        self.platform: Any = PlatformFactory(name="Sud Landes", slug="sud-landes")
        self.other_platform: Any = PlatformFactory(name="Loiret", slug="loiret")
        self._made: dict[Callable[..., Any], Any] = {}
        self.people: dict[str, User] = {
            role.value: MembershipFactory(platform=self.platform, role=role).user for role in Role
        }
        self.people["stranger"] = MembershipFactory(platform=self.other_platform, role=Role.COORDINATOR).user
        self.people["nobody"] = UserFactory()
        self.people["participant"] = self.get(participant).user
        self.people["garage"] = self.get(garage).user

    def get(self, maker: Callable[["World"], T]) -> T:
        if maker not in self._made:
            self._made[maker] = maker(self)
        return self._made[maker]


def participant(world: World) -> Any:
    """Ana, whose own loans and jobs the makers give to her."""
    return ParticipantFactory(platform=world.platform, first_name="Ana", last_name="Dupouy")


def garage(world: World) -> Any:
    """Chloé's."""
    return GarageFactory(platform=world.platform, name="Garage de Chloé")


def site(world: World) -> Any:
    return SiteFactory(platform=world.platform)


def vehicle(world: World) -> Any:
    return VehicleFactory(site=world.get(site))
