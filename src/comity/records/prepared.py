"""Queries whose SQL is made once: for lists and cards the ORM spends five times as long on writing SQL as the base on
answering it (measured).

A wrong key would show one person's rows to another, so there is no key apart from the query: a *plan* is a frozen
dataclass that holds every constant of its query, the actor among them, and builds it from nothing but itself. What
differs from run to run (keys of records, the place in a list) goes through slots.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial, reduce
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, Model, QuerySet

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_of

KEPT = 1000  # statements of one cache
SIZES = (1, 8, 50, 150, 500)  # how many keys a statement takes (a page has 50 rows, a board 150 cards): fewer are
# filled up with the last one


class Slot(Expression):
    """A value given at each run, in the form of a field: `filter(pk=Slot("id", key_field))`."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder whose parameter is the slot itself."""
        return "%s", [self]


_lasting: ContextVar[bool] = ContextVar("lasting", default=False)


class Moment(Slot):
    """The moment at which a query runs, in the form of a field: what ends by itself is judged by it at each reading,
    also where the SQL is kept."""

    def __init__(self, field: "Field[Any, Any]") -> None:
        super().__init__("now", field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder; its parameter is the moment, or in SQL that lasts the slot, filled in at each run."""
        return "%s", [self if _lasting.get() else self.value(connection)]

    def value(self, base: Any) -> Any:
        """The parameter at this moment."""
        return self.output_field.get_db_prep_value(now(), base)


@contextmanager
def lasting() -> Iterator[None]:
    """Inside, SQL is made that is kept beyond the request: run it with `present` parameters."""
    token = _lasting.set(True)
    try:
        yield
    finally:
        _lasting.reset(token)


def present(parameters: Iterable[Any], base: Any) -> list[Any]:
    """The parameters of lasting SQL with the moment it is."""
    return [one.value(base) if isinstance(one, Moment) else one for one in parameters]


class Plan(Protocol):
    """A hashable description of a query, complete: equal plans build equal queries."""

    def build(self) -> "QuerySet[Any, Any] | list[QuerySet[Any, Any]]":
        """The query, with `values()` or `values_list()` and slots; or several of the same columns, each with an order
        and an end of its own, whose rows come one after the other."""


class Statement:
    """The SQL of one plan; none where its conditions can't be met."""

    def __init__(self, built: Any) -> None:
        queries = [one.query for one in built] if isinstance(built, list) else [built.query]
        query, parts, parameters = queries[0], [], []
        for one in queries:
            compiler = one.get_compiler(connection=connection)
            with suppress(EmptyResultSet):
                sql, given = compiler.as_sql()
                parts.append(sql)
                parameters += given
        self.sql = parts[0] if len(parts) == 1 else _stacked(parts)
        self.names = tuple(query.selected or (*query.values_select, *query.annotation_select))
        self._parameters = list(parameters)
        self._slots: dict[tuple[str, Any], list[int]] = {}  # name and field -> where the value goes
        self._moments: list[int] = []
        for place, one in enumerate(parameters):
            if isinstance(one, Moment):
                self._moments.append(place)
            elif isinstance(one, Slot):
                self._slots.setdefault((one.name, one.output_field), []).append(place)
        found = compiler.get_converters([column for column, _sql, _alias in compiler.select or ()])
        self._readers = [
            (place, read) for place, (convert, expression) in found.items() if (read := _reader(convert, expression))
        ]

    def rows(self, **slots: Any) -> list[Any]:
        """The rows as sequences in the order of `names`; every slot must be given."""
        if not self.sql:
            return []
        base = connections[DEFAULT_DB_ALIAS]
        with _cursor(base) as cursor:
            cursor.execute(self.sql, self._filled(slots, base))
            rows: list[Any] = cursor.fetchall()
        if self._readers:
            rows = [list(row) for row in rows]
        for place, read in self._readers:
            for row in rows:
                if (value := row[place]) is not None:
                    row[place] = read(value)
        return rows

    def values(self, **slots: Any) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in self.rows(**slots)]

    def objects(self, model: type[Model], **slots: Any) -> list[Any]:
        """The rows as instances, where the query is `values_list(*columns(model))`, also from the far side of a join;
        columns left out load when asked for."""
        names = [name.rpartition("__")[2] for name in self.names]
        return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in self.rows(**slots)]

    def count(self, **slots: Any) -> int:
        """How many rows there are, within the query's limit."""
        if not self.sql:
            return 0
        base = connections[DEFAULT_DB_ALIAS]
        with _cursor(base) as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({self.sql}) counted", self._filled(slots, base))  # noqa: S608 - the ORM's
            return int(cursor.fetchone()[0])

    def _filled(self, slots: dict[str, Any], base: Any) -> list[Any]:
        parameters = self._parameters.copy()
        for (name, field), places in self._slots.items():
            value = slots[name]
            # A page names hundreds of cards by their keys; a field takes five times as long to say the same of one.
            quick = type(value) is UUID and base.vendor == "sqlite" and isinstance(field, KeyField)
            value = value.bytes if quick else field.get_db_prep_value(value, base)
            for place in places:
                parameters[place] = value
        if self._moments:
            moment = self._parameters[self._moments[0]].value(base)
            for place in self._moments:
                parameters[place] = moment
        return parameters


def _stacked(parts: list[str]) -> str:
    """Queries one below the other: as tables, for SQLite takes an order and an end in no other place."""
    return " UNION ALL ".join(f"SELECT * FROM ({sql}) part{n}" for n, sql in enumerate(parts))  # noqa: S608 - the ORM's


def _cursor(base: Any) -> Any:
    """A cursor of the base. PostgreSQL gets the values apart from the text: so it keeps a statement that comes often
    (config.database.PREPARE_AFTER), and its plan. Reading and planning takes it longer than the answer (measured:
    6.2 ms of its processor for a deal's card, 1.4 so)."""
    cursor = base.cursor()
    if base.vendor == "postgresql":
        from django.db.backends.postgresql.base import ServerBindingCursor

        cursor.cursor = ServerBindingCursor(base.connection)  # type: ignore[call-arg]  # a class of psycopg's
    return cursor


def _reader(converters: Sequence[Any], expression: Any) -> Callable[[Any], Any] | None:
    """What makes a column's value of that of the base. Keys and moments, which every row has, are read with as few
    calls as may be: the rows of a board have a thousand of them."""
    moments = getattr(connection.ops, "convert_datetimefield_value", None)
    found: list[Callable[[Any], Any]] = []
    for convert in converters:
        if isinstance(getattr(convert, "__self__", None), KeyField):
            found += [key_of] if connection.vendor == "sqlite" else []  # PostgreSQL hands over keys as they are
        elif convert == moments and connection.timezone is UTC:
            found.append(partial(_moment, convert, expression))
        else:
            found.append(partial(_converted, convert, expression))
    if len(found) < 2:
        return found[0] if found else None
    return lambda value: reduce(lambda before, read: read(before), found, value)


def _moment(convert: Any, expression: Any, value: Any) -> Any:
    """A moment of SQLite's: a column's is one already (kernel.fields.moment_of), that of an expression is text."""
    return value if type(value) is datetime else _converted(convert, expression, value)


def _converted(convert: Any, expression: Any, value: Any) -> Any:
    return convert(value, expression, connections[DEFAULT_DB_ALIAS])


class Statements:
    """The statements of one state of settings: they go when it is replaced. The least used make room."""

    def __init__(self) -> None:
        self._held: OrderedDict[Any, Statement] = OrderedDict()
        self._lock = Lock()

    def of(self, plan: Plan) -> Statement:
        """The statement of a plan, made if need be."""
        key = (type(plan), plan)
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        with lasting():
            made = Statement(plan.build())
        with self._lock:
            self._held[key] = made
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
        return made


EVERYBODYS = Statements()  # of plans that name no actor, because they are of what the caller has the right to


def columns(model: type[Model], *but: str) -> list[str]:
    """The names of a model's columns in their order, without some."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in but]


def portions(ids: Sequence[Any]) -> Iterator[tuple[Sequence[Any], int]]:
    """A list of keys in parts, each with the size of the statement that takes it."""
    for start in range(0, len(ids), SIZES[-1]):
        part = ids[start : start + SIZES[-1]]
        yield part, next(size for size in SIZES if size >= len(part))


def key_slots(field: Any, size: int, name: str = "key") -> Any:
    """The slots of a list of keys: `filter(pk__in=key_slots(field, size))`; `name` parts several lists of one query."""
    return [Slot(f"{name}{n}", field) for n in range(size)]


def keys(ids: Sequence[Any], size: int, name: str = "key") -> dict[str, Any]:
    """The values of `key_slots`."""
    return {f"{name}{n}": ids[min(n, len(ids) - 1)] for n in range(size)}
