"""The pages of the pool: what they show, what a form keeps, what a refusal says."""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from core import clock
from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument
from tests.factories import HoldFactory, SiteFactory, VehicleFactory
from tests.fleet.factories import DamageFactory, DocumentFactory, ReadingFactory
from tests.fleet.test_steps import a_photo

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def a_monday_in_june() -> Iterator[None]:
    """Whatever the day: tomorrow is another day at every hour but on the night on which the clock goes back."""
    with clock.travel(to=dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def site(platform: Any) -> Site:
    return SiteFactory(platform=platform, name="Tarnos")


@pytest.fixture
def car(site: Site) -> Vehicle:
    return VehicleFactory(site=site, fleet_number="V01", plate="HK-780-YX")


@pytest.fixture
def desk(client: Client, farid: Any) -> Client:
    client.force_login(farid)
    return client


def kept(answer: Any) -> str:
    """The kind of a file that was sent, read to its end."""
    assert b"".join(answer.streaming_content)
    for close in answer._resource_closers:
        close()
    return str(answer["Content-Type"])


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def test_an_empty_pool_says_how_it_fills(desk: Client) -> None:
    assert "Le parc est vide" in text_of(desk.get("/vehicules/"))
    assert "Aucun site" in text_of(desk.get("/sites/"))


def test_the_list_is_filtered_by_its_address_and_sorted_by_its_headings(desk: Client, car: Vehicle) -> None:
    moped = VehicleFactory(site=SiteFactory(platform=car.platform, name="Dax"), fleet_number="S01", moped=True)
    ReadingFactory(vehicle=car, km=84210)
    now = clock.now()
    HoldFactory(vehicle=moped, starts_at=now - DAY, ends_at=now + DAY, out_at=now - DAY)
    everything = text_of(desk.get("/vehicules/"))
    assert everything.index("S01") < everything.index("V01")
    assert "84\u202f210\u00a0km" in everything
    assert "jusqu’à demain" in everything
    assert "V01" not in text_of(desk.get("/vehicules/?kind=moped"))
    assert "S01" not in text_of(desk.get(f"/vehicules/?site={car.site_id}"))
    assert "V01" not in text_of(desk.get("/vehicules/?state=out"))
    assert "Aucun véhicule ne correspond" in text_of(desk.get("/vehicules/?state=late"))
    backwards = text_of(desk.get("/vehicules/?sort=-number"))
    assert backwards.index("V01") < backwards.index("S01")
    assert 'aria-sort="descending"' in backwards


@pytest.mark.parametrize("query", ["kind=boat", "site=x", "site=999999", "state=?", "sort=;drop", "page=9"])
def test_an_address_that_was_altered_still_shows_the_pool(desk: Client, car: Vehicle, query: str) -> None:
    assert "V01" in text_of(desk.get(f"/vehicules/?{query}"))


def test_the_spreadsheet_shows_what_the_page_shows(desk: Client, car: Vehicle) -> None:
    VehicleFactory(site=car.site, moped=True)
    answer = desk.get("/vehicules/?kind=car&format=xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][:6] == ("V01", "HK-780-YX", "Voiture", "Peugeot 208", "Tarnos", "Libre")


def test_a_vehicles_page_shows_all_that_is_known(desk: Client, car: Vehicle) -> None:
    now = clock.now()
    DamageFactory(vehicle=car, zone="left_front_wing", note="12 cm")
    DamageFactory(vehicle=car, repaired_at=now, note="réparée")
    ReadingFactory(vehicle=car, disputed=True)
    DocumentFactory(vehicle=car, valid_until=dt.date(2020, 1, 1))
    Equipment.objects.create(platform=car.platform, vehicle=car, sort="triangle")
    HoldFactory(vehicle=car, purpose="reserve", reason="Salon", starts_at=now + DAY, ends_at=now + 2 * DAY)
    page = text_of(desk.get(f"/vehicules/{car.pk}/"))
    for words in ("aile avant gauche", "12 cm", "À vérifier", "Finie", "Triangle", "Salon", "Libérer", "Tarnos"):
        assert words in page, words
    assert "Régler" in text_of(desk.get(f"/vehicules/{car.pk}/compteur/"))
    assert "Assurance" in text_of(desk.get(f"/vehicules/{car.pk}/papier/"))
    assert "réparée" not in page


def test_whoever_may_not_manage_is_not_offered_to(client: Client, agathe: Any, car: Vehicle) -> None:
    client.force_login(agathe)
    page = text_of(client.get(f"/vehicules/{car.pk}/"))
    assert "Signaler un dégât" not in page
    assert "Retirer du parc" not in page


def test_a_vehicle_is_added_and_a_double_click_adds_one(desk: Client, site: Site) -> None:
    text_of(desk.get("/vehicules/ajouter/"))
    typed = {"kind": "car", "site": site.pk, "plate": "as756eb", "km": "94948", "submission": "s1"}
    for _ in range(2):
        answer = desk.post("/vehicules/ajouter/", typed | {"photo": a_photo()})
        assert answer.status_code == 302
    vehicle = Vehicle.objects.get()
    assert answer["Location"] == f"/vehicules/{vehicle.pk}/"
    assert kept(desk.get(f"/vehicules/{vehicle.pk}/photo/")) == "image/jpeg"


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"plate": "?"}, 409, "n’est pas une immatriculation"),
        ({"plate": "HK-780-YX"}, 409, "porte déjà cette immatriculation"),
        ({"kind": ""}, 422, "obligatoire"),
        ({"first_registered_on": "31/02/2016"}, 422, "valide"),
        ({"km": "-1"}, 422, "supérieur"),
    ],
)
def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(
    desk: Client, car: Vehicle, typed: dict[str, str], status: int, says: str
) -> None:
    everything = {"kind": "car", "site": car.site_id, "plate": "AB-123-CD", "make": "Renaultissime"} | typed
    page = text_of(desk.post("/vehicules/ajouter/", everything), status)
    assert says in page
    assert "Renaultissime" in page
    assert Vehicle.objects.count() == 1


def test_the_short_forms_do_what_they_say(desk: Client, car: Vehicle) -> None:
    dax = SiteFactory(platform=car.platform, name="Dax")
    here = f"/vehicules/{car.pk}"
    start = (clock.now() + DAY).strftime("%Y-%m-%dT%H:%M")
    end = (clock.now() + 2 * DAY).strftime("%Y-%m-%dT%H:%M")
    for path, typed in {
        "modifier/": {"kind": "car", "plate": "HK-780-YX", "colour": "bleue"},
        "deplacer/": {"site": dax.pk},
        "compteur/": {"km": "900"},
        "compteur/remplace/": {"km": "0"},
        "papier/": {"sort": "inspection", "issued_on": "2026-01-01", "file": a_photo()},
        "equipement/": {"sort": "helmet", "size": "M"},
        "degat/": {"sort": "scratch", "severity": "2", "x": "0.5", "y": "0.5", "photos": [a_photo()]},
        "mettre-de-cote/": {"starts_at": start, "ends_at": end, "reason": "Salon"},
        "retirer/": {"reason": "Vendu"},
    }.items():
        text_of(desk.get(f"{here}/{path}"))
        answer = desk.post(f"{here}/{path}", typed)
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"{here}/"), path
    car.refresh_from_db()
    assert (car.colour, car.site, car.withdrawn_reason) == ("bleue", dax, "Vendu")
    assert Damage.objects.get().zone == "roof"
    assert VehicleDocument.objects.get().file is not None
    assert "Vendu" in text_of(desk.get(f"{here}/"))
    assert desk.post(f"{here}/remettre/").status_code == 302
    assert kept(desk.get(f"/papiers/{VehicleDocument.objects.get().pk}/")) == "image/jpeg"
    assert kept(desk.get(f"/degats/photos/{Damage.objects.get().photos.get().pk}/")) == "image/jpeg"
    for path in (f"/degats/{Damage.objects.get().pk}/repare/", f"/equipements/{Equipment.objects.get().pk}/perdu/"):
        assert desk.post(path).status_code == 302


def test_a_disputed_reading_is_settled_on_its_page(desk: Client, car: Vehicle) -> None:
    ReadingFactory(vehicle=car, km=950_000, read_at=clock.now() - DAY)
    disputed = ReadingFactory(vehicle=car, km=95_000, state="disputed", read_at=clock.now())
    assert "950\u202f000" in text_of(desk.get(f"/releves/{disputed.pk}/"))
    assert "obligatoire" in text_of(desk.post(f"/releves/{disputed.pk}/", {"km": "95000"}), 422)
    desk.post(f"/releves/{disputed.pk}/", {"km": "95000", "reason": "Un zéro de trop"})
    assert OdometerReading.objects.get(settles=disputed).km == 95_000
    assert "n’est pas à vérifier" in text_of(desk.post(f"/releves/{disputed.pk}/", {"km": "1", "reason": "x"}), 409)


def test_a_reserve_is_moved_and_released(desk: Client, car: Vehicle) -> None:
    now = clock.now()
    hold = HoldFactory(vehicle=car, purpose="reserve", starts_at=now + DAY, ends_at=now + 2 * DAY)
    loan = HoldFactory(vehicle=car, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
    page = f"/mises-de-cote/{hold.pk}/"
    dates = {"starts_at": f"{now + 4 * DAY:%Y-%m-%dT%H:%M}", "ends_at": f"{now + 7 * DAY:%Y-%m-%dT%H:%M}"}
    assert "prêté" in text_of(desk.post(page, dates), 409)
    assert desk.get(f"/mises-de-cote/{loan.pk}/").status_code == 403
    assert desk.post(f"{page}liberer/").status_code == 302
    assert list(Hold.objects.all()) == [loan]


def test_a_refusal_of_a_button_comes_back_as_a_sentence(desk: Client, car: Vehicle) -> None:
    page = f"/vehicules/{car.pk}/"
    answer = desk.post(f"{page}remettre/", headers={"Referer": f"http://testserver{page}"})
    assert answer.status_code == 302
    assert "Ce véhicule est dans le parc" in text_of(desk.get(answer["Location"]))


def test_sites_are_added_and_changed(desk: Client, car: Vehicle) -> None:
    desk.post("/sites/ajouter/", {"name": "Dax", "city": "Dax", "postcode": "40100", "phone": "05 58 41 22 10"})
    dax = Site.objects.get(name="Dax")
    assert "40100 Dax" in text_of(desk.get("/sites/"))
    assert "cinq chiffres" in text_of(desk.post(f"/sites/{dax.pk}/modifier/", {"name": "Dax", "postcode": "4"}), 422)
    assert "Fermé" not in text_of(desk.get("/sites/"))
    desk.post(f"/sites/{dax.pk}/modifier/", {"name": "Dax gare"})  # the box « ouvert » is not ticked
    assert "Fermé" in text_of(desk.get("/sites/"))
    refused = desk.post(f"/sites/{car.site_id}/modifier/", {"name": "Tarnos"})
    assert "déplacez-les" in text_of(refused, 409)
