"""The pages of people: what they show, what a form keeps, what a refusal says. No name stands in an address."""

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from participants.models import (
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from tests.factories import ParticipantFactory
from tests.fleet.test_pages import text_of
from tests.participants.factories import AudienceMembershipFactory, EntitlementFactory, ReferentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(platform: Any) -> Participant:
    return ParticipantFactory(
        platform=platform, last_name="Dupouy", name_key="dupouy ana", programme__name="Accompagnement"
    )


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


def test_an_empty_list_says_how_it_fills(desk: Client) -> None:
    assert "Personne encore" in text_of(desk.get("/participants/"))
    assert "Aucun prescripteur" in text_of(desk.get("/prescripteurs/"))
    assert "Aucun dispositif encore" in text_of(desk.get("/dispositifs/"))


def test_people_are_searched_by_post_and_filtered_by_the_address(desk: Client, bruno: Any, ana: Participant) -> None:
    lea = ParticipantFactory(
        platform=ana.platform,
        programme=ana.programme,
        first_name="Léa",
        last_name="Labat",
        name_key="labat lea",
        adviser=bruno,
        phone="",
    )
    AudienceMembershipFactory(participant=lea)
    found = text_of(desk.post("/participants/", {"q": "dupo"}))
    assert "Dupouy" in found
    assert "Labat" not in found
    assert "Personne ne correspond" in text_of(desk.post("/participants/", {"q": "zzz"}))
    for query in (f"adviser={bruno.pk}", "audience=rsa"):
        page = text_of(desk.get(f"/participants/?{query}"))
        assert "Labat" in page
        assert "Dupouy" not in page
    assert "Dupouy" in text_of(desk.get(f"/participants/?programme={ana.programme_id}"))
    backwards = text_of(desk.get("/participants/?sort=-name"))
    assert backwards.index("Labat") < backwards.index("Dupouy")
    for query in ("adviser=x", "audience=vip", "sort=;", "page=9", "programme=999999"):
        assert "Dupouy" in text_of(desk.get(f"/participants/?{query}"))


def test_the_spreadsheet_shows_what_the_page_shows(desk: Client, ana: Participant) -> None:
    AudienceMembershipFactory(participant=ana)
    sheet = load_workbook(BytesIO(desk.get("/participants/?format=xlsx").content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:4] == ("Dupouy", "Ana", dt.datetime(1990, 3, 18), "+33667969008")  # noqa: DTZ001 - as Excel has it
    assert rows[1][7] == "RSA"


def test_a_persons_page_says_what_they_may_drive_and_why_not(desk: Client, ana: Participant) -> None:
    EntitlementFactory(participant=ana, category="AM")
    page = text_of(desk.get(f"/participants/{ana.pk}/"))
    assert "Voiturette, scooter 50" in page
    assert "Il faut le permis B." in page
    assert "l’original n’a pas été vu" in page


def test_a_person_is_written_down_with_a_name_alone_and_a_word_about_it(desk: Client) -> None:
    text_of(desk.get("/participants/nouveau/"))
    answer = desk.post("/participants/nouveau/", {"first_name": "Léa", "last_name": "Labat"}, follow=True)
    assert "Ni téléphone ni mail" in text_of(answer)
    assert Participant.objects.get().programme.is_default


def test_a_number_that_nobody_was_given_is_kept_with_a_word(desk: Client) -> None:
    typed = {"first_name": "Léa", "last_name": "Labat", "phone": "00 00 00 00 00"}
    answer = desk.post("/participants/nouveau/", typed, follow=True)
    assert "ne semble pas attribué" in text_of(answer)


def test_a_likely_double_is_shown_before_anything_is_written(desk: Client, ana: Participant) -> None:
    typed = {"first_name": "ANA", "last_name": "dupouy", "project": "CDI"}
    page = text_of(desk.post("/participants/nouveau/", typed), 409)
    assert f"/participants/{ana.pk}/" in page
    assert 'value="CDI"' in page
    assert Participant.objects.count() == 1
    assert desk.post("/participants/nouveau/", typed | {"is_somebody_else": "on"}).status_code == 302
    certain = typed | {"is_somebody_else": "on", "birth_date": "1990-03-18"}
    assert "déjà connue" in text_of(desk.post("/participants/nouveau/", certain), 409)
    assert Participant.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"phone": "12"}, 409, "n’est pas un numéro de téléphone"),
        ({"last_name": ""}, 422, "obligatoire"),
        ({"birth_date": "31/02/1990"}, 422, "valide"),
        ({"email": "léa"}, 422, "valide"),
        ({"postcode": "4"}, 422, "cinq chiffres"),
    ],
)
def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(
    desk: Client, typed: dict[str, str], status: int, says: str
) -> None:
    everything = {"first_name": "Prénomrare", "last_name": "Labat"} | typed
    page = text_of(desk.post("/participants/nouveau/", everything), status)
    assert says in page
    assert "Prénomrare" in page
    assert not Participant.objects.exists()


def test_a_person_is_changed(desk: Client, ana: Participant, bruno: Any) -> None:
    page = f"/participants/{ana.pk}/modifier/"
    assert 'value="Dupouy"' in text_of(desk.get(page))
    typed = {"first_name": "Ana", "last_name": "Dupouy", "phone": "", "city": "Dax", "adviser": bruno.pk}
    assert desk.post(page, typed).status_code == 302
    ana.refresh_from_db()
    assert (ana.phone, ana.adviser, str(ana.address)) == ("", bruno, "Dax")


def test_rights_to_drive_are_noted_corrected_and_verified(desk: Client, ana: Participant) -> None:
    new = f"/participants/{ana.pk}/permis/"
    text_of(desk.get(new))
    typed = {"category": "B", "sort": "licence", "obtained_on": "2019-03-01", "restriction_codes": "78, 01"}
    assert desk.post(new, typed).status_code == 302
    title = DrivingEntitlement.objects.get()
    assert title.restriction_codes == ["78", "01"]
    page = f"/permis/{title.pk}/"
    assert 'value="78 01"' in text_of(desk.get(page))
    assert desk.post(page, {"category": "AM", "restriction_codes": "01", "method": "original"}).status_code == 302
    title.refresh_from_db()
    assert (title.category, title.restriction_codes, title.method) == ("B", ["01"], "original")
    assert desk.post(f"{page}verifier/", {"method": "adcs"}).status_code == 302
    title.refresh_from_db()
    assert title.method == "adcs"


def test_publics_are_added_and_ended(desk: Client, ana: Participant) -> None:
    page = f"/participants/{ana.pk}/public/"
    text_of(desk.get(page))
    assert desk.post(page, {"audience": "rsa", "starts_on": "2026-01-01"}).status_code == 302
    assert "a déjà ce public" in text_of(desk.post(page, {"audience": "rsa"}), 409)
    membership = AudienceMembership.objects.get()
    assert desk.post(f"/publics/{membership.pk}/terminer/").status_code == 302
    assert "Terminé" in text_of(desk.get(f"/participants/{ana.pk}/"))


def test_what_people_are_accompanied_under_and_who_sends_them(client: Client, driss: Any, ana: Participant) -> None:
    client.force_login(driss)
    for page, typed in {
        "/dispositifs/ajouter/": {"name": "3 mois pour un job", "is_default": "on"},
        f"/dispositifs/{ana.programme_id}/": {"name": "Suivi"},
        "/prescripteurs/ajouter/": {"name": "CCAS de Dax", "sort": "CCAS"},
        "/referents/ajouter/": {"name": "Mme Paul", "phone": "0558412210"},
    }.items():
        text_of(client.get(page))
        assert client.post(page, typed).status_code == 302, page
    assert set(Programme.objects.values_list("name", "is_default")) == {("3 mois pour un job", True), ("Suivi", False)}
    structure, paul = PrescriberOrganization.objects.get(), Referent.objects.get()
    ReferentFactory(organization=structure, name="M. Roy")
    for page, typed in {
        f"/prescripteurs/{structure.pk}/": {"name": "CCAS", "sort": "CCAS"},
        f"/referents/{paul.pk}/": {"name": "Mme Paul", "organization": structure.pk},
    }.items():
        text_of(client.get(page))
        assert client.post(page, typed).status_code == 302, page
    listed = text_of(client.get("/prescripteurs/"))
    assert "M. Roy" in listed
    assert "Sans structure" not in listed
    assert "Proposé d’office" in text_of(client.get("/dispositifs/"))
