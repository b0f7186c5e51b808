"""What a platform has decided about fines, or what holds until it has."""

from accounts.models import Platform
from bookings.models import IncidentPolicy


def policy_of(platform: Platform) -> IncidentPolicy:
    """The platform's own; a row that is not saved yet where nobody has decided."""
    return IncidentPolicy.objects.filter(platform=platform).first() or IncidentPolicy(platform=platform)
