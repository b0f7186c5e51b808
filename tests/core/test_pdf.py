import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from core import pdf
from tests.papers import assert_archive

PLATFORM = {
    "name": "Sud Landes",
    "legal_name": "Association Sud Landes Mobilité",
    "siret": "123 456 782 00010",
    "address": "12 rue de la Gare, 40230 Saint-Vincent-de-Tyrosse",
    "phone": "05 58 41 22 10",
    "email": "contact@example.org",
    "vat": "TVA non applicable, art. 261-7-1° du CGI",
}
RECEIPT = {
    "platform": PLATFORM,
    "number": "R2026-0042",
    "issued": "mardi 3 mars 2026",
    "received": "mardi 3 mars 2026",
    "from": "Łucja Dœuf-Ñandú #[2 + 2]",
    "for": "",
    "title": "Prêt n° 12",
    "means": "Espèces",
    "reference": "",
    "amount": "1\u202f093,00\u00a0€",
    "by": "Bruno Darrieus",
}


def test_a_paper_is_a_tagged_archive_that_speaks_french() -> None:
    assert_archive(pdf.render("pricing/receipt", RECEIPT))


def test_a_paper_takes_less_than_50_ms_of_processor() -> None:
    pdf.render("pricing/receipt", RECEIPT)
    taken = []
    for number in range(5):
        start = time.process_time()
        pdf.render("pricing/receipt", RECEIPT | {"number": f"R2026-{number}"})
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05


def test_threads_render_at_once() -> None:
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            for _ in range(3):
                pdf.render("pricing/receipt", RECEIPT | {"from": name})
        except Exception as failure:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(f"Personne {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_pictures_are_handed_over_beside_the_data(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    (tmp_path / "demo" / "typst").mkdir(parents=True)
    (tmp_path / "demo" / "typst" / "picture.typ").write_text(
        '#set document(title: "Photo")\n#set text(lang: "fr")\n#let it = json(bytes(sys.inputs.data))\n'
        '= Photo\n#image(it.pictures.front, alt: "Avant")\n'
    )
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    assert pdf.render("demo/picture", {}, pictures={"front": drawing}).startswith(b"%PDF")


def test_the_typeface_comes_with_its_licence() -> None:
    folder = Path(settings.BASE_DIR) / "core" / "fonts"
    for font in folder.rglob("*.ttf"):
        assert "SIL Open Font License" in (font.parent / "LICENSE").read_text()
    assert list(folder.rglob("*.ttf"))
