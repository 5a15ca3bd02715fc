"""Numbers that used to be whole numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0007_field_kinds")]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="was_whole",
            field=models.BooleanField(default=False),
        ),
    ]
