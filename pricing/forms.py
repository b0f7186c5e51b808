"""What a person typed about money, as clean values."""

from typing import Any

from django import forms
from django.forms import formset_factory

from accounts.models import Platform
from core.forms import DayField, EurosField, WallClockField
from fleet.models import Kind
from participants.models import Audience, Programme
from pricing.models import Charge, Deposit, Payment, Tariff, ThirdPartyPayer
from pricing.tariffs import Band

EVERYBODY = "Tout le monde"


class PayerField(forms.ModelChoiceField):
    """The participant, or somebody else who pays for them."""

    def __init__(self, platform: Platform, **kwargs: Any) -> None:
        payers = ThirdPartyPayer.objects.filter(platform=platform)
        super().__init__(payers, required=False, empty_label="Le participant", **kwargs)


class PaymentForm(forms.Form):
    amount = EurosField(label="Montant reçu")
    means = forms.ChoiceField(label="Moyen", choices=Payment.Means.choices, widget=forms.RadioSelect)
    reference = forms.CharField(label="Numéro du chèque ou du virement", max_length=60, required=False)
    received_at = WallClockField(label="Reçu le", required=False, help_text="Vide : maintenant.")

    def __init__(self, platform: Platform, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"] = PayerField(platform, label="Qui paie")


class ChargeForm(forms.Form):
    sort = forms.ChoiceField(label="Nature", choices=Charge.Sort.choices)
    label = forms.CharField(label="Libellé", max_length=160, required=False, help_text="Ce que le participant lira.")
    quantity = forms.DecimalField(label="Quantité", min_value=0, max_digits=8, decimal_places=2, initial=1)
    unit_price = EurosField(label="Prix unitaire")
    due_on = DayField(label="À payer le", required=False, help_text="Vide : aujourd’hui.")

    def __init__(self, platform: Platform, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"] = PayerField(platform, label="Qui paie")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Pourquoi", max_length=200)


class WaiverForm(forms.Form):
    amount = EurosField(label="Montant de la remise")
    reason = forms.CharField(label="Pourquoi", max_length=200)


class DepositForm(forms.Form):
    amount = EurosField(label="Montant")
    means = forms.ChoiceField(label="Comment", choices=Deposit.Means.choices, widget=forms.RadioSelect)
    cheque_number = forms.CharField(label="Numéro du chèque", max_length=30, required=False)
    bank = forms.CharField(label="Banque", max_length=60, required=False)
    cheque_dated_on = DayField(label="Chèque daté du", required=False)


class KeepForm(forms.Form):
    amount = EurosField(label="Montant gardé")
    reason = forms.CharField(label="Pourquoi", max_length=200)


class DayForm(forms.Form):
    day = DayField(label="Jour")


class TariffForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=80)
    kind = forms.ChoiceField(label="Type de véhicule", choices=Kind.choices)
    audience = forms.ChoiceField(label="Public", choices=[("", EVERYBODY), *Audience.choices], required=False)
    valid_from = DayField(label="À partir du", help_text="Le tarif d’avant s’arrête ce jour-là.")
    day_rule = forms.ChoiceField(label="Compte des jours", choices=Tariff.DayRule.choices)
    deposit = EurosField(label="Dépôt de garantie", initial=0)
    late_fee_per_day = EurosField(label="Pénalité par jour de retard commencé", initial=0)
    km_per_day = forms.IntegerField(
        label="Kilomètres compris par jour",
        min_value=0,
        max_value=2000,
        required=False,
        help_text="Vide : sans limite.",
    )
    excess_km_price = forms.DecimalField(
        label="Prix du kilomètre en plus", min_value=0, max_digits=5, decimal_places=3, required=False, localize=True
    )
    unused_days = forms.ChoiceField(
        label="Rendu plus tôt : les jours non utilisés",
        choices=Tariff.UnusedDays.choices,
        initial=Tariff.UnusedDays.GIVEN_BACK,
    )
    cancel_fee = EurosField(label="Frais d’annulation", initial=0, help_text="0 : annuler ne coûte jamais rien.")
    cancel_free_days = forms.IntegerField(
        label="Annulation gratuite jusqu’à … jours avant",
        min_value=0,
        max_value=365,
        initial=0,
        help_text="0 : gratuite jusqu’à l’heure du départ.",
    )
    no_show_fee = EurosField(label="Absence au rendez-vous", initial=0, help_text="Quand la personne ne vient pas.")

    def __init__(self, platform: Platform, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"] = forms.ModelChoiceField(
            Programme.objects.filter(platform=platform), label="Dispositif", required=False, empty_label="Tous"
        )


class BandForm(forms.Form):
    """One band; a row in which nothing is written is no band."""

    from_day = forms.IntegerField(label="Dès le jour", min_value=1, max_value=3650)
    day_price = EurosField(label="Par jour")
    week_price = EurosField(label="Par semaine", required=False)
    month_price = EurosField(label="Par mois", required=False)

    def has_changed(self) -> bool:
        """What was written in the row, whatever it opened with."""
        return any(self[name].data not in ("", None) for name in self.fields)


class BandFormSet(formset_factory(BandForm, extra=0)):  # type: ignore[misc]
    """Any of the rows may be emptied, so all of them are extra ones to Django."""

    def initial_form_count(self) -> int:
        return 0

    def total_form_count(self) -> int:
        return super().total_form_count() if self.is_bound else len(self.initial or [])

    def bands(self) -> list[Band]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data]
        return [Band(r["from_day"], r["day_price"], r["week_price"], r["month_price"]) for r in rows]


class PayerForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=120)
    siret = forms.CharField(label="SIRET", max_length=20, required=False)
    postal_address = forms.CharField(label="Adresse", max_length=250, required=False)
