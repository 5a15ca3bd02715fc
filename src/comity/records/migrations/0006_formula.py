from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_merged"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="formula",
            field=models.TextField(blank=True, default=""),
        ),
    ]
