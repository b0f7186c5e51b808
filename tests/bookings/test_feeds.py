"""Calendar feeds: secret, revocable, without names by default, right on every night, and closed when they must be."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts.models import Membership
from bookings.actions import cancel, make_feed, revoke_feed
from bookings.actions.feeds import MOST
from bookings.models import Assignment, Booking, CalendarFeed
from core import clock
from core.models import IdempotencyKey, JournalEntry
from tests.api.client import Program
from tests.bookings.factories import AssignmentFactory, ConditionReportFactory
from tests.factories import AddressFactory, HoldFactory, ParticipantFactory, SiteFactory, VehicleFactory

NOON = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)  # Tuesday 3 March 2026, noon in Paris
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.travel(to=NOON):
        yield


@pytest.fixture
def site(platform: Any) -> Any:
    address = AddressFactory(platform=platform, street="1 rue du Port", postcode="40100", city="Dax")
    return SiteFactory(platform=platform, name="Dax", address=address)


@pytest.fixture
def car(site: Any) -> Any:
    return VehicleFactory(site=site, fleet_number="V07", make="Fiat", model="Panda", plate="DG-564-HQ")


@pytest.fixture
def ana(platform: Any) -> Any:
    return ParticipantFactory(platform=platform, first_name="Ana", last_name="Dupouy")


@pytest.fixture
def loan(car: Any, ana: Any, bruno: Any) -> Any:
    """Bruno booked it: from tomorrow noon for a week."""
    return AssignmentFactory(
        vehicle=car, booking__platform=car.platform, booking__participant=ana, booking__created_by=bruno,
        booking__starts_at=NOON + DAY, booking__ends_at=NOON + 8 * DAY,
    )  # fmt: skip


def feed(platform: Any, by: Any, of: str, **given: Any) -> str:
    return make_feed(platform, of=of, by=by, **given)[1]


def read(secret: str, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(f"/agenda/{secret}.ics", headers=headers)


def events(secret: str) -> list[Any]:
    answer = read(secret)
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")


def summaries(secret: str) -> list[str]:
    return [str(event["summary"]) for event in events(secret)]


# --- what stands in it --------------------------------------------------------------------------------


def test_a_vehicles_agenda_shows_what_takes_it_and_nobodys_name(platform: Any, bruno: Any, loan: Any) -> None:
    car = loan.vehicle
    HoldFactory(
        vehicle=car, purpose="reserve", reason="pour Mme Lopez", starts_at=NOON + 20 * DAY, ends_at=NOON + 21 * DAY
    )
    HoldFactory(vehicle=car, purpose="maintenance", starts_at=NOON + 30 * DAY, ends_at=NOON + 31 * DAY)
    secret = feed(platform, bruno, "vehicle", vehicle=car)
    assert summaries(secret) == ["Prêté", "Mis de côté", "En réparation"]
    text = read(secret).content.decode()
    for hidden in ("Dupouy", "Ana", "Lopez", "/prets/"):
        assert hidden not in text
    [first, *_] = events(secret)
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (NOON + DAY, NOON + 8 * DAY)
    with_names = feed(platform, bruno, "vehicle", vehicle=car, with_names=True)
    assert summaries(with_names)[:2] == ["Prêté à Ana Dupouy", "Mis de côté : pour Mme Lopez"]
    assert f"/prets/{loan.booking_id}/" in str(events(with_names)[0]["url"])


def test_turnaround_is_not_what_people_read(platform: Any, bruno: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=NOON, ends_at=NOON + DAY, before=HOUR, after=2 * HOUR)
    [event] = events(feed(platform, bruno, "vehicle", vehicle=car))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (NOON + HOUR, NOON + DAY - 2 * HOUR)


def test_a_vehicle_that_is_late_stays_taken(platform: Any, bruno: Any, car: Any, ana: Any) -> None:
    AssignmentFactory(
        vehicle=car, booking__platform=platform, booking__participant=ana, out=True,
        booking__starts_at=NOON - 9 * DAY, booking__ends_at=NOON - DAY,
    )  # fmt: skip
    [event] = events(feed(platform, bruno, "vehicle", vehicle=car))
    assert str(event["summary"]) == "En retard. Prêté"
    assert event.decoded("dtend") == NOON + HOUR


def test_a_sites_agenda_shows_departures_and_returns(platform: Any, bruno: Any, loan: Any, site: Any) -> None:
    elsewhere = SiteFactory(platform=platform, name="Tarnos")
    AssignmentFactory(
        vehicle__site=elsewhere,
        booking__platform=platform,
        booking__starts_at=NOON + DAY,
        booking__ends_at=NOON + 2 * DAY,
    )
    secret = feed(platform, bruno, "site", site=site)
    assert summaries(secret) == ["Départ V07 Fiat Panda", "Retour V07 Fiat Panda"]
    leaving, coming = events(secret)
    assert (leaving.decoded("dtstart"), coming.decoded("dtstart")) == (NOON + DAY, NOON + 8 * DAY)
    assert str(leaving["location"]).startswith("Dax, 1 rue du Port")
    assert str(leaving["transp"]) == "TRANSPARENT"
    assert (
        summaries(feed(platform, bruno, "site", site=site, with_names=True))[0] == "Départ V07 Fiat Panda : Ana Dupouy"
    )


def test_an_adviser_sees_the_loans_that_they_booked_or_handled(
    platform: Any, bruno: Any, farid: Any, loan: Any
) -> None:
    assert len(events(feed(platform, bruno, "adviser"))) == 2
    secret = feed(platform, farid, "adviser")
    assert events(secret) == []
    ConditionReportFactory(assignment=loan, by=farid)
    assert summaries(secret) == ["Départ V07 Fiat Panda", "Retour V07 Fiat Panda"]


def test_a_participants_agenda_is_of_their_own_loans_in_plain_words(platform: Any, ana: Any, loan: Any) -> None:
    AssignmentFactory(
        vehicle__site=loan.vehicle.site,
        booking__platform=platform,
        booking__starts_at=NOON,
        booking__ends_at=NOON + DAY,
    )
    secret = feed(platform, ana.user, "participant", participant=ana)
    assert summaries(secret) == ["Venir chercher la voiture", "Rendre la voiture"]
    text = events(secret)[1]
    assert "DG-564-HQ" not in str(text.get("description", "")), "an equal one may still take its place"
    Assignment.objects.filter(pk=loan.pk).update(plate_told_at=NOON)
    text = events(secret)[1]
    assert "DG-564-HQ" in str(text["description"])
    assert str(text["location"]).startswith("Dax")
    assert "url" not in text


def test_a_promise_under_reserve_is_tentative(platform: Any, bruno: Any, loan: Any) -> None:
    Booking.objects.update(promised_until=NOON + HOUR)
    secret = feed(platform, bruno, "adviser")
    assert {str(event["status"]) for event in events(secret)} == {"TENTATIVE"}


def test_a_displaced_loan_is_shown_to_be_rehoused(platform: Any, bruno: Any, loan: Any) -> None:
    hold, loan.hold = loan.hold, None
    loan.save()
    hold.delete()
    assert summaries(feed(platform, bruno, "adviser")) == ["Départ à reloger", "Retour à reloger"]


def test_a_cancelled_loan_vanishes_from_every_agenda(platform: Any, bruno: Any, ana: Any, loan: Any, site: Any) -> None:
    secrets = [
        feed(platform, bruno, "vehicle", vehicle=loan.vehicle),
        feed(platform, bruno, "site", site=site),
        feed(platform, bruno, "adviser"),
        feed(platform, ana.user, "participant", participant=ana),
    ]
    assert all(events(secret) for secret in secrets)
    cancel(loan.booking, by=bruno, reason="Renonce")
    assert [events(secret) for secret in secrets] == [[], [], [], []]


def test_what_moves_keeps_its_uid_and_what_is_over_leaves_after_a_month(platform: Any, bruno: Any, loan: Any) -> None:
    secret = feed(platform, bruno, "adviser")
    before = [str(event["uid"]) for event in events(secret)]
    loan.starts_at += DAY
    loan.save()
    assert [str(event["uid"]) for event in events(secret)] == before
    assert len(set(before)) == 2
    loan.hold.out_at, loan.hold.back_at = NOON + 2 * DAY, NOON + 3 * DAY
    loan.hold.save()
    loan.ended_at, loan.end_reason = NOON + 3 * DAY, "returned"
    loan.save()
    assert [event.decoded("dtstart") for event in events(secret)] == [NOON + 2 * DAY, NOON + 3 * DAY], "the facts"
    with clock.travel(40 * DAY):
        assert events(secret) == []


@pytest.mark.parametrize("night", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_both_nights_on_which_the_clock_changes(platform: Any, bruno: Any, car: Any, night: dt.date) -> None:
    """20 h to 6 h on the wall is nine hours in March and eleven in October."""
    start = clock.at(night - DAY, dt.time(20), "Europe/Paris").astimezone(dt.UTC)
    end = clock.at(night, dt.time(6), "Europe/Paris").astimezone(dt.UTC)
    HoldFactory(vehicle=car, starts_at=start, ends_at=end)
    with clock.travel(to=start - DAY):
        [event] = events(feed(platform, bruno, "vehicle", vehicle=car))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (start, end)
    assert event.decoded("dtstart").utcoffset() == dt.timedelta()
    hours = (event.decoded("dtend") - event.decoded("dtstart")) / HOUR
    assert hours == (9 if night.month == 3 else 11)
    assert event.decoded("dtend").astimezone(PARIS).hour == 6


def test_the_two_half_past_twos_of_october_are_two_moments(platform: Any, bruno: Any, car: Any) -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 2 h 30, still summer time
    HoldFactory(vehicle=car, starts_at=first, ends_at=first + HOUR)  # until 2 h 30, winter time
    with clock.travel(to=first - DAY):
        [event] = events(feed(platform, bruno, "vehicle", vehicle=car))
    assert event.decoded("dtend") - event.decoded("dtstart") == HOUR


# --- the address ----------------------------------------------------------------------------------------


def test_the_secret_is_kept_nowhere(platform: Any, bruno: Any) -> None:
    made, secret = make_feed(platform, of="adviser", by=bruno, name="  mon   téléphone ")
    assert (made.name, made.prefix) == ("mon téléphone", secret[:6])
    stored = str(CalendarFeed.objects.values()) + str(JournalEntry.objects.values())
    assert secret not in stored
    assert JournalEntry.objects.get(verb="feed.made").facts == {
        "of": "adviser", "with_names": False, "prefix": made.prefix,
    }  # fmt: skip


def test_it_is_private_and_read_again_unchanged_it_costs_nothing(platform: Any, bruno: Any, loan: Any) -> None:
    secret = feed(platform, bruno, "adviser")
    answer = read(secret)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    with clock.travel(dt.timedelta(minutes=7)):
        again = read(secret, **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    loan.starts_at += DAY
    loan.save()
    assert read(secret, **{"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("of", ["vehicle", "site", "adviser", "participant"])
def test_it_is_read_in_four_queries_however_much_there_is(
    platform: Any, bruno: Any, ana: Any, loan: Any, site: Any, of: str
) -> None:
    target = {"vehicle": loan.vehicle, "site": site, "participant": ana}.get(of)
    secret = feed(platform, ana.user if of == "participant" else bruno, of, **({of: target} if target else {}))

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert events(secret)
        return len(seen)

    few = queries()
    for n in range(1, 6):
        AssignmentFactory(
            vehicle=loan.vehicle, booking__platform=platform, booking__participant=ana, booking__created_by=bruno,
            booking__starts_at=NOON + 10 * n * DAY, booking__ends_at=NOON + (10 * n + 1) * DAY,
        )  # fmt: skip
    assert queries() == few
    assert few <= 4


CLOSES: list[tuple[str, Callable[[CalendarFeed, Any], Any]]] = [
    ("revoked", lambda feed, bruno: revoke_feed(feed, by=bruno)),
    ("who made it has left the team", lambda feed, bruno: Membership.objects.filter(user=bruno).delete()),
    ("may not sign in any more", lambda feed, bruno: type(bruno).objects.update(is_active=False)),
]


@pytest.mark.parametrize(("why", "close"), CLOSES, ids=[why for why, _ in CLOSES])
def test_it_closes(platform: Any, bruno: Any, loan: Any, why: str, close: Callable[..., Any]) -> None:
    made, secret = make_feed(platform, of="adviser", by=bruno)
    etag = read(secret)["ETag"]
    close(made, bruno)
    assert read(secret, **{"If-None-Match": etag}).status_code == 404


def test_a_wrong_secret_opens_nothing_and_none_is_written_to(platform: Any, bruno: Any) -> None:
    secret = feed(platform, bruno, "adviser")
    for wrong in (secret[:-1], secret.upper(), "x", "%00", "x" * 500):
        assert read(wrong).status_code == 404
    assert Client().post(f"/agenda/{secret}.ics").status_code == 405


def test_a_participant_whose_file_was_given_to_somebody_else_reads_it_no_more(
    platform: Any, ana: Any, loan: Any
) -> None:
    secret = feed(platform, ana.user, "participant", participant=ana)
    ana.user = ParticipantFactory(platform=platform).user.__class__.objects.create(name="Autre")
    ana.save()
    assert read(secret).status_code == 404


# --- who may, and the pages -----------------------------------------------------------------------------


def test_nobody_makes_one_of_what_they_do_not_see(
    platform: Any, other_platform: Any, bruno: Any, ana: Any, eve: Any, car: Any
) -> None:
    other = ParticipantFactory(platform=platform)
    for by, of, given in (
        (ana.user, "vehicle", {"vehicle": car}),
        (ana.user, "adviser", {}),
        (ana.user, "participant", {"participant": other}),
        (bruno, "participant", {"participant": ana}),
        (eve, "vehicle", {"vehicle": car}),
    ):
        with pytest.raises(PermissionDenied):
            make_feed(platform, of=of, by=by, **given)
    with pytest.raises(ValidationError) as refused:
        make_feed(other_platform, of="vehicle", by=eve, vehicle=car)
    assert refused.value.code == "other_platform"
    assert not CalendarFeed.objects.exists()


def test_it_is_of_one_thing_and_not_of_nothing(platform: Any, bruno: Any, car: Any, site: Any) -> None:
    for code, given in (
        ("target_missing", {"of": "vehicle"}),
        ("one_thing", {"of": "vehicle", "vehicle": car, "site": site}),
        ("one_thing", {"of": "adviser", "vehicle": car}),
    ):
        with pytest.raises(ValidationError) as refused:
            make_feed(platform, by=bruno, **given)  # type: ignore[arg-type]
        assert refused.value.code == code
    assert not CalendarFeed.objects.exists()


def test_forgotten_ones_do_not_pile_up(platform: Any, bruno: Any) -> None:
    for _ in range(MOST):
        made, _ = make_feed(platform, of="adviser", by=bruno)
    with pytest.raises(ValidationError) as refused:
        make_feed(platform, of="adviser", by=bruno)
    assert refused.value.code == "too_many_feeds"
    revoke_feed(made, by=bruno)
    make_feed(platform, of="adviser", by=bruno)


def test_who_may_close_one(platform: Any, bruno: Any, farid: Any, driss: Any, eve: Any, ana: Any) -> None:
    of_bruno, _ = make_feed(platform, of="adviser", by=bruno)
    of_ana, _ = make_feed(platform, of="participant", participant=ana, by=ana.user)
    for made, by in ((of_bruno, farid), (of_bruno, eve), (of_bruno, ana.user), (of_ana, eve)):
        with pytest.raises(PermissionDenied):
            revoke_feed(made, by=by)
    assert not CalendarFeed.objects.filter(revoked_at__isnull=False).exists()
    for made, by in ((of_bruno, driss), (of_ana, farid)):
        assert revoke_feed(made, by=by).revoked_at is not None


def test_staff_make_one_from_the_vehicles_page_and_close_it(client: Client, bruno: Any, loan: Any) -> None:
    client.force_login(bruno)
    page = f"/agendas/?vehicule={loan.vehicle_id}"
    assert page in client.get(f"/vehicules/{loan.vehicle_id}/").content.decode()
    html = client.post(page, {"name": "ma tablette", "with_names": "on"}).content.decode()
    made = CalendarFeed.objects.get()
    assert (made.vehicle, made.with_names, made.owner) == (loan.vehicle, True, bruno)
    secret = html.partition("/agenda/")[2].partition(".ics")[0]
    assert summaries(secret) == ["Prêté à Ana Dupouy"]
    assert "webcal://" in html
    later = client.get(page).content.decode()
    assert secret not in later
    assert "ma tablette" in later
    assert client.post(f"/agendas/{made.pk}/fermer/").status_code == 302
    assert read(secret).status_code == 404
    assert "ma tablette" not in client.get(page).content.decode()


def test_where_people_look_for_them(client: Client, driss: Any, site: Any, ana: Any) -> None:
    client.force_login(driss)
    assert f"/agendas/?site={site.pk}" in client.get("/sites/").content.decode()
    assert 'href="/agendas/"' in client.get("/mon-compte/").content.decode()
    assert f"/agendas/?participant={ana.pk}" in client.get(f"/participants/{ana.pk}/").content.decode()
    make_feed(ana.platform, of="participant", participant=ana, by=ana.user)
    html = client.get(f"/agendas/?participant={ana.pk}").content.decode()
    assert "Fermer" in html
    assert "Faire une adresse" not in html
    client.post(f"/agendas/?participant={ana.pk}", {})
    assert CalendarFeed.objects.count() == 1, "a participant makes their own"


def test_a_participant_makes_their_own_in_two_taps(client: Client, ana: Any, loan: Any) -> None:
    client.force_login(ana.user)
    assert "/moi/agenda/" in client.get("/moi/").content.decode()
    assert "Oui, dans mon agenda" in client.get("/moi/agenda/").content.decode()
    html = client.post("/moi/agenda/").content.decode()
    secret = html.partition("/agenda/")[2].partition(".ics")[0]
    assert summaries(secret) == ["Venir chercher la voiture", "Rendre la voiture"]
    assert client.post(f"/agendas/{CalendarFeed.objects.get().pk}/fermer/").status_code == 302
    assert read(secret).status_code == 404


def test_the_same_through_the_api(platform: Any, bruno: Any, loan: Any, eve: Any) -> None:
    program = Program(bruno)
    made = program.post("calendar_feeds/", 201, key="k", of="vehicle", vehicle=loan.vehicle_id, with_names=True)
    secret = made["address"].rpartition("/")[2].removesuffix(".ics")
    assert summaries(secret) == ["Prêté à Ana Dupouy"]
    again = program.post("calendar_feeds/", 201, key="k", of="vehicle", vehicle=loan.vehicle_id, with_names=True)
    assert (again["id"], "address" in again) == (made["id"], False), "shown once, and kept nowhere"
    assert secret not in str(IdempotencyKey.objects.values())
    assert [row["id"] for row in program.rows("calendar_feeds/")] == [made["id"]]
    assert Program(eve).rows("calendar_feeds/") == []
    Program(eve).post("calendar_feeds/", 400, of="vehicle", vehicle=loan.vehicle_id)
    program.refused("calendar_feeds/", "target_missing", of="site")
    assert program.post(f"calendar_feeds/{made['id']}/revoke/")["revoked_at"]
    assert read(secret).status_code == 404
