"""The receipt on paper: what it says, frozen as PDF when the number is given."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from stdnum.fr import siret

from accounts.models import Platform
from core import files, pdf, words
from core.models import StoredFile
from pricing.models import Receipt


def receipt_pdf(receipt: Receipt) -> StoredFile:
    """The PDF of a receipt that is about to be written. Its payment, account and platform are at hand."""
    return files.store(
        drawn(receipt),
        kind=StoredFile.Kind.DOCUMENT,
        name=f"recu-{receipt.label}.pdf",
        media_type="application/pdf",
        platform_id=receipt.platform_id,
        by=receipt.payment.by,
    )


def paper(receipt: Receipt) -> HttpResponse:
    """The answer of a door that has checked who may read it: the frozen PDF, or one drawn now where there is none."""
    if receipt.pdf is None:  # taken over from elsewhere without its paper
        return HttpResponse(drawn(receipt), content_type="application/pdf")
    return files.download(receipt.pdf)


def drawn(receipt: Receipt) -> bytes:
    return pdf.render("pricing/receipt", what_it_says(receipt))


def what_it_says(receipt: Receipt) -> dict[str, Any]:
    payment = receipt.payment
    platform, participant = payment.platform, payment.account.participant
    with timezone.override(ZoneInfo(platform.time_zone)):
        return {
            "platform": letterhead(platform),
            "number": receipt.label,
            "issued": words.calendar_day(receipt.issued_at),
            "received": words.calendar_day(payment.received_at),
            "from": payment.payer.name if payment.payer else str(participant),
            "for": str(participant) if payment.payer else "",
            "title": payment.account.title,
            "means": payment.get_means_display(),
            "reference": payment.reference,
            "amount": words.euros(payment.amount),
            "by": payment.by.name,
        }


def letterhead(platform: Platform) -> dict[str, str]:
    """Who signs a paper: the platform's legal identity, as its letterhead and foot say it."""
    return {
        "name": platform.name,
        "legal_name": platform.legal_name or platform.name,
        "siret": siret.format(platform.siret) if platform.siret else "",
        "address": platform.postal_address,
        "phone": words.phone(platform.phone) if platform.phone else "",
        "email": platform.email,
        "vat": platform.get_vat_mention_display(),
    }
