"""The whole demo, platform by platform, in one transaction: all of it, or nothing."""

from random import Random

from django.contrib.auth.hashers import make_password
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.models import Platform, User
from core import clock
from core.models import StoredFile
from portal.demo import asking, cases, cast, changes, day, house, pool, repairs, series, traces
from portal.demo.cast import NETWORK, PASSWORD, World
from portal.demo.loans import Writer
from portal.demo.money import Bookkeeper
from portal.demo.pictures import Album
from portal.demo.plan import Planner
from portal.demo.shape import PlatformSpec
from portal.demo.specs import PLATFORMS


class RealDataThere(Exception):
    """A platform of this database is real: the demo never touches it."""


class DemoThere(Exception):
    """The demo is loaded already."""


def load() -> None:
    """Raises RealDataThere or DemoThere unless the database is empty."""
    refuse_real_data()
    if Platform.objects.exists():
        raise DemoThere
    with transaction.atomic():
        password = make_password(PASSWORD)
        email, name = NETWORK
        network = User.objects.create(name=name, email=email, password=password)
        for spec in PLATFORMS:
            load_platform(spec, network, password)
        analyze()


def analyze() -> None:
    """The first page must not wait for the planner to learn of all these rows.

    Our own tables only: the catalogues that all databases of a server share would stay locked until we commit.
    """
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")


def load_platform(spec: PlatformSpec, network: User, password: str) -> World:
    now = clock.now()
    world = World(spec=spec, rng=Random(f"remise {spec.slug}"), today=clock.today(), now=now)
    cast.found_platform(world, network, password)
    cast.settle_settings(world)
    pool.open_sites(world)
    pool.fill_pool(world)
    cast.welcome_participants(world)
    cast.work_with_garages(world)
    planner = Planner(world).run()
    written = Writer(world, planner, Album(world)).run()
    house.settle(world, written)
    payments = Bookkeeper(world).run(written)
    repairs.write_past(world, planner)
    traces.write_journal(world, written, payments)
    traces.write_messages(world, written)
    traces.write_notes(world, written)
    traces.write_feeds(world)
    traces.print_papers(world, written)
    changes.change_some(world, written)
    repairs.open_jobs(world, planner)
    day.write_day(world, written)
    asking.write_asking(world)
    cases.write_cases(world)
    series.book_nights(world)
    return world


def empty() -> None:
    """Every row of every table goes, but for the migrations' own. Refused where a platform is real."""
    refuse_real_data()
    kept = {"django_migrations", "django_content_type", "places_commune"}
    tables = [name for name in connection.introspection.table_names() if name not in kept]
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    files = list(StoredFile.objects.values_list("file", flat=True))
    with connection.cursor() as cursor:
        # The ledgers' triggers refuse DELETE; the demo's tables are not emptied row by row but begun anew.
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    for file in files:
        default_storage.delete(file)


def refuse_real_data() -> None:
    if Platform.objects.filter(is_demo=False).exists():
        raise RealDataThere
