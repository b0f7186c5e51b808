"""Nets under every test: the network is closed but for loopback, a GET that writes fails, an undefined
template variable fails, and the clock, files and messages of one test never reach the next."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from accounts.models import Role
from core.templatetags import remise
from tests.factories import GarageFactory, MembershipFactory, PlatformFactory, UserFactory
from tests.sms import Provider

# How long an example takes says how busy the machine is, not whether the rule holds. Who changes nothing sees the same
# examples again; `script/test -- --hypothesis-profile=search` looks for others.
settings.register_profile("remise", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", settings.get_profile("remise"), derandomize=False)
settings.load_profile("remise")

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise OSError(f"tests stay on this machine, {host} does not")
    return _connect(self, address)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A browser or a server thread that still lingers must not keep the test database from being dropped."""
    yield
    with django_db_blocker.unblock():
        if connection.settings_dict["NAME"].startswith("test_"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture(autouse=True, scope="session")
def closed_network() -> Iterator[None]:
    socket.socket.connect = _loopback_only  # type: ignore[method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def static_files_need_no_collecting() -> None:
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def own_settings(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.DEMO = False
    settings.EMAIL_CONFIGURED = True
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.SMS_BACKEND = "tests.sms.Provider"
    Provider.accepted.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def forgetful_cache(own_settings: None) -> None:
    """What one test counted does not limit the next."""
    cache.clear()


class Undefined(str):
    """Stands for a template variable that the view forgot; Django formats it with the variable's name."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"the template uses {name}, which its view did not give")


@pytest.fixture(autouse=True)
def undefined_template_variables_fail() -> None:
    from django.template import engines

    engines["django"].engine.string_if_invalid = Undefined("%s")


SPRITE = set(re.findall(r'id="([\w-]+)"', Path(finders.find(remise.SPRITE)).read_text()))


@pytest.fixture(autouse=True)
def an_icon_that_is_not_there_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def address_of(name: str) -> str:
        assert name in SPRITE, f'add "{name}" to the icons of vendor.json and run script/vendor'
        return f"/static/{remise.SPRITE}#{name}"

    monkeypatch.setattr(remise, "address_of", address_of)


READS = ("SELECT", "(SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "WITH", "DECLARE", "FETCH", "CLOSE")
KEEPS_SESSION = ("django_session",)


class ReadingClient(Client):
    """A client whose GETs may not write (sessions excepted)."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        def no_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            if not sql.lstrip(" \n(").upper().startswith(READS) and not any(table in sql for table in KEEPS_SESSION):
                raise AssertionError(f"a GET wrote: {sql[:200]}")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(no_writes):
            return super().get(*args, **kwargs)


@pytest.fixture
def client() -> Client:
    return ReadingClient()


@pytest.fixture
def platform(db: None) -> Any:
    """The cast's platform."""
    return PlatformFactory(name="Sud Landes", slug="sud-landes")


@pytest.fixture
def other_platform(db: None) -> Any:
    """Eve's."""
    return PlatformFactory(name="Loiret", slug="loiret")


@pytest.fixture
def bruno(platform: Any) -> Any:
    """The adviser."""
    return MembershipFactory(
        user__name="Bruno Darrieus", user__email="bruno@example.org", platform=platform, role=Role.ADVISER
    ).user


@pytest.fixture
def farid(platform: Any) -> Any:
    """The fleet manager."""
    return MembershipFactory(
        user__name="Farid Lesbats", user__email="farid@example.org", platform=platform, role=Role.FLEET_MANAGER
    ).user


@pytest.fixture
def agathe(platform: Any) -> Any:
    """The accountant."""
    return MembershipFactory(
        user__name="Agathe Capdeville", user__email="agathe@example.org", platform=platform, role=Role.ACCOUNTANT
    ).user


@pytest.fixture
def garage(platform: Any) -> Any:
    """The cast's garage."""
    return GarageFactory(
        platform=platform, name="Solid’Auto Morcenx", phone="+33688318680", email="atelier@example.org"
    )


@pytest.fixture
def chloe(garage: Any) -> Any:
    """Behind the garage's link."""
    return garage.user


@pytest.fixture
def driss(platform: Any) -> Any:
    """The coordinator."""
    return MembershipFactory(
        user__name="Driss Lafitte", user__email="driss@example.org", platform=platform, role=Role.COORDINATOR
    ).user


@pytest.fixture
def eve(other_platform: Any) -> Any:
    """The stranger: coordinates another platform."""
    return MembershipFactory(
        user__name="Eve Marchand", user__email="eve@example.org", platform=other_platform, role=Role.COORDINATOR
    ).user


@pytest.fixture
def nobody(db: None) -> Any:
    """Signed in, and member of nothing."""
    return UserFactory(name="Personne", email="personne@example.org")
