import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from fleet.models import Vehicle
from participants.models import Participant
from tests.sheets import content


def post(user, what, name, **asked):
    client = APIClient()
    client.force_authenticate(user)
    return client.post(f"/api/v1/imports/{what}/", {"file": SimpleUploadedFile(name, content(name)), **asked})


def test_the_pool_is_imported_with_the_report_of_the_shell(platform, farid):
    dry = post(farid, "fleet", "pool.csv", create_sites=True, dry_run=True)
    assert dry.status_code == 200
    assert not Vehicle.objects.exists()
    done = post(farid, "fleet", "pool.csv", create_sites=True)
    assert done.status_code == 201
    assert done.json() == dry.json()
    assert (done.json()["new"], done.json()["known"], done.json()["blank"]) == (8, 1, 2)
    assert post(farid, "fleet", "pool.csv").json()["known"] == 9


def test_participants_and_garages_too(platform, bruno):
    assert post(bruno, "participants", "participants.csv").json()["new"] == 7
    assert post(bruno, "garages", "garages.csv").json()["new"] == 4
    assert Participant.objects.filter(platform=platform).count() == 7


@pytest.mark.parametrize(("what", "name"), [("fleet", "garages.csv"), ("garages", "pool.csv")])
def test_a_file_of_another_kind_is_refused(platform, driss, what, name):
    answer = post(driss, what, name)
    assert answer.status_code == 409
    assert answer.json()["code"] == "wrong_columns"


def test_who_may_not_import(platform, agathe):
    assert post(agathe, "fleet", "pool.csv").status_code == 403
    assert not Vehicle.objects.exists()
