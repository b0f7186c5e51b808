"""A commune is known again however people write it, and never guessed."""

import gzip
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from places.communes import find_commune, find_communes, key_of
from places.models import Commune

COMMUNES = """insee_code,name,postcode,department,region,latitude,longitude,population
40088,Dax,40100,40,75,43.70956,-1.05354,21000
40284,Saint-Vincent-de-Tyrosse,40230,40,75,43.66,-1.3,7900
40279,Saint-Paul-lès-Dax,40990,40,75,43.73,-1.05,13000
40179,Mées,40990,40,75,43.70,-1.1,2000
04116,Les Mées,04190,04,93,44.03,5.98,3700
01001,L'Abergement-Clémenciat,01400,01,84,46.1517,4.9306,832
02565,Œuilly,02160,02,32,49.39302,3.6818,294
75112,Paris 12e Arrondissement,75012,75,11,48.84,2.39,140000
75116,Paris 16e Arrondissement,75016,75,11,48.86,2.27,160000
75116,Paris 16e Arrondissement,75116,75,11,48.86,2.27,160000
2A004,Ajaccio,20000,2A,94,41.92274,8.70583,73822
2A004,Ajaccio,20090,2A,94,41.92274,8.70583,73822
36142,Sainte-Colombe,36000,36,24,47.0,1.6,100
77404,Sainte-Colombe,77650,77,11,48.5,3.2,1800
97411,Saint-Denis,97400,974,04,-20.9,55.45,150000
93066,Saint-Denis,93200,93,11,48.93,2.35,112000
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "communes.csv"
    path.write_text(COMMUNES)
    return path


@pytest.fixture
def communes(db: None, file: Path) -> None:
    call_command("import_communes", file, stdout=StringIO())


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Saint-Vincent-de-Tyrosse", "saint vincent de tyrosse"),
        ("ST VINCENT DE TYROSSE", "saint vincent de tyrosse"),
        ("St. Vincent-de Tyrosse", "saint vincent de tyrosse"),
        ("Ste-Colombe", "sainte colombe"),
        ("L'Abergement-Clémenciat", "abergement clemenciat"),
        ("L’ABERGEMENT CLEMENCIAT", "abergement clemenciat"),
        ("Abergement-Clémenciat (L')", "abergement clemenciat"),
        ("Œuilly", "oeuilly"),
        ("Saint-Paul-lez-Dax", "saint paul les dax"),
        ("Jœuf s/ Orne", "joeuf sur orne"),
        ("Dax Cedex 2", "dax"),
        ("PARIS 12ème", "paris 12"),
        ("Paris 12e Arrondissement", "paris 12"),
        ("Marseille 1er Arrondissement", "marseille 1"),
        ("Marseille 01", "marseille 1"),
        ("  Dax ", "dax"),
        ("Les", "les"),
        ("", ""),
    ],
)
def test_a_name_has_one_key_however_it_is_written(written: str, key: str) -> None:
    assert key_of(written) == key


@pytest.mark.parametrize(
    ("name", "postcode", "insee"),
    [
        ("dax", "40100", "40088"),
        ("Dax Cedex", "40106", "40088"),  # the only Dax of that department
        ("St Paul les Dax", "40990", "40279"),
        ("Mées", "40990", "40179"),
        ("Mées", "04190", "04116"),
        ("Mées", "", None),  # two of them
        ("Paris", "75012", "75112"),
        ("Paris", "75116", "75116"),
        ("Paris 16ème", "", "75116"),
        ("Ajaccio", "20167", "2A004"),
        ("Sainte-Colombe", "33350", None),  # none in that department
        ("Saint-Denis", "97400", "97411"),
        ("St Denis", "93200", "93066"),
        ("Nulle-Part", "40100", None),
        ("", "40100", None),
    ],
)
def test_a_commune_is_found_and_never_guessed(communes: None, name: str, postcode: str, insee: str | None) -> None:
    found = find_commune(name, postcode)
    assert (found.insee_code if found else None) == insee


def test_many_are_found_in_one_query(communes: None, django_assert_num_queries: object) -> None:
    wanted = [("Dax", "40100"), ("Mées", "40990"), ("Nulle-Part", "")]
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = find_communes(wanted)
    assert [str(found[one]) for one in wanted] == ["Dax", "Mées", "None"]


def test_a_commune_keeps_all_its_postcodes(communes: None) -> None:
    assert Commune.objects.get(insee_code="2A004").postcodes == "20000 20090"


def test_a_second_import_changes_only_what_changed(communes: None, file: Path) -> None:
    said = StringIO()
    call_command("import_communes", file, stdout=said)
    assert "14 communes read, 0 new or changed" in said.getvalue()
    file.write_text(COMMUNES.replace("40088,Dax,40100", "40088,Dax,40180"))
    said = StringIO()
    call_command("import_communes", file, stdout=said)
    assert "14 communes read, 1 new or changed" in said.getvalue()
    assert Commune.objects.get(name="Dax").postcodes == "40180"


def test_a_gzipped_file_is_read_too(db: None, tmp_path: Path) -> None:
    path = tmp_path / "communes.csv.gz"
    path.write_bytes(gzip.compress(COMMUNES.encode()))
    call_command("import_communes", path, stdout=StringIO())
    assert Commune.objects.count() == 14


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a;b\n1;2\n", "Columns are missing"),
        (COMMUNES + "99999,,40000,40,75,1,1,1\n", "Line 18"),
        (COMMUNES + "99999,X,40000,40,75,north,1,1\n", "Line 18"),
        ("\x1f\x8bnot really gzip", "cannot be read"),
    ],
)
def test_another_file_is_refused_and_changes_nothing(db: None, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content.encode("latin-1") if content.startswith("\x1f") else content.encode())
    with pytest.raises(CommandError, match=said):
        call_command("import_communes", path)
    assert not Commune.objects.exists()


def test_a_file_that_is_not_there_is_said_so(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_communes", tmp_path / "nowhere.csv")
