"""Rows written with SQL that is made once: for what every change writes, the ORM takes longer to write the SQL than the
base to do it (measured). Only writers and commands call it, inside their transaction; no signals are sent."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import AutoField, BigAutoField, Field, Model


class _Table:
    """A model's columns as SQL names them."""

    def __init__(self, model: type[Model]) -> None:
        meta, quote = model._meta, connection.ops.quote_name
        self.name = quote(meta.db_table)
        self.key: Field[Any, Any] = meta.pk
        self.fields = [field for field in meta.concrete_fields if not field.generated]
        self.by_name = {field.attname: field for field in self.fields} | {field.name: field for field in self.fields}
        self.columns = {field: quote(str(field.column)) for field in self.fields}
        self.numbered = isinstance(self.key, AutoField | BigAutoField)


@cache
def _table(model: type[Model]) -> _Table:
    return _Table(model)


@lru_cache(maxsize=500)
def _inserting(model: type[Model], number: int, keyed: bool) -> tuple[str, list["Field[Any, Any]"]]:
    """The statement for so many rows, and the fields it takes of each."""
    table = _table(model)
    fields = [field for field in table.fields if keyed or field is not table.key]
    one = f"({', '.join(['%s'] * len(fields))})"
    names = ", ".join(table.columns[field] for field in fields)
    sql = f"INSERT INTO {table.name} ({names}) VALUES {', '.join([one] * number)}"  # noqa: S608 - names of columns
    return sql if keyed else f"{sql} RETURNING {table.columns[table.key]}", fields


@lru_cache(maxsize=500)
def _changing(model: type[Model], names: tuple[str, ...]) -> tuple[str, list["Field[Any, Any]"]]:
    """The statement that writes these columns of one row, and their fields."""
    table = _table(model)
    fields = list(dict.fromkeys(table.by_name[name] for name in names))
    pairs = ", ".join(f"{table.columns[field]} = %s" for field in fields)
    return f"UPDATE {table.name} SET {pairs} WHERE {table.columns[table.key]} = %s", fields  # noqa: S608 - as above


def insert(rows: Sequence[Model]) -> None:
    """Add rows of one model, all with a key of their own or all to be numbered by the base, in one statement."""
    model, base = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    keyed = not _table(model).numbered or rows[0].pk is not None
    sql, fields = _inserting(model, len(rows), keyed)
    values = [field.get_db_prep_save(field.pre_save(row, True), base) for row in rows for field in fields]
    with base.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall() if not keyed else ()
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for row, (key,) in zip(rows, keys, strict=keys != ()):
        row.pk = key


def change(row: Model, names: Sequence[str]) -> bool:
    """Write these columns of a row as they stand on it; returns whether there is such a row. What is written enters
    its indexes anew, even where it stays what it was: name only what has changed."""
    base = connections[DEFAULT_DB_ALIAS]
    sql, fields = _changing(type(row), tuple(sorted(names)))
    values = [field.get_db_prep_save(field.pre_save(row, False), base) for field in fields]
    with base.cursor() as cursor:
        cursor.execute(sql, [*values, _table(type(row)).key.get_db_prep_save(row.pk, base)])
        return bool(cursor.rowcount)
