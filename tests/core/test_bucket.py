"""Files in a bucket: the real client against a server that answers as S3 does."""

import io
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from core import bucket, files, orphans, waiting_sheets
from core.models import StoredFile
from fleet import actions
from fleet.models import Vehicle
from tests.factories import SiteFactory
from tests.fleet.test_steps import a_photo

BUCKET = "prets-sud-landes"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its address."""
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def options(endpoint: str) -> dict[str, Any]:
    return bucket.storage(f"s3://{BUCKET}/fichiers", key="AKIA0", secret="secret", endpoint=endpoint, region="fr-par")


@pytest.fixture
def kept_there(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bucket, new and empty, in which this test's files are kept."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    settings.STORAGES = settings.STORAGES | {"default": options(server)}
    default_storage.connection.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "fr-par"})
    yield default_storage.bucket
    default_storage.connection.meta.client.close()
    urllib.request.urlopen(urllib.request.Request(f"{server}/moto-api/reset", method="POST")).close()


def keys(kept_there: Any) -> list[str]:
    return [found.key for found in kept_there.objects.all()]


@pytest.fixture
def car(kept_there: Any, platform: Any, farid: Any) -> Vehicle:
    return actions.add_vehicle(
        platform, site=SiteFactory(platform=platform), kind="car", by=farid, plate="AS-756-EB", km=1, photo=a_photo()
    )


def test_a_photo_is_read_through_its_guarded_page_alone(
    car: Vehicle, kept_there: Any, client: Client, farid: Any, eve: Any
) -> None:
    photo = car.photo
    assert photo is not None
    assert keys(kept_there) == [f"fichiers/{photo.file.name}"]
    page = reverse("fleet:photo", args=[car.pk])

    client.force_login(farid)
    answer = client.get(page)
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert content[:3] == b"\xff\xd8\xff"
    assert answer["Content-Length"] == str(len(content)) == str(photo.size)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, max-age=3600")
    part = client.get(page, headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(b"".join(part.streaming_content))) == (200, len(content))  # all of it, as HTTP allows

    client.force_login(eve)
    assert client.get(page).status_code == 404


def test_what_is_forgotten_leaves_the_bucket_with_the_transaction(
    kept_there: Any, platform: Any, farid: Any, django_capture_on_commit_callbacks: Any
) -> None:
    sheet = waiting_sheets.keep("km;été\n".encode(), name="parc d’été.csv", platform_id=platform.pk, by=farid)
    assert waiting_sheets.content_of(StoredFile.objects.get()) == "km;été\n".encode()
    with django_capture_on_commit_callbacks() as then:
        files.forget(sheet)
    assert len(keys(kept_there)) == 1
    for step in then:
        step()
    assert keys(kept_there) == []


def test_what_no_row_names_is_found_and_removed(car: Vehicle, kept_there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert car.photo is not None
    named = car.photo.file.name
    default_storage.save(f"{named[:7]}/{uuid.uuid4()}.jpg", io.BytesIO(b"rolled back"))
    assert orphans.remove(every_month=True) == 0
    monkeypatch.setattr(orphans, "OLD", -orphans.OLD)  # as if tomorrow were over
    assert orphans.remove(every_month=True) == 1
    assert keys(kept_there) == [f"fichiers/{named}"]


def test_an_object_carries_only_what_every_provider_knows(kept_there: Any) -> None:
    """A bucket without access lists refuses whoever sends one; others know no checksums of Amazon's."""
    sent: list[Any] = []
    events = default_storage.connection.meta.client.meta.events
    events.register("before-send.s3", lambda request, **_: sent.append(request))
    default_storage.save("été/photo.jpg", io.BytesIO(b"1" * 100))
    put = next(request for request in sent if request.method == "PUT")
    assert f"/{BUCKET}/fichiers/" in put.url
    assert put.headers["Authorization"].startswith(b"AWS4-HMAC-SHA256")
    unknown = ("x-amz-acl", "x-amz-sdk", "x-amz-checksum", "x-amz-trailer")
    assert [name for name in put.headers if name.lower().startswith(unknown)] == []
    with default_storage.open("été/photo.jpg") as again:
        assert again.read() == b"1" * 100


def test_another_providers_bucket_needs_no_host_name_of_its_own() -> None:
    there = S3Storage(**options("https://s3.example.org")["OPTIONS"])
    assert there.url("photo.jpg").startswith(f"https://s3.example.org/{BUCKET}/fichiers/photo.jpg?")


def test_two_files_of_one_name_both_stay(kept_there: Any) -> None:
    names = {default_storage.save("photo.jpg", io.BytesIO(content)) for content in (b"one", b"two")}
    assert len(names) == len(keys(kept_there)) == 2


def test_the_environment_says_where_the_bucket_is() -> None:
    said = {
        "FILES_URL": f"s3://{BUCKET}/fichiers",
        "AWS_ACCESS_KEY_ID": "AKIA0",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_S3_ENDPOINT_URL": "https://s3.fr-par.example.org",
        "AWS_S3_REGION_NAME": "fr-par",
    }
    look = (
        "from config.settings import STORAGES; from storages.backends.s3 import S3Storage;"
        "it = S3Storage(**STORAGES['default']['OPTIONS']);"
        "print(it.bucket_name, it.location, it.access_key, it.secret_key, it.endpoint_url, it.region_name)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", look], cwd=project.BASE_DIR, env=os.environ | said, capture_output=True, text=True
    )
    assert outcome.stdout.split() == [BUCKET, "fichiers", *list(said.values())[1:]], outcome.stderr


@pytest.mark.parametrize("url", ["/mnt/photos", "s3://", "s3:///photos", "S3://prets", "prets"])
def test_what_is_no_bucket_is_never_taken_for_one(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"names no bucket: write s3://bucket/prefix"):
        bucket.storage(url, key="", secret="", endpoint="", region="")
