"""The user guide shows the pictures that script/guide takes, all of them, and leads nowhere else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
CHAPTERS = sorted(GUIDE.glob("*.md"))


def links(pattern: str) -> set[str]:
    return {link for chapter in CHAPTERS for link in re.findall(pattern, chapter.read_text())}


def test_every_picture_that_a_chapter_shows_is_there_and_none_is_shown_by_nobody() -> None:
    shown = links(r"!\[[^\]]+\]\(images/([^)]+)\)")
    assert {picture.name for picture in (GUIDE / "images").iterdir()} == shown


def test_every_picture_is_taken_by_the_script() -> None:
    taken = set(re.findall(r'Picture\("([^"]+)"', (ROOT / "script" / "_guide.py").read_text()))
    assert {f"{name}.webp" for name in taken} == links(r"images/([^)]+)\)")


def test_every_chapter_that_is_named_exists() -> None:
    for name in links(r"\]\(([^)#]+\.md)\)"):
        assert (GUIDE / name).exists(), name


def test_the_pictures_weigh_little() -> None:
    assert sum(picture.stat().st_size for picture in (GUIDE / "images").iterdir()) < 2_500_000
