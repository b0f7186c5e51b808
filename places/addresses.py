"""Writing an address, and finding out afterwards where it lies."""

import logging
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from geopy.adapters import URLLibAdapter
from geopy.exc import GeopyError
from geopy.geocoders import BANFrance

from accounts.models import Platform
from core import clock, outbox
from core.db import create_all, save
from places.communes import find_commune, find_communes
from places.models import Address, Commune

log = logging.getLogger(__name__)

TIMEOUT = 3  # seconds for the geocoder to say something
REST = 60  # seconds during which a geocoder that did not answer is left alone
GOOD_ENOUGH = 0.4  # of the geocoder's score, 0 to 1
RESTING = "geocoder-rests"


class GeocoderSilent(Exception):
    """It does not answer; the outbox tries again later."""


def write_address(
    platform: Platform,
    *,
    street: str = "",
    postcode: str = "",
    city: str = "",
    address: Address | None = None,
) -> Address | None:
    """Keeps an address and the commune that it names; None when nothing was given.

    It lies at the commune's centre until the geocoder has been asked, which happens later: no save waits for it.
    With `address`, that row is rewritten; unchanged words change nothing.
    """
    street, postcode, city = (" ".join(part.split()) for part in (street, postcode, city))
    if not (street or postcode or city):
        return None
    if address is not None and (address.street, address.postcode, address.city) == (street, postcode, city):
        return address
    address = address or Address(platform=platform)
    address.street, address.postcode, address.city = street, postcode, city
    place_at_commune(address, find_commune(city, postcode) if city else None)
    save(address)
    outbox.send(
        "address.written", key=f"address.written:{uuid.uuid4()}", platform_id=platform.pk, payload={"id": address.pk}
    )
    return address


def write_addresses(platform: Platform, places: list[tuple[str, str, str]]) -> list[Address | None]:
    """`write_address` for many (street, postcode, city), in as many statements as for one.

    A commune that is known is written with its own name.
    """
    communes = find_communes((city, postcode) for _street, postcode, city in places if city)
    found: list[Address | None] = []
    for street, postcode, city in places:
        address = None
        if street or postcode or city:
            commune = communes.get((city, postcode))
            address = Address(
                platform=platform, street=street, postcode=postcode, city=commune.name if commune else city
            )
            place_at_commune(address, commune)
        found.append(address)
    written = [address for address in found if address is not None]
    if written:
        create_all(Address, written)
    # Without a street, no geocoder knows better than the commune's centre.
    to_place = {f"address.written:{uuid.uuid4()}": {"id": address.pk} for address in written if address.street}
    outbox.send_all("address.written", to_place, platform_id=platform.pk)
    return found


def place_at_commune(address: Address, commune: Commune | None) -> None:
    """What is known without asking anybody."""
    address.commune = commune
    address.geocoded_at = None
    known = commune is not None and commune.latitude is not None
    address.latitude = commune.latitude if known else None  # type: ignore[union-attr]
    address.longitude = commune.longitude if known else None  # type: ignore[union-attr]
    address.precision = Address.Precision.COMMUNE if known else Address.Precision.UNKNOWN


def geocode(address: Address) -> bool:
    """Asks the geocoder where the address lies; True when it knew better than the commune's centre.

    Raises GeocoderSilent when it does not answer. An answer for words that have changed meanwhile is dropped.
    """
    if not address.street:
        return False
    found = ask(f"{address.street} {address.postcode} {address.city}".strip())
    same = Address.objects.filter(pk=address.pk, street=address.street, postcode=address.postcode, city=address.city)
    if found is None:
        same.update(geocoded_at=clock.now())
        return False
    latitude, longitude, precision = found
    return bool(same.update(latitude=latitude, longitude=longitude, precision=precision, geocoded_at=clock.now()))


def ask(words: str) -> tuple[float, float, str] | None:
    """Latitude, longitude and precision by the geocoder at `GEOCODER_URL`; None when it does not know the place.

    Once it has not answered, it is left alone for a minute, so that a queue of addresses does not wait for each.
    """
    if cache.get(RESTING):
        raise GeocoderSilent
    where = urlsplit(settings.GEOCODER_URL)
    geocoder = BANFrance(
        domain=f"{where.netloc}{where.path}",
        scheme=where.scheme,
        timeout=TIMEOUT,
        user_agent="Remise",
        adapter_factory=URLLibAdapter,  # the other one, taken wherever `requests` is installed, asks three times
    )
    try:
        location = geocoder.geocode(words, limit=1)
    except (GeopyError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        cache.set(RESTING, True, REST)
        raise GeocoderSilent from error
    if location is None:
        return None
    told = location.raw.get("properties", {})
    precision = {"housenumber": Address.Precision.HOUSE, "street": Address.Precision.STREET}.get(told.get("type"))
    if precision is None or told.get("score", 0) < GOOD_ENOUGH:
        return None
    return location.latitude, location.longitude, precision
