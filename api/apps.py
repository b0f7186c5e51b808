from django.apps import AppConfig, apps
from django.db.models import Choices


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from drf_spectacular.settings import spectacular_settings

        spectacular_settings.user_settings["ENUM_NAME_OVERRIDES"] = named_choices() | dict(
            spectacular_settings.user_settings.get("ENUM_NAME_OVERRIDES", {})
        )


def named_choices() -> dict[str, type[Choices]]:
    """The name of every list of choices in the schema: its owner's and its own, `HoldPurposeEnum`, `KindEnum`.

    Words such as « sort », « state » or « purpose » mean another list in every room.
    """
    named: dict[str, type[Choices]] = {}
    for model in apps.get_models():
        for owner in (model, __import__(model.__module__, fromlist=["*"])):
            for choices in vars(owner).values():
                if isinstance(choices, type) and issubclass(choices, Choices) and len(choices):
                    named[choices.__qualname__.replace(".", "") + "Enum"] = choices
    return named
