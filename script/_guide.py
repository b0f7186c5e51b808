"""The pictures of the user guide, taken by a browser on the demo; run by script/guide.

One more: a line in `pictures()`, and its name in a chapter of docs/guide. A chapter that shows a picture which is not
here, or a picture that no chapter shows, fails tests/scripts/test_guide.py. The README's picture of the planning is
taken with them. A browser without its French words (Debian: chromium-l10n) writes dates to type in as mm/dd/yyyy.
"""

import datetime as dt
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "guide" / "images"
OF_README = {"planning": ROOT / "docs" / "planning.png"}
AFTER_A_LOSS = {"a-reloger"}  # taken last, when vehicles were lost
DESK, PHONE = (1180, 820), (390, 780)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PLATFORM = "sud-landes"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Picture:
    name: str
    address: str
    person: Any = None  # whoever is signed in; None: the coordinator
    size: tuple[int, int] = DESK
    click: str = ""  # what is clicked before the picture is taken


def pictures() -> list[Picture]:
    """Found in the demo: one thing of each sort, on the first platform."""
    from django.utils import timezone

    from accounts.models import Platform
    from bookings.models import Assignment, Booking, Fine, Incident
    from core import clock
    from fleet.models import Site, Vehicle

    platform = Platform.objects.get(slug=PLATFORM)
    loans = Booking.objects.filter(platform=platform, series=None)
    promised = loans.filter(state="reserved", assignments__hold__isnull=False).order_by("starts_at", "pk")
    soon = promised.filter(starts_at__gt=clock.now()).first()
    out = loans.filter(state="active", ends_at__gt=clock.now(), participant__user__isnull=False).order_by("-ends_at")[0]
    late = loans.filter(state="active", ends_at__lte=clock.now()).first()
    asked = loans.filter(state="awaiting_approval").first()
    incident = Incident.objects.filter(platform=platform).order_by("pk").first()
    fine = Fine.objects.filter(platform=platform).order_by("pk").first()
    car = Vehicle.objects.filter(assignments=Assignment.objects.filter(booking=out)[:1].get()).get()
    person = soon.participant
    start = (soon.ends_at + 40 * DAY).strftime("%Y-%m-%dT09:00")
    end = (soon.ends_at + 54 * DAY).strftime("%Y-%m-%dT17:00")
    wish = f"participant={person.pk}&kind={soon.kind}&starts_at={start}&ends_at={end}"
    longer = timezone.localtime(out.ends_at + 7 * DAY, ZoneInfo(platform.time_zone)).strftime("%Y-%m-%dT%H:%M")
    site = Site.objects.filter(platform=platform).order_by("name")[0]
    return [
        Picture("aujourdhui", "/aujourdhui/"),
        Picture("planning", "/planning/?vue=mois", size=(1440, 960)),
        Picture("planning-a-cote", "/planning/?vue=mois", click=".bar.loan a[data-beside]"),
        Picture("planning-tableau", "/planning/?vue=semaine&forme=tableau"),
        Picture("reserver", f"/prets/reserver/?{wish}"),
        Picture("demandes", "/prets/demandes/"),
        Picture("demande", f"/prets/{asked.pk}/"),
        Picture("attente", "/prets/attente/"),
        Picture("pret", f"/prets/{soon.pk}/"),
        Picture("preparer", f"/prets/{soon.pk}/preparer/"),
        Picture("remise", f"/prets/{soon.pk}/remise/papiers/", size=PHONE),
        Picture("prolonger", f"/prets/{out.pk}/prolonger/?until={longer}"),
        Picture("annuler", f"/prets/{soon.pk}/annuler/"),
        Picture("retard", f"/prets/{late.pk}/retard/"),
        Picture("a-reloger", "/prets/a-reloger/"),
        Picture("incidents", "/prets/incidents/"),
        Picture("incident", f"/prets/incidents/{incident.pk}/"),
        Picture("amende", f"/prets/amendes/{fine.pk}/"),
        Picture("vehicule", f"/vehicules/{car.pk}/"),
        Picture("reparations", "/reparations/"),
        Picture("reglages", "/reglages/"),
        Picture("rappels", "/reglages/rappels/"),
        Picture("clauses", "/reglages/clauses/"),
        *named_pages(site.pk),
        Picture("ma-page", "/moi/", person=out.participant.user, size=PHONE),
        Picture("plus-longtemps", "/moi/plus-longtemps/", person=out.participant.user, size=PHONE),
    ]


def named_pages(site: int) -> list[Picture]:
    """Those whose address is asked for by name."""
    from django.urls import reverse

    return [
        Picture("regles", reverse("bookings:rules")),
        Picture("horaires", reverse("fleet:opening_hours", args=[site])),
        Picture("pret-regulier", "/prets/reguliers/"),
    ]


def main(wanted: list[str]) -> int:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "true", "DEBUG": "false", "LOG_LEVEL": "ERROR",
        "DB_POOLED": "false",
    }  # fmt: skip
    sys.path.insert(0, str(ROOT))
    with own_folder():
        import django

        django.setup()
        from django.core.management import call_command

        from bench.database import own_database
        from bench.pages import collect_static_files
        from bench.server import serving

        with own_database():
            collect_static_files()
            call_command("demo", verbosity=0)
            taken = [one for one in pictures() if not wanted or one.name in wanted]
            with serving() as port:
                take([one for one in taken if one.name not in AFTER_A_LOSS], f"http://127.0.0.1:{port}")
                lose_some()
                take([one for one in taken if one.name in AFTER_A_LOSS], f"http://127.0.0.1:{port}")
    return 0


def lose_some(enough: int = 3) -> None:
    """Vehicles of the smallest kinds leave the pool, until as many people wait for another that nobody has."""
    from django.core.exceptions import ValidationError
    from django.db.models import Count

    from accounts.models import Membership, Role
    from bookings.models import Assignment
    from bookings.tasks import rehouse_displaced
    from fleet.actions import withdraw
    from fleet.models import Vehicle

    manager = Membership.objects.filter(platform__slug=PLATFORM, role=Role.FLEET_MANAGER).order_by("pk")[0].user
    pool = Vehicle.objects.filter(platform__slug=PLATFORM, withdrawn_on=None)
    kinds = pool.values_list("kind").annotate(number=Count("pk")).order_by("number")
    for kind, _ in kinds:
        for vehicle in pool.filter(kind=kind, holds__assignment__booking__state="reserved").distinct().order_by("pk"):
            try:
                withdraw(vehicle, reason="Accidenté", by=manager)
            except ValidationError:  # out, or at a garage
                continue
            rehouse_displaced()
            if Assignment.objects.displaced().filter(platform__slug=PLATFORM).count() >= enough:
                return


@contextmanager
def own_folder() -> Iterator[None]:
    """`var` of the pictures' own; the demo's files go with it."""
    folder = tempfile.mkdtemp(prefix="remise-guide-")
    os.environ["VAR_DIR"] = folder
    from core.environment import prepare_var

    prepare_var()
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take(wanted: list[Picture], base: str) -> None:
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    IMAGES.mkdir(parents=True, exist_ok=True)
    missing = []
    with sync_playwright() as playwright:
        found = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS], env={**os.environ, "LANGUAGE": "fr"})
        for picture in wanted:
            width, height = picture.size
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale="fr-FR", timezone_id="Europe/Paris"
            )
            context.add_cookies([{"name": "sessionid", "value": session_of(picture.person), "url": base}])
            page = context.new_page()
            answer = page.goto(base + picture.address)
            if answer is None or answer.status != 200:
                missing.append(f"{picture.name}: {picture.address} answers {answer and answer.status}")
                continue
            if picture.click:
                page.locator(picture.click).first.click()
                page.wait_for_selector("#beside:not([hidden])")
            keep(page.screenshot(), picture.name)
            context.close()
        browser.close()
    if missing:
        raise SystemExit("\n".join(missing))


def session_of(user: Any) -> str:
    from django.test import Client

    from accounts.models import Membership, Role

    if user is None:
        user = Membership.objects.filter(platform__slug=PLATFORM, role=Role.COORDINATOR).order_by("pk")[0].user
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


def keep(png: bytes, name: str) -> None:
    """As WebP: a tenth of the size; the README's as PNG, in few colours."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.save(IMAGES / f"{name}.webp", quality=72, method=6)
    if name in OF_README:
        picture.quantize(128).save(OF_README[name], optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
