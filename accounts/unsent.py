"""Mails and SMS that did not leave: which and why, and that their reader was told by word of mouth instead.

They stand in accounts because it is the lowest room that knows the staff; `core` holds their rows.
"""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Platform, User
from accounts.perms import is_staff, staff_platform_ids
from core import clock, outbox
from core.db import action, lock, refuse, require
from core.journal import record
from core.models import OutboxMessage

LISTED = dt.timedelta(days=14)  # how long what was given up stands on Aujourd’hui
WRITTEN = ["mail", "sms"]  # the topics that people read

# What is not set → the reason in a few words, and what the staff can do now.
WHY_IT_WAITS = {
    "sms": "pas de service de SMS",
    "mail": "pas de serveur de messagerie",
}
WHAT_TO_DO = {
    "sms": "Aucun service de SMS n’est réglé : les SMS attendent une semaine, personne ne les reçoit. Appelez les"
    " personnes. Qui s’occupe du serveur règle SMS_URL : les SMS partent alors d’eux-mêmes.",
    "mail": "Aucun serveur de messagerie n’est réglé : les e-mails attendent une semaine, personne ne les reçoit."
    " Appelez les personnes. Qui s’occupe du serveur règle EMAIL_URL : les e-mails partent alors d’eux-mêmes.",
}


def readable_by(user: Any) -> QuerySet[OutboxMessage]:
    """What the platforms wrote of whose staff this user is."""
    return OutboxMessage.objects.filter(platform_id__in=staff_platform_ids(user), topic__in=WRITTEN)


def not_gone(messages: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    """Those that somebody must see to: they wait for a way out, or were given up, and nobody has told their reader
    what they still ought to know."""
    still = Q(useful_until__isnull=True) | Q(useful_until__gt=clock.now())
    stuck = messages.filter(still, done_at__isnull=True, told_at__isnull=True)
    return stuck.filter(Q(waiting_since__isnull=False) | Q(given_up_at__isnull=False))


def not_gone_lately(platform: Platform, now: dt.datetime) -> QuerySet[OutboxMessage]:
    lately = Q(given_up_at__isnull=True) | Q(given_up_at__gte=now - LISTED)
    return not_gone(OutboxMessage.objects.filter(platform_id=platform.pk, topic__in=WRITTEN)).filter(lately)


def why(message: OutboxMessage) -> str:
    """In a few words why it has not left, as far as that is known; empty for one that has, or was told otherwise."""
    if message.done_at or message.told_at:
        return ""
    reason = WHY_IT_WAITS.get(outbox.WAITS_FOR.get(message.last_error, ""), "")
    if message.useful_until is not None and message.useful_until <= clock.now():
        return f"{reason}, n’était plus utile" if reason else "n’était plus utile"
    if message.given_up_at:
        return f"{reason}, a attendu une semaine" if reason else "refusé pendant deux jours"
    if reason:
        return reason
    return "pas encore accepté, nouvel essai bientôt" if message.attempts else ""


@action
def told_otherwise(message: OutboxMessage, *, by: User) -> OutboxMessage:
    """Somebody told its reader by telephone or at the desk: it does not leave any more. By any of the staff."""
    message = lock(message)
    require(is_staff(by, message.platform_id))
    if message.done_at is not None:
        raise refuse("Ce message est parti : la personne l’a reçu.", "already_gone")
    if message.told_at is not None:
        raise refuse("C’est déjà noté : quelqu’un l’a dit à cette personne.", "already_told")
    message.told_at, message.told_by_id = clock.now(), by.pk
    message.given_up_at = message.given_up_at or message.told_at
    message.save(update_fields=["told_at", "told_by_id", "given_up_at"])
    record(by, "message.told", message)
    return message
