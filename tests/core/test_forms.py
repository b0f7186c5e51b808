"""Fields that several rooms share: what cannot be a day of ours is a sentence, never an error."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.forms import DayField, PhoneInput, WallClockField


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Cayenne"])
def test_a_year_that_nobody_means_is_refused(typed: str, zone: str) -> None:
    """Moments at either end of the calendar cannot be said in another time zone."""
    with timezone.override(zone), pytest.raises(ValidationError) as refusal:
        WallClockField().clean(typed)
    assert refusal.value.code == "unreal"


@pytest.mark.parametrize("typed", ["0001-01-01", "31/12/9999"])
def test_nor_is_it_a_day(typed: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        DayField().clean(typed)
    assert refusal.value.code == "unreal"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [("+33558412210", "05 58 41 22 10"), ("+34600123456", "+34 600 12 34 56"), ("poste 12", "poste 12"), ("", None)],
)
def test_a_telephone_number_is_shown_as_people_read_it(kept: str, shown: str | None) -> None:
    assert PhoneInput().format_value(kept) == shown
