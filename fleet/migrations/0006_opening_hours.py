"""The words that a site's hours were until now stay, as a remark; the calendars begin empty (always open)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0005_turnaround_lies_inside_the_hold"),
        ("schedule", "0015_rename_indexes"),
    ]

    operations = [
        migrations.RenameField("site", "opening_hours", "opening_remark"),
        migrations.AlterField(
            "site",
            "opening_remark",
            models.CharField(blank=True, max_length=200, verbose_name="remarque sur les horaires"),
        ),
        *(
            migrations.AddField(
                "site",
                name,
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="schedule.calendar",
                ),
            )
            for name in ("openings", "closures")
        ),
        migrations.AddField(
            "site",
            "holiday_region",
            models.CharField(
                blank=True,
                choices=[
                    ("", "Aucun : ouvert les jours fériés"),
                    ("FR", "Métropole"),
                    ("57", "Moselle"),
                    ("6AE", "Alsace"),
                    ("971", "Guadeloupe"),
                    ("972", "Martinique"),
                    ("973", "Guyane"),
                    ("974", "La Réunion"),
                    ("976", "Mayotte"),
                    ("BL", "Saint-Barthélemy"),
                    ("MF", "Saint-Martin"),
                    ("PM", "Saint-Pierre-et-Miquelon"),
                    ("WF", "Wallis-et-Futuna"),
                    ("PF", "Polynésie française"),
                    ("NC", "Nouvelle-Calédonie"),
                ],
                max_length=3,
                verbose_name="jours fériés",
            ),
        ),
    ]
