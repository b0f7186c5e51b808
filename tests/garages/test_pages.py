import pytest
from django.urls import reverse

from garages.models import Garage
from tests.factories import GarageFactory
from tests.maintenance.factories import job_in

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"garages:{name}", args=args)


@pytest.fixture
def at_the_desk(client, farid):
    client.force_login(farid)
    return client


def test_a_garage_is_added_and_changed(at_the_desk, platform):
    typed = {"name": "Atelier Sanguinet", "sort": "workshop", "phone": "06 78 82 91 87", "city": "Sanguinet"}
    typed |= {"repairs": ["bike", "e_bike"], "can_tow": "no", "hourly_rate": "35"}
    at_the_desk.post(url("add"), typed)
    garage = Garage.objects.get()
    assert (garage.phone, garage.can_tow, garage.rates.get().hourly_rate) == ("+33678829187", False, 35)
    form = at_the_desk.get(url("change", garage.pk)).content.decode()
    assert 'value="Sanguinet"' in form
    at_the_desk.post(url("change", garage.pk), typed | {"name": "Atelier du lac", "can_tow": ""})
    garage.refresh_from_db()
    assert (garage.name, garage.can_tow) == ("Atelier du lac", None)


def test_what_cannot_be_is_said_beside_its_field(at_the_desk, platform):
    page = at_the_desk.post(url("add"), {"name": "X", "sort": "partner", "siret": "123", "phone": "06"})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"siret", "phone"}
    assert not Garage.objects.exists()


def test_the_list_shows_those_that_mend_a_kind(at_the_desk, garage, platform):
    GarageFactory(platform=platform, name="Vélos du Lac", repairs=["bike"])
    GarageFactory(platform=platform, name="Fermé", is_active=False)
    shown = [g.name for g in at_the_desk.get(url("garages"), {"repare": "bike"}).context["page"].object_list]
    assert shown == ["Vélos du Lac"]
    former = [g.name for g in at_the_desk.get(url("garages"), {"anciens": "1"}).context["page"].object_list]
    assert former == ["Fermé"]


def test_the_page_of_a_garage_shows_its_rates_people_and_jobs(at_the_desk, garage):
    job_in("accepted", garage, title="Vidange")
    at_the_desk.post(url("set_rate", garage.pk), {"hourly_rate": "39,90", "tier": "platform"})
    at_the_desk.post(url("add_member", garage.pk), {"name": "Karim", "phone": "0612345678"})
    page = at_the_desk.get(url("garage", garage.pk)).content.decode()
    for words in ("Vidange", "39,90", "Karim", "06\xa012\xa034\xa056\xa078"):
        assert words in page
    at_the_desk.post(url("remove_member", garage.pk, garage.members.get().pk))
    assert not garage.members.exists()


def test_one_stops_working_with_a_garage_and_begins_again(at_the_desk, garage):
    at_the_desk.post(url("stop", garage.pk))
    garage.refresh_from_db()
    assert not garage.is_active
    at_the_desk.post(url("resume", garage.pk))
    garage.refresh_from_db()
    assert garage.is_active
