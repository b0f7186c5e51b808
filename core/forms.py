"""Fields that several rooms' forms share. Forms hold what a person typed, as clean values, and no rule."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from core import words
from core.days import is_real


class RemiseFormRenderer(TemplatesSetting):
    """Our own field and widget templates, in `core/templates/django/forms/`."""

    field_template_name = "django/forms/field.html"
    form_template_name = "django/forms/form.html"


class WallClockField(forms.DateTimeField):
    """A moment typed as the platform's wall clock shows it, clean as an aware datetime.

    An hour that the night of the clock change skips is refused; one that it shows twice is the first of them.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M")
    default_error_messages = {
        "invalid": "Écrivez la date et l’heure, par exemple 03/03/2026 18:00.",
        "skipped": "Cette heure n’existe pas : cette nuit-là, on avance les montres d’une heure.",
        "unreal": "Vérifiez l’année.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=self.input_formats, **kwargs)

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        if isinstance(value, dt.datetime):
            return value
        for form in self.input_formats:
            try:
                naive = dt.datetime.strptime(value.strip(), form)  # noqa: DTZ007 - the zone is set below
            except ValueError:
                continue
            if not is_real(naive):
                raise forms.ValidationError(self.error_messages["unreal"], code="unreal")
            aware = naive.replace(tzinfo=timezone.get_current_timezone())
            if aware.astimezone(dt.UTC).astimezone(aware.tzinfo).replace(tzinfo=None) != naive:
                raise forms.ValidationError(self.error_messages["skipped"], code="skipped")
            return aware
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class DayField(forms.DateField):
    """A day: the browser's date picker, or 03/03/2026 typed."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"unreal": "Vérifiez l’année."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y"), **kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day is not None and not is_real(day):
            raise forms.ValidationError(self.error_messages["unreal"], code="unreal")
        return day


class PhoneInput(forms.TextInput):
    """A telephone number, shown as people read it: « 05 58 41 22 10 », not « +33558412210 »."""

    input_type = "tel"

    def __init__(self) -> None:
        super().__init__({"autocomplete": "off"})

    def format_value(self, value: Any) -> str | None:
        shown = super().format_value(value)
        return words.phone(shown).replace(words.NBSP, " ") if shown else shown


class EurosField(forms.DecimalField):
    """An amount in euros: « 12 », « 12,50 », « 12.50 € »."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=9, decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """« 73,50 »: an amount is shown as people write it; what was typed stays as it was."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = value.replace("€", "").replace("\u202f", "").replace("\xa0", "").replace(" ", "")
            value = value.replace(",", ".")
        return super().to_python(value)


class PhotosInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/photos.html"
    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/*"} | (attrs or {}))


class PhotosField(forms.FileField):
    """Several photos at once; a list of uploads, checked and re-encoded by the action that keeps them."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(PhotosField, self).clean(upload, initial) for upload in uploads]


def as_typed(field: "models.Field[Any, Any]", **more: Any) -> forms.Field | None:
    """For `fields_for_model`: a model's field as people fill it in; days by our own field, lists begin in words."""
    if not isinstance(field, models.DateField) and not field.choices:
        return field.formfield(**more)
    label, required = str(field.verbose_name).capitalize(), not field.blank
    if isinstance(field, models.DateField):
        return DayField(label=label, required=required)
    choices = list(field.flatchoices)
    if not any(value == "" for value, _ in choices):
        choices.insert(0, ("", "Choisissez" if required else "Non précisé"))
    return forms.ChoiceField(label=label, required=required, choices=choices)
