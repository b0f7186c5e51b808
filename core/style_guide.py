"""The style guide: every component once, at /style/ while DEBUG is on (`?theme=dark` for the night values)."""

import re
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import clock
from core.templatetags.remise import SPRITE

DOORS = {
    "desk": "core/base_desk.html",
    "person": "core/base_person.html",
    "garage": "core/base_garage.html",
}


ROOMS = [
    ("Aujourd’hui", "sun"),
    ("Planning", "calendar3"),
    ("Prêts", "key"),
    ("Véhicules", "car-front"),
    ("Réparations", "wrench"),
    ("Participants", "people"),
    ("Comptes", "receipt"),
    ("Réglages", "gear"),
]


class EveryField(forms.Form):
    """One field of each kind, some of them wrong."""

    name = forms.CharField(label="Nom et prénom")
    plate = forms.CharField(label="Immatriculation", help_text="Comme sur la plaque : AB-123-CD.")
    kind = forms.ChoiceField(
        label="Genre",
        choices=[
            ("car", "Voiture"),
            ("moped", "Scooter 50"),
            ("e_bike", "Vélo électrique"),
        ],
    )
    starts_at = forms.DateTimeField(
        label="Départ",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        required=False,
    )
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    means = forms.ChoiceField(
        label="Moyen de paiement",
        help_text="Une carte n’est jamais obligatoire.",
        widget=forms.RadioSelect,
        choices=[("cash", "Espèces"), ("cheque", "Chèque"), ("transfer", "Virement")],
    )
    papers = forms.MultipleChoiceField(
        label="Originaux vus",
        widget=forms.CheckboxSelectMultiple,
        choices=[("licence", "Permis de conduire"), ("identity", "Pièce d’identité")],
        required=False,
    )
    photo = forms.FileField(
        label="Photo",
        widget=forms.FileInput(attrs={"data-preview": "", "data-resize": "1600", "accept": "image/*"}),
        required=False,
    )
    agreed = forms.BooleanField(label="Le participant a lu et approuvé le contrat")


@login_not_required
def style_guide(request: HttpRequest) -> HttpResponse:
    now, door = clock.now(), request.GET.get("door", "")
    rail = [{"label": label, "url": f"#{icon}", "icon": icon, "current": icon == "sun"} for label, icon in ROOMS]
    context = {
        "base": DOORS.get(door, DOORS["desk"]),
        "door": door in {"person", "garage"},
        "rail": rail,
        "platform": {"name": "Cambrésis", "phone": "+33327700000"},
        "memberships": [],
        "dark": request.GET.get("theme") == "dark",
        "form": EveryField({"name": "Ana Lopez", "means": "gold"}),
        "page": Paginator(range(90), 30).page(2),
        "now": now,
        "soon": now + timedelta(days=1, hours=2),
        "later": now + timedelta(days=33),
        "amount": Decimal("1234.5"),
        "states": [
            "free",
            "promised",
            "out",
            "late",
            "due",
            "unpaid",
            "repair",
            "waiting",
            "finished",
            "cancelled",
        ],
        "icons": icon_names(),
    }
    return render(request, "core/style_guide.html", context)


def icon_names() -> list[str]:
    with open(finders.find(SPRITE), encoding="utf-8") as sprite:
        return re.findall(r'id="([\w-]+)"', sprite.read())
