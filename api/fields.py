"""Reading what a writer gave."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from core.days import is_real


class OfPlatform(serializers.PrimaryKeyRelatedField):
    """A row that the caller may see, by its id; anybody else's is as unknown as one that does not exist.

    With `?platform=` it must be of that platform; the action refuses a mixture in any case.
    """

    def get_queryset(self) -> QuerySet[Any]:
        request = self.context.get("request")
        rows = self.queryset.all() if self.queryset is not None else None  # type: ignore[union-attr]
        if request is None or rows is None:
            return rows  # type: ignore[return-value]
        return rows.visible_to(request.user)


def read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body as clean values, or a 400 that names the fields."""
    return clean(serializer(data=request.data, context={"request": request}))


def clean(given: serializers.Serializer[Any]) -> dict[str, Any]:
    """What was given, once it stands; a year that nobody means does not (see core/days.py)."""
    given.is_valid(raise_exception=True)
    values = given.validated_data
    if unreal := [name for name, value in values.items() if isinstance(value, dt.date) and not is_real(value)]:
        raise serializers.ValidationError({name: ["Vérifiez l’année."] for name in unreal})
    return values
