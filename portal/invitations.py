"""Letting a participant into their page."""

import uuid

from accounts.models import User
from accounts.perms import is_staff
from core import outbox
from core.db import action, refuse, require
from core.journal import record
from participants.models import Participant

TEXT = "Bonjour {name}. Voici votre page : {link} Ce lien est à vous, ne le donnez à personne. {platform}"


@action
def send_link(participant: Participant, *, by: User) -> str:
    """A new personal link; returns how it leaves (`outbox.way`); refuses with `unreachable` whom nothing reaches."""
    require(is_staff(by, participant.platform_id))
    if not participant.phone and not participant.email:
        raise refuse("Cette personne n’a ni téléphone ni e-mail : notez-en un d’abord.", "unreachable")
    platform = participant.platform
    text = TEXT.format(name=participant.first_name, link=outbox.LINK, platform=platform.name)
    named = {
        "key": f"link:{participant.pk}:{uuid.uuid4()}",
        "platform_id": platform.pk,
        "user_id": participant.user_id,
        "about": participant,
        "link": {"user_id": participant.user_id, "purpose": "person", "path": "/moi/"},
    }
    outbox.tell(participant.phone, participant.email, f"Votre page, {platform.name}", text, **named)
    record(by, "link.sent", participant)
    return outbox.way(participant.phone, participant.email)
