"""What keeps Remise from starting, in a sentence that says what to do."""


class Problem(Exception):
    """Shown to the person at the terminal, without a traceback."""
