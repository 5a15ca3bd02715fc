"""Rows of tables as they were, what became of them, and how they become again what they were."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import models

from comity.records.prepared import portions

Held = Mapping[str, Mapping[str, Any]]  # key -> {column: value in its JSON form}
Note = dict[str, Any]


def held(rows: Iterable[models.Model]) -> dict[str, dict[str, Any]]:
    """The rows as they are now."""
    return {str(row.pk): values(row) for row in rows}


def values(row: models.Model) -> dict[str, Any]:
    """A row's columns in a form that JSON takes."""
    return {column.attname: _plain(getattr(row, column.attname)) for column in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def difference(model: type[models.Model], before: Held, after: Held) -> Note:
    """What parts two states of rows: {"changed": {key: {column: [old, new]}}, "gone": [rows], "made": [rows]}."""
    changed = {}
    for key in before.keys() & after.keys():
        columns = {name: [old, after[key][name]] for name, old in before[key].items() if old != after[key][name]}
        if columns:
            changed[key] = columns
    return {
        "model": model._meta.label,
        "changed": changed,
        "gone": [dict(before[key]) for key in sorted(before.keys() - after.keys())],
        "made": [dict(after[key]) for key in sorted(after.keys() - before.keys())],
    }


def restore(note: Note) -> int:
    """Make the rows again what they were before that difference; those changed or gone since stay as they are.

    How many those are comes back.
    """
    model: Any = apps.get_model(note["model"])
    left = 0
    for row in note["made"]:
        found = model._base_manager.filter(pk=row[model._meta.pk.attname]).first()
        if found is not None and values(found) == row:
            found.delete()
        elif found is not None:
            left += 1
    columns = {column.attname: column for column in model._meta.concrete_fields}
    keys = list(note["changed"])
    for part, _size in portions(keys):
        found = model._base_manager.filter(pk__in=[model._meta.pk.to_python(key) for key in part])
        rows = {str(row.pk): row for row in found}
        for key in part:
            row, change = rows.get(key), note["changed"][key]
            now_held = values(row) if row is not None else {}
            if row is None or any(now_held[name] != new for name, (_old, new) in change.items()):
                left += 1
                continue
            for name, (old, _new) in change.items():
                setattr(row, name, columns[name].to_python(old))
            row.save(update_fields=[columns[name].name for name in change])
    gone = [model(**{name: columns[name].to_python(value) for name, value in row.items()}) for row in note["gone"]]
    if gone:
        model._base_manager.bulk_create(gone, ignore_conflicts=True)
    return left
