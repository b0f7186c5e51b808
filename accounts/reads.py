"""The reading rule that most rooms share: staff see what belongs to their platforms, nobody else anything."""

from typing import Any, Self

from django.db import models

from accounts.perms import staff_platform_ids


class StaffQuerySet(models.QuerySet[Any]):
    """`visible_to` for rows that only staff see. Rooms whose rows others see too extend it."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(platform_id__in=staff_platform_ids(user))
