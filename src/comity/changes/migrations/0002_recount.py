from django.db import migrations, models

import comity.kernel.clock
import comity.kernel.fields
import comity.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recount",
            fields=[
                (
                    "id",
                    comity.kernel.fields.KeyField(
                        default=comity.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("type_key", models.CharField(max_length=40)),
                ("keys", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("last", comity.kernel.fields.KeyField(null=True)),
                ("day", models.DateField(null=True)),
                ("state", models.CharField(default="running", max_length=10)),
                ("created_at", models.DateTimeField(default=comity.kernel.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["type_key", "state"], name="recount_of_type")],
            },
        ),
    ]
