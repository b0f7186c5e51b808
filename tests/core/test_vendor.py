import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def test_vendored_files_are_those_that_the_manifest_pins():
    done = subprocess.run([sys.executable, ROOT / "script/vendor", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_package_has_a_licence_and_an_integrity():
    for package in json.loads((ROOT / "vendor.json").read_text()).values():
        assert package["licence"]
        assert package["integrity"].startswith("sha512-")


def test_pages_take_nothing_from_another_host():
    for page in ROOT.glob("*/templates/**/*.html"):
        text = page.read_text()
        assert 'src="http' not in text, page
        assert "<style" not in text, page
        assert " style=" not in text, page
        assert "onclick=" not in text, page


def test_a_comment_of_several_lines_is_not_shown_to_people():
    for page in ROOT.glob("*/templates/**/*.html"):
        for opened in page.read_text().split("{#")[1:]:
            assert "#}" in opened.split("\n")[0], f"{page}: use {{% comment %}} for several lines"
