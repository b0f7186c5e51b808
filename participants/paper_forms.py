"""What a person typed about a participant's papers and aptitude tests, as clean values."""

from django import forms

from core.forms import DayField
from fleet.models import Kind
from participants.models import DrivingAptitudeTest
from participants.papers import PaperSort


class DocumentForm(forms.Form):
    sort = forms.ChoiceField(label="Papier", choices=[("", "Choisissez"), *PaperSort.choices])
    label = forms.CharField(label="Lequel (pour un autre papier)", max_length=120, required=False)
    seen_original = forms.BooleanField(label="J’ai vu l’original", required=False)
    issued_on = DayField(label="Daté du", required=False)
    valid_until = DayField(
        label="Valable jusqu’au", required=False, help_text="Vide : selon le papier, par exemple trois mois."
    )
    promised_for = DayField(
        label="Pas encore là : promis pour le", required=False, help_text="Laissez vide si vous avez vu le papier."
    )
    file = forms.FileField(
        label="Copie (photo ou PDF)",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
        help_text="Mieux vaut voir l’original que garder une copie.",
    )


class AptitudeForm(forms.Form):
    kind = forms.ChoiceField(label="Type de véhicule", choices=Kind.choices)
    tested_on = DayField(label="Fait le")
    assessor = forms.CharField(label="Évalué par", max_length=120)
    result = forms.ChoiceField(label="Résultat", choices=DrivingAptitudeTest.Result.choices, widget=forms.RadioSelect)
    remark = forms.CharField(
        label="Réserve ou conseil", max_length=300, required=False, help_text="Jamais de diagnostic de santé."
    )
    valid_until = DayField(label="Valable jusqu’au", required=False)
