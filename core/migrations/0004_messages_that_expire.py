from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_messages_are_found_by_person")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="useful_until",
            field=models.DateTimeField(null=True),
        ),
    ]
