"""The programme that is offered when nobody names one."""

from accounts.models import Platform
from core.db import save
from participants.models import Programme


def default_programme(platform: Platform) -> Programme:
    """The one that the platform offers; where none is, its oldest from now on, or a first one made here.

    Nobody must know the word to lend a scooter.
    """
    programmes = Programme.objects.filter(platform=platform)
    found = programmes.filter(is_default=True).first()
    if found is None:
        found = programmes.order_by("pk").first() or Programme(platform=platform, name="Accompagnement")
        found.is_default = True
        save(found)
    return found
