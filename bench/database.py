"""A database of the bench's own, beside the one that is configured; gone at the end, also after Ctrl-C.

One that a killed run left behind goes at the next start: a bench keeps a connection to its own for as long as it
runs, so that one to which nobody is connected belongs to nobody.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

MARK = "_bench_"
DJANGOS = {"pool", "options", "server_side_binding", "prepare_threshold"}  # not the driver’s


def connect(name: str, **options: Any) -> psycopg.Connection[Any]:
    """Plain psycopg, as the raw sides of the benches use it."""
    ours = connections["default"].settings_dict
    known = {"host": ours["HOST"], "port": ours["PORT"], "user": ours["USER"], "password": ours["PASSWORD"]}
    more = {key: value for key, value in ours["OPTIONS"].items() if key not in DJANGOS}
    return psycopg.connect(dbname=name, **{key: value for key, value in known.items() if value}, **more, **options)


@contextmanager
def own_database() -> Iterator[str]:
    """Its name, with Django's connection turned to it and every migration applied."""
    configured = settings.DATABASES["default"]["NAME"]
    name = f"{configured[:40]}{MARK}{secrets.token_hex(4)}"
    with connect(configured, autocommit=True) as admin:
        remove_leftovers(admin, configured[:40])
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with connect(name):
                turn_to(name)
                call_command("migrate", interactive=False, verbosity=0)
                yield name
        finally:
            turn_to(configured)
            drop(admin, name)


def turn_to(name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name


def remove_leftovers(admin: psycopg.Connection[Any], stem: str) -> None:
    left = admin.execute(
        """SELECT datname FROM pg_database d WHERE starts_with(datname, %s)
           AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)""",
        [stem + MARK],
    )
    for (name,) in left.fetchall():
        drop(admin, name)


def drop(admin: psycopg.Connection[Any], name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def url_of(name: str) -> str:
    """For the processes that a bench starts."""
    at = connections["default"].settings_dict
    secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    port = f":{at['PORT']}" if at["PORT"] else ""
    return f"postgres://{at['USER']}{secret}@{at['HOST']}{port}/{name}"
