"""Rows written with SQL that is made once: for what every change writes, the ORM takes longer to write the SQL than the
base to do it (measured). Only writers and commands call it, inside their transaction; no signals are sent."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import AutoField, BigAutoField, Field, Model
from django.db.models.base import ModelState

TOGETHER = 50  # rows of one statement


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


def _by_field(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


def _as_it_is(value: Any) -> Any:
    return value


def _bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


@lru_cache(maxsize=4096)
def _moment(value: datetime | None) -> str | None:
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


_TEXT = json.JSONEncoder(ensure_ascii=False)  # letters as they are: a third of the bytes where they are not Latin


def _json(value: Any) -> str:
    return "{}" if value == {} else _TEXT.encode(value)  # most of them are empty


def _day(value: Any) -> str | None:
    return None if value is None else str(value)


# Fields whose values go to the base as they are, where they have the type the field is for.
_PLAIN = frozenset((
    "CharField", "TextField", "BigIntegerField", "IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField",
    "BooleanField", "BinaryField", "AutoField", "BigAutoField",
))  # fmt: skip


@lru_cache(maxsize=500)
def _preparing(model: type[Model], names: tuple[str, ...], vendor: str) -> list[Callable[[Any], Any]]:
    """For each of these columns what makes a value ready for the base; the ORM's own way costs more than the rest."""
    table, found = _table(model), list[Callable[[Any], Any]]()
    for name in names:
        field: Any = table.by_name[name]
        kind = field.target_field.get_internal_type() if field.is_relation else field.get_internal_type()
        if kind == "KeyField":
            found.append(_bytes if vendor == "sqlite" else _as_it_is)
        elif kind in _PLAIN:
            found.append(_as_it_is)
        elif kind == "DateTimeField":
            found.append(_moment if vendor == "sqlite" else _as_it_is)
        elif kind == "DateField" and vendor == "sqlite":
            found.append(_day)
        elif kind == "JSONField" and vendor == "sqlite" and getattr(field, "encoder", None) is None:
            found.append(_json)
        else:
            found.append(partial(_by_field, field))
    return found


@lru_cache(maxsize=500)
def _adding(model: type[Model], names: tuple[str, ...], number: int) -> str:
    table = _table(model)
    one = f"({', '.join(['%s'] * len(names))})"
    columns = ", ".join(table.columns[table.by_name[name]] for name in names)
    return f"INSERT INTO {table.name} ({columns}) VALUES {', '.join([one] * number)}"  # noqa: S608 - names of columns


def insert_values(model: type[Model], names: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows told by their values of these columns, attribute names, each of the column's own type; every column
    without a default of the base must be among them. In few statements, without an object per row."""
    if not rows:
        return
    base = connections[DEFAULT_DB_ALIAS]
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, make in enumerate(_preparing(model, names, base.vendor)):
        if make is not _as_it_is:
            columns[place] = [make(value) for value in columns[place]]
    ready = list(zip(*columns, strict=True))
    with base.cursor() as cursor:
        if base.vendor == "sqlite":  # its driver takes them one by one faster than one statement of many
            cursor.executemany(_adding(model, names, 1), ready)
            return
        for start in range(0, len(ready), TOGETHER):
            some = ready[start : start + TOGETHER]
            cursor.execute(_adding(model, names, len(some)), [value for row in some for value in row])


def insert_many(rows: Sequence[Model]) -> None:
    """Add many rows of one model that have keys of their own, in few statements."""
    if rows:
        names = _names(type(rows[0]))
        of = itemgetter(*names)
        insert_values(type(rows[0]), names, [of(row.__dict__) for row in rows])


def blank(model: type[Model]) -> Any:
    """An unsaved row with every column as it is by default: copied, which costs a tenth of making one. Whoever takes
    it gives columns whose default is made anew each time (keys, dates, JSON) their own values."""
    row = model.__new__(model)
    row.__dict__ = _defaults(model).copy()
    row._state = ModelState()
    return row


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    return {name: value for name, value in model().__dict__.items() if name != "_state"}


@lru_cache(maxsize=100)
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _table(model).fields)


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
