"""What can happen to a repair job; one file a subject.

Every verb locks the vehicle, then the job. A garage's verbs (accept, decline, reschedule, quote, start,
wait_for_parts, resume, done, invoice) may also be done by staff on its behalf, who then say who told them and
how (`on_behalf="par téléphone, M. X"`).
"""

from maintenance.actions.closing import cancel, collect, invoice, mark_paid
from maintenance.actions.offering import (
    accept,
    decline,
    expire_silent_offers,
    give,
    give_to_new_garage,
    offer,
    offer_next,
    withdraw,
)
from maintenance.actions.quoting import approve_quote, quote, refuse_quote
from maintenance.actions.reporting import add_photos, change, report_defect, save_policy
from maintenance.actions.stays import correct_stay
from maintenance.actions.working import done, reschedule, resume, start, wait_for_parts

__all__ = [
    "accept",
    "add_photos",
    "approve_quote",
    "cancel",
    "change",
    "collect",
    "correct_stay",
    "decline",
    "done",
    "expire_silent_offers",
    "give",
    "give_to_new_garage",
    "invoice",
    "mark_paid",
    "offer",
    "offer_next",
    "quote",
    "refuse_quote",
    "report_defect",
    "reschedule",
    "resume",
    "save_policy",
    "start",
    "wait_for_parts",
    "withdraw",
]
