import zoneinfo
from typing import Any

from django import forms

from accounts.models import Platform, Role
from core import siret
from core.forms import PhoneInput
from core.phones import dialled


class InviteForm(forms.Form):
    name = forms.CharField(label="Prénom et nom", max_length=150)
    email = forms.EmailField(label="Adresse e-mail professionnelle")
    role = forms.ChoiceField(label="Rôle", choices=Role.choices)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Rôle", choices=Role.choices)


class NameForm(forms.Form):
    name = forms.CharField(label="Prénom et nom", max_length=150)


class TokenForm(forms.Form):
    name = forms.CharField(label="À quoi sert-il ?", max_length=80, help_text="Par exemple « tableau de bord »")


class PhoneField(forms.CharField):
    """A telephone number as people write it, clean in E.164; a French one without its country code is understood."""

    widget = PhoneInput

    def to_python(self, value: Any) -> str:
        return dialled(super().to_python(value) or "")


class SiretField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return siret.tidied(super().to_python(value))


class PlatformForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=120, help_text="Celui que lisent les participants et les garages")
    phone = PhoneField(label="Téléphone", required=False)
    assistance_phone = PhoneField(label="Téléphone de l’assistance (panne, accident)", required=False)
    email = forms.EmailField(label="Adresse e-mail", required=False)
    legal_name = forms.CharField(label="Raison sociale", max_length=160, required=False)
    siret = SiretField(label="SIRET", required=False)
    postal_address = forms.CharField(label="Adresse postale", max_length=250, required=False)
    vat_mention = forms.ChoiceField(label="Mention de TVA sur les papiers", choices=Platform.VatMention.choices)
    time_zone = forms.ChoiceField(label="Fuseau horaire")
    no_show_after_minutes = forms.IntegerField(
        label="Au départ, attendre la personne (minutes)",
        min_value=0,
        max_value=1440,
        initial=60,
        help_text="Ensuite, Aujourd’hui dit qu’elle ne s’est pas présentée. Le véhicule l’attend toujours.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = ("Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion",
                "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "America/Miquelon", "Pacific/Wallis")  # fmt: skip
        current = self.initial.get("time_zone", "")
        zones = dict.fromkeys([*kept, *([current] if current in zoneinfo.available_timezones() else [])])
        self.fields["time_zone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]
