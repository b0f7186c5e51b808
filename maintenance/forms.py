"""What a person types about a repair. The garage's verbs have one form each, for it and for staff on its behalf."""

from decimal import Decimal
from typing import Any

from django import forms

from core.forms import DayField, EurosField, PhoneInput, PhotosField, WallClockField
from fleet.models import Damage, Site, Vehicle
from garages.models import Garage, Work
from maintenance.models import QuoteLine, RepairJob

PHOTO_OR_PDF = {"accept": "image/*,application/pdf"}
KM = {"inputmode": "numeric", "autocomplete": "off"}


class KmField(forms.IntegerField):
    """Kilometres as a counter shows them: « 96 200 » too."""

    widget = forms.TextInput(attrs=KM)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=9_999_999, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.lower().replace("km", "").split())
        return super().to_python(value)


class QuantityField(forms.DecimalField):
    """« 1,5 » hours or pieces."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal("0.01"), max_digits=7, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = value.replace(",", ".").replace("h", "").strip()
        return super().to_python(value)


# --- the garage's verbs ---------------------------------------------------------------------------


class GarageVerbForm(forms.Form):
    """One verb of the garage. On its behalf, staff say who told them and how."""

    def __init__(self, *args: Any, job: RepairJob, on_its_behalf: bool = False, **kwargs: Any) -> None:
        self.job = job
        super().__init__(*args, **kwargs)
        if on_its_behalf:
            self.fields["on_behalf"] = forms.CharField(
                label="Qui a répondu pour le garage, et comment",
                max_length=120,
                help_text="Par exemple « par téléphone, M. Duval »",
            )

    def told(self) -> dict[str, Any]:
        """The clean values, as the action takes them."""
        return dict(self.cleaned_data)


class AcceptForm(GarageVerbForm):
    appointment_at = WallClockField(label="Vous prenez le véhicule le")
    expected_ready_at = WallClockField(label="Prêt vers le", required=False)


class RescheduleForm(GarageVerbForm):
    appointment_at = WallClockField(label="Nouveau rendez-vous")


class DeclineForm(GarageVerbForm):
    WHY = (
        ("Complet en ce moment", "Complet en ce moment"),
        ("Nous ne faisons pas ce travail", "Pas ce travail"),
        ("Nous ne réparons pas ce véhicule", "Pas ce véhicule"),
        ("Trop loin", "Trop loin"),
        ("other", "Autre raison"),
    )
    why = forms.ChoiceField(label="Pourquoi ?", choices=WHY, widget=forms.RadioSelect, required=False)
    words = forms.CharField(label="En quelques mots", max_length=120, required=False)

    def told(self) -> dict[str, Any]:
        told = super().told()
        why, words = told.pop("why"), told.pop("words").strip()
        said = ["" if why == "other" else why, words]
        return told | {"reason": " : ".join(part for part in said if part)}


class QuoteForm(GarageVerbForm):
    """Labour, parts in as many rows as are wanted, or a photo of the garage's own quote with its total."""

    ROWS = 3
    MOST_ROWS = 30

    hours = QuantityField(label="Heures", required=False)
    rate = EurosField(label="Prix de l’heure (€)", required=False)
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=MOST_ROWS)
    photos = PhotosField(label="Photo de votre devis", required=False)
    total = EurosField(label="Total de votre devis (€)", required=False)
    expected_ready_at = WallClockField(label="Prêt vers le", required=False)
    note = forms.CharField(
        label="Un mot pour la plateforme", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self.number_of_rows = min(int(self.data.get("rows") or self.ROWS), self.MOST_ROWS)
        except ValueError:
            self.number_of_rows = self.ROWS
        if "more" in self.data:
            self.number_of_rows = min(self.number_of_rows + self.ROWS, self.MOST_ROWS)
        for number in range(self.number_of_rows):
            self.fields[f"label_{number}"] = forms.CharField(label="Pièce", max_length=120, required=False)
            self.fields[f"quantity_{number}"] = QuantityField(label="Nombre", required=False)
            self.fields[f"price_{number}"] = EurosField(label="Prix d’une (€)", required=False)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The rows, for the page."""
        return [
            {name: self[f"{name}_{number}"] for name in ("label", "quantity", "price")}
            for number in range(self.number_of_rows)
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if (told.get("hours") is None) != (told.get("rate") is None) and not told.get("total") and not told.get("rate"):
            self.add_error("rate", "Écrivez aussi le tarif de l’heure.")
        for number in range(self.number_of_rows):
            label, price = told.get(f"label_{number}"), told.get(f"price_{number}")
            if label and price is None and f"price_{number}" not in self.errors:
                self.add_error(f"price_{number}", "Écrivez le prix de cette pièce.")
            if price is not None and not label:
                self.add_error(f"label_{number}", "Écrivez le nom de cette pièce.")
        if not self.errors and not self.lines() and told.get("total") is None:
            self.add_error(None, "Écrivez des heures, des pièces, ou le total de votre devis.")
        return told

    def lines(self) -> list[dict[str, Any]]:
        told, lines = self.cleaned_data, []
        if told.get("hours") and told.get("rate") is not None:
            lines.append(
                {
                    "sort": QuoteLine.Sort.LABOUR,
                    "label": "Main-d’œuvre",
                    "quantity": told["hours"],
                    "unit_price": told["rate"],
                }
            )
        lines += [
            {
                "sort": QuoteLine.Sort.PART,
                "label": told[f"label_{number}"],
                "quantity": told.get(f"quantity_{number}") or Decimal(1),
                "unit_price": told[f"price_{number}"],
            }
            for number in range(self.number_of_rows)
            if told.get(f"label_{number}") and told.get(f"price_{number}") is not None
        ]
        return lines

    def sum(self) -> Decimal | None:
        """What the typed lines come to, for the page; None while they do not stand."""
        if not self.is_bound or not hasattr(self, "cleaned_data"):
            return None
        lines = self.lines()
        return sum((line["quantity"] * line["unit_price"] for line in lines), Decimal(0)) if lines else None

    def told(self) -> dict[str, Any]:
        kept = ("total", "photos", "expected_ready_at", "note", "on_behalf")
        return {name: self.cleaned_data[name] for name in kept if name in self.cleaned_data} | {"lines": self.lines()}


class StartForm(GarageVerbForm):
    km = KmField(label="Kilomètres au compteur", required=False)
    expected_ready_at = WallClockField(label="Prêt vers le", required=False)


class ReadyForm(GarageVerbForm):
    """Waiting for a part, or going on: in both cases, when will it be ready?"""

    expected_ready_at = WallClockField(label="Prêt vers le", required=False)


class DoneForm(GarageVerbForm):
    pass


class InvoiceForm(GarageVerbForm):
    amount = EurosField(label="Montant de la facture (€)")
    number = forms.CharField(label="Numéro de la facture", max_length=40, required=False)
    file = forms.FileField(
        label="Photo ou PDF de la facture", required=False, widget=forms.FileInput(attrs=PHOTO_OR_PDF)
    )


# --- staff's own verbs ----------------------------------------------------------------------------


class ReportForm(forms.Form):
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label="Véhicule", empty_label="Choisir un véhicule")
    title = forms.CharField(label="Ce qui ne va pas", max_length=120, help_text="Par exemple « Bruit au freinage »")
    work = forms.ChoiceField(label="Travail", choices=Work.choices)
    sort = forms.ChoiceField(label="Nature", choices=RepairJob.Sort.choices)
    description = forms.CharField(
        label="Précisions pour le garage",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Le garage lit ce texte : n’y écrivez aucun nom.",
    )
    photos = PhotosField(label="Photos du défaut", required=False)
    vehicle_does_not_roll = forms.BooleanField(label="Le véhicule ne roule pas", required=False)
    during_a_loan = forms.BooleanField(
        label="Un rendez-vous suffit : le garage ne garde pas le véhicule", required=False
    )
    block_now = forms.BooleanField(label="Bloquer le véhicule dès maintenant", required=False)
    needed_by = DayField(label="À rendre avant le", required=False)
    damages = forms.ModelMultipleChoiceField(
        Damage.objects.none(),
        label="Dégâts connus que ce travail répare",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, platform: Any, vehicle: Vehicle | None = None, **kwargs: Any) -> None:
        """`vehicle`: the one that the address names, whose known damages can be ticked."""
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = (  # type: ignore[attr-defined]
            Vehicle.objects.filter(platform=platform).in_service().select_related("site")
        )
        known = Damage.objects.filter(vehicle=vehicle, repaired_at__isnull=True) if vehicle else Damage.objects.none()
        if not known:
            del self.fields["damages"]
        else:
            self.fields["damages"].queryset = known  # type: ignore[attr-defined]


class OwnVehicleForm(forms.Form):
    """A participant's own vehicle: the pool has nothing to keep."""

    own_vehicle = forms.CharField(
        label="Le véhicule du participant", max_length=120, help_text="Par exemple « Twingo 2009, essence »"
    )
    title = forms.CharField(label="Ce qui ne va pas", max_length=120)
    work = forms.ChoiceField(label="Travail", choices=Work.choices)
    sort = forms.ChoiceField(label="Nature", choices=RepairJob.Sort.choices)
    description = forms.CharField(
        label="Précisions pour le garage",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Le garage lit ce texte : n’y écrivez aucun nom.",
    )
    photos = PhotosField(label="Photos du défaut", required=False)
    vehicle_does_not_roll = forms.BooleanField(label="Le véhicule ne roule pas", required=False)


class ChangeForm(forms.Form):
    title = forms.CharField(label="Ce qui ne va pas", max_length=120)
    work = forms.ChoiceField(label="Travail", choices=Work.choices)
    sort = forms.ChoiceField(label="Nature", choices=RepairJob.Sort.choices)
    description = forms.CharField(
        label="Précisions pour le garage", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    vehicle_rolls = forms.BooleanField(label="Le véhicule roule", required=False)
    needed_by = WallClockField(label="À rendre avant le", required=False)


class GiveForm(forms.Form):
    """To a garage of the list, or to one that is typed in."""

    garage = forms.ModelChoiceField(Garage.objects.none(), label="Garage", required=False, empty_label="Choisir")
    appointment_at = WallClockField(label="Rendez-vous")
    name = forms.CharField(label="Nom du garage", max_length=120, required=False)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False, widget=PhoneInput())
    email = forms.EmailField(label="Adresse e-mail", required=False)
    city = forms.CharField(label="Commune", max_length=80, required=False)

    def __init__(self, *args: Any, platform: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["garage"].queryset = (  # type: ignore[attr-defined]
            Garage.objects.filter(platform=platform, is_active=True)
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("garage") and not told.get("name") and "garage" not in self.errors:
            self.add_error("garage", "Choisissez un garage de la liste, ou écrivez le nom d’un autre.")
        if told.get("garage") and told.get("name"):
            self.add_error("name", "Choisissez un garage de la liste ou écrivez-en un autre, pas les deux.")
        return told


class RefuseQuoteForm(forms.Form):
    reason = forms.CharField(label="Pourquoi ? Le garage lira ces mots.", max_length=200)
    ask_again = forms.BooleanField(label="Le garage peut faire un autre devis", required=False, initial=True)


class CancelForm(forms.Form):
    reason = forms.CharField(label="Pourquoi ce travail est annulé", max_length=200)


class CollectForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Le véhicule est maintenant à", required=False)
    km = KmField(label="Kilomètres au compteur", required=False)

    def __init__(self, *args: Any, job: RepairJob, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(platform_id=job.platform_id, is_open=True)  # type: ignore[attr-defined]


class StayForm(forms.Form):
    arrived_at = WallClockField(label="Arrivé au garage")
    left_at = WallClockField(label="Reparti du garage", required=False, help_text="Vide tant qu’il y est.")


class PaidForm(forms.Form):
    on = DayField(label="Payée le", required=False)


class PhotosForm(forms.Form):
    photos = PhotosField(label="Photos")


class PolicyForm(forms.Form):
    quote_ceiling = EurosField(
        label="Un devis s’approuve de lui-même jusqu’à (€)",
        help_text="0 : chaque devis attend la décision du responsable du parc.",
    )
    offer_hours = forms.IntegerField(label="Heures laissées au garage pour répondre", min_value=1, max_value=720)
    offers_by_itself = forms.BooleanField(
        label="Si un garage refuse ou ne répond pas, proposer aussitôt au suivant", required=False
    )
