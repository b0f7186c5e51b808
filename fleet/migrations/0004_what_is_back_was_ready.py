"""Whatever came back before anybody could say « Prêt » is taken as ready."""

from django.db import migrations
from django.db.models import F


def ready(apps, schema_editor):
    Hold = apps.get_model("fleet", "Hold")
    Hold.objects.filter(back_at__isnull=False, ready_at__isnull=True).update(ready_at=F("back_at"))


class Migration(migrations.Migration):
    dependencies = [("fleet", "0003_readiness_and_transfers")]

    operations = [migrations.RunPython(ready, migrations.RunPython.noop)]
