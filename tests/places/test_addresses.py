"""An address is kept at once; where it lies comes later, from a real HTTP server on loopback."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from core import clock, outbox
from core.models import OutboxMessage
from places.addresses import write_address
from places.distance import distance_km
from places.models import Address
from tests.core.servers import hanging, http
from tests.factories import CommuneFactory

WORDS = {"street": "12 rue de la Gare", "postcode": "40230", "city": "St-Vincent-de-Tyrosse"}


@pytest.fixture
def tyrosse(db: None) -> Any:
    return CommuneFactory(
        name="Saint-Vincent-de-Tyrosse",
        name_key="saint vincent de tyrosse",
        postcodes="40230",
        latitude=43.66,
        longitude=-1.3,
    )


def feature(kind: str = "housenumber", score: float = 0.95) -> dict[str, Any]:
    """As the Géoplateforme answers (GeoJSON, properties of the BAN)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-1.307, 43.6605]},
                "properties": {
                    "label": "12 Rue de la Gare 40230 Saint-Vincent-de-Tyrosse",
                    "score": score,
                    "housenumber": "12",
                    "type": kind,
                    "name": "12 Rue de la Gare",
                    "postcode": "40230",
                    "citycode": "40284",
                    "city": "Saint-Vincent-de-Tyrosse",
                },
            }
        ],
        "query": "12 rue de la Gare",
    }


def test_an_address_stands_at_its_communes_centre_at_once(platform: Any, tyrosse: Any) -> None:
    address = write_address(platform, **WORDS)
    assert address is not None
    assert (address.commune, address.point, address.precision) == (tyrosse, (43.66, -1.3), "commune")


def test_an_unknown_commune_is_kept_as_it_was_written(platform: Any) -> None:
    address = write_address(platform, city="Nulle-Part")
    assert address is not None
    assert (address.city, address.commune, address.point) == ("Nulle-Part", None, None)


def test_nothing_is_no_address(platform: Any) -> None:
    assert write_address(platform, street="  ", postcode="", city=" ") is None
    assert not OutboxMessage.objects.exists()


def test_the_same_words_again_change_and_ask_nothing(platform: Any, tyrosse: Any) -> None:
    address = write_address(platform, **WORDS)
    again = write_address(platform, **WORDS, address=address)
    assert again == address
    assert OutboxMessage.objects.filter(topic="address.written").count() == 1


def test_the_geocoder_knows_the_very_house(platform: Any, tyrosse: Any, settings: Any) -> None:
    with http(lambda handler, body: (200, feature())) as (url, asked):
        settings.GEOCODER_URL = url + "/geocodage"
        address = write_address(platform, **WORDS)
        outbox.sweep()
    [(method, path, headers, _)] = asked
    assert (method, urlsplit(path).path) == ("GET", "/geocodage/search")
    assert parse_qs(urlsplit(path).query)["q"] == ["12 rue de la Gare 40230 St-Vincent-de-Tyrosse"]
    assert headers["User-Agent"] == "Remise"
    address.refresh_from_db()
    assert (address.point, address.precision) == ((43.6605, -1.307), "house")
    assert address.geocoded_at is not None


@pytest.mark.parametrize(
    "answer",
    [
        feature(kind="municipality"),  # it found no more than the commune
        feature(score=0.1),
        {"type": "FeatureCollection", "features": []},
    ],
)
def test_what_the_geocoder_does_not_know_stays_at_the_centre(
    platform: Any, tyrosse: Any, settings: Any, answer: Any
) -> None:
    with http(lambda handler, body: (200, answer)) as (url, _):
        settings.GEOCODER_URL = url
        address = write_address(platform, **WORDS)
        outbox.sweep()
    address.refresh_from_db()
    assert (address.point, address.precision) == ((43.66, -1.3), "commune")
    assert OutboxMessage.objects.get().done_at is not None


def test_without_a_street_nobody_is_asked(platform: Any, tyrosse: Any, settings: Any) -> None:
    with http(lambda handler, body: (200, feature())) as (url, asked):
        settings.GEOCODER_URL = url
        write_address(platform, postcode="40230", city="Saint-Vincent-de-Tyrosse")
        outbox.sweep()
    assert asked == []


def test_a_geocoder_that_hangs_blocks_no_save_and_is_asked_again(
    platform: Any, tyrosse: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("places.addresses.TIMEOUT", 0.2)
    with http(hanging(60)) as (url, asked):
        settings.GEOCODER_URL = url
        address = write_address(platform, **WORDS)
        write_address(platform, street="14 rue de la Gare", postcode="40230", city="Dax")
        assert asked == [], "a save asks nobody"
        began = time.monotonic()
        outbox.sweep()
        assert time.monotonic() - began < 30, "it is not waited for"
        assert len(asked) == 1, "the second address does not wait for the same silence"
    address.refresh_from_db()
    assert address.precision == "commune"
    assert set(OutboxMessage.objects.values_list("last_error", flat=True)) == {"GeocoderSilent"}
    cache.clear()  # a minute later
    with http(lambda handler, body: (200, feature())) as (url, _), clock.travel(clock.dt.timedelta(minutes=2)):
        settings.GEOCODER_URL = url
        outbox.sweep()
    address.refresh_from_db()
    assert address.precision == "house"


@pytest.mark.parametrize(("status", "content"), [(500, {}), (200, b"<html>maintenance</html>"), (429, {})])
def test_a_geocoder_that_answers_nonsense_is_asked_again(
    platform: Any, tyrosse: Any, settings: Any, status: int, content: Any
) -> None:
    with http(lambda handler, body: (status, content)) as (url, _):
        settings.GEOCODER_URL = url
        write_address(platform, **WORDS)
        outbox.sweep()
    message = OutboxMessage.objects.get()
    assert (message.done_at, message.last_error) == (None, "GeocoderSilent")


def test_an_answer_for_words_that_have_changed_is_dropped(platform: Any, tyrosse: Any, settings: Any) -> None:
    address = write_address(platform, **WORDS)

    def meanwhile(handler: Any, body: Any) -> tuple[int, Any]:
        return 200, feature()

    with http(meanwhile) as (url, _):
        settings.GEOCODER_URL = url
        stale = Address.objects.get(pk=address.pk)
        Address.objects.filter(pk=address.pk).update(street="ailleurs")
        from places.addresses import geocode

        assert geocode(stale) is False
    address.refresh_from_db()
    assert address.precision == "commune"


def test_where_people_live_is_not_in_the_log(
    platform: Any, tyrosse: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with http(lambda handler, body: (500, {})) as (url, _):
        settings.GEOCODER_URL = url
        write_address(platform, **WORDS)
        outbox.sweep()
    assert "Gare" not in caplog.text


def test_distances_are_kilometres() -> None:
    dax, bayonne = (43.7096, -1.0535), (43.4929, -1.4748)
    assert distance_km(dax, bayonne) == pytest.approx(41.6, abs=0.5)
    assert distance_km(dax, dax) == 0
    assert distance_km(dax, None) is None
