"""Rows as lines of JSON and back, by the models as they were at a given set of migrations."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.migrations.loader import MigrationLoader

BATCH = 500


def models_at(migrations: Sequence[str]) -> list[type[models.Model]]:
    """The stored models as the named migrations (`room.name`) left them, sorted by label.

    Taken from the migrations and not from today's code: a base is backed up before it is upgraded, and an old archive
    is loaded before it is migrated on.
    """
    nodes = [tuple(name.split(".", 1)) for name in migrations]
    state = MigrationLoader(None).project_state(nodes)  # type: ignore[arg-type]
    rooms = {room for room, _ in nodes}
    models_then = state.apps.get_models(include_auto_created=True)
    stored = [model for model in models_then if model._meta.managed and model._meta.app_label in rooms]
    return sorted(stored, key=lambda model: model._meta.label_lower)


def _plain(value: Any) -> Any:
    """A column's value in JSON's types; the field knows the way back."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _value(field: "models.Field[Any, Any]", stored: Any) -> Any:
    if stored is None or isinstance(field, models.JSONField):
        return stored
    if isinstance(field, models.BinaryField):
        return base64.b64decode(stored)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return target.to_python(stored)


def write_rows(model: type[models.Model], file: IO[bytes], using: str) -> int:
    """Write all rows of a model, gzipped, in order of their key; how many."""
    names = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.using(using).order_by("pk").values_list(*names).iterator(chunk_size=2000)
    count = 0
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0, filename="") as packed:
        packed.write(_line(names))
        for row in rows:
            packed.write(_line([_plain(value) for value in row]))
            count += 1
    return count


def _line(values: Iterable[Any]) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _read(model: type[models.Model], file: IO[bytes]) -> Iterator[models.Model]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    with gzip.GzipFile(fileobj=file, mode="rb") as lines:
        columns = [fields[name] for name in json.loads(next(lines))]
        for line in lines:
            values = zip(columns, json.loads(line), strict=True)
            yield model(**{field.attname: _value(field, value) for field, value in values})


def load_rows(model: type[models.Model], file: IO[bytes]) -> int:
    """Replace all rows of a model by those of the file; how many. Constraints are judged at the end of the transaction.

    What a migration had put into the fresh base gives way: the archive holds it in its later state.
    """
    manager = model._base_manager
    manager.all()._raw_delete(DEFAULT_DB_ALIAS)
    count, batch = 0, []
    for row in _read(model, file):
        batch.append(row)
        if len(batch) == BATCH:
            manager.bulk_create(batch)
            count, batch = count + BATCH, []
    manager.bulk_create(batch)
    return count + len(batch)


def reset_sequences(stored: Sequence[type[models.Model]]) -> None:
    """Let PostgreSQL number on after the highest key loaded (SQLite does so by itself)."""
    from django.core.management.color import no_style

    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), stored):
            cursor.execute(statement)


def count_rows(stored: Sequence[type[models.Model]], using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    """Rows per model label."""
    return {model._meta.label_lower: model._base_manager.using(using).count() for model in stored}
