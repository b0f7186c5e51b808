"""What a person typed about a request or a place on the waiting list, as clean values."""

from typing import Any

from django import forms

from accounts.models import Platform, User
from bookings.forms import CHOOSE_A_VEHICLE, CHOOSE_SOMEBODY, FIRM_WITHOUT
from bookings.models import Booking, RequestPolicy
from core.forms import DayField, WallClockField
from fleet.models import Kind, Site, Vehicle
from participants.models import Audience, Participant
from participants.papers import ASKED, in_full


class OfPlatformForm(forms.Form):
    """Choices are those of the platform; another's row is as unknown."""

    def __init__(self, *args: Any, platform: Platform, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = {"participant": Participant, "site": Site}
        for name, model in models.items():
            if name in self.fields:
                rows = model.objects.visible_to(by).filter(platform=platform)
                self.fields[name].queryset = rows  # type: ignore[attr-defined]


class ChangeRequestForm(OfPlatformForm):
    starts_at = WallClockField(label="Du")
    ends_at = WallClockField(label="Au")
    kind = forms.ChoiceField(choices=[("", "Choisissez"), *Kind.choices], label="Type")
    needs_seats = forms.IntegerField(label="Places au moins", required=False, min_value=1, max_value=9)
    needs_automatic = forms.BooleanField(label="Boîte automatique", required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="De préférence à", required=False, empty_label="Tous")
    work_starts_on = DayField(label="Début du travail", required=False)
    purpose = forms.ChoiceField(label="Motif", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Trajet convenu", max_length=200, required=False)


class RequestForm(ChangeRequestForm):
    participant = forms.ModelChoiceField(
        Participant.objects.none(), widget=forms.HiddenInput, error_messages=CHOOSE_SOMEBODY
    )
    why = forms.CharField(label="Pourquoi", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    as_draft = forms.BooleanField(label="Garder comme brouillon, ne pas envoyer", required=False)


class ApproveForm(forms.Form):
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        error_messages=CHOOSE_A_VEHICLE,
        label="Véhicule",
    )
    promised_until = WallClockField(
        label="Sous réserve jusqu’au",
        required=False,
        help_text=FIRM_WITHOUT,
    )

    def __init__(self, *args: Any, vehicles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = vehicles  # type: ignore[attr-defined]


class PapersForm(forms.Form):
    documents = forms.MultipleChoiceField(
        label="Papiers qui manquent",
        choices=[(sort, in_full(sort)) for sort, _ in ASKED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un papier."},
    )


class RefusalForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisissez"), *(one for one in Booking.Refusal.choices if one[0])],
        error_messages={"required": "Choisissez le motif du refus."},
    )
    note = forms.CharField(
        label="Précision", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Pour l’équipe. La personne lit que ce n’est pas possible cette fois, et de vous appeler.",
    )  # fmt: skip


class LatestForm(forms.Form):
    latest_on = DayField(
        label="Inutile après le", required=False, help_text="Le dernier jour où le prêt peut encore commencer."
    )


class WaitForm(OfPlatformForm, LatestForm):
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")
    earliest_at = WallClockField(label="À partir du")
    days = forms.IntegerField(label="Pendant (jours)", min_value=1, max_value=366)
    needs_seats = forms.IntegerField(label="Places au moins", required=False, min_value=1, max_value=9)
    needs_automatic = forms.BooleanField(label="Boîte automatique", required=False)
    work_starts_on = DayField(label="Début du travail", required=False)
    purpose = forms.ChoiceField(label="Motif", choices=Booking.Purpose.choices, required=False)
    destination = forms.CharField(label="Trajet convenu", max_length=200, required=False)


class JoinForm(WaitForm):
    participant = forms.ModelChoiceField(
        Participant.objects.none(), widget=forms.HiddenInput, error_messages=CHOOSE_SOMEBODY
    )
    kind = forms.ChoiceField(choices=[("", "Choisissez"), *Kind.choices], label="Type")


class ProposeForm(forms.Form):
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.none(), widget=forms.RadioSelect, error_messages=CHOOSE_A_VEHICLE, label="Véhicule"
    )
    starts_at = WallClockField(
        label="À une autre date", required=False, help_text="Laissez vide pour le début écrit ci-dessus."
    )

    def __init__(self, *args: Any, vehicles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = vehicles  # type: ignore[attr-defined]


class PolicyForm(forms.Form):
    Order = RequestPolicy.Order
    participants_may_ask = forms.BooleanField(
        label="Les participants demandent un véhicule depuis leur page", required=False
    )
    offers_by_itself = forms.BooleanField(
        label="Écrire d’office à la première personne de la liste d’attente", required=False,
        help_text="Sinon, le véhicule est gardé et vous décidez d’écrire, sur la page d’aujourd’hui.",
    )  # fmt: skip
    answer_hours = forms.IntegerField(label="Heures pour répondre à une proposition", min_value=1, max_value=336)
    first = forms.ChoiceField(label="D’abord", choices=Order.choices)
    second = forms.ChoiceField(label="Puis", choices=Order.choices)
    third = forms.ChoiceField(label="Enfin", choices=Order.choices)
    priority_audiences = forms.MultipleChoiceField(
        label="Publics prioritaires", choices=Audience.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def values(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        return typed | {"order": [typed.pop(name) for name in ("first", "second", "third")]}


class RequestFilter(forms.Form):
    WAITS_FOR = (
        ("", "Toutes"),
        ("decision", "Une décision"),
        ("papers", "Des papiers"),
        ("answer", "Sous réserve"),
        ("draft", "Brouillons"),
    )
    attend = forms.ChoiceField(label="Attend", choices=WAITS_FOR, required=False)
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["data-submit-on-change"] = ""


class WaitingFilter(OfPlatformForm):
    kind = forms.ChoiceField(label="Type", choices=[("", "Tous"), *Kind.choices], required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", required=False, empty_label="Tous")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["data-submit-on-change"] = ""
