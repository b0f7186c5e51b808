"""The programme that is offered when nobody names one."""

from accounts.models import Platform
from core.db import save
from participants.models import Programme


def default_programme(platform: Platform) -> Programme:
    """The platform's own; made at its first participant, so that nobody must know the word to lend a scooter."""
    found = Programme.objects.filter(platform=platform, is_default=True).first()
    return found or save(Programme(platform=platform, name="Accompagnement", is_default=True))
