"""Aujourd'hui: everything that waits for somebody, in a fixed number of queries (14 at most, whatever there is).

One file a subject; `parts` puts their lists on the page. A new list looks first whether a query that is made anyway
can bring its rows: `keys.keys_of` (whatever leaves or comes back), `deadlines` (whatever has a last day).
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import Platform
from bookings.perms import can_book
from core import clock
from portal.today import letters, machines, money, passes, requests, wishes
from portal.today.deadlines import deadlines
from portal.today.keys import departure_line, displaced_line, elsewhere_line, keys_of, prepare_line, return_line
from portal.today.lines import Part

# Lists whose buttons are verbs of the desk.
OF_THE_DESK = {
    "late", "displaced", "wishes", "to_sign", "departures", "elsewhere", "returns", "to_prepare", "not_ready",
}  # fmt: skip


def parts(platform: Platform, by: Any = None) -> list[Part]:
    """All lists of the page, the most urgent first; those with nothing to say are left out by the template.

    Whoever may not act at the desk reads them: no button leads them to a refusal.
    """
    lists = all_parts(platform, by)
    if by is None or can_book(by, platform):
        return lists
    return [part.to_read() if part.name in OF_THE_DESK else part for part in lists]


def all_parts(platform: Platform, by: Any) -> list[Part]:
    now = clock.now()
    today = clock.today(ZoneInfo(platform.time_zone))
    tonight = clock.at(today + dt.timedelta(days=1), dt.time(), platform.time_zone)
    grace = dt.timedelta(minutes=platform.no_show_after_minutes)
    keys = keys_of(platform, tonight, now)
    loans = reverse("bookings:bookings")
    due = deadlines(platform, today)
    return [
        Part("late", "En retard", [return_line(one, now) for one in keys.late], "now", f"{loans}?state=late"),
        Part(
            "displaced",
            "À reloger",
            [displaced_line(one) for one in keys.displaced],
            "now",
            reverse("bookings:displaced"),
        ),
        Part("legal", "Échéances", due.legal, due.tone, reverse("bookings:fines")),
        Part("requests", "Demandes à traiter", requests.requests(platform), "soon", reverse("bookings:requests")),
        Part("wishes", "Demandes des participants", wishes.wishes(platform, now), "soon"),
        Part("to_sign", "Contrats à signer", wishes.to_sign(platform), "soon", column=1),
        Part(
            "departures",
            "Départs",
            [departure_line(one, now, grace) for one in keys.departures],
            nothing="Personne ne vient chercher de véhicule aujourd’hui.",
            icon="key",
            all_url=f"{loans}?state=reserved",
        ),
        Part("elsewhere", "Pas au bon endroit", [elsewhere_line(one) for one in keys.elsewhere], "soon"),
        Part(
            "returns",
            "Retours",
            [return_line(one, now) for one in keys.returns],
            nothing="Aucun véhicule ne revient aujourd’hui.",
            icon="box-arrow-in-down",
            all_url=f"{loans}?state=active",
        ),
        Part("to_prepare", "À préparer pour demain", [prepare_line(one, now) for one in keys.to_prepare]),
        Part("not_ready", "À remettre en état", machines.not_ready(platform), column=1),
        Part(
            "repairs",
            "Réparations qui attendent",
            machines.repairs(platform),
            "soon",
            reverse("maintenance:jobs"),
            column=1,
        ),
        Part(
            "unpaid",
            "À régler",
            [*due.money, *money.unpaid(platform, today)],
            "soon",
            reverse("pricing:accounts"),
            column=1,
        ),
        Part("deposits", "Dépôts à rendre", money.deposits(platform), column=1),
        Part(
            "papers",
            "Bientôt périmé",
            [*machines.papers(platform, today), *due.papers],
            "soon",
            reverse("fleet:vehicles"),
            column=1,
        ),
        Part("passes", "Règles passées à relire", passes.to_review(platform, by), column=1),
        Part("readings", "Kilomètres à vérifier", machines.readings(platform), column=1),
        Part(
            "failed",
            "Messages qui ne sont pas partis",
            letters.failed(platform, now),
            "soon",
            reverse("portal:messages") + "?state=failed",
            column=1,
        ),
    ]
