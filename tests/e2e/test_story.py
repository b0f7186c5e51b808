"""The first vehicle of a platform, from the spreadsheets to the deposit that is given back: the main job."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from bookings.actions import record_loan
from bookings.models import Booking
from core import clock, outbox
from fleet.models import Hold, Vehicle
from pricing.models import Receipt
from tests.bookings.conftest import DAY, MONDAY, car_tariff
from tests.e2e.conftest import PATIENCE
from tests.e2e.steps import PHOTO, choose_person, import_sheet, press, sign_in, walk
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db(transaction=True)

SATURDAY = MONDAY - 2 * DAY
PASSWORD = "une phrase assez longue"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def base(live_server: Any, settings: Any) -> str:
    settings.DEMO, settings.EMAIL_CONFIGURED = True, False  # messages are read on a page
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return live_server.url


@pytest.fixture
def calendar() -> Iterator[Callable[[dt.datetime], None]]:
    """`calendar(moment)` puts everybody's clock there; it starts on a Saturday."""
    with ExitStack() as travels:

        def go(to: dt.datetime) -> None:
            travels.enter_context(clock.travel(to=to))

        go(SATURDAY)
        yield go


def new_phone(context: BrowserContext) -> Page:
    """A browser of somebody else's, on a phone."""
    browser = context.browser
    assert browser
    phone = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", viewport=PHONE, bypass_csp=True)
    phone.set_default_timeout(PATIENCE)
    return phone.new_page()


def test_a_platform_lends_repairs_and_takes_back_its_first_vehicle(
    base: str, page: Page, context: BrowserContext, accessible: Callable[[Page], None], calendar: Any
) -> None:
    # 1. An empty platform, opened from the shell.
    call_command("create_platform", "Sud Landes", coordinator="driss@example.org", coordinator_name="Driss Lafitte")
    driss = User.objects.get(email="driss@example.org")
    driss.set_password(PASSWORD)
    driss.save()
    call_command("import_communes", "tests/data/communes.csv")

    # 2. The spreadsheets that the association keeps; a second time they change nothing.
    sign_in(page, base, "driss@example.org", PASSWORD)
    accessible(page)
    import_sheet(page, base, "vehicules", "pool.csv", create_sites=True)
    import_sheet(page, base, "participants", "participants.csv")
    import_sheet(page, base, "garages", "garages.csv")
    accessible(page)

    # 3. A tariff; the board; a car for thirty days at 3 € a day, its price shown before anything is promised.
    page.goto(f"{base}/tarifs/nouveau/")
    page.get_by_label("Nom", exact=True).fill("Voiture, 3 € par jour")
    page.get_by_label("Type de véhicule").select_option("car")
    page.get_by_label("À partir du").first.fill("2026-01-01")
    page.get_by_label("Dépôt de garantie").fill("250")
    page.get_by_label("Pénalité").fill("3")
    page.locator('[name$="day_price"]').first.fill("3")
    accessible(page)
    press(page.locator("main form button[type=submit]").last)
    page.goto(f"{base}/planning/")
    accessible(page)
    expect(page.get_by_text("V01").first).to_be_visible()

    page.goto(f"{base}/prets/reserver/?kind=car&starts_at=2026-03-02T09:00&ends_at=2026-04-01T09:00")
    choose_person(page, "Labatut")
    expect(page.locator("#offer")).to_contain_text("90,00")
    accessible(page)
    desk = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    accessible(page)
    page.set_viewport_size(desk)  # type: ignore[arg-type]
    page.locator("#offer label", has_text="V01").click()
    press(page.get_by_role("button", name="Réserver"))
    assert re.search(r"/prets/\d+/$", page.url)
    accessible(page)
    loan = Booking.objects.get()
    loan_page = page.url

    # … and nobody else gets that car at these dates.
    page.goto(f"{base}/prets/reserver/?kind=car&starts_at=2026-03-09T09:00&ends_at=2026-03-10T09:00")
    expect(page.locator("#offer").get_by_text("V01")).not_to_be_visible()

    # 4. Monday: deposit, condition report, signatures, keys.
    calendar(MONDAY)
    page.goto(loan_page)
    press(page.get_by_role("link", name="Dépôt reçu"))
    page.get_by_label("Chèque", exact=True).check()
    page.get_by_label("Numéro du chèque").fill("0012345")
    press(page.locator("main form button[type=submit]").last)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(loan_page)
    press(page.get_by_role("link", name="Remettre les clés"))
    walk(page, "out", km="96200", accessible=accessible)
    page.set_viewport_size(desk)  # type: ignore[arg-type]
    loan.refresh_from_db()
    assert loan.state == Booking.State.ACTIVE
    page.goto(loan_page)
    expect(page.locator("main")).to_contain_text("Contrat")
    page.goto(f"{base}/vehicules/{Vehicle.objects.get(fleet_number='V01').pk}/")
    expect(page.locator("main")).to_contain_text("Karim")
    accessible(page)

    # 5. The participant's own page, opened from the message; a noise in the brakes, with a photo.
    ana = opened_from_message(page, context, base)
    ana.wait_for_url(f"{base}/moi/")
    expect(ana.locator("main")).to_contain_text("jusqu’au")
    accessible(ana)
    press(ana.get_by_role("link", name="Un problème sur le véhicule"))
    accessible(ana)
    for radio in ana.locator('[name="rolls"][value="yes"]').all():
        radio.check()
    ana.locator('[name="description"]').fill("Un bruit quand je freine")
    ana.locator("input[type=file]").set_input_files([PHOTO])
    press(ana.get_by_role("button", name="Envoyer à la plateforme"))
    accessible(ana)
    job = Vehicle.objects.get(fleet_number="V01").jobs.get()
    assert job.files.exists() or any(damage.photos.exists() for damage in job.damages.all())

    # 6. Another car for the rest of the loan; then the first one is recovered: one loan, two vehicles.
    calendar(MONDAY + dt.timedelta(days=1))
    page.goto(loan_page)
    press(page.get_by_role("link", name="Donner un autre véhicule"))
    expect(page.locator("main")).to_contain_text("jusqu’au mercredi 1er avril à 9 h")
    accessible(page)
    page.locator("main label", has_text="V02").click()
    page.get_by_label("Motif").fill("Bruit dans les freins")
    press(page.get_by_role("button", name="Donner ce véhicule"))
    press(page.get_by_role("link", name="Remettre les clés"))
    walk(page, "out", km="95000", accessible=accessible)
    page.goto(loan_page)
    accessible(page)
    press(page.get_by_role("link", name="Le reprendre"))
    walk(page, "in", km="96260", accessible=accessible)
    job.refresh_from_db()
    assert job.hold.vehicle.fleet_number == "V01"
    assert Hold.objects.out().get().vehicle.fleet_number == "V02"

    # Garages are ranked with their reasons. The first is asked, opens its link, declines; the second accepts.
    page.goto(f"{base}/reparations/")
    accessible(page)
    job_page = f"{base}/reparations/{job.pk}/"
    page.goto(job_page)
    accessible(page)
    press(page.get_by_role("button", name="Proposer au premier"))
    first = opened_from_message(page, context, base)
    accessible(first)
    expect(first.locator("body")).not_to_contain_text("Labatut")
    first.goto(f"{base}/garage/travaux/{job.pk}/")
    accessible(first)
    press(first.get_by_role("link", name="Refuser"))
    accessible(first)
    first.locator('[name="why"]').first.check(force=True)
    press(first.locator("main form button[type=submit]").last)
    second = opened_from_message(page, context, base)
    second.goto(f"{base}/garage/travaux/{job.pk}/")
    press(second.get_by_role("link", name="Accepter"))
    accessible(second)
    second.locator('[name="appointment_at"]').fill("2026-03-05T09:00")  # Thursday
    press(second.locator("main form button[type=submit]").last)

    # It quotes an hour and a half and a part; too dear to approve itself, the coordinator approves.
    press(second.get_by_role("link", name="Devis", exact=True))
    accessible(second)
    second.get_by_label("Heures").fill("1,5")
    second.get_by_label("Prix de l’heure").fill("45")
    second.locator('[name^="label_"]').first.fill("Plaquettes avant")
    second.locator('[name^="quantity_"]').first.fill("1")
    second.locator('[name^="price_"]').first.fill("480")
    press(second.get_by_role("button", name="Envoyer le devis"))
    page.goto(job_page)
    expect(page.locator("main")).to_contain_text("547,50")
    accessible(page)
    press(page.get_by_role("button", name="Approuver le devis"))

    # It starts, waits for a part, and 7. telephones for the rest: the staff do its verbs on its behalf.
    calendar(MONDAY + dt.timedelta(days=3, hours=2))
    second.goto(f"{base}/garage/travaux/{job.pk}/")
    press(second.get_by_role("link", name="Commencer"))
    press(second.locator("main form button[type=submit]").last)
    press(second.get_by_role("link", name="Pièces en attente"))
    press(second.locator("main form button[type=submit]").last)
    for verb in ("Terminé", "Facture"):
        page.goto(job_page)
        press(page.get_by_role("link", name=verb))
        accessible(page)
        page.locator('[name="on_behalf"]').fill("par téléphone, M. Lamarque")
        if verb == "Facture":
            page.locator('[name="amount"]').fill("547,50")
        press(page.locator("main form button[type=submit]").last)
    job.refresh_from_db()
    assert job.hold.back_at is None, "the vehicle is held until it is back, not until the garage says done"
    calendar(MONDAY + dt.timedelta(days=4))
    page.goto(job_page)
    press(page.get_by_role("link", name="Récupérer le véhicule"))
    accessible(page)
    press(page.locator("main form button[type=submit]").last)
    assert Vehicle.objects.free(clock.now(), clock.now() + dt.timedelta(days=7), clock.now()).filter(
        fleet_number="V01"
    ), "V01 is free again"

    # 8. The car comes back one day late, with a scratch; 93 € in cash against a receipt; the cheque is given back.
    calendar(MONDAY + dt.timedelta(days=30, hours=22))
    page.goto(f"{base}/aujourdhui/")
    expect(page.locator("main")).to_contain_text("En retard")
    accessible(page)
    page.goto(loan_page)
    press(page.get_by_role("link", name="Reprendre le véhicule"))
    walk(page, "in", km="97100", accessible=accessible, scratch="Rayure portière")
    loan.refresh_from_db()
    assert loan.state == Booking.State.RETURNED
    car = Vehicle.objects.get(fleet_number="V02")
    assert car.damages.filter(note="Rayure portière").exists()
    assert car.odometer_readings.filter(km=97100).exists()
    page.goto(loan_page)
    expect(page.locator("#compte")).to_contain_text("93,00")
    press(page.get_by_role("link", name="Encaisser"))
    accessible(page)
    page.get_by_label("Espèces").check()
    press(page.locator("main form button[type=submit]").last)
    receipt = Receipt.objects.get()
    assert (receipt.number, str(receipt.payment.amount)) == (1, "93.00")
    page.goto(loan_page)
    press(page.get_by_role("link", name="Rendre"))
    press(page.locator("main form button[type=submit]").last)
    accessible(page)
    assert [deposit.state for deposit in loan.account.deposits.all()] == ["returned"]

    # 9. The journal tells who did what; the messages that left are listed.
    page.goto(f"{base}/journal/")
    accessible(page)
    expect(page.locator("main")).to_contain_text("Driss Lafitte")
    page.goto(f"{base}/messages/")
    expect(page.locator("main")).to_contain_text("Vous avez rendu")
    accessible(page)


def test_a_vehicle_comes_back_with_nobody_there(
    base: str, page: Page, accessible: Callable[[Page], None], calendar: Any, platform: Any, driss: Any
) -> None:
    """Keys in the box: the participant is absent, a witness is named, a photo says how it stands."""
    driss.set_password(PASSWORD)
    driss.save()
    car = VehicleFactory(site__platform=platform, fleet_number="V07")
    ana = ParticipantFactory(platform=platform)
    car_tariff(platform)
    loan = record_loan(
        platform, participant=ana, vehicle=car, starts_at=MONDAY - 8 * DAY, ends_at=MONDAY, km_out=50_000, by=driss
    )
    calendar(MONDAY)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, base, driss.email, PASSWORD)
    page.goto(f"{base}/prets/{loan.pk}/retour/")
    walk(page, "in", km="50400", accessible=accessible, absent="Clés dans la boîte", only_one_photo=True)
    report = loan.assignments.get().reports.get(direction="in")
    assert (report.presence, report.witness_name) == ("absent", "Mme Voisine")
    assert report.pdf.sha256
    loan.refresh_from_db()
    assert loan.state == Booking.State.RETURNED


def opened_from_message(page: Page, context: BrowserContext, base: str) -> Page:
    """The phone of whoever got the last message with a link, opened by it."""
    outbox.sweep()
    page.goto(f"{base}/messages/")
    press(page.get_by_role("button", name="Ouvrir le lien").first)
    phone = new_phone(context)
    phone.goto(page.url)
    press(phone.locator("main button").first)
    return phone
