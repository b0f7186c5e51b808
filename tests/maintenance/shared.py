"""What the tests of maintenance's verbs share: a quote, a photo, and the picture of a job that must not change."""

import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.models import JournalEntry, Note, OutboxMessage
from maintenance.models import JobOffer, RepairJob

BY_PHONE = "par téléphone, M. Duval"
LINES = [
    {"sort": "labour", "label": "Main-d’œuvre", "quantity": Decimal("1.5"), "unit_price": Decimal("39.90")},
    {"sort": "part", "label": "Plaquettes avant", "quantity": Decimal(1), "unit_price": Decimal("42.00")},
]


def code_of(refusal):
    return refusal.value.code


def photo(name="photo.jpg"):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def picture_of(job):
    """Everything of a job that a refused verb must leave as it was."""
    row = RepairJob.objects.filter(pk=job.pk).values().get()
    offers = list(JobOffer.objects.filter(job=job).values())
    written = JournalEntry.objects.count(), OutboxMessage.objects.count(), Note.objects.count()
    return row, offers, list(job.quote_lines.values()), list(job.platform.garages.values_list("pk")), written
