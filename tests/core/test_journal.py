from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from core.journal import record, story_of
from core.models import JournalEntry
from tests.factories import SiteFactory


def test_a_line_says_who_did_what_to_what(platform: Any, bruno: Any) -> None:
    site = SiteFactory(platform=platform)
    line = record(bruno, "site.added", site, boxes=3)
    assert (line.platform_id, line.actor_id, line.target_type, line.target_id, line.facts) == (
        platform.pk, bruno.pk, "fleet.site", str(site.pk), {"boxes": 3}
    )  # fmt: skip
    assert list(story_of(site)) == [line]


def test_a_platforms_own_line_belongs_to_it(platform: Any, bruno: Any) -> None:
    assert record(bruno, "platform.changed", platform).platform_id == platform.pk


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_rewrite_the_journal(platform: Any, bruno: Any, change: str) -> None:
    line = record(bruno, "site.added", SiteFactory(platform=platform))
    rows = JournalEntry.objects.filter(pk=line.pk)
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        rows.update(verb="rien") if change == "update" else rows.delete()
    assert JournalEntry.objects.get(pk=line.pk).verb == "site.added"
