"""What can happen to a site's hours; the only writers of its calendars (read by fleet/opening.py)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from schedule.models import Calendar, Event, Rule

from accounts.models import User
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet import perms
from fleet.models import Hold, Site
from fleet.opening import DAYS, Range

MIDNIGHT = dt.time()
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@action
def set_opening_hours(
    site: Site, *, week: Mapping[int, Sequence[Range]], by: User, holiday_region: str = "", remark: str = ""
) -> Site:
    """The site's week from now on: for each day (Monday is 0) its ranges; an empty week is always open.

    Midnight as an end is the end of the day. Refuses with `closes_before_opens` and `ranges_overlap`.
    """
    require(perms.can_manage_site(by, site))
    site = lock(site)
    for number, ranges in week.items():
        refuse_impossible(number, sorted(ranges))
    days_of: dict[Range, list[int]] = {}
    for number in sorted(week):
        for one in week[number]:
            days_of.setdefault(one, []).append(number)
    calendar = openings_of(site)
    Event.objects.filter(calendar=calendar, rule__isnull=False).delete()
    for (opens, closes), days in days_of.items():
        write_weekly(calendar, site, days, opens, closes, by)
    site.holiday_region, site.opening_remark = holiday_region, remark.strip()
    save(site, "openings", "holiday_region", "opening_remark")
    record(by, "site.hours_set", site, days=sum(1 for ranges in week.values() if ranges))
    return site


@action
def close_site(
    site: Site,
    *,
    first_on: dt.date,
    last_on: dt.date,
    words: str,
    by: User,
    from_time: dt.time | None = None,
    until_time: dt.time | None = None,
) -> Event:
    """The site is closed on these days, from and until these hours where they are given: « congés », « formation ».

    Refuses with `ends_before_start`, `in_the_past`, `too_long`.
    """
    require(perms.can_manage_site(by, site))
    site = lock(site)
    starts_at = at(site, first_on, from_time or MIDNIGHT)
    ends_at = at(site, last_on, until_time) if until_time else at(site, last_on + dt.timedelta(days=1), MIDNIGHT)
    refuse_unreal(starts_at, ends_at)
    if site.closures is None:
        site.closures = Calendar.objects.create(name=f"{site.name} : fermetures", slug=f"site-{site.pk}-closures")
        save(site, "closures")
    event = write_single(site.closures, starts_at, ends_at, words, by)
    record(by, "site.closure_added", site, first_on=first_on.isoformat(), last_on=last_on.isoformat())
    return event


@action
def open_site(site: Site, *, on: dt.date, opens: dt.time, closes: dt.time, by: User, words: str = "") -> Event:
    """The site opens on that day all the same, whatever its week, holidays and closures say.

    Refuses with `closes_before_opens`, `in_the_past`.
    """
    require(perms.can_manage_site(by, site))
    site = lock(site)
    if closes != MIDNIGHT and closes <= opens:
        raise refuse("La fermeture doit venir après l’ouverture.", "closes_before_opens")
    end = on + dt.timedelta(days=1) if closes == MIDNIGHT else on
    starts_at, ends_at = at(site, on, opens), at(site, end, closes)
    refuse_unreal(starts_at, ends_at)
    calendar = openings_of(site)
    save(site, "openings")
    event = write_single(calendar, starts_at, ends_at, words, by)
    record(by, "site.opening_added", site, on=on.isoformat())
    return event


@action
def forget_day(site: Site, *, event: int, by: User) -> Site:
    """A closure or an exceptional opening is no more. Refuses with `gone`."""
    require(perms.can_manage_site(by, site))
    site = lock(site)
    found = Event.objects.filter(
        pk=event, rule__isnull=True, calendar__in=[pk for pk in (site.openings_id, site.closures_id) if pk]
    )
    if not found.delete()[0]:
        raise refuse("Quelqu’un vient de retirer ce jour. Rechargez la page.", "gone")
    record(by, "site.day_removed", site)
    return site


def keys_in_the_way(site: Site, event: Event) -> int:
    """How many keys of promised or running loans should change hands at this site during a closure. A read."""
    loans = Hold.objects.filter(vehicle__site=site, purpose=Hold.Purpose.LOAN, back_at__isnull=True)
    leaving = loans.filter(starts_at__gt=event.start, starts_at__lt=event.end, out_at__isnull=True)
    return leaving.count() + loans.filter(ends_at__gt=event.start, ends_at__lt=event.end).count()


# --- steps ------------------------------------------------------------------------------------


def refuse_impossible(number: int, ranges: Sequence[Range]) -> None:
    before = None
    for opens, closes in ranges:
        if closes != MIDNIGHT and closes <= opens:
            raise refuse(
                f"{DAYS[number].capitalize()} : la fermeture doit venir après l’ouverture "
                "(minuit, 00:00, pour la fin de la journée).",
                "closes_before_opens",
            )
        if before is not None and (before == MIDNIGHT or opens < before):
            raise refuse(f"{DAYS[number].capitalize()} : les deux plages se chevauchent.", "ranges_overlap")
        before = closes


def refuse_unreal(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    if ends_at <= starts_at:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    if ends_at <= clock.now():
        raise refuse("Ces jours sont passés : choisissez des jours à venir.", "in_the_past")
    if ends_at - starts_at > dt.timedelta(days=367):
        raise refuse("Une fermeture dure un an au plus : vérifiez les dates.", "too_long")


def openings_of(site: Site) -> Calendar:
    """Its calendar, made when it has none; the caller saves the site."""
    if site.openings is None:
        site.openings = Calendar.objects.create(name=f"{site.name} : ouvertures", slug=f"site-{site.pk}-openings")
    return site.openings


def write_weekly(
    calendar: Calendar, site: Site, days: list[int], opens: dt.time, closes: dt.time, by: User | None
) -> Event:
    """One event for these days of the week. It begins with the first of them of last week, so that today is in it."""
    zone = ZoneInfo(site.platform.time_zone)
    first = clock.today(zone) - dt.timedelta(days=clock.today(zone).weekday() + 7 - days[0])
    while is_clock_change(first, zone):
        first -= dt.timedelta(days=7)  # an hour which that night skips would be another one for ever
    last = first + dt.timedelta(days=1) if closes == MIDNIGHT else first
    return Event.objects.create(
        calendar=calendar,
        rule=weekly(days),
        start=at(site, first, opens),
        end=at(site, last, closes),
        title="Ouvert",
        creator=by,
    )


def is_clock_change(day: dt.date, zone: ZoneInfo) -> bool:
    midnights = [clock.at(day + dt.timedelta(days=number), MIDNIGHT, zone) for number in (0, 1)]
    return midnights[0].utcoffset() != midnights[1].utcoffset()


def weekly(days: Sequence[int]) -> Rule:
    """The rule that recurs on these days of the week; rules hold nothing of a platform and are shared."""
    rule = rule_of(days)
    found = Rule.objects.filter(frequency=rule.frequency, params=rule.params).order_by("pk").first()
    if found is None:
        rule.save()
    return found or rule


def rule_of(days: Sequence[int]) -> Rule:
    """Not saved. Days by their names: django-scheduler narrows numbers down to the day of the start."""
    names = ",".join(CODES[number] for number in sorted(days))
    return Rule(name=names, description=names, frequency="WEEKLY", params=f"byweekday:{names}")


def write_single(calendar: Calendar, starts_at: dt.datetime, ends_at: dt.datetime, words: str, by: User) -> Event:
    return Event.objects.create(
        calendar=calendar, start=starts_at, end=ends_at, title=words.strip()[:120], creator_id=by.pk
    )


def at(site: Site, day: dt.date, time: dt.time) -> dt.datetime:
    return clock.at(day, time, site.platform.time_zone)
