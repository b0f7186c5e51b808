"""Stays that holds and the journal know of: since the hold says that the vehicle left, or since the work began."""

from django.db import migrations
from django.db.models import Max, Min, Q


def remember(apps, schema_editor):
    RepairJob, GarageStay = apps.get_model("maintenance", "RepairJob"), apps.get_model("maintenance", "GarageStay")
    lines = apps.get_model("core", "JournalEntry").objects.filter(target_type="maintenance.repairjob")
    began = told(lines.filter(verb="job.started"), Min("at"))
    given_up = told(lines.filter(verb="job.cancelled"), Max("at"))
    known = RepairJob.objects.filter(vehicle__isnull=False, garage__isnull=False)
    known = known.filter(Q(hold__out_at__isnull=False) | Q(pk__in=list(began))).select_related("hold")
    stays = []
    for job in known.iterator():
        hold_out, hold_back = (job.hold.out_at, job.hold.back_at) if job.hold else (None, None)
        arrived, left = hold_out or began[job.pk], hold_back or job.collected_at
        if left is None and job.state == "cancelled":
            left = given_up.get(job.pk, arrived)
        stays.append(
            GarageStay(
                platform_id=job.platform_id, job=job, vehicle_id=job.vehicle_id, garage_id=job.garage_id,
                arrived_at=arrived, left_at=left and max(left, arrived),
            )
        )  # fmt: skip
    GarageStay.objects.bulk_create(stays, batch_size=1000)


def told(lines, when):
    return {int(pk): at for pk, at in lines.values_list("target_id").annotate(when)}


class Migration(migrations.Migration):

    dependencies = [("core", "0004_messages_that_expire"), ("maintenance", "0002_stays_at_a_garage")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
