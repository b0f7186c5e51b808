"""Platforms that are there already get the reminders and clauses that a new one starts from."""

import datetime as dt

from django.db import migrations

from bookings.starters import CLAUSES, REMINDERS

LONG_AGO = dt.date(2020, 1, 1)


def give(apps, schema_editor):
    Platform = apps.get_model("accounts", "Platform")
    policies, steps, clauses = (
        apps.get_model("bookings", name) for name in ("ReminderPolicy", "ReminderStep", "Clause")
    )
    for platform in Platform.objects.all():
        policies.objects.create(platform=platform)
        steps.objects.bulk_create(
            steps(platform=platform, anchor=a, unit=u, offset=o, at=at, repeats_until=r, text=text)
            for a, u, o, at, r, text in REMINDERS
        )
        clauses.objects.bulk_create(
            clauses(platform=platform, part=part, kinds=kinds, text=text, position=10 * n, valid_from=LONG_AGO)
            for n, (part, kinds, text) in enumerate(CLAUSES, 1)
        )


def remember_where(apps, schema_editor):
    """Until now a participant came to where the vehicle stands."""
    Assignment = apps.get_model("bookings", "Assignment")
    for assignment in Assignment.objects.filter(ended_at__isnull=True).select_related("vehicle").iterator():
        assignment.site_id = assignment.vehicle.site_id
        assignment.save(update_fields=["site"])


class Migration(migrations.Migration):
    dependencies = [("bookings", "0005_living_with_a_loan"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunPython(give, migrations.RunPython.noop),
        migrations.RunPython(remember_where, migrations.RunPython.noop),
    ]
