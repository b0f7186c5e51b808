"""The first view of somebody who comes with an empty cache, as WhiteNoise sends it: ≤ 100 kB, ≤ 30 kB of it script."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

FONTS = ["core/vendor/atkinson-hyperlegible-5.3.0/regular.woff2", "core/vendor/atkinson-hyperlegible-5.3.0/bold.woff2"]
ANSWER_HEADERS = 600  # bytes, each


def sent(name: str) -> int:
    content = Path(finders.find(name)).read_bytes()
    return min(len(content), len(gzip.compress(content))) + ANSWER_HEADERS


def weigh(html: str) -> tuple[int, int]:
    """Bytes in all, and bytes of script."""
    named = set(re.findall(r'(?:href|src)="/static/([^"#]+)', html))
    scripts = {name for name in named if name.endswith(".js")}
    page = len(gzip.compress(html.encode())) + ANSWER_HEADERS
    return page + sum(sent(name) for name in {*named, *FONTS}), sum(sent(name) for name in scripts)


@pytest.mark.parametrize("url", ["/compte/login/", "/compte/2fa/"])
def test_a_first_view_is_light(client: Client, bruno: Any, url: str) -> None:
    if url != "/compte/login/":
        client.force_login(bruno)
    total, script = weigh(client.get(url).content.decode())
    assert total <= 100_000
    assert script <= 30_000
