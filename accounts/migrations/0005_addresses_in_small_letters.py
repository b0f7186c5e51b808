from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_sessions_that_end'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE accounts_user SET email = lower(email) WHERE email <> lower(email)",
            migrations.RunSQL.noop,
        ),
    ]
