"""Colours are legible by computation (WCAG 2.2): text AAA (7), edges of what can be touched 3."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEETS = Path(settings.BASE_DIR) / "core/static/core"
TEXT = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink-soft", "ground"),
    ("ink-soft", "surface"),
    ("ink-soft", "sunken"),
    ("on-go", "go"),
    ("on-go", "go-hover"),
    ("go-ink", "go-soft"),
    ("go-ink", "ground"),
    ("go-ink", "surface"),
    ("go-ink", "sunken"),
    ("soon-ink", "soon-soft"),
    ("on-now", "now"),
    ("on-now", "now-hover"),
    ("now-ink", "now-soft"),
    ("now-ink", "ground"),
    ("now-ink", "surface"),
]
EDGES = [
    ("edge", "ground"),
    ("edge", "surface"),
    ("focus", "ground"),
    ("focus", "surface"),
    ("go", "ground"),
    ("go", "surface"),
    ("now", "surface"),
    ("soon-edge", "surface"),
]


def tokens(sheet: str) -> dict[str, str]:
    css = (SHEETS / sheet).read_text()
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css[css.index(":root") :].split("}")[0]))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sheet", ["remise.css", "dark.css"])
@pytest.mark.parametrize(("front", "back", "least"), [(*p, 7) for p in TEXT] + [(*p, 3) for p in EDGES])
def test_a_pair_of_colours_is_legible(sheet, front, back, least):
    colours = tokens(sheet)
    assert contrast(colours[front], colours[back]) >= least


def test_day_and_night_have_the_same_colours():
    assert tokens("remise.css").keys() == tokens("dark.css").keys()
