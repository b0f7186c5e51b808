"""What stands between new code and serving it: migrations and static files, each only if it changed."""

import hashlib
import os
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Platform

EMPTY = 3  # the exit status when all is ready and no platform exists yet
ONE_AT_A_TIME = 5_201_842  # advisory lock: two machines may start on one database at once


class Command(BaseCommand):
    help = "Migrates and collects static files where needed; exits with 3 if there is no platform yet."
    requires_system_checks: list[str] = []  # they cost a second, and script/test runs them

    def handle(self, **options) -> None:
        with connection.cursor() as cursor:
            # The limits of web requests are not for migrations, which may wait and may take long.
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            try:
                self.migrate()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
        self.collect()
        if not Platform.objects.exists():
            sys.exit(EMPTY)

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stderr.write("Migrating the database…")
            call_command("migrate", interactive=False, verbosity=0)

    def collect(self) -> None:
        stamp = settings.STATIC_ROOT / ".collected"
        now = fingerprint()
        if stamp.exists() and stamp.read_text() == now:
            return
        self.stderr.write("Collecting static files…")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(now)


def fingerprint() -> str:
    """Of every static file's name, size and time of change."""
    found = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            found.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return found.hexdigest()
