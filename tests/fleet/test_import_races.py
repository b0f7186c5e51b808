"""Two people confirm the same spreadsheet at the same moment: one writes it, the other finds it known."""

import threading
from typing import Any

import pytest
from django.db import connection

from fleet.imports import import_vehicles
from fleet.models import Site, Vehicle
from tests.sheets import content

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

AT_ONCE = 4


def test_simultaneous_imports_write_each_vehicle_once(platform: Any, farid: Any) -> None:
    start = threading.Barrier(AT_ONCE)
    counts: list[int] = []
    wrong: list[Exception] = []

    def run() -> None:
        try:
            start.wait()
            counts.append(import_vehicles(platform, content("pool.csv"), by=farid, create_sites=True).counts()["new"])
        except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sorted(counts) == [0, 0, 0, 8]
    assert (Vehicle.objects.count(), Site.objects.count()) == (8, 3)
