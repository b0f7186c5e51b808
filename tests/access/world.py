"""The things that the access table's addresses name, each made when first asked for."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password

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
        self.people: dict[str, User] = {role.value: self.staff(self.platform, role) for role in Role}
        self.people["stranger"] = self.staff(self.other_platform, Role.COORDINATOR)
        self.people["nobody"] = UserFactory()
        self.people["participant"] = self.get(participant).user
        self.people["garage"] = self.get(garage).user

    @staticmethod
    def staff(platform: Any, role: str) -> Any:
        """Whoever works there signs in with a password; nobody else has one."""
        return MembershipFactory(platform=platform, role=role, user__password=make_password("mot de passe")).user

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
