"""House rules that a verb passes, and those that it would break."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from bookings.rules.house import Pass, PassReason, Rule


class PassIn(serializers.Serializer[Any]):
    rule = serializers.ChoiceField(choices=Rule.choices)
    reason = serializers.ChoiceField(choices=PassReason.choices)


class BreachOut(serializers.Serializer[Any]):
    rule = serializers.CharField()
    message = serializers.CharField()
    can_be_passed = serializers.BooleanField()
    binds = serializers.BooleanField()


def passes_of(typed: Mapping[str, Any]) -> list[Pass]:
    """What was typed as `passes`, as the actions take it."""
    return [Pass(one["rule"], one["reason"]) for one in typed.get("passes", ())]
