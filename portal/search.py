"""Finding a plate, a name, a telephone number or a loan from a few letters. Five queries at most."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.urls import reverse

from accounts.models import Platform
from bookings.models import Booking
from core import words
from fleet.models import Vehicle
from maintenance.models import RepairJob
from participants.models import Participant
from participants.names import words_of
from participants.search import find_people

SHOWN = 8  # of each sort


@dataclass
class Found:
    icon: str
    title: str
    detail: str
    url: str
    plate: str = ""


def find(user: Any, platform: Platform, text: str) -> list[Found]:
    """Vehicles, people, loans and repairs of this platform that the words may mean, the likeliest sort first."""
    text = " ".join(text.split())[:80]
    if len(text) < 2 and not text.isdigit():
        return []
    return [
        *loans(user, platform, text),
        *vehicles(user, platform, text),
        *people(user, platform, text),
        *jobs(user, platform, text),
    ]


def loans(user: Any, platform: Platform, text: str) -> list[Found]:
    """By number: « 42 », « n° 42 », « prêt 42 »."""
    number = re.fullmatch(r"(?:pr[eê]t)?\s*(?:n\s*[°o])?\s*(\d{1,9})", text, re.IGNORECASE)
    if number is None:
        return []
    loan = Booking.objects.visible_to(user).filter(platform=platform, pk=number[1]).select_related("participant")
    return [
        Found(
            "key",
            f"Prêt n° {one.pk}",
            f"{one.participant}, {words.span(one.starts_at, one.ends_at)}",
            reverse("bookings:booking", args=[one.pk]),
        )
        for one in loan
    ]


def vehicles(user: Any, platform: Platform, text: str) -> list[Found]:
    """By plate without its dashes, fleet number, frame number, make or model."""
    bare = re.sub(r"[^a-zA-Z0-9]", "", text)
    wanted = Q(make__icontains=text) | Q(model__icontains=text)
    if bare:
        wanted |= Q(bare_plate__icontains=bare) | Q(fleet_number__istartswith=bare) | Q(frame_number__icontains=bare)
    bare_plate = Replace(Replace("plate", Value("-")), Value(" "))
    found = Vehicle.objects.visible_to(user).filter(platform=platform).alias(bare_plate=bare_plate).filter(wanted)
    return [
        Found(
            "car-front",
            f"{one.fleet_number} {one.label}".strip(),
            f"{one.get_kind_display()}, {one.site}" if one.in_service else "Retiré du parc",
            reverse("fleet:vehicle", args=[one.pk]),
            one.plate,
        )
        for one in found.select_related("site").order_by("withdrawn_on", "fleet_number")[:SHOWN]
    ]


def people(user: Any, platform: Platform, text: str) -> list[Found]:
    """As participants' own search finds them (name, telephone, birth date); else a name nearly so."""
    found = find_people(user, platform, text, SHOWN) or nearly(user, platform, text)
    return [
        Found(
            "person",
            str(one),
            words.phone(one.phone) if one.phone else "sans téléphone",
            reverse("participants:participant", args=[one.pk]),
        )
        for one in found
    ]


def nearly(user: Any, platform: Platform, text: str) -> list[Participant]:
    """« Dupuoy » for Dupouy: names whose letters, three by three, are much the same."""
    key = " ".join(words_of(text))
    if len(key) < 4 or key.isdigit():
        return []
    people = Participant.objects.visible_to(user).filter(platform=platform, name_key__trigram_word_similar=key)
    return list(people.order_by(TrigramWordSimilarity(key, "name_key").desc(), "pk")[:SHOWN])


def jobs(user: Any, platform: Platform, text: str) -> list[Found]:
    """Repairs, by their title."""
    if len(text) < 3 or text.isdigit():
        return []
    found = RepairJob.objects.visible_to(user).filter(platform=platform, title__icontains=text)
    return [
        Found("wrench", one.title, one.get_state_display(), reverse("maintenance:job", args=[one.pk]))
        for one in found.order_by("-reported_at")[:SHOWN]
    ]
