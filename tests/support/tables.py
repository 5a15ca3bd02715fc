"""The whole base as it stands, table by table, to be compared with itself later."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.apps import apps

from comity.records.models import Record

Tables = dict[str, dict[Any, dict[str, Any]]]
# What tells of work done, not of cards: the history itself, what follows it, jobs, notices, imports.
BESIDE = frozenset((
    "timeline.event", "timeline.eventsubject", "changes.cursor", "changes.answered", "kernel.job", "kernel.schedule",
    "kernel.stamp", "identity.session", "exchange.import", "exchange.importrow", "notices.notice",
))  # fmt: skip
OF_A_CARD = ("record_id", "from_id", "to_id", "deal_id")
TOUCHED = ("version", "updated_at", "updated_by", "at")


def whole() -> Tables:
    """{table: {key: row}} of everything but BESIDE and the files of imports."""
    found: Tables = {}
    for model in apps.get_models():
        name = model._meta.label_lower
        if not model.__module__.startswith("comity.") or name in BESIDE:
            continue
        rows = {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
        if name == "records.storedfile":
            rows = {key: row for key, row in rows.items() if row["type_key"] != "import"}
        found[name] = rows
    return found


def live(tables: Tables) -> Tables:
    """The same as people see it: without the trash and what hangs on it, versions and the moments of changes."""
    cards = {model._meta.label_lower for model in apps.get_models() if issubclass(model, Record)}
    gone = {key for name in cards & tables.keys() for key, row in tables[name].items() if row["deleted_at"]}
    return {name: _only(rows, lambda row: not _gone(row, gone), TOUCHED if name in cards else ("id", "at"))
            for name, rows in tables.items()}  # fmt: skip


def _gone(row: dict[str, Any], gone: Collection[UUID]) -> bool:
    return bool(row.get("deleted_at")) or any(row.get(name) in gone for name in OF_A_CARD)


def _only(
    rows: dict[Any, dict[str, Any]], wanted: Callable[[dict[str, Any]], bool], without: Collection[str]
) -> dict[Any, dict[str, Any]]:
    kept = [{key: value for key, value in row.items() if key not in without} for row in rows.values() if wanted(row)]
    return dict(enumerate(sorted(kept, key=repr)))


def differing(one: Tables, other: Tables) -> dict[str, list[Any]]:
    """{table: rows that only one of the two has}: empty when they are equal."""
    found = {}
    for name in one.keys() | other.keys():
        first, second = (list(tables.get(name, {}).values()) for tables in (one, other))
        if first != second:
            found[name] = [row for row in first if row not in second] + [row for row in second if row not in first]
    return found
