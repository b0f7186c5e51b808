"""Beforehand: what is ticked, what the records know, what stands in the way; « Prêt » after a return."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from bookings import actions
from bookings.actions import book
from bookings.cases.uses import who_drove
from bookings.day import flags, preparation
from bookings.day.prepare_reads import awaiting
from bookings.models import Assignment, LoanRules, PreparationTick
from core import clock, outbox
from core.models import OutboxMessage
from fleet import yard
from fleet.models import Hold
from participants.models import ParticipantDocument
from portal import today
from pricing.models import Deposit
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def code_of(verb, *args, **named):
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **named)
    return refusal.value.code


def read(loan):
    one = flags.with_flags(loan.assignments.current(), clock.now())
    return one.select_related("hold", "vehicle__site", "site").get()


def done(loan):
    return {thing.item for thing in preparation.things_of(read(loan)) if thing.is_done}


def codes(loan):
    return [flag.code for flag in flags.flags_of(read(loan), clock.now())]


@pytest.fixture
def mont(platform):
    return SiteFactory(platform=platform, name="Mont-de-Marsan")


# --- ticks -----------------------------------------------------------------------------------------


def test_two_people_tick_the_same_thing_and_it_is_done_once(loan, bruno, farid):
    first = actions.tick(loan, item="papers", by=bruno)
    assert actions.tick(loan, item="papers", by=farid) == first
    assert (PreparationTick.objects.get().by, done(loan)) == (bruno, {"papers", "on_site"})
    actions.untick(loan, item="papers", by=farid)
    actions.untick(loan, item="papers", by=farid)
    assert done(loan) == {"on_site"}


def test_what_the_records_know_is_not_ticked(loan, bruno):
    assert code_of(actions.tick, loan, item="deposit", by=bruno) == "known_otherwise"
    Deposit.objects.update(state="held", means="cash", received_at=clock.now())
    assert "deposit" in done(loan)


def test_after_the_keys_there_is_nothing_to_prepare(loan, bruno):
    with clock.travel(to=MONDAY):
        actions.hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
        assert code_of(actions.tick, loan, item="papers", by=bruno) == "wrong_state"
        assert code_of(actions.untick, loan, item="papers", by=bruno) == "wrong_state"


def test_strangers_prepare_nothing(loan, eve, agathe, mont):
    for who in (eve, agathe):
        for verb in (actions.tick, actions.untick):
            with pytest.raises(PermissionDenied):
                verb(loan, item="papers", by=who)
        with pytest.raises(PermissionDenied):
            actions.meet_at(loan.assignments.get(), site=mont, by=who)
    assert not PreparationTick.objects.exists()


def test_today_lists_what_to_prepare_for_tomorrow(loan, platform, bruno):
    part = {part.name: part for part in today.parts(platform)}["to_prepare"]  # it is Sunday
    (line,) = part.lines
    assert line.label == "1 sur 5"
    assert "papiers vus" in line.when
    with clock.travel(to=MONDAY - 3 * DAY):  # on Friday one prepares for Monday
        assert len({part.name: part for part in today.parts(platform)}["to_prepare"].lines) == 1
    with clock.travel(to=MONDAY - 4 * DAY):
        assert not {part.name: part for part in today.parts(platform)}["to_prepare"].lines


def test_the_page_ticks_with_and_without_script(loan, bruno, client):
    client.force_login(bruno)
    url = f"/prets/{loan.pk}/preparer/"
    assert client.post(f"{url}papers/").status_code == 302
    fragment = client.post(f"{url}contract/", headers={"HX-Request": "true"}).content.decode()
    assert "3 sur 5" in fragment
    assert "<html" not in fragment
    assert "Bruno Darrieus" in client.get(url).content.decode()


# --- where, and ready ------------------------------------------------------------------------------


def brought_back(loan, site, bruno, at):
    with clock.travel(to=MONDAY):
        actions.hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
    with clock.travel(to=at):
        report = complete_report(
            loan.assignments.get(), by=bruno, direction="in", km=84300, at=at, site=site, is_clean=False
        )
        actions.take_back(loan, by=bruno, report=report)


def test_a_take_back_elsewhere_flags_the_next_departure(loan, platform, ana, car, mont, bruno, client):
    start = MONDAY + 40 * DAY
    after = book(platform, participant=ana, vehicle=car, starts_at=start, ends_at=start + DAY, by=bruno)
    assert codes(after) == []
    brought_back(loan, mont, bruno, MONDAY + 20 * DAY)
    with clock.travel(to=start - 5 * DAY):
        assert codes(after) == ["elsewhere"]
        assert "on_site" not in done(after)
        (line,) = {part.name: part for part in today.parts(platform)}["elsewhere"].lines
        assert line.who == "Mont-de-Marsan → Dax"
        client.force_login(bruno)
        html = client.get(f"/prets/{after.pk}/").content.decode()
        assert "Le véhicule est à Mont-de-Marsan, départ prévu à Dax." in html
        assert "Prévoir un déplacement" in html
        taken_back = client.get(reverse("bookings:take_back_done", args=[loan.pk])).content.decode()
        assert "Prochain départ" in taken_back  # whoever took it back there reads it at once
        assert "Le véhicule est à Mont-de-Marsan, départ prévu à Dax." in taken_back


def test_a_planned_transfer_or_another_place_settles_it(loan, platform, ana, car, mont, bruno):
    start = MONDAY + 40 * DAY
    after = book(platform, participant=ana, vehicle=car, starts_at=start, ends_at=start + DAY, by=bruno)
    dax = after.assignments.get().site
    brought_back(loan, mont, bruno, MONDAY + 20 * DAY)
    with clock.travel(to=start - 2 * DAY):
        car.refresh_from_db()
        hold = yard.plan_transfer(car, to_site=dax, starts_at=clock.now(), ends_at=clock.now() + HOUR, by=bruno)
        assert codes(after) == ["not_ready"]  # it came back dirty, and nobody has said that it is ready
        yard.transfer_done(hold, by=bruno)
        assert "on_site" in done(after)
        actions.meet_at(after.assignments.get(), site=mont, by=bruno)
        assert "elsewhere" in codes(after)
    assert OutboxMessage.objects.filter(key__contains="site-changed").count() == 1


def test_a_place_is_not_changed_for_nothing(loan, site, mont, other_platform, bruno):
    one = loan.assignments.get()
    assert code_of(actions.meet_at, one, site=site, by=bruno) == "already_there"
    assert code_of(actions.meet_at, one, site=SiteFactory(platform=other_platform), by=bruno) == "other_platform"
    mont.is_open = False
    mont.save()
    assert code_of(actions.meet_at, one, site=mont, by=bruno) == "site_closed"
    Hold.objects.all().delete()
    mont.is_open = True
    mont.save()
    assert code_of(actions.meet_at, Assignment.objects.get(), site=mont, by=bruno) == "displaced"


def test_a_dirty_vehicle_waits_and_the_day_says_so(loan, platform, site, car, bruno):
    back = MONDAY + 20 * DAY
    brought_back(loan, site, bruno, back)
    hold = Hold.objects.get()
    assert (hold.ready_at, hold.ends_at) == (None, back + HOUR / 2)
    parts = {part.name: part for part in today.parts(platform)}
    assert parts["not_ready"].lines[0].verb == "Prêt"
    with clock.travel(to=back + HOUR):
        yard.ready(car, by=bruno)
        assert not {part.name: part for part in today.parts(platform)}["not_ready"].lines


def test_the_tap_brings_back_to_the_page_from_which_it_came(loan, site, car, bruno, client):
    brought_back(loan, site, bruno, MONDAY + 20 * DAY)
    client.force_login(bruno)
    came_from = "http://testserver/aujourdhui/"
    answer = client.post(f"/vehicules/{car.pk}/pret/", headers={"referer": came_from})
    assert answer["Location"] == came_from
    answer = client.post(f"/vehicules/{car.pk}/pret/", headers={"referer": "https://elsewhere.example/"})
    assert answer.status_code == 409


def test_an_early_hand_over_says_that_it_was_ready(loan, platform, ana, car, site, bruno):
    back = MONDAY + 20 * DAY
    after = book(
        platform, participant=ana, vehicle=car, starts_at=MONDAY + 31 * DAY, ends_at=MONDAY + 33 * DAY, by=bruno
    )
    brought_back(loan, site, bruno, back)
    with clock.travel(to=back + HOUR / 4):
        report = complete_report(after.assignments.get(), by=bruno, km=84301, at=clock.now())
        actions.hand_over(after, by=bruno, report=report)
    assert not Hold.objects.not_ready().exists()


def test_the_papers_that_the_rules_ask_for_are_read_not_ticked(loan, platform, ana, bruno):
    """Rules of the platform ask for a proof of address: it is missing, then seen."""
    LoanRules.objects.create(platform=platform, documents=["address"], valid_from=dt.date(2020, 1, 1))
    part = {part.name: part for part in today.parts(platform)}["to_prepare"]
    assert "papiers vus" in part.lines[0].when
    (papers, *_) = preparation.things_of(awaiting(loan, clock.now()))
    assert papers.known.startswith("Il manque : justificatif de domicile")
    assert not papers.can_be_ticked
    ParticipantDocument.objects.create(
        platform=platform, participant=ana, sort="address", seen_by=bruno,
        issued_on=dt.date(2026, 2, 10), seen_on=dt.date(2026, 2, 20),
    )  # fmt: skip
    again = type(loan).objects.get(pk=loan.pk)
    (papers, *_) = preparation.things_of(awaiting(again, clock.now()))
    assert (papers.is_done, papers.known) == (True, "Tous vus.")
    part = {part.name: part for part in today.parts(platform)}["to_prepare"]
    assert "papiers vus" not in part.lines[0].when


def test_a_drive_between_two_sites_names_its_driver_when_a_fine_comes(car, mont, bruno, farid):
    hold = yard.plan_transfer(
        car, to_site=mont, starts_at=clock.now() - HOUR, ends_at=clock.now() + HOUR, by=bruno, driver=farid
    )
    yard.transfer_done(hold, by=bruno)
    for _ in range(2):
        outbox.sweep()
    use = who_drove(car, clock.now() - HOUR / 2)
    assert (use.kind, use.name) == ("transfer", str(farid))


def test_the_board_says_that_the_next_one_waits(loan, platform, ana, car, bruno, client):
    with clock.travel(to=MONDAY):
        actions.hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
    start = THIRTY_DAYS_LATER + 2 * DAY
    book(platform, participant=ana, vehicle=car, starts_at=start, ends_at=start + 3 * DAY, by=bruno)
    client.force_login(bruno)
    with clock.travel(to=THIRTY_DAYS_LATER - HOUR):
        assert "pas encore rendu" not in client.get("/planning/", {"le": "2026-04-01"}).content.decode()
    with clock.travel(to=THIRTY_DAYS_LATER + HOUR):
        assert "véhicule pas encore rendu" in client.get("/planning/", {"le": "2026-04-01"}).content.decode()
