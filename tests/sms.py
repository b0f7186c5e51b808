"""A provider of SMS that takes everything, as Django's `mailoutbox` does for mails."""

from typing import ClassVar


class Provider:
    accepted: ClassVar[list[tuple[str, str, str]]] = []  # (to, text, reference), emptied before each test
    is_set_up = True

    def send(self, to: str, text: str, *, reference: str) -> None:
        self.accepted.append((to, text, reference))
