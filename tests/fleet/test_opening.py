"""When a site is open: the week, holidays, closures, exceptional openings; both nights of the clock change."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from schedule.models import Event

from core import clock
from core.models import JournalEntry
from fleet import opening, opening_actions
from fleet.models import Site
from fleet.opening import Hours, hours_of, merged, without
from tests.factories import HoldFactory, PlatformFactory, SiteFactory, VehicleFactory

pytestmark = pytest.mark.django_db
PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
SUNDAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NINE, NOON, TWO, FIVE, MIDNIGHT = dt.time(9), dt.time(12), dt.time(14), dt.time(17), dt.time()
WEEKDAYS = {number: [(NINE, NOON), (TWO, FIVE)] for number in range(5)}


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    with clock.travel(to=SUNDAY):
        yield


@pytest.fixture
def site(platform: Any) -> Any:
    return SiteFactory(platform=platform, name="Dax")


def paris(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=PARIS)  # type: ignore[misc]


def opened(site: Site, by: Any, week: Any = None, **more: Any) -> Site:
    return opening_actions.set_opening_hours(site, week=WEEKDAYS if week is None else week, by=by, **more)


def hours_of_site(site: Site) -> Hours:
    return opening.hours_of_site(Site.objects.get(pk=site.pk))


def is_open(site: Site, moment: dt.datetime) -> bool:
    return opening.is_open(Site.objects.get(pk=site.pk), moment)


def opening_words(site: Site) -> str:
    return opening.opening_words(Site.objects.get(pk=site.pk))


# --- the week -----------------------------------------------------------------------------------


def test_a_site_of_which_nothing_was_said_is_always_open(site: Any) -> None:
    assert is_open(site, paris(2026, 3, 8, 3))
    assert opening_words(site) == ""


def test_the_stroke_counts(site: Any, driss: Any) -> None:
    opened(site, driss)
    wanted = {
        (9, 0): True,
        (12, 0): True,
        (12, 1): False,
        (13, 59): False,
        (14, 0): True,
        (17, 0): True,
        (8, 59): False,
    }
    hours = hours_of_site(site)
    assert {at: hours.is_open(paris(2026, 3, 3, *at)) for at in wanted} == wanted
    assert not hours.is_open(paris(2026, 3, 7, 10)), "a Saturday"


def test_the_next_and_the_last_open_moment(site: Any, driss: Any) -> None:
    opened(site, driss)
    hours = hours_of_site(site)
    friday_evening = paris(2026, 3, 6, 18)
    assert hours.next_open(friday_evening) == paris(2026, 3, 9, 9)
    assert hours.last_open(friday_evening) == paris(2026, 3, 6, 17)
    assert opening.next_open(site, paris(2026, 3, 3, 10)) == paris(2026, 3, 3, 10)


def test_a_site_that_only_opens_once_far_away(site: Any, driss: Any) -> None:
    opened(site, driss, {0: [(NINE, NOON)]})
    opening_actions.close_site(
        site, first_on=dt.date(2026, 3, 2), last_on=dt.date(2026, 6, 30), words="travaux", by=driss
    )
    assert hours_of_site(site).next_open(paris(2026, 3, 2, 9)) == paris(2026, 7, 6, 9)
    opening_actions.close_site(
        site, first_on=dt.date(2026, 7, 1), last_on=dt.date(2027, 6, 30), words="travaux", by=driss
    )
    assert hours_of_site(site).next_open(paris(2026, 3, 2, 9)) is None


@pytest.mark.parametrize(
    ("week", "words"),
    [
        (WEEKDAYS, "lundi au vendredi, 9 h – 12 h et 14 h – 17 h"),
        (WEEKDAYS | {5: [(NINE, NOON)]}, "lundi au vendredi, 9 h – 12 h et 14 h – 17 h ; samedi, 9 h – 12 h"),
        ({1: [(NINE, FIVE)], 3: [(NINE, FIVE)]}, "mardi, 9 h – 17 h ; jeudi, 9 h – 17 h"),
        ({5: [(NINE, FIVE)], 6: [(NINE, FIVE)]}, "samedi et dimanche, 9 h – 17 h"),
        ({n: [(MIDNIGHT, MIDNIGHT)] for n in range(7)}, "tous les jours, minuit – minuit"),
        ({0: [(dt.time(8, 30), dt.time(12, 15))]}, "lundi, 8 h 30 – 12 h 15"),
    ],
)
def test_hours_in_words(site: Any, driss: Any, week: Any, words: str) -> None:
    opened(site, driss, week)
    assert opening_words(site).replace("\u00a0", " ") == words
    assert {n: ranges for n, ranges in hours_of_site(site).week().items() if ranges} == week


def test_a_new_week_replaces_the_old_one(site: Any, driss: Any) -> None:
    opened(site, driss)
    opened(site, driss, {6: [(NINE, NOON)]}, remark=" Sonnez. ")
    site.refresh_from_db()
    assert opening_words(site).startswith("dimanche")
    assert site.opening_remark == "Sonnez."
    assert Event.objects.count() == 1


# --- what the clock does --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("night", "hours"),
    [(dt.date(2026, 3, 29), 5), (dt.date(2026, 10, 25), 7), (dt.date(2026, 3, 22), 6)],
    ids=["spring", "autumn", "an ordinary Sunday"],
)
def test_a_night_desk_closes_at_six_on_the_wall(site: Any, driss: Any, night: dt.date, hours: int) -> None:
    opened(site, driss, {6: [(MIDNIGHT, dt.time(6))]})
    known = hours_of_site(site)
    at_six = clock.at(night, dt.time(6), PARIS)
    ((opens, closes),) = [one for one in known.open_between(at_six, at_six) if one[0] <= at_six <= one[1]]
    assert (opens, closes) == (clock.at(night, MIDNIGHT, PARIS), at_six)
    assert (closes - opens) == dt.timedelta(hours=hours)
    assert not known.is_open(at_six + dt.timedelta(minutes=1))


def test_an_hour_that_the_clock_shows_twice_is_open_twice_and_one_that_it_skips_does_no_harm(
    site: Any, driss: Any
) -> None:
    opened(site, driss, {6: [(dt.time(2, 15), dt.time(2, 45))]})
    known = hours_of_site(site)
    twice = dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    assert known.is_open(twice)
    assert known.is_open(twice.replace(fold=1))
    (skipped,) = [one for one in known.open_between(paris(2026, 3, 29, 1), paris(2026, 3, 29, 1)) if one[0].day == 29]
    assert skipped[0] < skipped[1]


def test_a_week_that_is_set_after_the_night_of_the_clock_change_keeps_its_hours(site: Any, driss: Any) -> None:
    with clock.travel(to=dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)):
        opened(site, driss, {6: [(dt.time(2, 30), dt.time(3, 30))]})
        assert hours_of_site(site).week()[6] == [(dt.time(2, 30), dt.time(3, 30))]
        assert is_open(site, paris(2026, 4, 5, 2, 31))


def test_touching_ranges_and_midnight_join(site: Any, driss: Any) -> None:
    opened(site, driss, {0: [(dt.time(20), MIDNIGHT)], 1: [(MIDNIGHT, dt.time(6))]})
    night = paris(2026, 3, 2, 23, 59)
    assert (paris(2026, 3, 2, 20), paris(2026, 3, 3, 6)) in hours_of_site(site).open_between(night, night)


def test_leap_day_and_end_of_month_are_days_like_others(site: Any, driss: Any) -> None:
    opened(site, driss)
    hours = hours_of_site(site)
    assert hours.is_open(paris(2028, 2, 29, 10)), "a Tuesday"
    assert hours.next_open(paris(2028, 2, 29, 17, 1)) == paris(2028, 3, 1, 9)
    assert hours.next_open(paris(2026, 4, 30, 18)) == paris(2026, 5, 1, 9), "without holidays 1 May is a Friday"


def test_la_reunion_beside_paris(site: Any, driss: Any) -> None:
    """The same hours are other instants; the days of the week are each platform's own."""
    overseas = PlatformFactory(time_zone="Indian/Reunion")
    there = SiteFactory(platform=overseas)
    opened(site, driss, {0: [(dt.time(2), dt.time(4))]})
    opening_actions.write_weekly(opening_actions.openings_of(there), there, [0], dt.time(2), dt.time(4), None)
    there.holiday_region = "974"
    there.save()
    monday = dt.date(2026, 3, 2)
    both = hours_of(Site.objects.all())
    for one, zone in ((site, PARIS), (there, REUNION)):
        assert both[one.pk].is_open(clock.at(monday, dt.time(3), zone))
        assert not both[one.pk].is_open(clock.at(monday, dt.time(5), zone))
    sunday_in_paris = clock.at(monday, dt.time(2), REUNION)
    assert sunday_in_paris.astimezone(PARIS).date() == dt.date(2026, 3, 1)
    assert both[there.pk].is_open(sunday_in_paris)


# --- holidays, closures, exceptional openings -------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "day", "is_open_then"),
    [
        ("FR", dt.date(2026, 7, 14), False),
        ("", dt.date(2026, 7, 14), True),
        ("FR", dt.date(2026, 12, 21), True),
        ("974", dt.date(2027, 12, 20), False),
        ("FR", dt.date(2027, 12, 20), True),
        ("57", dt.date(2026, 4, 3), False),
        ("FR", dt.date(2026, 4, 3), True),
        ("FR", dt.date(2027, 1, 1), False),
    ],
)
def test_public_holidays_close(site: Any, driss: Any, region: str, day: dt.date, is_open_then: bool) -> None:
    opened(site, driss, holiday_region=region)
    assert is_open(site, clock.at(day, dt.time(10), PARIS)) is is_open_then


def test_a_closure_closes_and_an_exceptional_opening_opens_all_the_same(site: Any, driss: Any) -> None:
    opened(site, driss, holiday_region="FR")
    opening_actions.close_site(
        site, first_on=dt.date(2026, 3, 10), last_on=dt.date(2026, 3, 12), words="congés", by=driss
    )
    opening_actions.close_site(
        site, first_on=dt.date(2026, 3, 17), last_on=dt.date(2026, 3, 17), from_time=TWO, words="formation", by=driss
    )
    for on in (dt.date(2026, 3, 11), dt.date(2026, 7, 14), dt.date(2026, 3, 14)):
        opening_actions.open_site(site, on=on, opens=dt.time(10), closes=dt.time(11), words="forum", by=driss)
    hours = hours_of_site(site)
    assert not hours.is_open(paris(2026, 3, 10, 10))
    assert hours.next_open(paris(2026, 3, 10, 10)) == paris(2026, 3, 11, 10)
    assert hours.next_open(paris(2026, 3, 11, 12)) == paris(2026, 3, 13, 9)
    assert [hours.is_open(paris(2026, 3, 17, hour)) for hour in (12, 14, 15)] == [True, False, False]
    assert hours.is_open(paris(2026, 7, 14, 10, 30)), "a holiday on which it opens"
    assert hours.is_open(paris(2026, 3, 14, 10, 30)), "a Saturday"
    assert [said.replace("\u00a0", " ") for said in hours.coming(clock.now())] == [
        "fermé du mardi 10 mars au jeudi 12 mars (congés)",
        "ouvert mercredi 11 mars de 10 h à 11 h (forum)",
        "ouvert samedi 14 mars de 10 h à 11 h (forum)",
        "fermé mardi 17 mars, à partir de 14 h (formation)",
    ]


def test_a_closure_alone_closes_a_site_that_has_no_week(site: Any, driss: Any) -> None:
    opening_actions.close_site(site, first_on=dt.date(2026, 3, 4), last_on=dt.date(2026, 3, 4), words="x", by=driss)
    hours = hours_of_site(site)
    assert [hours.is_open(paris(2026, 3, day, 10)) for day in (3, 4, 5)] == [True, False, True]


def test_a_day_is_taken_back_once(site: Any, driss: Any, other_platform: Any) -> None:
    event = opening_actions.close_site(
        site, first_on=dt.date(2026, 3, 4), last_on=dt.date(2026, 3, 4), words="x", by=driss
    )
    site.refresh_from_db()
    opening_actions.forget_day(site, event=event.pk, by=driss)
    with pytest.raises(ValidationError) as refusal:
        opening_actions.forget_day(site, event=event.pk, by=driss)
    assert refusal.value.code == "gone"
    opened(site, driss)
    with pytest.raises(ValidationError):
        opening_actions.forget_day(site, event=Event.objects.filter(rule__isnull=False)[0].pk, by=driss)


def test_whose_keys_a_closure_leaves_before_a_closed_door(site: Any, driss: Any) -> None:
    car = VehicleFactory(site=site)
    HoldFactory(vehicle=car, starts_at=paris(2026, 3, 4, 9), ends_at=paris(2026, 3, 12, 9))
    event = opening_actions.close_site(
        site, first_on=dt.date(2026, 3, 4), last_on=dt.date(2026, 3, 5), words="congés", by=driss
    )
    assert opening_actions.keys_in_the_way(site, event) == 1


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "given", "code"),
    [
        ("set_opening_hours", {"week": {0: [(NOON, NINE)]}}, "closes_before_opens"),
        ("set_opening_hours", {"week": {0: [(NINE, NINE)]}}, "closes_before_opens"),
        ("set_opening_hours", {"week": {0: [(NINE, TWO), (NOON, FIVE)]}}, "ranges_overlap"),
        ("set_opening_hours", {"week": {0: [(NINE, MIDNIGHT), (NOON, FIVE)]}}, "ranges_overlap"),
        ("close_site", {"first_on": dt.date(2026, 3, 5), "last_on": dt.date(2026, 3, 4)}, "ends_before_start"),
        ("close_site", {"first_on": dt.date(2026, 2, 5), "last_on": dt.date(2026, 2, 6)}, "in_the_past"),
        ("close_site", {"first_on": dt.date(2026, 3, 5), "last_on": dt.date(2028, 3, 6)}, "too_long"),
        ("open_site", {"on": dt.date(2026, 3, 5), "opens": NOON, "closes": NINE}, "closes_before_opens"),
        ("open_site", {"on": dt.date(2026, 2, 5), "opens": NINE, "closes": NOON}, "in_the_past"),
    ],
)
def test_what_is_refused_changes_nothing(site: Any, driss: Any, verb: str, given: Any, code: str) -> None:
    if verb == "close_site":
        given = given | {"words": "congés"}
    before = JournalEntry.objects.count()
    with pytest.raises(ValidationError) as refusal:
        getattr(opening_actions, verb)(site, by=driss, **given)
    assert refusal.value.code == code
    assert Event.objects.count() == 0
    assert JournalEntry.objects.count() == before
    site.refresh_from_db()
    assert (site.openings, site.closures) == (None, None)


def test_hours_are_for_those_who_manage_the_pool(site: Any, bruno: Any, eve: Any) -> None:
    for somebody in (bruno, eve):
        with pytest.raises(PermissionDenied):
            opened(site, somebody)


# --- reading ----------------------------------------------------------------------------------------


def test_a_month_of_any_number_of_sites_is_one_query(platform: Any, driss: Any) -> None:
    sites = [opened(SiteFactory(platform=platform), driss) for _ in range(6)]
    with CaptureQueriesContext(connection) as asked:
        for hours in hours_of(sites).values():
            hours.open_between(paris(2026, 3, 1), paris(2026, 4, 1))
            hours.words()
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        hours_of(Site.objects.filter(pk__in=[site.pk for site in sites]))
    assert len(asked) == 3, "the sites themselves, their platforms, their events"


def test_what_remains_and_what_joins() -> None:
    one, two, three, four = (paris(2026, 3, 2, hour) for hour in (9, 10, 11, 12))
    assert list(without([(one, four)], [(two, three)])) == [(one, two), (three, four)]
    assert list(without([(one, four)], [(one, four)])) == []
    assert list(without([(two, three)], [(one, two), (three, four)])) == [(two, three)]
    assert merged([(three, four), (one, two), (two, three)]) == [(one, four)]
    assert Hours(PARIS).asks_nothing


# --- pages ------------------------------------------------------------------------------------------


def typed(**given: str) -> dict[str, str]:
    week = {"day0_opens1": "09:00", "day0_closes1": "12:00", "day0_opens2": "14:00", "day0_closes2": "17:00"}
    return week | {"holiday_region": "FR", "remark": ""} | given


def test_the_week_is_set_on_its_page(client: Client, site: Any, driss: Any) -> None:
    client.force_login(driss)
    url = reverse("fleet:opening_hours", args=[site.pk])
    copied = client.post(url, typed(copy="1"))
    assert copied.status_code == 200
    assert Event.objects.count() == 0
    assert b'name="day4_opens1" value="09:00"' in copied.content.replace(b'type="time" ', b"")
    assert client.post(url, typed()).status_code == 302
    assert opening_words(Site.objects.get(pk=site.pk)).startswith("lundi, ")
    half = client.post(url, typed(day1_opens1="10:00"))
    assert half.status_code == 422
    assert "Notez l’ouverture et la fermeture" in half.content.decode()
    assert client.post(url, typed(day0_closes1="08:00")).status_code == 409


def test_closures_and_openings_come_and_go_on_the_page(client: Client, site: Any, driss: Any) -> None:
    client.force_login(driss)
    HoldFactory(vehicle=VehicleFactory(site=site), starts_at=paris(2026, 3, 4, 9), ends_at=paris(2026, 3, 12, 9))
    answer = client.post(
        reverse("fleet:close_site", args=[site.pk]), {"first_on": "2026-03-04", "words": "congés"}, follow=True
    )
    assert "1 remise de clés ou retour tombe pendant cette fermeture" in answer.content.decode()
    client.post(reverse("fleet:open_site", args=[site.pk]), {"on": "2026-03-07", "opens": "9:00", "closes": "12:00"})
    events = list(Event.objects.order_by("start"))
    assert [hours_of_site(site).span(one) for one in events] == [
        "mercredi 4\u00a0mars",
        "samedi 7\u00a0mars de 9\u00a0h à midi",
    ]
    assert client.post(reverse("fleet:forget_day", args=[site.pk, events[0].pk])).status_code == 302
    assert client.post(reverse("fleet:forget_day", args=[site.pk, events[0].pk])).status_code == 409
    page = client.get(reverse("fleet:sites")).content.decode()
    assert "ouvert samedi 7\u00a0mars de 9\u00a0h à midi" in page
