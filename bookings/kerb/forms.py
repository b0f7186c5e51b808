"""What is typed, tapped and drawn at the kerb, as clean values; one form for each step of the walk."""

import base64
import binascii
import re
from typing import Any, NamedTuple

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from bookings.models import ConditionReport
from bookings.reports import rules as report_rules
from bookings.reports.reads import equipment_of
from fleet import checklists, silhouettes
from fleet.models import Damage, Equipment, Kind, OdometerReading, Site

Direction, Presence = ConditionReport.Direction, ConditionReport.Presence
DATA_URL = re.compile(r"\Adata:image/(?:png|jpeg);base64,(?P<content>[A-Za-z0-9+/=\s]+)\Z")
PICTURE_AT_MOST = 2_000_000  # characters of a drawn signature


class KilometresField(forms.IntegerField):
    """« 84210 », « 84 210 », « 84 210 km »."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=2_000_000, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = re.sub(r"[\s.]|km", "", value, flags=re.IGNORECASE)
        return super().to_python(value)


class DrawnField(forms.CharField):
    """A signature drawn in the browser, sent as a data address; clean as an upload."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid": "Cette signature n’est pas arrivée entière. Signez encore une fois."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=PICTURE_AT_MOST, strip=True, **kwargs)

    def clean(self, value: Any) -> SimpleUploadedFile | None:
        text = super().clean(value)
        if not text:
            return None
        if (match := DATA_URL.match(text)) is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            content = base64.b64decode(match["content"], validate=False)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        return SimpleUploadedFile("signature.png", content, "image/png")


class PapersForm(forms.Form):
    identity_seen = forms.BooleanField(label="J’ai vu la pièce d’identité (l’original)", required=False)
    licence_seen = forms.BooleanField(label="J’ai vu le permis (l’original)", required=False)

    def __init__(self, *args: Any, report: ConditionReport, licence_needed: bool, **kwargs: Any) -> None:
        initial = {"identity_seen": report.identity_seen, "licence_seen": report.licence_seen}
        super().__init__(*args, initial=initial, **kwargs)
        if not licence_needed:
            del self.fields["licence_seen"]


COUNTER = (
    (OdometerReading.State.ACCEPTED, "Je lis les kilomètres"),
    (OdometerReading.State.UNREADABLE, "Illisible"),
    (OdometerReading.State.ABSENT, "Pas de compteur"),
)
GAUGE = tuple((n, str(n)) for n in range(9))


class CounterForm(forms.Form):
    km_state = forms.ChoiceField(label="Le compteur", choices=COUNTER, widget=forms.RadioSelect)
    km = KilometresField(label="Kilomètres", required=False)
    fuel_eighths = forms.TypedChoiceField(
        label="Carburant, en huitièmes",
        choices=GAUGE,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    battery_percent = forms.IntegerField(
        label="Charge de la batterie, en %",
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    site = forms.ModelChoiceField(label="Où est le véhicule ?", queryset=Site.objects.none())

    def __init__(self, *args: Any, report: ConditionReport, **kwargs: Any) -> None:
        vehicle = report.assignment.vehicle
        seen = report.km_state if report.km_state in report_rules.UNREAD else OdometerReading.State.ACCEPTED
        initial = {name: getattr(report, name) for name in ("km", "fuel_eighths", "battery_percent")}
        super().__init__(*args, initial=initial | {"km_state": seen, "site": report.site_id}, **kwargs)
        if vehicle.kind == Kind.BIKE:
            del self.fields["km_state"], self.fields["km"]
        if not checklists.has_tank(vehicle.kind, vehicle.energy):
            del self.fields["fuel_eighths"]
        if not checklists.has_battery(vehicle.kind, vehicle.energy):
            del self.fields["battery_percent"]
        if report.direction == Direction.OUT:
            del self.fields["site"]
        else:
            self.fields["site"].queryset = Site.objects.filter(platform=report.platform_id)  # type: ignore[attr-defined]


class Row(NamedTuple):
    """An item of the checklist, or an accessory, with its two fields."""

    label: str
    answer: forms.BoundField
    note: forms.BoundField


class ItemsForm(forms.Form):
    """The items of one step of the walk: a state each, and a note where there is something to say."""

    def __init__(self, *args: Any, report: ConditionReport, step: report_rules.Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vehicle = report.assignment.vehicle
        self.items = report_rules.items_of(step, vehicle.kind, vehicle.energy)
        for item in self.items:
            said = report.checklist.get(item.code, {})
            self.ask(item.code, item.label, checklists.STATES, said.get("state", ""), said.get("note", ""))

    def ask(self, key: str, label: str, choices: Any, answer: str, note: str) -> None:
        self.fields[f"state_{key}"] = forms.ChoiceField(
            label=label, choices=choices, widget=forms.RadioSelect, required=False, initial=answer
        )
        self.fields[f"note_{key}"] = forms.CharField(
            label=f"Remarque : {label}", required=False, max_length=200, initial=note
        )

    def sections(self) -> list[tuple[str, list[Row]]]:
        grouped: dict[str, list[Row]] = {}
        for item in self.items:
            grouped.setdefault(item.section, []).append(self.row(item.code))
        return list(grouped.items())

    def row(self, key: str) -> Row:
        answer = self[f"state_{key}"]
        return Row(str(answer.label), answer, self[f"note_{key}"])

    def checklist(self, *, rest_in_order: bool = False) -> dict[str, dict[str, str]]:
        """What was answered; with `rest_in_order`, what was not is all right."""
        said = {item.code: self.cleaned_data[f"state_{item.code}"] for item in self.items}
        return {
            code: {"state": state or "ok", "note": self.cleaned_data[f"note_{code}"]}
            for code, state in said.items()
            if state or rest_in_order
        }


class RoundForm(ItemsForm):
    is_clean = forms.TypedChoiceField(
        label="Le véhicule est",
        choices=(("yes", "Propre"), ("no", "À nettoyer")),
        coerce=lambda typed: typed == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, report: ConditionReport, **kwargs: Any) -> None:
        super().__init__(*args, report=report, step=report_rules.Step.ROUND, **kwargs)
        self.initial["is_clean"] = {True: "yes", False: "no", None: ""}[report.is_clean]


THERE = (("yes", "Là"), ("no", "Absent"))


class EquipmentForm(ItemsForm):
    remarks = forms.CharField(
        label="Autre chose à noter",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Météo, objets laissés, observation de la personne…"}),
    )

    def __init__(self, *args: Any, report: ConditionReport, **kwargs: Any) -> None:
        super().__init__(*args, report=report, step=report_rules.Step.EQUIPMENT, **kwargs)
        self.initial["remarks"] = report.remarks
        self.things: list[Equipment] = equipment_of(report.assignment.vehicle)
        for thing in self.things:
            said = report.equipment.get(str(thing.pk), {})
            answer = {True: "yes", False: "no"}.get(said.get("present"), "")
            self.ask(f"thing_{thing.pk}", str(thing), THERE, answer, said.get("note", ""))

    def accessories(self) -> list[Row]:
        return [self.row(f"thing_{thing.pk}") for thing in self.things]

    def equipment(self, *, rest_in_order: bool = False) -> dict[str, dict[str, Any]]:
        said = {str(thing.pk): self.cleaned_data[f"state_thing_{thing.pk}"] for thing in self.things}
        return {
            key: {"present": answer != "no", "note": self.cleaned_data[f"note_thing_{key}"]}
            for key, answer in said.items()
            if answer or rest_in_order
        }


class DamageForm(forms.Form):
    zone = forms.ChoiceField(
        label="Où ?", error_messages={"required": "Touchez le dessin, ou choisissez la partie dans la liste."}
    )
    x = forms.FloatField(required=False, widget=forms.HiddenInput)
    y = forms.FloatField(required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(label="Quoi ?", choices=Damage.Sort.choices)
    severity = forms.TypedChoiceField(
        label="Gravité",
        choices=Damage.Severity.choices,
        coerce=int,
        initial=Damage.Severity.COSMETIC,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Précision", required=False, max_length=300)
    photo = forms.FileField(
        label="Photo",
        required=False,
        widget=forms.FileInput(
            attrs={"accept": "image/*", "capture": "environment", "data-resize": "1600", "data-preview": True}
        ),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [("", "Choisir…"), *silhouettes.zone_choices(kind)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        photo = typed.pop("photo", None)
        return typed | {"photos": [photo] if photo else []}


class PhotoForm(forms.Form):
    position = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    photo = forms.FileField(error_messages={"required": "Choisissez une photo, puis envoyez-la."})


class PhotosForm(forms.Form):
    photos_reason = forms.CharField(
        label="Pourquoi il manque des photos",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "Il fait nuit, téléphone en panne…"}),
    )

    def __init__(self, *args: Any, report: ConditionReport, **kwargs: Any) -> None:
        super().__init__(*args, initial={"photos_reason": report.photos_reason}, **kwargs)


class SignaturesForm(forms.Form):
    """How it ends: both sign on the screen or on paper, or nobody signs and it is said why."""

    HOW = (
        ("screen", "Signer sur l’écran"),
        ("paper", "Signer sur papier"),
        (Presence.ABSENT.value, "Personne n’est là"),
        (Presence.REFUSED.value, "La personne refuse de signer"),
    )
    how = forms.ChoiceField(label="Comment ?", choices=HOW, widget=forms.RadioSelect)
    signer_name = forms.CharField(label="Nom de la personne qui signe", max_length=160, required=False)
    participant_signature = DrawnField(required=False)
    agent_signature = DrawnField(required=False)
    paper_scan = forms.FileField(
        label="Le papier signé (photo ou PDF)",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )
    absence_reason = forms.CharField(
        label="Pourquoi",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Clés dans la boîte"}),
    )
    witness_name = forms.CharField(label="Témoin, s’il y en a un", max_length=160, required=False)

    def __init__(self, *args: Any, report: ConditionReport, **kwargs: Any) -> None:
        how = report.presence if report.presence != Presence.SIGNED else "paper" if report.paper_scan_id else "screen"
        initial = {name: getattr(report, name) for name in ("signer_name", "absence_reason", "witness_name")}
        super().__init__(*args, initial=initial | {"how": how}, **kwargs)
        if report.direction == Direction.OUT:
            self.fields["how"].choices = self.HOW[:2]  # type: ignore[attr-defined]
            del self.fields["absence_reason"], self.fields["witness_name"]

    def said(self) -> dict[str, Any]:
        """Fields of the report."""
        typed = dict(self.cleaned_data)
        how = typed.pop("how")
        typed["presence"] = how if how in {Presence.ABSENT, Presence.REFUSED} else Presence.SIGNED
        return typed


class AmendmentForm(forms.Form):
    text = forms.CharField(label="Remarque", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
