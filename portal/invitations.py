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
    """A new personal link, by SMS or else by mail; says which. Refuses with `unreachable` who has neither."""
    require(is_staff(by, participant.platform_id))
    platform = participant.platform
    text = TEXT.format(name=participant.first_name, link=outbox.LINK, platform=platform.name)
    named = {
        "key": f"link:{participant.pk}:{uuid.uuid4()}",
        "platform_id": platform.pk,
        "user_id": participant.user_id,
        "about": participant,
        "link": {"user_id": participant.user_id, "purpose": "person", "path": "/moi/"},
    }
    if participant.phone:
        outbox.text_message(participant.phone, text, **named)
        how = "SMS"
    elif participant.email:
        outbox.mail(participant.email, f"Votre page, {platform.name}", text, **named)
        how = "e-mail"
    else:
        raise refuse("Cette personne n’a ni téléphone ni e-mail : notez-en un d’abord.", "unreachable")
    record(by, "link.sent", participant)
    return how
