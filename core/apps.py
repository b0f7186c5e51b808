from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Socle"

    def ready(self) -> None:
        from core import checks  # noqa: F401 - registers itself

        # Rooms subscribe to the outbox in their tasks.py; whoever delivers must know all of them.
        autodiscover_modules("tasks")
        autodiscover_modules("panels")  # and whoever shows a page, what upper rooms add to it
        autodiscover_modules("mailboxes")  # and whoever signs somebody in, where people are written to
