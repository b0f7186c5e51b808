"""Deposits that nobody gave are not « à recevoir » any more once the loans of their account are over."""

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now


def lapse(apps, schema_editor):
    Deposit, Booking = apps.get_model("pricing", "Deposit"), apps.get_model("bookings", "Booking")
    of_account = Booking.objects.filter(account=OuterRef("account"))
    over = Deposit.objects.filter(Exists(of_account), ~Exists(of_account.filter(state__in=["reserved", "active"])))
    over.filter(state="expected").update(state="lapsed", settled_at=Now(), reason="Prêt fini")


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0019_a_recurring_loan_is_asked_for"),
        ("pricing", "0004_deposits_that_lapse"),
    ]

    operations = [migrations.RunPython(lapse, migrations.RunPython.noop)]
