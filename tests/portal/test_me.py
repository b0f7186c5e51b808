"""The participant's own page: theirs alone, in plain words, and its few steps."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from bookings.models import Wish
from core import clock
from core.models import JournalEntry
from fleet.models import Damage
from fleet.opening_actions import openings_of, write_weekly
from maintenance.models import RepairJob
from tests.bookings.factories import AssignmentFactory
from tests.factories import AddressFactory, GarageFactory, ParticipantFactory
from tests.pricing.factories import ChargeFactory, DepositFactory, ThirdPartyPayerFactory

NOON = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)
EVENING = dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC)  # Friday 6 March, 18 h in Paris


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.travel(to=NOON):
        yield


@pytest.fixture
def ana(platform: Any) -> Any:
    return ParticipantFactory(platform=platform, first_name="Ana")


@pytest.fixture
def hers(client: Client, ana: Any) -> Client:
    client.force_login(ana.user)
    return client


def loan(ana: Any, **given: Any) -> Any:
    return AssignmentFactory(
        **(
            {
                "booking__platform": ana.platform,
                "booking__participant": ana,
                "booking__starts_at": NOON - dt.timedelta(days=9),
                "booking__ends_at": EVENING,
            }
            | given
        )
    )


def words_of(client: Client, url: str = "/moi/") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_it_says_what_they_have_until_when_and_where_it_goes_back(hers: Client, ana: Any) -> None:
    one = loan(ana, out=True)
    one.vehicle.site.address = AddressFactory(platform=ana.platform)
    calendar = openings_of(one.vehicle.site)
    one.vehicle.site.save()
    write_weekly(calendar, one.vehicle.site, [0, 1, 2, 3, 4], dt.time(9), dt.time(17), None)
    html = words_of(hers)
    assert "Vous avez la voiture jusqu’au <strong>vendredi 6 mars à 18 h</strong>." in html
    assert one.vehicle.plate in html
    assert "12 rue de la Gare, 40230 Saint-Vincent-de-Tyrosse" in html
    assert "Ouvert : lundi au vendredi, 9 h – 17 h" in html
    for button in ("En panne", "Accident", "Un problème sur le véhicule", "Je veux la garder plus longtemps"):
        assert button in html
    assert "Appeler la plateforme" in html


def test_a_scooter_is_masculine(hers: Client, ana: Any) -> None:
    loan(ana, out=True, booking__kind="moped")
    html = words_of(hers)
    assert "Vous avez le scooter" in html
    assert "Je veux le garder plus longtemps" in html


def test_what_is_due_stands_large_and_what_is_due_later_does_not(hers: Client, ana: Any) -> None:
    one = loan(ana, out=True)
    assert "À payer maintenant" not in words_of(hers)
    ChargeFactory(account=one.booking.account, unit_price=Decimal(93), amount=Decimal(93), due_on=NOON.date())
    html = words_of(hers)
    assert "À payer maintenant" in html
    assert "93,00 €" in html


def test_late_is_said_plainly(hers: Client, ana: Any) -> None:
    loan(ana, out=True, booking__ends_at=NOON - dt.timedelta(days=1))
    assert "Vous deviez rendre la voiture le <strong>lundi 2 mars à 12 h</strong>." in words_of(hers).replace(
        "midi", "12 h"
    )


def test_a_promised_vehicle_says_what_to_bring(hers: Client, ana: Any) -> None:
    one = loan(ana, booking__starts_at=EVENING, booking__ends_at=EVENING + dt.timedelta(days=30))
    DepositFactory(account=one.booking.account, amount=Decimal(250))
    html = words_of(hers)
    assert "Nous vous prêtons la voiture. Venez le <strong>vendredi 6 mars à 18 h</strong>." in html
    for thing in ("Votre pièce d’identité", "Votre permis de conduire", "250,00 €"):
        assert thing in html
    assert "En panne" not in html


def test_without_a_loan_it_says_so(hers: Client, ana: Any) -> None:
    loan(ana, back=True)
    html = words_of(hers)
    assert "Vous n’avez pas de véhicule en ce moment." in html
    assert "Vos anciens prêts" in html


def test_nobody_elses_loan_is_there(hers: Client, ana: Any) -> None:
    other = loan(ParticipantFactory(platform=ana.platform), out=True)
    html = words_of(hers)
    assert other.vehicle.plate not in html
    assert hers.get(f"/moi/prets/{other.booking_id}/photo/").status_code == 404


def test_it_is_for_participants_alone(client: Client, bruno: Any, platform: Any, nobody: Any) -> None:
    for user in (bruno, nobody, GarageFactory(platform=platform).user):
        client.force_login(user)
        assert client.get("/moi/").status_code == 404


def test_everybody_comes_in_by_their_own_door(client: Client, platform: Any, bruno: Any, ana: Any, nobody: Any) -> None:
    doors = {bruno: "/aujourdhui/", ana.user: "/moi/", GarageFactory(platform=platform).user: "/garage/"}
    for user, door in doors.items():
        client.force_login(user)
        assert client.get("/")["Location"] == door
    client.force_login(nobody)
    assert "n’ouvre aucune page" in client.get("/").content.decode()


def test_it_asks_eight_questions_at_most(hers: Client, ana: Any, django_assert_max_num_queries: Any) -> None:
    loan(ana, out=True)
    loan(ana, back=True)
    with django_assert_max_num_queries(3 + 8):  # session, user and membership are not counted
        hers.get("/moi/")


def test_their_papers_are_one_tap_away(hers: Client, ana: Any) -> None:
    from tests.bookings.factories import ConditionReportFactory, PeriodFactory, StoredFileFactory

    one = loan(ana, out=True)
    assert 'href="/moi/papiers/"' in words_of(hers)
    assert "Rien pour le moment" in words_of(hers, "/moi/papiers/")
    pdf = StoredFileFactory(platform_id=ana.platform_id, name="contrat.pdf")
    period = PeriodFactory(booking=one.booking, contract=pdf)
    report = ConditionReportFactory(assignment=one, frozen=True, pdf=StoredFileFactory(platform_id=ana.platform_id))
    html = words_of(hers, "/moi/papiers/")
    assert f'href="/contrats/{period.pk}/"' in html
    assert f"/etats-des-lieux/{report.pk}/pdf/" in html


# --- something is wrong ---------------------------------------------------------------------------


def photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "#446655").save(buffer, "JPEG")
    return SimpleUploadedFile("frein.jpg", buffer.getvalue(), "image/jpeg")


def test_a_noise_in_the_brakes_becomes_a_repair_job(hers: Client, ana: Any) -> None:
    one = loan(ana, out=True)
    answer = hers.post(
        "/moi/probleme/",
        {"rolls": "yes", "description": "Un bruit dans les freins", "photos": photo(), "submission": "k"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/moi/merci/probleme/")
    job = RepairJob.objects.get()
    assert (job.vehicle, job.state, job.vehicle_rolls) == (one.vehicle, "to_decide", True)
    assert Damage.objects.get().photos.count() == 1
    assert [one.file for one in job.files.all()] == [Damage.objects.get().photos.get().file], "the garage sees it too"
    assert "La plateforme regarde." in words_of(hers)
    again = hers.post(
        "/moi/probleme/",
        {"rolls": "yes", "description": "Un bruit dans les freins", "photos": photo(), "submission": "k"},
    )
    assert again.status_code == 302
    assert RepairJob.objects.count() == 1, "a second tap tells it once"


@pytest.mark.parametrize(
    ("page", "first"), [("panne", "Arrêtez-vous dans un endroit sûr"), ("accident", "le 15 ou le 112")]
)
def test_first_comes_what_to_do_now(hers: Client, ana: Any, page: str, first: str) -> None:
    loan(ana, out=True)
    html = words_of(hers, f"/moi/{page}/")
    assert first in html
    assert "Est-ce que le véhicule roule ?" in html
    assert "<form" not in html.partition("<main")[2]
    assert "Que se passe-t-il ?" in words_of(hers, f"/moi/{page}/?roule=non")
    hers.post(f"/moi/{page}/?roule=non", {"rolls": "no", "description": "Ne démarre plus"})
    assert RepairJob.objects.get().vehicle_rolls is False


def test_what_is_missing_is_asked_again_and_what_was_typed_stays(hers: Client, ana: Any) -> None:
    loan(ana, out=True)
    answer = hers.post("/moi/probleme/", {"description": "Un bruit"})
    assert answer.status_code == 422
    assert "Un bruit" in answer.content.decode()
    answer = hers.post(
        "/moi/probleme/",
        {"rolls": "yes", "description": "Un bruit", "photos": SimpleUploadedFile("a.jpg", b"no picture")},
    )
    assert answer.status_code == 409
    assert "n’est pas une photo" in answer.content.decode()
    assert not RepairJob.objects.exists()


def test_without_a_vehicle_there_is_nothing_to_report(hers: Client, ana: Any) -> None:
    loan(ana, booking__starts_at=EVENING, booking__ends_at=EVENING + dt.timedelta(days=3))
    for page in ("panne", "accident", "probleme", "plus-longtemps"):
        assert hers.get(f"/moi/{page}/").status_code == 404


# --- longer ---------------------------------------------------------------------------------------


def test_a_wish_to_keep_it_waits_for_the_staff(hers: Client, ana: Any) -> None:
    one = loan(ana, out=True)
    answer = hers.post("/moi/plus-longtemps/", {"until": "2026-03-20", "reason": "Mon contrat dure"})
    assert answer["Location"] == "/moi/merci/plus-longtemps/"
    wish = one.booking.wishes.get()
    assert (wish.until, wish.reason, wish.state) == (dt.date(2026, 3, 20), "Mon contrat dure", "open")
    assert JournalEntry.objects.get(verb="booking.longer_asked").facts == {"until": "2026-03-20"}
    assert "Vous voulez la garder jusqu’au vendredi 20 mars 2026" in words_of(hers)
    one.booking.refresh_from_db()
    assert one.booking.ends_at == EVENING, "a wish is no renewal"


@pytest.mark.parametrize(("until", "status"), [("2026-03-06", 409), ("2026-03-01", 409), ("", 422), ("demain", 422)])
def test_a_day_that_is_not_later_is_refused(hers: Client, ana: Any, until: str, status: int) -> None:
    loan(ana, out=True)
    assert hers.post("/moi/plus-longtemps/", {"until": until}).status_code == status
    assert not Wish.objects.exists()


def test_the_page_speaks_by_the_platforms_clock(hers: Client, ana: Any) -> None:
    ana.platform.time_zone = "Indian/Reunion"
    ana.platform.save()
    loan(ana, out=True)
    assert "vendredi 6 mars à 21 h" in words_of(hers)


def test_what_falls_due_at_the_return_is_told_before(hers: Client, ana: Any) -> None:
    one = loan(ana, out=True)
    ChargeFactory(account=one.booking.account, amount=Decimal(90), due_on=one.booking.ends_at.date())
    payer = ThirdPartyPayerFactory(platform=ana.platform)
    ChargeFactory(account=one.booking.account, amount=Decimal(30), due_on=one.booking.ends_at.date(), payer=payer)
    html = words_of(hers)
    assert "De quoi payer : 90,00 €" in html
    assert "À payer maintenant" not in html
