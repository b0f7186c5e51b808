"""A page never waits until Python has looked at everything that exists."""

import os
import subprocess
import sys

from core import garbage

ASK = "import config.wsgi, gc; print(gc.get_freeze_count(), *gc.get_threshold())"


def test_what_a_web_process_is_made_of_is_never_looked_at_and_the_old_rarely() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], env=os.environ, capture_output=True, text=True, check=True)
    frozen, *often = map(int, told.stdout.split())
    assert frozen > 50_000
    assert often == [garbage.YOUNG, garbage.MIDDLE, garbage.OLD]
    assert garbage.OLD >= 100  # Python's own is 10
