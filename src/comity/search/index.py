"""The trigram index over SearchDoc.text: FTS5 on SQLite, GIN with pg_trgm on PostgreSQL. Nothing else knows which."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import ProgrammingError, connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import Problem
from comity.kernel.fields import KeyField
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search.words import Alternative, Reading, wanted

_KEY = KeyField()

# CROSS JOIN keeps the order: the index gives rows one by one until enough of them are visible.
_FROM = {
    "sqlite": ("search_index f CROSS JOIN search_searchdoc d ON d.id = f.rowid", "f.rowid"),
    "postgresql": ("search_searchdoc d", "d.id"),
}

# The folded text is compared as it is: no case or accent rules of the engine. The index keeps no copy of the text.
_SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(text, content='search_searchdoc', content_rowid='id',
        tokenize='trigram case_sensitive 1')""",
    """CREATE TRIGGER search_doc_added AFTER INSERT ON search_searchdoc BEGIN
        INSERT INTO search_index(rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER search_doc_removed AFTER DELETE ON search_searchdoc BEGIN
        INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.id, old.text); END""",
    """CREATE TRIGGER search_doc_changed AFTER UPDATE OF text ON search_searchdoc WHEN old.text IS NOT new.text BEGIN
        INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_index(rowid, text) VALUES (new.id, new.text); END""",
    "INSERT INTO search_index(search_index) VALUES ('rebuild')",
)
_SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS search_doc_added",
    "DROP TRIGGER IF EXISTS search_doc_removed",
    "DROP TRIGGER IF EXISTS search_doc_changed",
    "DROP TABLE IF EXISTS search_index",
)
_POSTGRES = ("CREATE INDEX search_by_trigram ON search_searchdoc USING gin (text gin_trgm_ops)",)
_POSTGRES_DROP = ("DROP INDEX IF EXISTS search_by_trigram",)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row the index gave, still to be tested against what the finder may read."""

    id: int
    ref: RecordRef
    parts: dict[str, str]


def create() -> None:
    """Make the index (anew) over the rows that are there: in the migration, and after one that rebuilds the table."""
    drop()
    if connection.vendor == "postgresql":
        _add_extension()
    with connection.cursor() as cursor:
        for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRES:
            cursor.execute(statement)


def drop() -> None:
    """Remove the index; the rows stay."""
    with connection.cursor() as cursor:
        for statement in _SQLITE_DROP if connection.vendor == "sqlite" else _POSTGRES_DROP:
            cursor.execute(statement)


def _add_extension() -> None:
    """pg_trgm comes with PostgreSQL; the owner of the base may switch it on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone():
            return
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except ProgrammingError as problem:
            raise Problem(
                _("Search needs PostgreSQL's extension pg_trgm, and this database role may not switch it on."),
                kept=_("Nothing was changed."),
                todo=_("Let an administrator of PostgreSQL run CREATE EXTENSION pg_trgm in this base, then try again."),
            ) from problem


def candidates(
    actor: Actor, record_types: Sequence[RecordType], readings: Sequence[Reading], below: int, limit: int
) -> list[Candidate]:
    """Docs of visible records that may satisfy one of the readings, newest first, ids below `below` (0 = from the top).

    Every true match is among them, besides some that only the test of the parts can rule out.
    """
    seen, seen_args = _visible(actor, record_types)
    match, match_args = _match(readings)
    tables, order = _FROM[connection.vendor]
    where, args = f"{match} AND {seen}", [*match_args, *seen_args]
    if below:
        where, args = f"{where} AND {order} < %s", [*args, below]
    columns = "d.id, d.type_key, d.record_id, d.parts"
    sql = f"SELECT {columns} FROM {tables} WHERE {where} ORDER BY {order} DESC LIMIT %s"  # noqa: S608 - ours
    rows = _rows(sql, [*args, limit])
    return [Candidate(doc, RecordRef(kind, _uuid(key)), json.loads(parts)) for doc, kind, key, parts in rows]


def by_title(
    actor: Actor, record_types: Sequence[RecordType], beginning: str, limit: int
) -> list[tuple[RecordRef, str]]:
    """Visible records whose title begins with these folded words, with the title's words, in their order."""
    seen, args = _visible(actor, record_types)
    where = f"d.title >= %s AND d.title < %s AND {seen}"
    columns = "d.type_key, d.record_id, d.title"
    sql = f"SELECT {columns} FROM search_searchdoc d WHERE {where} ORDER BY d.title LIMIT %s"  # noqa: S608 - ours
    rows = _rows(sql, [beginning, f"{beginning}\U0010ffff", *args, limit])
    return [(RecordRef(type_key, _uuid(key)), title) for type_key, key, title in rows]


def _uuid(value: Any) -> UUID:
    return cast(UUID, _KEY.from_db_value(value, None, connection))


def _rows(sql: str, args: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return list(cursor.fetchall())


def _match(readings: Sequence[Reading]) -> tuple[str, list[Any]]:
    """The test of the index for any of the readings. Phrases hold letters, digits, spaces and apostrophes only."""
    if connection.vendor == "sqlite":
        return "f.text MATCH %s", [" OR ".join(f"({_fts(wanted(reading))})" for reading in readings)]
    args: list[Any] = []

    def like(phrases: Alternative) -> str:
        args.extend(f"%{phrase}%" for phrase in phrases)
        return f"({' AND '.join(['d.text LIKE %s'] * len(phrases))})"

    tests = [" AND ".join(f"({' OR '.join(map(like, token))})" for token in wanted(reading)) for reading in readings]
    return f"({' OR '.join(f'({test})' for test in tests)})", args


def _fts(tokens: list[list[Alternative]]) -> str:
    def all_of(phrases: Alternative) -> str:
        return "(" + " AND ".join(f'"{phrase}"' for phrase in phrases) + ")"

    return " AND ".join(f"({' OR '.join(map(all_of, token))})" for token in tokens)


def _visible(actor: Actor, record_types: Sequence[RecordType]) -> tuple[str, list[Any]]:
    """A test of doc `d` for what the actor sees, in the form that is cheap for how much he sees."""
    tests: list[str] = []
    args: list[Any] = []
    for record_type in record_types:
        scope = actor.scope(record_type.key, "view")
        tests.append("d.type_key = %s")
        args.append(record_type.key)
        if scope == "all":
            continue  # what went into the trash a moment ago is dropped when the cards are read
        records = policy.visible(actor, record_type)
        if scope == "team" and policy.is_wide(actor):
            inner, inner_args = records.filter(pk=RawSQL("d.record_id", [])).values("pk").query.sql_with_params()
            tests[-1] += f" AND EXISTS ({inner})"
        else:
            inner, inner_args = records.values("pk").query.sql_with_params()
            tests[-1] += f" AND d.record_id IN ({inner})"
        args.extend(inner_args)
    return f"({' OR '.join(f'({test})' for test in tests)})", args
