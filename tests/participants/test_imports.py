import datetime as dt
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from core import clock
from core.imports import KNOWN, NEW, REFUSED
from core.models import JournalEntry, Note
from participants import sheet_words
from participants.imports import import_participants
from participants.models import (
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from participants.names import key_of
from places.models import Address
from tests.factories import ParticipantFactory
from tests.sheets import DATA, as_utf8, as_xlsx, content, rows, sheet, with_delimiter

PEOPLE = content("participants.csv")
HEAD = "Nom;Prénom;Né(e) le;Tél;Permis;Public;Prescripteur;Référent"
TABLES = (Participant, User, Address, AudienceMembership, DrivingEntitlement, PrescriberOrganization, Referent,
          Programme, Note, JournalEntry)  # fmt: skip


@pytest.fixture(autouse=True)
def november_2026():
    with clock.travel(to=dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def communes(db):
    call_command("import_communes", DATA / "communes.csv", stdout=StringIO())


def counts_of_tables():
    return [model.objects.count() for model in TABLES]


def person(last_name):
    return Participant.objects.select_related("user", "address__commune", "prescriber", "referent").get(
        last_name=last_name
    )


def only_line(platform, bruno, row):
    (line,) = import_participants(platform, sheet(HEAD, row), by=bruno, dry_run=True).lines
    return line


def test_every_line_gets_a_verdict(platform, bruno, communes):
    report = import_participants(platform, PEOPLE, by=bruno)
    assert {line.number: line.verdict for line in report.lines} == {
        **dict.fromkeys(range(2, 8), NEW),
        8: KNOWN,
        9: NEW,
        10: REFUSED,
    }
    answer = report.as_json()
    assert (answer["new"], answer["known"], answer["blank"]) == (7, 1, 1)
    (refused,) = answer["refused"]
    assert (refused["line"], refused["field"]) == (10, "birth_date")
    assert "pas-un-mail" in refused["reason"]
    warned = {warning["line"]: warning["reason"] for warning in answer["warnings"]}
    assert set(warned) == {2, 6, 7, 9}
    assert "36" not in warned[6]
    assert "35 ans" in warned[2]
    assert "déjà celle de quelqu’un d’autre" in warned[6]
    assert "Ni téléphone ni e-mail" in warned[9]


def test_what_is_written_is_what_the_file_says(platform, bruno, communes):
    import_participants(platform, PEOPLE, by=bruno)
    ndiaye, garcias, labatut = person("N'Diaye"), person("GARCIAS"), person("LABATUT")
    assert (ndiaye.birth_date, ndiaye.phone, ndiaye.licence_declared) == (dt.date(1990, 3, 18), "+33667969008", "held")
    assert ndiaye.address.commune.insee_code == "40264"
    assert (garcias.address.city, garcias.prescriber.name, garcias.prescriber.sort) == ("Tosse", "France Travail", "FT")
    assert garcias.user.email == "laetitia@example.org"
    assert labatut.phone == "+33732639518"
    assert person("Masson").birth_date == dt.date(1983, 4, 8)
    assert person("Masson").licence_declared == "learning"
    assert (person("Masson").email, person("Masson").user.email) == ("laetitia@example.org", None)
    assert person("Castetnau").prescriber == garcias.prescriber
    assert person("Castetnau").referent == ndiaye.referent
    assert person("Castetnau").project == "CDI en usine"
    titles = DrivingEntitlement.objects.values_list("participant__last_name", "category", "restriction_codes", "method")
    assert {(name, category, tuple(codes), method) for name, category, codes, method in titles} == {
        ("N'Diaye", "AM", (), ""),
        ("GARCIAS", "AM", (), ""),
        ("LABATUT", "B", (), ""),
        ("Castetnau", "B", ("78",), ""),
        ("Sans", "B", (), ""),
    }
    audience = AudienceMembership.objects.get(participant=ndiaye)
    assert (audience.audience, audience.starts_on) == ("under_26", dt.date(2025, 9, 9))
    assert not any(user.has_usable_password() for user in User.objects.filter(participant__isnull=False))
    assert JournalEntry.objects.filter(verb="participants.imported").count() == 1


def test_an_unknown_commune_is_kept_and_an_accented_address_becomes_a_note(platform, bruno, communes):
    report = import_participants(platform, PEOPLE, by=bruno)
    belkacemi = person("Belkacemi")
    assert (belkacemi.address.city, belkacemi.address.commune, belkacemi.email) == ("Nulle-Part", None, "")
    assert "benoît@example.org" in Note.objects.get(target_id=str(belkacemi.pk)).text
    assert any("Commune inconnue" in why for why in report.lines[5].warnings)


def test_without_communes_that_is_said_once(platform, bruno):
    report = import_participants(platform, PEOPLE, by=bruno)
    assert len(report.notes) == 1
    assert person("GARCIAS").address.city == "TOSSE"


def test_a_second_import_changes_nothing(platform, bruno):
    import_participants(platform, PEOPLE, by=bruno)
    before = counts_of_tables()
    report = import_participants(platform, PEOPLE, by=bruno)
    assert report.counts() == {"new": 0, "known": 8, "refused": 1, "blank": 1}
    assert counts_of_tables() == before


def test_a_dry_run_writes_nothing(platform, bruno):
    before = counts_of_tables()
    import_participants(platform, PEOPLE, by=bruno, dry_run=True)
    assert counts_of_tables() == before


@pytest.mark.parametrize(
    "dialect", [as_utf8(PEOPLE), with_delimiter(PEOPLE, ","), as_xlsx(rows(PEOPLE))], ids=["utf-8", "commas", "xlsx"]
)
def test_every_dialect_gives_the_same_verdicts(platform, bruno, dialect):
    plain = import_participants(platform, PEOPLE, by=bruno, dry_run=True).as_json()
    assert import_participants(platform, dialect, by=bruno, dry_run=True).as_json() == plain


# --- who is known -----------------------------------------------------------------------------


def somebody(platform, **facts):
    return ParticipantFactory(
        platform=platform, first_name="Maëva", last_name="N'Diaye", name_key=key_of("Maëva", "N'Diaye"), **facts
    )


def test_a_person_is_known_by_name_and_birth_date(platform, bruno):
    somebody(platform, birth_date=dt.date(1990, 3, 18))
    assert only_line(platform, bruno, "NDIAYE;maeva;18/03/90;;;;;").verdict == KNOWN
    assert only_line(platform, bruno, "NDIAYE;maeva;19/03/90;;;;;").verdict == NEW


def test_another_platforms_person_is_not_known(platform, other_platform, bruno):
    somebody(other_platform, birth_date=dt.date(1990, 3, 18))
    assert only_line(platform, bruno, "N'Diaye;Maëva;18/03/1990;;;;;").verdict == NEW


def test_without_a_birth_date_a_namesake_is_not_guessed(platform, bruno):
    assert only_line(platform, bruno, "N'Diaye;Maëva;;0667969008;;;;").verdict == NEW
    somebody(platform, birth_date=None, phone="+33667969008")
    assert only_line(platform, bruno, "N'Diaye;Maëva;;06 67 96 90 08;;;;").verdict == KNOWN
    for row in ("N'Diaye;Maëva;;0667969009;;;;", "N'Diaye;Maëva;18/03/1990;;;;;"):
        line = only_line(platform, bruno, row)
        assert (line.verdict, line.problems[0][0]) == (REFUSED, "birth_date")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (";Maëva;18/03/1990;;;;;", "last_name"),
        ("Roux;;18/03/1990;;;;;", "first_name"),
        ("???;!!!;18/03/1990;;;;;", "last_name"),
        ("Roux;Léa;18/13/1990;;;;;", "birth_date"),
        ("Roux;Léa;18/03/1990;06 12;;;;", "phone"),
        ("Roux;Léa;18/03/1990;;;les gens;;", "audience"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_field(platform, bruno, row, field):
    line = only_line(platform, bruno, row)
    assert (line.verdict, line.problems[0][0]) == (REFUSED, field)


def test_a_referent_whom_the_platform_knows_is_not_added_again(platform, bruno):
    known = PrescriberOrganization.objects.create(platform=platform, name="Pôle emploi", sort="FT")
    paul = Referent.objects.create(platform=platform, name="MME PAUL", organization=known)
    import_participants(platform, sheet(HEAD, "Roux;Léa;18/03/1990;;;;France Travail;Mme Paul"), by=bruno)
    roux = person("Roux")
    assert (roux.prescriber, roux.referent) == (known, paul)


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "titles"),
    [
        ("B", (("B", ()),)),
        ("permis B", (("B", ()),)),
        ("B (78)", (("B", ("78",)),)),
        ("B78", (("B", ("78",)),)),
        ("B auto", (("B", ("78",)),)),
        ("BSR", (("AM", ()),)),
        ("A1, B (01, 78)", (("A1", ()), ("B", ("01", "78")))),
        ("AM et B", (("AM", ()), ("B", ()))),
    ],
)
def test_licences_are_understood(written, titles):
    licence = sheet_words.licence(written)
    assert (licence.declared, licence.titles) == ("held", titles)


def test_other_words_on_a_licence_are_kept_and_in_doubt():
    assert sheet_words.licence("en cours").declared == "learning"
    assert sheet_words.licence("aucun").declared == "none"
    doubt = sheet_words.licence("permis étranger (Maroc)")
    assert (doubt.value.declared, doubt.value.titles, doubt.value.remark) == ("held", (), "permis étranger (Maroc)")
    assert sheet_words.licence("voir dossier").value.declared == ""


def test_publics_and_prescribers_are_understood():
    assert sheet_words.audiences("RSA, Jeune <26") == ["rsa", "under_26"]
    assert sheet_words.audiences("50 ans et plus") == ["senior"]
    assert sheet_words.current_name("Pôle Emploi Dax") == "France Travail Dax"
    assert sheet_words.sort_of("Mission locale des Landes") == "ML"
    assert sheet_words.sort_of("Cafés du port") == "OTHER"


# --- doors ------------------------------------------------------------------------------------


def test_only_advisers_import_participants(platform, driss, farid, agathe, eve):
    assert import_participants(platform, PEOPLE, by=driss, dry_run=True).counts()["new"] == 7
    for user in (farid, agathe, eve):
        with pytest.raises(PermissionDenied):
            import_participants(platform, PEOPLE, by=user, dry_run=True)


def test_the_page_previews_then_confirms(client, platform, bruno):
    client.force_login(bruno)
    with (DATA / "participants.csv").open("rb") as file:
        preview = client.post(reverse("participants:import"), {"sheet": file}).url.removesuffix("?")
    page = client.get(preview, {"verdict": "doubtful"})
    assert "Ni téléphone ni e-mail" in page.text
    assert not Participant.objects.exists()
    done = client.post(preview + "confirmer/")
    assert "7 participants ajoutés" in client.get(done.url).text


def test_a_preview_asks_the_database_a_few_times(client, platform, bruno, communes, django_assert_max_num_queries):
    client.force_login(bruno)
    with (DATA / "participants.csv").open("rb") as file:
        preview = client.post(reverse("participants:import"), {"sheet": file}).url
    with django_assert_max_num_queries(3 + 8):
        client.get(preview)


def test_thousands_of_people_take_a_few_statements(platform, bruno, django_assert_max_num_queries, communes):
    lines = [f"Nom{n};Léa;18/03/1990;06 67 {n // 100:02d} {n % 100:02d} 08;B;RSA;CCAS;M. Roy" for n in range(1000)]
    with django_assert_max_num_queries(30):
        report = import_participants(platform, sheet(HEAD, *lines), by=bruno)
    assert report.counts()["new"] == 1000
