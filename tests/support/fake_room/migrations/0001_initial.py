"""The fake room's table, made after those it points to: PostgreSQL wants them there."""

from typing import Any

from django.db import migrations


def make_table(apps: Any, schema_editor: Any) -> None:
    """From the model as it is: the fake room has no history to keep."""
    from support.fake_room.models import Gadget

    schema_editor.create_model(Gadget)


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("records", "0001_initial")]
    operations = [migrations.RunPython(make_table, migrations.RunPython.noop)]
