"""What a person typed about the pool, as clean values. The rules are in the actions."""

from typing import Any

from django import forms
from django.forms.models import fields_for_model

from accounts.models import Platform, User
from core.forms import DayField, PhoneInput, PhotosField, WallClockField, as_typed
from core.french import InFrench
from fleet import silhouettes
from fleet.lists import STATES
from fleet.models import Damage, Equipment, Kind, OdometerReading, Site, Vehicle, VehicleDocument
from places.forms import AddressFields

EVERY = [("", "Tous")]


class PoolFilters(forms.Form):
    kind = forms.ChoiceField(label="Type", choices=[*EVERY, *Kind.choices], required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")
    state = forms.ChoiceField(label="État", choices=STATES, required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(platform=platform)  # type: ignore[attr-defined]


class OfSite(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label="Choisissez")

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(platform=platform, is_open=True)  # type: ignore[attr-defined]


class VehicleForm(forms.Form):
    WHAT = ("kind", "fleet_number", "make", "model", "energy", "gearbox", "seats", "colour")
    PAPERS = ("frame_number", "first_registered_on", "origin", "must_be_retired_by", "remark")

    plate = forms.CharField(
        label="Immatriculation",
        max_length=20,
        required=False,
        help_text="Comme sur la plaque : AB-123-CD ou 123 AB 40.",
    )
    photo = forms.FileField(
        label="Photo", required=False, widget=forms.FileInput(attrs={"accept": "image/*", "data-preview": True})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_for_model(Vehicle, fields=(*self.WHAT, *self.PAPERS), formfield_callback=as_typed)
        self.fields["frame_number"].help_text = "Pour un vélo sans plaque."
        self.order_fields(["kind", "plate", *self.WHAT, *self.PAPERS, "photo"])


class NewVehicleForm(VehicleForm, OfSite):
    km = forms.IntegerField(
        label="Kilomètres au compteur",
        required=False,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "site", "plate", "fleet_number", "make", "model", "km"])


class MoveForm(OfSite):
    pass


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Pourquoi ?", max_length=200, help_text="Vendu, détruit, rendu au propriétaire…")
    on = DayField(label="Le", required=False)


class SiteForm(AddressFields):
    name = forms.CharField(label="Nom", max_length=80)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False, widget=PhoneInput())
    field_order = ("name", "street", "postcode", "city", "phone", "is_open")


class SiteChangeForm(SiteForm):
    is_open = forms.BooleanField(label="Ce site est ouvert", required=False)


class DocumentForm(forms.Form):
    sort = forms.ChoiceField(label="Papier", choices=VehicleDocument.Sort.choices)
    issued_on = DayField(label="Daté du", required=False, help_text="Pour un contrôle technique, le jour du contrôle.")
    valid_until = DayField(label="Valable jusqu’au", required=False)
    number = forms.CharField(label="Numéro", max_length=60, required=False)
    file = forms.FileField(
        label="Photo ou PDF",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )


class EquipmentForm(forms.Form):
    sort = forms.ChoiceField(label="Équipement", choices=Equipment.Sort.choices)
    serial_number = forms.CharField(label="Numéro", max_length=40, required=False)
    size = forms.CharField(label="Taille", max_length=10, required=False)
    note = forms.CharField(label="Précision", max_length=120, required=False)


class DamageForm(forms.Form):
    zone = forms.ChoiceField(label="Où ?", required=False)
    x = forms.FloatField(required=False, min_value=0, max_value=1, widget=forms.HiddenInput)
    y = forms.FloatField(required=False, min_value=0, max_value=1, widget=forms.HiddenInput)
    sort = forms.ChoiceField(label="Quoi ?", choices=Damage.Sort.choices)
    severity = forms.TypedChoiceField(
        label="Est-ce grave ?", coerce=int, choices=Damage.Severity.choices, initial=1, widget=forms.RadioSelect
    )
    note = forms.CharField(label="Précision", max_length=300, required=False)
    photos = PhotosField(label="Photos", required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [("", "Choisissez la partie"), *silhouettes.zone_choices(kind)]  # type: ignore[attr-defined]


def whole_km(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=2_000_000, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **more
    )


class ReadingForm(forms.Form):
    km = whole_km(label="Kilomètres au compteur")
    read_at = WallClockField(label="Lu le", required=False, help_text="Vide : maintenant.")


class NewCounterForm(ReadingForm):
    km = whole_km(label="Ce que montre le nouveau compteur")
    reason = forms.CharField(label="Pourquoi ?", max_length=200, required=False)


class SettleForm(forms.Form):
    km = whole_km(label="Le compteur montrait vraiment")
    reason = forms.CharField(label="Pourquoi ?", max_length=200, help_text="Erreur de frappe, compteur relu sur photo…")

    def __init__(self, *args: Any, reading: OdometerReading | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reading is not None:
            self.fields["km"].initial = reading.km


class DatesForm(forms.Form):
    starts_at = WallClockField(label="Du")
    ends_at = WallClockField(label="Au")


class ReserveForm(DatesForm):
    reason = forms.CharField(label="Pourquoi ?", max_length=200, help_text="Salon, formation, véhicule de secours…")


class TransferForm(forms.Form):
    """Where to, when, and who drives."""

    to_site = forms.ModelChoiceField(Site.objects.none(), label="Vers", empty_label=None)
    starts_at = WallClockField(label="Départ")
    ends_at = WallClockField(label="Arrivée au plus tard")
    driver = forms.ModelChoiceField(User.objects.none(), label="Qui conduit", required=False, empty_label="Moi")

    def __init__(self, *args: Any, platform: Platform, but: Site | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(platform=platform, is_open=True)
        self.fields["to_site"].queryset = sites.exclude(pk=but.pk) if but else sites  # type: ignore[attr-defined]
        team = User.objects.filter(memberships__platform=platform, is_active=True).order_by(InFrench("name"), "pk")
        self.fields["driver"].queryset = team  # type: ignore[attr-defined]
