"""Pages of a long list that nobody counts: the tenth costs what the first does, whatever stands behind."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

PAGE_SIZE = 50


class Uncounted(Paginator):  # type: ignore[type-arg]
    """A paginator that reads one row more than it shows, instead of counting them all."""

    allow_empty_first_page = True

    @cached_property
    def count(self) -> int:
        """How many rows are known of: those up to the page that was asked for, and one if there are more."""
        return self._known

    def seen(self, number: int) -> Page:  # type: ignore[type-arg]
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        self._known = start + len(rows)
        return Page(rows[: self.per_page], number, self)


def page_of(request: HttpRequest, rows: QuerySet[Any], per_page: int = PAGE_SIZE) -> Page:  # type: ignore[type-arg]
    """The page that `?page=` asks for; what is no number, or nothing, is the first."""
    asked = request.GET.get("page", "1")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    return Uncounted(rows, per_page).seen(number)
