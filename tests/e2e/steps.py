"""What the people of the story do on the pages, as sentences."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Locator, Page, expect

SPREADSHEETS = Path(__file__).parent.parent / "data"


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "slategray").save(buffer, "JPEG")
    return buffer.getvalue()


PHOTO: Any = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture()}


def press(what: Locator) -> None:
    """A click that leads to a page: what comes next in the test happens on that page, and once it is whole.

    `click` alone may return while the old page still stands, or as soon as an empty new one does.
    """
    with what.page.expect_navigation():
        what.click()


def sign_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/compte/login/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    press(page.get_by_role("button", name="Se connecter", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aujourd’hui")


def import_sheet(page: Page, base: str, room: str, file: str, *, create_sites: bool = False) -> None:
    """Sends a spreadsheet, reads the verdicts, confirms."""
    page.goto(f"{base}/{room}/importer/")
    page.locator("input[type=file]").set_input_files(SPREADSHEETS / file)
    if create_sites:
        page.get_by_role("checkbox").first.check()
    press(page.get_by_role("button", name="Vérifier le tableau"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("vérifier")
    press(page.locator("main form button[type=submit]").last)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import terminé")


def choose_person(page: Page, name: str) -> None:
    page.get_by_label("Nom, téléphone ou date de naissance").fill(name)
    page.get_by_role("button", name="Chercher", exact=True).click()
    press(page.locator("#people").get_by_role("link", name="Choisir").first)


def walk(
    page: Page,
    direction: str,
    *,
    km: str,
    accessible: Any,
    scratch: str = "",
    absent: str = "",
    only_one_photo: bool = False,
) -> None:
    """The whole condition report from its first page to the keys. `absent`: nobody is there, and why."""
    if absent:
        press(page.get_by_role("button", name="Personne n’est là"))
    else:
        press(page.get_by_role("button", name="Commencer"))
    while (step := step_of(page)) != "fait":
        accessible(page)
        if step == "papiers":
            for box in page.get_by_role("checkbox").all():
                box.check()
        elif step == "compteur":
            page.get_by_label("Kilomètres", exact=True).fill(km)
            fuel = page.locator('input[name="fuel_eighths"][value="6"]')
            if fuel.count():
                fuel.check(force=True)
            battery = page.get_by_label("Charge")
            if battery.count():
                battery.first.fill("80")
        elif step == "tour":
            if scratch:
                add_scratch(page, scratch)
                scratch = ""
            clean = page.locator('input[name="is_clean"]').first
            clean.check(force=True)
            press(page.get_by_role("button", name="Tout le reste est en ordre"))
            if step_of(page) == "tour":
                press(page.get_by_role("button", name="Suivant", exact=True).last)
            continue
        elif step == "equipement":
            rest = page.get_by_role("button", name="Tout le reste est là")
            if rest.count() and rest.first.is_visible():
                press(rest.first)
                if step_of(page) != "equipement":
                    continue
        elif step == "photos":
            take_photos(page, only_one=only_one_photo)
        elif step == "accord":
            press(page.get_by_role("button", name="Nous sommes d’accord"))
            continue
        elif step == "signatures":
            if absent:
                page.get_by_label("Pourquoi").or_(page.locator('[name="absence_reason"]')).first.fill(absent)
                page.locator('[name="witness_name"]').fill("Mme Voisine")
            else:
                for pad in page.locator(".pads canvas").all():
                    draw(page, pad)
            verb = "Remettre les clés" if direction == "out" else "Reprendre le véhicule"
            press(page.get_by_role("button", name=verb))
            continue
        press(page.get_by_role("button", name="Suivant", exact=True).last)


def step_of(page: Page) -> str:
    """The last word of the address: « papiers », « compteur », … « fait »."""
    return urlsplit(page.url).path.rstrip("/").rpartition("/")[2]


def take_photos(page: Page, *, only_one: bool) -> None:
    """Each view's photo leaves as soon as it is taken."""
    views = page.locator(".album form:not(.again) input[type=file]")
    while views.count() > 1:  # the last one is « Autre photo »
        before = views.count()
        with page.expect_navigation():
            views.first.set_input_files([PHOTO])
        expect(views).to_have_count(before - 1)
        if only_one:
            page.get_by_text("Je ne peux pas prendre toutes les photos").click()
            page.locator('[name="photos_reason"]').fill("Il fait nuit")
            return


def add_scratch(page: Page, note: str) -> None:
    """A tap on the drawing opens the form."""
    page.locator("[data-silhouette] [data-zone]").first.click()
    form = page.locator("form#damage")
    form.get_by_label("Quoi ?").select_option("scratch")
    form.get_by_label("Précision").fill(note)
    press(form.get_by_role("button", name="Ajouter ce dégât"))
    expect(page.get_by_text(note).locator("visible=true").first).to_be_visible()


def draw(page: Page, pad: Locator) -> None:
    """A signature with the mouse."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + w * 0.2, y + h * 0.7)
    page.mouse.down()
    for across, down in ((0.3, 0.2), (0.45, 0.8), (0.6, 0.3), (0.8, 0.6)):
        page.mouse.move(x + w * across, y + h * down, steps=6)
    page.mouse.up()
