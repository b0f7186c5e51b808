"""What the lower rooms tell, and only portal can answer."""

from core import outbox
from core.models import OutboxMessage
from garages.models import Garage
from participants.models import Participant

AGAIN = "Bonjour. Voici votre nouveau lien : {link} Ne le donnez à personne. {platform}"


@outbox.subscribe("link.asked")
def send_new_link(message: OutboxMessage) -> None:
    """The holder of an expired link asked for another: it goes to the telephone or mailbox that we know of them."""
    wanted = message.payload
    person = Participant.objects.filter(user_id=wanted["user_id"]).select_related("platform").first()
    holder = (
        person or Garage.objects.filter(user_id=wanted["user_id"], is_active=True).select_related("platform").first()
    )
    if holder is None or holder.platform_id != message.platform_id:
        return
    text = AGAIN.format(link=outbox.LINK, platform=holder.platform.name)
    named = {
        "key": f"link.sent:{message.pk}",
        "platform_id": holder.platform_id,
        "user_id": wanted["user_id"],
        "about": holder,
        "link": {"user_id": wanted["user_id"], "purpose": wanted["purpose"], "path": wanted["path"]},
    }
    subject = f"Votre lien, {holder.platform.name}"
    if person is None and holder.email:  # a garage
        outbox.mail(holder.email, subject, text, **named)
    else:
        outbox.tell(holder.phone, holder.email, subject, text, **named)
