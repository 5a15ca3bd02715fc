from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_working_hours"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="user",
            name="service",
            field=models.BooleanField(default=False),
        ),
    ]
