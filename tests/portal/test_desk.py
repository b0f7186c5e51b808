"""Search, notes, journal, messages, settings, and what portal adds to other rooms' pages."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import PersonalLink
from bookings.notes import write_note
from core import clock, outbox
from core.journal import record
from core.models import JournalEntry, Note, OutboxMessage
from participants.names import key_of
from portal import invitations, search
from portal.context_processors import room_of
from portal.journal import THINGS, VERBS, told
from tests.bookings.factories import AssignmentFactory, BookingFactory
from tests.factories import GarageFactory, ParticipantFactory, VehicleFactory
from tests.maintenance.factories import JobFactory


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


@pytest.fixture
def laetitia(platform: Any) -> Any:
    return ParticipantFactory(
        platform=platform,
        first_name="Laëtitia",
        last_name="N'Diaye-Garcia",
        name_key=key_of("Laëtitia", "N'Diaye-Garcia"),
        phone="+33783400006",
    )


# --- search -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["laetitia", "NDIAYE", "n'diaye garcia", "garcia laët", "0783400006", "07 83 40", "+33783400006", "400006"]
)
def test_a_person_is_found_by_a_part_of_name_or_number(platform: Any, bruno: Any, laetitia: Any, typed: str) -> None:
    assert [one.title for one in search.find(bruno, platform, typed)] == [str(laetitia)]


@pytest.mark.parametrize("typed", ["HK-780-YX", "hk780", "780yx", "hk 780 yx", "V01", "peugeot", "208"])
def test_a_vehicle_is_found_by_plate_number_or_make(platform: Any, bruno: Any, typed: str) -> None:
    VehicleFactory(site__platform=platform, plate="HK-780-YX", fleet_number="V01")
    assert [one.plate for one in search.find(bruno, platform, typed)] == ["HK-780-YX"]


@pytest.mark.parametrize("form", ["{}", "n° {}", "prêt {}", "Prêt n°{}"])
def test_a_loan_is_found_by_its_number(platform: Any, bruno: Any, form: str) -> None:
    loan = BookingFactory(platform=platform)
    found = search.find(bruno, platform, form.format(loan.pk))
    assert found[0].title == f"Prêt n° {loan.pk}"


def test_a_name_nearly_right_is_found_too(platform: Any, bruno: Any, laetitia: Any) -> None:
    assert [one.title for one in search.find(bruno, platform, "laetita")] == [str(laetitia)]


def test_another_platforms_people_are_not_found(
    platform: Any, other_platform: Any, bruno: Any, eve: Any, laetitia: Any
) -> None:
    assert search.find(eve, other_platform, "laetitia") == []
    assert search.find(eve, platform, "laetitia") == []


@pytest.mark.parametrize("typed", ["", " ", "x", "%", "_", "'; drop table", "((", "\\", "0" * 300])
def test_nothing_typed_breaks_the_search(desk: Client, platform: Any, laetitia: Any, typed: str) -> None:
    assert desk.post("/chercher/", {"q": typed}).status_code in {200, 302}


def test_one_result_is_opened_at_once_and_while_typing_it_is_shown(desk: Client, platform: Any) -> None:
    vehicle = VehicleFactory(site__platform=platform, plate="HK-780-YX")
    assert desk.post("/chercher/", {"q": "HK780YX"})["Location"] == f"/vehicules/{vehicle.pk}/"
    answer = desk.post("/chercher/", {"q": "HK780YX"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_a_search_asks_five_questions_at_most(platform: Any, bruno: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4 + 1):  # and the membership
        search.find(bruno, platform, "12345678")
    with django_assert_max_num_queries(5):
        search.find(bruno, platform, "freins")


# --- notes ------------------------------------------------------------------------------------------


def test_a_note_is_two_clicks_from_the_search(desk: Client, platform: Any, bruno: Any) -> None:
    vehicle = VehicleFactory(site__platform=platform)
    sent = {
        "target_type": "fleet.vehicle",
        "target_id": vehicle.pk,
        "text": " Clé de rechange  au bureau ",
        "submission": "k",
    }
    answer = desk.post("/notes/", sent)
    assert answer["Location"].startswith(f"/vehicules/{vehicle.pk}/")
    assert desk.post("/notes/", sent).status_code == 302
    note = Note.objects.get()
    assert (note.text, note.author_id) == ("Clé de rechange au bureau", bruno.pk)
    html = desk.get(f"/vehicules/{vehicle.pk}/").content.decode()
    assert "Clé de rechange au bureau" in html
    assert "Bruno Darrieus" in html


@pytest.mark.parametrize("thing", ["loan", "job", "person"])
def test_notes_stand_on_loans_jobs_and_people_too(platform: Any, bruno: Any, thing: str) -> None:
    made = {
        "loan": lambda: BookingFactory(platform=platform),
        "job": lambda: JobFactory(vehicle=VehicleFactory(site__platform=platform)),
        "person": lambda: ParticipantFactory(platform=platform),
    }[thing]()
    write_note(made, text="Vu", by=bruno)
    assert Note.objects.get().target_id == str(made.pk)
    assert JournalEntry.objects.get(verb="note.written").target_id == str(made.pk)


def test_an_empty_note_is_refused(desk: Client, platform: Any) -> None:
    vehicle = VehicleFactory(site__platform=platform)
    desk.post("/notes/", {"target_type": "fleet.vehicle", "target_id": vehicle.pk, "text": "  "})
    assert not Note.objects.exists()


@pytest.mark.parametrize("target", [("accounts.user", "1"), ("fleet.vehicle", "x"), ("", ""), ("fleet.vehicle", "0")])
def test_a_note_on_nothing_is_nowhere(desk: Client, platform: Any, target: tuple[str, str]) -> None:
    answer = desk.post("/notes/", {"target_type": target[0], "target_id": target[1], "text": "x"})
    assert answer.status_code == 404


# --- journal ----------------------------------------------------------------------------------------


def verbs_in_the_code() -> set[str]:
    rooms = ("accounts", "places", "fleet", "participants", "garages", "pricing", "maintenance", "bookings", "portal")
    found: set[str] = set()
    for room in rooms:
        for file in Path(django_settings.BASE_DIR, room).rglob("*.py"):
            found |= set(re.findall(r"record\(\s*[\w.]+,\s*\"([a-z_]+\.[a-z_]+)\"", file.read_text()))
    return found


def test_every_verb_of_the_journal_has_its_words() -> None:
    missing = sorted(verbs_in_the_code() - set(VERBS))
    assert not missing


def test_the_journal_says_who_did_what_to_what(desk: Client, platform: Any, bruno: Any, driss: Any) -> None:
    vehicle = VehicleFactory(site__platform=platform, fleet_number="V07")
    record(bruno, "vehicle.added", vehicle)
    record(driss, "member.invited", platform)
    record(None, "vehicle.released", vehicle)
    html = desk.get("/journal/").content.decode()
    assert "a ajouté le véhicule" in html
    assert f'href="/vehicules/{vehicle.pk}/"' in html
    assert "V07" in html
    assert "Remise" in html, "what nobody did"
    only = desk.get(f"/journal/?subject=vehicle&who={bruno.pk}").content.decode()
    assert "a ajouté le véhicule" in only
    assert "a invité quelqu’un" not in only
    assert "a libéré le véhicule" not in only


def test_the_journal_of_a_day(desk: Client, platform: Any, bruno: Any) -> None:
    record(bruno, "site.added", platform)
    today = clock.today()
    assert "a ajouté un site" in desk.get(f"/journal/?day={today.isoformat()}").content.decode()
    yesterday = today - dt.timedelta(days=1)
    assert "a ajouté un site" not in desk.get(f"/journal/?day={yesterday.isoformat()}").content.decode()


@pytest.mark.parametrize("asked", ["?page=x", "?page=99", "?day=never", "?who=abc", "?subject=all"])
def test_a_strange_address_of_the_journal_is_no_error(desk: Client, asked: str) -> None:
    assert desk.get(f"/journal/{asked}").status_code == 200


def test_the_journal_is_told_in_three_queries(platform: Any, bruno: Any, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        record(bruno, "vehicle.added", VehicleFactory(site__platform=platform))
        record(bruno, "participant.registered", ParticipantFactory(platform=platform))
    entries = list(JournalEntry.objects.all())
    with django_assert_num_queries(3):
        assert len(told(entries)) == 10


def test_every_thing_of_the_journal_has_a_name() -> None:
    from django.apps import apps

    assert not [label for label in THINGS if not apps.is_installed(label.split(".")[0])]


# --- messages ---------------------------------------------------------------------------------------


def test_what_was_written_to_people_is_listed(desk: Client, platform: Any, laetitia: Any, bruno: Any) -> None:
    invitations.send_link(laetitia, by=bruno)
    outbox.mail("x@example.org", "Ailleurs", "secret", key="other", platform_id=None)
    html = desk.get("/messages/").content.decode()
    assert "Bonjour Laëtitia" in html
    assert "Ailleurs" not in html
    assert "Ouvrir le lien" not in html, "only in a demo"


def test_in_a_demo_one_opens_the_link_as_its_reader(
    desk: Client, platform: Any, laetitia: Any, bruno: Any, settings: Any
) -> None:
    settings.DEMO = True
    invitations.send_link(laetitia, by=bruno)
    message = OutboxMessage.objects.get(topic="sms")
    assert "Ouvrir le lien" in desk.get("/messages/").content.decode()
    link = desk.post(f"/messages/{message.pk}/ouvrir/")["Location"]
    assert desk.get(link).status_code == 200
    assert desk.post(link)["Location"] == "/moi/"
    assert desk.session["_auth_user_id"] == str(laetitia.user_id)


def test_in_a_demo_the_codes_of_its_people_are_read_here(
    desk: Client, platform: Any, other_platform: Any, settings: Any
) -> None:
    ParticipantFactory(platform=platform, user__email="ana@example.org")
    ParticipantFactory(platform=other_platform, user__email="autre@example.org")
    for address in ("ana@example.org", "autre@example.org"):
        Client().post("/compte/login/code/", {"email": address})
    assert "Votre code" not in desk.get("/messages/").content.decode()
    settings.DEMO, settings.EMAIL_CONFIGURED = True, False
    html = desk.get("/messages/").content.decode()
    assert html.count("Votre code pour Remise") == 1
    assert "autre@example.org" not in html


def test_outside_a_demo_nobody_opens_anybodys_link(desk: Client, platform: Any, laetitia: Any, bruno: Any) -> None:
    invitations.send_link(laetitia, by=bruno)
    assert desk.post(f"/messages/{OutboxMessage.objects.get().pk}/ouvrir/").status_code == 404
    assert not PersonalLink.objects.exists()


# --- links ------------------------------------------------------------------------------------------


def test_a_person_without_telephone_gets_the_link_by_mail(platform: Any, bruno: Any, mailoutbox: Any) -> None:
    person = ParticipantFactory(platform=platform, phone="", email="ana@example.org")
    assert invitations.send_link(person, by=bruno) == "mail"
    outbox.sweep()
    assert "/lien/" in mailoutbox[0].body


def test_a_person_with_neither_gets_a_sentence(desk: Client, platform: Any) -> None:
    person = ParticipantFactory(platform=platform, phone="", email="")
    answer = desk.post(f"/participants/{person.pk}/lien/")
    assert answer.status_code == 409
    assert "ni téléphone ni e-mail" in answer.content.decode()


def test_an_expired_link_is_replaced_where_the_person_is_known(platform: Any, client: Client, mailoutbox: Any) -> None:
    from accounts import links

    garage = GarageFactory(platform=platform, email="garage@example.org", phone="")
    link = links.mint(garage.user, platform=platform, purpose="garage", path="/garage/").removeprefix(
        "http://localhost:8000"
    )
    with clock.travel(dt.timedelta(days=61)):
        client.post(f"{link}nouveau/")
        outbox.sweep()
        outbox.sweep()
        client.post(f"{link}nouveau/")
        outbox.sweep()
    [mail] = mailoutbox
    assert mail.to == ["garage@example.org"]
    assert "/lien/" in mail.body


# --- other rooms' pages -----------------------------------------------------------------------------


def test_a_vehicles_page_shows_its_loans_and_repairs(desk: Client, platform: Any) -> None:
    assignment = AssignmentFactory(booking__platform=platform, out=True)
    job = JobFactory(vehicle=assignment.vehicle, title="Plaquettes")
    html = desk.get(f"/vehicules/{assignment.vehicle_id}/").content.decode()
    assert str(assignment.booking.participant) in html
    assert job.title in html


def test_a_persons_page_shows_their_loans_accounts_and_links(desk: Client, platform: Any) -> None:
    loan = AssignmentFactory(booking__platform=platform, out=True).booking
    html = desk.get(f"/participants/{loan.participant_id}/").content.decode()
    assert f'href="/prets/{loan.pk}/"' in html
    assert loan.account.title in html
    assert "Envoyer un lien" in html


def test_the_index_of_settings_leads_only_to_pages_that_exist(desk: Client) -> None:
    html = desk.get("/reglages/").content.decode()
    main = re.findall(r"<main.*</main>", html, re.DOTALL)[0]
    for url in re.findall(r'<a href="([^"]+)"', main):
        assert desk.get(url).status_code in {200, 403}, url


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("/aujourdhui/", "portal:today"),
        ("/prets/7/prolonger/", "bookings:bookings"),
        ("/prets/reglages/demandes/", "portal:settings"),
        ("/regles/passees/", "portal:settings"),
        ("/sites/3/horaires/", "portal:settings"),
        ("/chercher/", ""),
    ],
)
def test_the_rail_shows_the_room_of_the_page(path: str, room: str) -> None:
    assert room_of(path) == room
