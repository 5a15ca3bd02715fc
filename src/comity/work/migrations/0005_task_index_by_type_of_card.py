from django.db import migrations, models

# The order of the list "All" on PostgreSQL, where an index walked backwards begins with the empty values: it sorted all
# the tasks a person sees for the first fifty. For SQLite empty values are the least, as the list wants them.
BY_DUE_DOWN = "CREATE INDEX task_by_due_down ON work_task (due_at DESC NULLS LAST, id DESC) WHERE deleted_at IS NULL"


def by_due_down(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BY_DUE_DOWN)


def not_by_due_down(apps, schema_editor):
    schema_editor.execute("DROP INDEX IF EXISTS task_by_due_down")


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_working_hours"),
        ("work", "0004_tasks_by_due_index"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="task", name="task_of_card"),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["about_type", "about_id", "state", "due_at"],
                name="task_of_card",
            ),
        ),
        migrations.RunPython(by_due_down, not_by_due_down),
    ]
