from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from core.imports import KNOWN, NEW, REFUSED
from core.models import JournalEntry, OutboxMessage
from core.sheet_values import Unreadable
from garages import sheet_words
from garages.imports import import_garages
from garages.models import Garage, GarageRate
from tests.factories import GarageFactory
from tests.sheets import DATA, as_utf8, as_xlsx, content, rows, sheet, with_delimiter

GARAGES = content("garages.csv")


def test_every_line_gets_a_verdict(platform, farid):
    report = import_garages(platform, GARAGES, by=farid)
    assert [line.verdict for line in report.lines] == [NEW, NEW, NEW, NEW, REFUSED]
    (refused,) = report.as_json()["refused"]
    assert (refused["line"], refused["field"]) == (6, "siret")
    assert "quarante" in refused["reason"]


def test_what_is_written_is_what_the_file_says(platform, farid):
    call_command("import_communes", DATA / "communes.csv", stdout=StringIO())
    import_garages(platform, GARAGES, by=farid)
    garages = {garage.siret: garage for garage in Garage.objects.select_related("address__commune")}
    assert len(garages) == 4
    first, second = garages["63034124600092"], garages["68379936500096"]
    assert first.repairs == ["car", "moped", "motorcycle_125"]
    assert (first.phone, first.usual_delay_days, first.can_tow) == ("+33778686384", 5, None)
    assert (first.address.street, first.address.commune.insee_code) == ("64 rue Jean Jaurès", "40332")
    assert (len(second.repairs), second.usual_delay_days, second.can_tow) == (7, 2, False)
    assert garages["16678968500061"].sort == "solidarity"
    workshop = garages["60928777600064"]
    assert (workshop.sort, workshop.repairs, workshop.usual_delay_days) == ("workshop", ["bike", "e_bike"], 2)
    rates = dict(GarageRate.objects.values_list("garage__siret", "hourly_rate"))
    assert rates == {
        "63034124600092": Decimal("29.00"),
        "68379936500096": Decimal("35.00"),
        "16678968500061": Decimal("45.00"),
    }
    # Each address with a street is asked of the geocoder, later.
    assert OutboxMessage.objects.filter(topic="address.written").count() == 4


def test_a_second_import_changes_nothing(platform, farid):
    import_garages(platform, GARAGES, by=farid)
    tables = (Garage, GarageRate, OutboxMessage, JournalEntry)
    before = [model.objects.count() for model in tables]
    assert import_garages(platform, GARAGES, by=farid).counts() == {"new": 0, "known": 4, "refused": 1, "blank": 0}
    assert [model.objects.count() for model in tables] == before


@pytest.mark.parametrize(
    "dialect",
    [as_utf8(GARAGES, mark=True), with_delimiter(GARAGES, ","), as_xlsx(rows(GARAGES))],
    ids=["utf-8", "commas", "xlsx"],
)
def test_every_dialect_gives_the_same_verdicts(platform, farid, dialect):
    plain = import_garages(platform, GARAGES, by=farid, dry_run=True).as_json()
    assert import_garages(platform, dialect, by=farid, dry_run=True).as_json() == plain


def test_a_garage_is_known_by_its_siret_on_its_platform_alone(platform, other_platform, farid):
    GarageFactory(platform=other_platform, siret="63034124600092")
    line = sheet("Garage;SIRET", "Autre nom;630 341 246 00092", "Encore;63034124600092", "Sans SIRET;")
    verdicts = [one.verdict for one in import_garages(platform, line, by=farid, dry_run=True).lines]
    assert verdicts == [NEW, KNOWN, REFUSED]


def test_siret_delays_and_vehicles_are_understood():
    assert sheet_words.siret(63034124600092.0) == "63034124600092"
    assert sheet_words.delay("2 semaines") == 10
    assert sheet_words.delay("3 jours ouvrés") == 3
    assert sheet_words.delay(4) == 4
    assert sheet_words.repairs("scooters et vélos") == ["moped", "motorcycle_125", "bike"]
    for read, wrong in (
        (sheet_words.siret, "12345678901234"),
        (sheet_words.siret, "6,30341E+13"),
        (sheet_words.delay, "bientôt"),
        (sheet_words.delay, "30 h"),
        (sheet_words.repairs, "bateaux"),
    ):
        with pytest.raises(Unreadable):
            read(wrong)


def test_who_may_import_garages(platform, bruno, farid, agathe, eve):
    for user in (bruno, farid):
        import_garages(platform, GARAGES, by=user, dry_run=True)
    for user in (agathe, eve):
        with pytest.raises(PermissionDenied):
            import_garages(platform, GARAGES, by=user, dry_run=True)


def test_the_page_previews_then_confirms(client, platform, farid):
    client.force_login(farid)
    with (DATA / "garages.csv").open("rb") as file:
        preview = client.post(reverse("garages:import"), {"sheet": file}).url.removesuffix("?")
    assert "quarante" in client.get(preview).text
    assert not Garage.objects.exists()
    done = client.post(preview + "confirmer/")
    assert "4 garages ajoutés" in client.get(done.url).text
