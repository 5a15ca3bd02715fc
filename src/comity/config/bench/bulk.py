"""Rows straight into a table, thousands at a time: COPY on PostgreSQL, executemany on SQLite."""

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from comity.kernel.fields import KeyField

CHUNK = 5000


class Rows:
    """Rows of one model's table, in the order of `columns` (attribute names); columns not named take their default.

    `after` are the rows that these point to: written first.
    """

    def __init__(self, model: type[models.Model], *columns: str, after: "Rows | None" = None) -> None:
        self.model, self._after = model, after
        fields: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
        rest = [
            name for name, field in fields.items()
            if name not in columns and not field.generated and not isinstance(field, models.AutoField)
        ]  # fmt: skip
        named = [fields[name] for name in (*columns, *rest)]
        self._convert = [_converter(field) for field in named]
        self._rest = tuple(fields[name].get_default() for name in rest)
        table = connection.ops.quote_name(model._meta.db_table)
        names = ", ".join(connection.ops.quote_name(field.column) for field in named)
        places = ", ".join(["%s"] * len(named))
        self._insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - ours
        self._copy = f"COPY {table} ({names}) FROM STDIN"
        self._held: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> None:
        """One row."""
        row = (*values, *self._rest)
        self._held.append(tuple([one if make is None or one is None else make(one)
                                 for make, one in zip(self._convert, row, strict=True)]))  # fmt: skip
        if len(self._held) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._after:
            self._after.flush()
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.executemany(self._insert, self._held)
            else:
                with cursor.cursor.copy(self._copy) as copy:
                    for row in self._held:
                        copy.write_row(row)
        self._held.clear()

    def done(self) -> None:
        """Write the rest and let the table count on from its last number."""
        self.flush()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [self.model]):
                cursor.execute(statement)


def _converter(field: Any) -> Callable[[Any], Any] | None:
    """How a column's values are handed to the engine; None = as they are."""
    sqlite = connection.vendor == "sqlite"
    target = field.target_field if field.is_relation else field
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    if isinstance(field, models.DateTimeField) and sqlite:
        return lambda value: str(value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(field, models.DateField) and sqlite:
        return str
    if isinstance(target, KeyField) and sqlite:
        return lambda value: value.bytes
    return None
