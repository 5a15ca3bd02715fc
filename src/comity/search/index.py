"""The trigram index over SearchDoc.text: FTS5 on SQLite, GIN with pg_trgm on PostgreSQL. Nothing else knows which."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import ProgrammingError, connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import Problem
from comity.kernel.fields import KeyField
from comity.records.models import RecordRef
from comity.records.prepared import lasting, present
from comity.records.types import RecordType
from comity.search.words import Alternative, Reading, wanted

FEW_DOCS = 300  # measured: up to so many, reading them beats the trigram index

_KEY = KeyField()

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
# What is added waits in a list that every search reads through: keep it short (kB).
_POSTGRES = (
    """CREATE INDEX search_by_trigram ON search_searchdoc USING gin (text gin_trgm_ops)
        WITH (gin_pending_list_limit = 256)""",
)
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


class Sight:
    """What one actor sees of some types, as SQL over docs `d`, for all queries of one search: see `sight()`."""

    def __init__(self, actor: Actor, record_types: Sequence[RecordType]) -> None:
        tests: list[str] = []
        counts: list[str] = []
        self.args: list[Any] = []
        self._count_args: list[Any] = []
        self._all = False
        for record_type in record_types:
            self.args.append(record_type.key)
            if actor.scope(record_type.key, "view") == "all":
                # What went into the trash a moment ago is dropped when the cards are read.
                self._all = True
                tests.append("d.type_key = %s")
                continue
            branches = policy.branches(actor, record_type.key)
            if branches is None:
                self._all = True
                records = policy.visible(actor, record_type)
                sql, args = records.filter(pk=RawSQL("d.record_id", [])).values("pk").query.sql_with_params()
                tests.append(f"(d.type_key = %s AND EXISTS ({sql}))")
            else:
                sql, args = _united(record_type, branches)
                tests.append(f"(d.type_key = %s AND d.record_id IN ({sql}))")
                # What follows cards he sees is not counted: to find it costs more than the count is worth.
                own = policy.branches(actor, record_type.key, followed=False) or []
                counted, count_args = _united(record_type, own)
                counts.append(f"(SELECT COUNT(*) FROM ({counted} LIMIT {FEW_DOCS + 1}) seen)")  # noqa: S608 - ours
                self._count_args.extend(count_args)
            self.args.extend(args)
        self.test = f"({' OR '.join(tests)})"
        self._counts = counts

    def candidates(self, readings: Sequence[Reading], below: int, limit: int) -> list[Candidate]:
        """Docs that may satisfy one of the readings, newest first, ids below `below` (0 = from the top).

        Every true match is among them, besides some that only the test of the parts can rule out.
        """
        tables, order = "search_searchdoc d", "d.id"
        if connection.vendor == "postgresql":
            match, match_args = _contains(readings)
        elif self._few:
            match, match_args = _contains(readings)
            order = "+d.id"  # not by walking all docs
        else:
            # CROSS JOIN keeps the order: the index gives rows one by one until enough of them are visible.
            tables, order = "search_index f CROSS JOIN search_searchdoc d ON d.id = f.rowid", "f.rowid"
            match, match_args = "f.text MATCH %s", [_fts(readings)]
        where, args = f"{self.test} AND {match}", [*self.args, *match_args]
        if below:
            where, args = f"{where} AND d.id < %s", [*args, below]
        columns = "d.id, d.type_key, d.record_id, d.parts"
        sql = f"SELECT {columns} FROM {tables} WHERE {where} ORDER BY {order} DESC LIMIT %s"  # noqa: S608 - ours
        return [
            Candidate(doc, RecordRef(kind, _uuid(key)), json.loads(parts))
            for doc, kind, key, parts in _rows(sql, [*args, limit])
        ]

    def by_title(self, beginning: str, limit: int) -> list[tuple[RecordRef, str]]:
        """Records whose title begins with these folded words, with the title's words, in their order."""
        where = f"d.title >= %s AND d.title < %s AND {self.test}"
        columns = "d.type_key, d.record_id, d.title"
        # Left to itself, SQLite begins with all he sees.
        hint = "INDEXED BY search_by_title" if connection.vendor == "sqlite" else ""
        order = "d.title, d.type_key, d.record_id"  # as the index has them: the same ones at every asking
        sql = f"SELECT {columns} FROM search_searchdoc d {hint} WHERE {where} ORDER BY {order} LIMIT %s"  # noqa: S608
        rows = _rows(sql, [beginning, f"{beginning}\U0010ffff", *self.args, limit])
        return [(RecordRef(kind, _uuid(key)), title) for kind, key, title in rows]

    @cached_property
    def _few(self) -> bool:
        """Whether the actor sees so little that reading all of it beats asking the index (SQLite)."""
        if self._all or not self._counts:
            return False
        sql = f"SELECT {' + '.join(self._counts)}"
        return int(_rows(sql, self._count_args)[0][0]) <= FEW_DOCS


def _united(record_type: RecordType, branches: Sequence[Any]) -> tuple[str, Any]:
    """The keys of records he sees, index by index: with all tests in one, the engine may read the whole table."""
    live = record_type.rows.filter(deleted_at__isnull=True)
    first, *rest = [live.filter(branch).values("pk") for branch in branches]
    sql, args = first.union(*rest, all=True).query.sql_with_params()
    return sql, args


def sight(actor: Actor, record_types: Sequence[RecordType]) -> Sight:
    """The SQL of what he sees, made once for as long as his rights stand."""
    key = ("sight", *(record_type.key for record_type in record_types))
    held: Sight | None = actor.derived.get(key)
    if held is None:
        with lasting():
            held = actor.derived[key] = Sight(actor, record_types)
    return copy(held)  # how much he sees is looked up anew in each search


def refs(queries: Sequence[Any]) -> list[RecordRef]:
    """The cards of some queries of type and key, in one statement, each query with its own order and end: the ORM
    unites no queries that end on SQLite."""
    parts: list[tuple[str, Any]] = []
    for query in queries:
        with suppress(EmptyResultSet):
            parts.append(query.query.sql_with_params())
    sql = " UNION ALL ".join(f"SELECT * FROM ({sql}) part{n}" for n, (sql, _args) in enumerate(parts))  # noqa: S608
    rows = _rows(sql, [one for _sql, args in parts for one in args]) if parts else []
    return [RecordRef(kind, _uuid(key)) for kind, key in rows]


def _uuid(value: Any) -> UUID:
    return cast(UUID, _KEY.from_db_value(value, None, connection))


def _rows(sql: str, args: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, present(args, connection))
        return list(cursor.fetchall())


def _contains(readings: Sequence[Reading]) -> tuple[str, list[Any]]:
    """The test for any of the readings in SQL. Phrases hold letters, digits, spaces and apostrophes only."""
    args: list[Any] = []
    # The trigram index of PostgreSQL answers LIKE; on SQLite instr is the quicker look at the bytes.
    like = connection.vendor == "postgresql"
    one = "d.text LIKE %s" if like else "instr(d.text, %s)"

    def all_of(phrases: Alternative) -> str:
        args.extend(f"%{phrase}%" if like else phrase for phrase in phrases)
        return f"({' AND '.join([one] * len(phrases))})"

    return _joined(readings, all_of), args


def _fts(readings: Sequence[Reading]) -> str:
    """The same as an expression of FTS5."""
    return _joined(readings, lambda phrases: "(" + " AND ".join(f'"{phrase}"' for phrase in phrases) + ")")


def _joined(readings: Sequence[Reading], all_of: Callable[[Alternative], str]) -> str:
    tests = [" AND ".join(f"({' OR '.join(map(all_of, token))})" for token in wanted(reading)) for reading in readings]
    return f"({' OR '.join(f'({test})' for test in tests)})"
