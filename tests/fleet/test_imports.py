import datetime as dt
import json
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from core import clock
from core.imports import KNOWN, NEW, REFUSED
from core.models import JournalEntry, StoredFile
from fleet import sheet_words
from fleet.imports import import_vehicles
from fleet.models import Energy, Equipment, Kind, OdometerReading, Site, Vehicle, VehicleDocument
from tests.factories import SiteFactory, VehicleFactory
from tests.sheets import DATA, as_utf8, as_xlsx, content, rows, sheet, with_delimiter

POOL = content("pool.csv")
HEAD = "N°;Type;Marque;Modèle;Immatriculation;N° de cadre;Km;Énergie;Site"


@pytest.fixture(autouse=True)
def november_2026():
    with clock.travel(to=dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        yield


def verdicts(report):
    return {line.number: line.verdict for line in report.lines}


def counts_of_tables():
    models = (Vehicle, Site, OdometerReading, VehicleDocument, Equipment, JournalEntry, StoredFile)
    return [model.objects.count() for model in models]


# --- the whole file ---------------------------------------------------------------------------


def test_the_pool_gets_a_verdict_on_every_line(platform, farid):
    report = import_vehicles(platform, POOL, by=farid, create_sites=True)
    expected = dict.fromkeys(range(2, 10), NEW) | {10: KNOWN, 11: REFUSED, 12: REFUSED, 13: REFUSED}
    assert verdicts(report) == expected
    answer = report.as_json()
    assert (answer["new"], answer["known"], answer["blank"]) == (8, 1, 2)
    assert [(r["line"], r["field"]) for r in answer["refused"]] == [
        (11, "kind"),
        (12, "first_registered_on"),
        (13, "km"),
    ]
    assert list(answer)[-4:] == ["new", "known", "refused", "blank"]


def test_what_is_written_is_what_the_file_says(platform, farid):
    import_vehicles(platform, POOL, by=farid, create_sites=True)
    cars = {vehicle.fleet_number: vehicle for vehicle in Vehicle.objects.filter(platform=platform)}
    assert {number: vehicle.kind for number, vehicle in cars.items()} == {
        **dict.fromkeys(("V01", "V02", "V03"), Kind.CAR),
        **dict.fromkeys(("S01", "S03", "S04"), Kind.MOPED),
        "S02": Kind.MOTORCYCLE_125,
        "E01": Kind.E_BIKE,
    }
    clio, c3, bike = cars["V02"], cars["V03"], cars["E01"]
    assert (clio.plate, clio.first_registered_on, clio.energy) == ("AS-750-EB", dt.date(2015, 10, 25), Energy.DIESEL)
    assert (c3.plate, c3.energy, c3.gearbox) == ("WL-431-DJ", Energy.LPG, Vehicle.Gearbox.AUTOMATIC)
    assert (bike.plate, bike.remark, bike.energy) == ("", "chargeur n° 100", Energy.ELECTRIC)
    reading = OdometerReading.objects.get(vehicle=clio)
    assert (reading.km, reading.source, reading.by) == (94948, "creation", farid)
    papers = {paper.sort: paper for paper in VehicleDocument.objects.filter(vehicle=c3)}
    assert (papers["inspection"].issued_on, papers["inspection"].valid_until) == (
        dt.date(2025, 2, 24),
        dt.date(2027, 2, 24),
    )
    assert papers["insurance"].valid_until == dt.date(2026, 12, 31)
    assert set(Equipment.objects.values_list("vehicle__fleet_number", "sort", "serial_number")) == {
        ("S01", "helmet", ""),
        ("S01", "lock", ""),
        ("E01", "charger", "100"),
    }
    assert set(Site.objects.values_list("name", flat=True)) == {"Tarnos", "Dax", "St Vincent de Tyrosse"}
    entry = JournalEntry.objects.get(verb="vehicles.imported")
    assert (entry.actor_id, entry.facts) == (farid.pk, {"new": 8, "known": 1, "refused": 3, "blank": 2, "file": ""})


def test_new_sites_stand_in_their_commune(platform, farid):
    call_command("import_communes", DATA / "communes.csv", stdout=StringIO())
    import_vehicles(platform, POOL, by=farid, create_sites=True)
    site = Site.objects.select_related("address__commune").get(name="St Vincent de Tyrosse")
    assert site.address.commune.insee_code == "40284"


def test_a_second_import_changes_nothing(platform, farid):
    import_vehicles(platform, POOL, by=farid, create_sites=True)
    before = counts_of_tables()
    report = import_vehicles(platform, POOL, by=farid, create_sites=True)
    assert report.counts() == {"new": 0, "known": 9, "refused": 3, "blank": 2}
    assert counts_of_tables() == before


def test_a_dry_run_writes_nothing_and_says_the_same(platform, farid):
    before = counts_of_tables()
    dry = import_vehicles(platform, POOL, by=farid, create_sites=True, dry_run=True)
    assert counts_of_tables() == before
    assert dry.as_json() == import_vehicles(platform, POOL, by=farid, create_sites=True).as_json()


@pytest.mark.parametrize(
    "dialect",
    [
        as_utf8(POOL),
        as_utf8(POOL, mark=True),
        with_delimiter(POOL, ","),
        with_delimiter(POOL, "\t"),
        as_xlsx(rows(POOL)),
    ],
    ids=["utf-8", "utf-8 with its mark", "commas", "tabs", "xlsx"],
)
def test_every_dialect_gives_the_same_verdicts(platform, farid, dialect):
    plain = import_vehicles(platform, POOL, by=farid, create_sites=True, dry_run=True).as_json()
    assert import_vehicles(platform, dialect, by=farid, create_sites=True, dry_run=True).as_json() == plain


def test_real_dates_and_numbers_of_a_workbook_are_understood(platform, farid):
    born = dt.date(2018, 4, 14)
    table = [["N°", "Type", "Immatriculation", "Mise en circulation", "Km", "Site"]]
    table.append(["V01", "VL", "ab123cd", born, 96089.0, "Dax"])
    import_vehicles(platform, as_xlsx(table), by=farid, create_sites=True)
    vehicle = Vehicle.objects.get()
    assert (vehicle.plate, vehicle.first_registered_on) == ("AB-123-CD", born)
    assert OdometerReading.objects.get().km == 96089


# --- sites ------------------------------------------------------------------------------------


def test_a_site_that_does_not_exist_refuses_its_rows_unless_asked(platform, farid):
    SiteFactory(platform=platform, name="TARNOS")
    report = import_vehicles(platform, POOL, by=farid)
    assert [line.number for line in report.new] == [2, 5, 7]
    assert report.missing == ["Dax", "St Vincent de Tyrosse"]
    assert Site.objects.count() == 1


def test_only_sites_of_accepted_rows_are_created(platform, farid):
    import_vehicles(platform, POOL, by=farid, create_sites=True)
    assert not Site.objects.filter(name="Site inconnu").exists()


def test_saint_and_st_are_one_site(platform, farid):
    SiteFactory(platform=platform, name="Saint-Vincent-de-Tyrosse")
    report = import_vehicles(platform, POOL, by=farid, create_sites=True, dry_run=True)
    assert report.missing == ["Tarnos", "Dax"]


# --- who is known -----------------------------------------------------------------------------


def only_line(platform, farid, row):
    if not Site.objects.filter(platform=platform, name="Dax").exists():
        SiteFactory(platform=platform, name="Dax")
    (line,) = import_vehicles(platform, sheet(HEAD, row), by=farid, dry_run=True).lines
    return line


def test_a_vehicle_is_known_by_its_frame_number(platform, farid):
    VehicleFactory(platform=platform, site__platform=platform, plate="", frame_number="VF1AB12345")
    assert only_line(platform, farid, "V9;VL;;;;vf1 ab 12345;;;Dax").verdict == KNOWN


def test_a_withdrawn_vehicle_is_still_known(platform, farid):
    VehicleFactory(withdrawn=True, platform=platform, site__platform=platform, plate="AB-123-CD")
    assert only_line(platform, farid, "V9;VL;;;ab123cd;;;;Dax").verdict == KNOWN


def test_another_platforms_vehicle_is_not_known(platform, other_platform, farid):
    VehicleFactory(platform=other_platform, site__platform=other_platform, plate="AB-123-CD", fleet_number="V9")
    assert only_line(platform, farid, "V9;VL;;;AB-123-CD;;;;Dax").verdict == NEW


def test_an_e_bike_is_known_by_its_fleet_number_and_a_car_is_not(platform, farid):
    VehicleFactory(e_bike=True, platform=platform, site__platform=platform, fleet_number="E01")
    assert only_line(platform, farid, "e 01;VAE;;;;;;;Dax").verdict == KNOWN
    line = only_line(platform, farid, "E01;VL;;;AB-123-CD;;;;Dax")
    assert (line.verdict, line.problems[0][0]) == (REFUSED, "fleet_number")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("V9;VL;;;;;;;Dax", "plate"),
        (";VAE;;;;;;;Dax", "fleet_number"),
        ("V9;VL;;;AB-12-CD;;;;Dax", "plate"),
        ("V9;VL;;;AB-123-CD;;;charbon;Dax", "energy"),
        ("V9;;;;AB-123-CD;;;;Dax", "kind"),
        ("V9;VL;;;AB-123-CD;;;;", "site"),
        ("V9;scoot 50;Honda;PCX 125;AB-123-CD;;;;Dax", "kind"),
        ("V9;moto;Honda;CB;AB-123-CD;;;;Dax", "kind"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_field(platform, farid, row, field):
    line = only_line(platform, farid, row)
    assert (line.verdict, line.problems[0][0]) == (REFUSED, field)


def test_a_plate_and_a_frame_number_of_two_vehicles_are_refused(platform, farid):
    VehicleFactory(platform=platform, site__platform=platform, plate="AB-123-CD")
    VehicleFactory(platform=platform, site__platform=platform, plate="", frame_number="VF1AB12345")
    assert only_line(platform, farid, "V9;VL;;;AB-123-CD;VF1AB12345;;;Dax").verdict == REFUSED


@pytest.mark.parametrize(
    ("written", "model", "kind"),
    [
        ("VL", "", Kind.CAR),
        ("Voiture", "", Kind.CAR),
        ("utilitaire", "Kangoo", Kind.VAN),
        ("VSP", "", Kind.MICROCAR),
        ("scoot 50", "", Kind.MOPED),
        ("Scooter 50cc", "", Kind.MOPED),
        ("2 roues", "Zip 50", Kind.MOPED),
        ("2 roues", "PCX 125", Kind.MOTORCYCLE_125),
        ("cyclo", "Ovetto", Kind.MOPED),
        ("Scooter", "NQi", Kind.MOPED),
        ("moto 125", "", Kind.MOTORCYCLE_125),
        ("VAE", "", Kind.E_BIKE),
        ("Vélo électrique", "Lundi 27", Kind.E_BIKE),
        ("e_bike", "", Kind.E_BIKE),
        ("vélo", "", Kind.BIKE),
    ],
)
def test_kinds_are_understood(written, model, kind):
    assert sheet_words.kind_of(written, model)[0] == kind


def test_only_a_scooter_that_does_not_say_its_size_is_in_doubt():
    assert sheet_words.kind_of("Scooter", "NQi")[1]
    assert not sheet_words.kind_of("Scooter", "Kisbee 50")[1]
    assert sheet_words.kind_of("vélo", energy=Energy.ELECTRIC) == (Kind.E_BIKE, "")


def test_papers_that_ended_or_have_not_begun_are_taken_and_in_doubt(platform, farid):
    SiteFactory(platform=platform, name="Dax")
    head = "Type;Immatriculation;Site;Dernier CT;Fin assurance"
    report = import_vehicles(platform, sheet(head, "VL;AB-123-CD;Dax;01/01/2027;31/12/2025"), by=farid, dry_run=True)
    assert len(report.doubtful[0].warnings) == 2
    assert import_vehicles(platform, sheet(head, "VL;AB-123-CD;Dax;31/12/9999;"), by=farid).counts()["refused"] == 1


def test_a_heavy_file_is_refused_on_the_page(client, platform, farid, settings):
    settings.UPLOAD_MAX_BYTES = 100
    client.force_login(farid)
    response = upload(client)
    assert response.status_code == 409
    assert "trop lourd" in response.text


# --- doors ------------------------------------------------------------------------------------


def test_only_advisers_and_fleet_managers_import(platform, bruno, farid, driss, agathe, eve):
    for user in (bruno, farid, driss):
        assert import_vehicles(platform, POOL, by=user, create_sites=True, dry_run=True).counts()["new"] == 8
    for user in (agathe, eve):
        with pytest.raises(PermissionDenied):
            import_vehicles(platform, POOL, by=user, dry_run=True)


def test_a_file_of_another_kind_is_refused_and_names_the_columns(platform, farid):
    with pytest.raises(ValidationError, match="Immatriculation"):
        import_vehicles(platform, content("participants.csv"), by=farid)


def upload(client, name="pool.csv", **box):
    with (DATA / name).open("rb") as file:
        return client.post(reverse("fleet:import"), {"sheet": file, **box})


def preview_of(client):
    return upload(client).url.removesuffix("?")


def test_the_page_shows_each_verdict_and_writes_nothing_until_confirmed(client, platform, farid):
    client.force_login(farid)
    assert client.get(reverse("fleet:import")).status_code == 200
    before = counts_of_tables()[:-1]
    preview = preview_of(client)
    page = client.get(preview, {"create_sites": "on"})
    assert page.status_code == 200
    assert "trottinette" in page.text
    assert "Déjà à la ligne 4" in page.text
    assert counts_of_tables()[:-1] == before
    refused = client.get(preview, {"create_sites": "on", "verdict": "refused"})
    assert "ligne 12" in refused.text
    assert "ligne 2<" not in refused.text
    done = client.post(preview + "confirmer/", {"create_sites": "on"})
    assert "8 véhicules ajoutés" in client.get(done.url).text
    assert Vehicle.objects.count() == 8
    assert not StoredFile.objects.exists()


def test_the_box_for_new_sites_leads_to_a_preview_with_them(client, platform, farid):
    client.force_login(farid)
    page = client.get(upload(client, create="on").url)
    assert "seront créés avec l’import" in page.text
    assert "Importer 8 véhicules" in page.text


def test_without_the_box_no_site_is_created(client, platform, farid):
    client.force_login(farid)
    preview = preview_of(client)
    assert "St Vincent de Tyrosse" in client.get(preview).text
    assert client.post(preview + "confirmer/").url == preview
    assert not Site.objects.exists()


def test_a_second_confirmation_shows_what_the_first_did(client, platform, farid):
    client.force_login(farid)
    confirm = preview_of(client) + "confirmer/"
    first = client.post(confirm, {"create_sites": "on"})
    assert client.post(confirm, {"create_sites": "on"}).url == first.url
    assert Vehicle.objects.count() == 8


def test_the_second_import_of_a_file_offers_nothing_to_confirm(client, platform, farid):
    import_vehicles(platform, POOL, by=farid, create_sites=True)
    client.force_login(farid)
    page = client.get(upload(client).url)
    assert "rien à ajouter" in page.text
    assert "confirmer" not in page.text


def test_a_stale_or_foreign_sheet_is_not_found(client, platform, farid, driss, eve):
    client.force_login(farid)
    preview = preview_of(client)
    for stranger in (driss, eve):
        client.force_login(stranger)
        assert client.get(preview).status_code == 404
        assert client.post(preview + "confirmer/").status_code == 404
    client.force_login(farid)
    with clock.travel(dt.timedelta(days=1)):
        assert client.get(preview).status_code == 404


def test_a_sheet_that_nobody_confirmed_is_forgotten_after_a_day(client, platform, farid):
    from core.tasks import forget_old_sheets

    client.force_login(farid)
    upload(client)
    assert forget_old_sheets() == 0
    with clock.travel(dt.timedelta(days=1, minutes=1)):
        assert forget_old_sheets() == 1
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("name", ["participants.csv", "README.md"])
def test_a_file_that_is_no_pool_is_refused_on_the_page(client, platform, farid, name):
    client.force_login(farid)
    response = upload(client, name)
    assert response.status_code == 409
    assert "Ce n’est pas le tableau attendu" in response.text
    assert not StoredFile.objects.exists()


def test_the_accountant_may_not_open_the_page(client, platform, agathe):
    client.force_login(agathe)
    assert client.get(reverse("fleet:import")).status_code == 403


def test_the_template_has_the_expected_headings(client, platform, farid):
    client.force_login(farid)
    response = client.get(reverse("fleet:import_template"))
    assert response.content.decode("utf-8-sig").startswith("N°;Type;Marque;Modèle;Immatriculation;")


# --- the shell --------------------------------------------------------------------------------


def run(*arguments):
    out = StringIO()
    call_command("import_fleet", str(DATA / "pool.csv"), *arguments, stdout=out)
    return out.getvalue()


def test_the_command_ends_with_one_line_of_json(platform):
    answer = json.loads(run("--platform", "sud-landes", "--create-sites", "--json").splitlines()[-1])
    assert (answer["new"], answer["known"], len(answer["refused"]), answer["blank"]) == (8, 1, 3, 2)
    assert "Rien n’a changé" in run("--platform", "sud-landes")


def test_a_dry_run_of_the_command_writes_nothing(platform):
    assert "Essai" in run("--platform", "sud-landes", "--create-sites", "--dry-run")
    assert not Vehicle.objects.exists()


def test_the_command_says_what_it_cannot_find_or_read(platform, tmp_path):
    with pytest.raises(CommandError, match="sud-landes"):
        run("--platform", "nulle-part")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_fleet", str(tmp_path / "nothing.csv"), "--platform", "sud-landes")
    with pytest.raises(CommandError, match="attendu"):
        call_command("import_fleet", str(DATA / "garages.csv"), "--platform", "sud-landes")
