"""What is written to a garage: a mail where it has an address, an SMS where it has a mobile, both with its link.

Where no SMS provider is set, a garage that has an address gets the mail alone.
"""

import re

from django.db import models

from core import outbox
from garages.models import Garage

MOBILE = re.compile(r"\+(33[67]|262(692|693|639)|590690|590691|594694|596696|596697)\d+")
LINK_DAYS = 60


def has_mobile(garage: Garage) -> bool:
    return bool(MOBILE.fullmatch(garage.phone))


def can_be_written_to(garage: Garage) -> bool:
    return bool(garage.email) or has_mobile(garage)


def tell(
    garage: Garage, *, subject: str, text: str, sms: str, key: str, about: models.Model, path: str = "/garage/"
) -> None:
    """Puts the mail and the SMS in the outbox; `outbox.LINK` in them becomes a link to `path` when they leave."""
    link = {"user_id": garage.user_id, "purpose": "garage", "path": path, "days": LINK_DAYS}
    to_whom = {"platform_id": garage.platform_id, "user_id": garage.user_id, "about": about, "link": link}
    if garage.email:
        signature = f"\n\n{garage.platform.name}"
        outbox.mail(garage.email, subject, text + signature, key=f"{key}:mail", **to_whom)  # type: ignore[arg-type]
    if has_mobile(garage) and (outbox.sms_leaves() or not garage.email):
        outbox.text_message(garage.phone, sms, key=f"{key}:sms", **to_whom)  # type: ignore[arg-type]
