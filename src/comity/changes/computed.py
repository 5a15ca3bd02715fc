"""What formulas give for cards: counted by the writer where the card alone decides, else behind the change (recount).

A computed value is nobody's change: it stands in no event's "changes", so the story, conflicts and undo know only what
a person did, and every value follows from that again. Lists that show it hear of the card's own event, or of
"record.counted" where another card's change was the cause.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from comity.access.snapshot import Snapshot
from comity.changes import row_values
from comity.identity.models import ExchangeRate
from comity.kernel.clock import now
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.formulas import rollups, shapes
from comity.records.formulas.book import Book, Formula
from comity.records.formulas.evaluating import Card, calculate, evaluate
from comity.records.formulas.functions import Around
from comity.records.formulas.shapes import NoValue
from comity.records.formulas.tree import Node
from comity.records.formulas.uses import Rollup, Uses
from comity.records.models import Record
from comity.records.types import RecordType

Far = Mapping[tuple[str, str], Any]


def book(state: Snapshot) -> Book:
    """The formulas in force."""
    held: Book | None = state.derived.get(Book)
    if held is None:
        held = state.derived[Book] = Book(state.record_types)
    return held


def around(state: Snapshot) -> Around:
    """The company's day, zone, currency and rates."""
    organization = state.organization
    zone = ZoneInfo(organization.timezone if organization else "UTC")
    today = now().astimezone(zone).date()
    return Around(today, zone, organization.currency if organization else "EUR", _rates(state, today))


def _rates(state: Snapshot, day: date) -> Callable[[str], Decimal | None]:
    """The rate of each currency on a day: the last one set until then; asked for when the first one is wanted."""

    def rate(currency: str) -> Decimal | None:
        held = state.derived.get(_rates)
        if held is None:
            held = state.derived[_rates] = {}
            for code, begins, value in ExchangeRate.objects.order_by("day").values_list("currency", "day", "rate"):
                days, rates = held.setdefault(code, ([], []))
                days.append(begins)
                rates.append(value)
        days, rates = held.get(currency, ([], []))
        place = bisect_right(days, day)
        return rates[place - 1] if place else None

    return rate


def fill(state: Snapshot, record_type: RecordType, record: Record) -> tuple[str, ...]:
    """Count what the card alone decides, before it is saved; the rest stays as it stands. The columns that changed."""
    formulas = [one for one in book(state).of(record_type.key) if not one.behind]
    if not formulas:
        return ()
    before = record.custom
    _fill(record_type, record, formulas, around(state))
    return () if record.custom == before else ("custom",)


def refill(state: Snapshot, record_type: RecordType, records: Sequence[Record], keys: Iterable[str]) -> set[str]:
    """Count these formulas of cards held for the change, and all that the cards alone decide; which ones changed.

    A fixed number of queries, one for each figure over other cards; the records are changed, not saved.
    """
    wanted, about = set(keys), around(state)
    formulas = [one for one in book(state).of(record_type.key) if not one.behind or one.spec.key in wanted]
    far = _far(state, record_type, records, formulas)
    figures = _figures(state, record_type, [record.pk for record in records], formulas, about)
    changed: set[str] = set()
    for record in records:
        before = dict(record.custom)
        own = {rollup: found[record.pk] for rollup, found in figures.items()}
        _fill(record_type, record, formulas, about, far.get(record.pk, {}), own)
        custom = record.custom
        changed |= {one.spec.key for one in formulas if before.get(one.spec.key) != custom.get(one.spec.key)}
    return changed


def outcome(
    state: Snapshot, record_type: RecordType, record: Record, formula: Formula
) -> tuple[Any, str]:  # fmt: skip
    """What a formula gives for a card now: (value as in records.kinds, ""), or (None, why there is none)."""
    if formula.checked is None:
        return None, "broken"
    about = around(state)
    far = _far(state, record_type, [record], [formula]).get(record.pk, {})
    figures = _figures(state, record_type, [record.pk], [formula], about)
    card = _card(record_type, record, far, {rollup: found[record.pk] for rollup, found in figures.items()})
    try:
        return shapes.stored(formula.spec, evaluate(formula.checked, card, about)), ""
    except NoValue as problem:
        return None, problem.why


def _card(record_type: RecordType, record: Record, far: Far, figures: Mapping[Rollup, Any]) -> Card:
    specs = {spec.key: spec for spec in record_type.specs}

    def own(key: str) -> Any:
        spec = specs[key]
        return shapes.runtime(spec, kinds.read(spec, record.__dict__))

    return Card(own, far, figures)


def _fill(
    record_type: RecordType, record: Record, formulas: Sequence[Formula], about: Around,
    far: Far | None = None, figures: Mapping[Rollup, Any] | None = None,
) -> None:  # fmt: skip
    """Write what formulas give into the card's `custom`, one after the other: later ones read earlier ones."""
    card = _card(record_type, record, far or {}, figures or {})
    for formula in formulas:
        value = None
        if formula.checked is not None:
            try:
                value = shapes.stored(formula.spec, evaluate(formula.checked, card, about))
            except NoValue:
                value = None  # why, the settings page tells when it is tried there
        stored = kinds.store(formula.spec, "" if value is None and formula.spec.has_twin else value)
        custom = {**record.custom, **stored}
        record.custom = {key: one for key, one in custom.items() if one is not None}


def _far(
    state: Snapshot, record_type: RecordType, records: Sequence[Record], formulas: Iterable[Formula]
) -> dict[UUID, dict[tuple[str, str], Any]]:
    """What the formulas read of the cards that links of these lead to: by card, (link, field) -> value."""
    wanted: dict[str, dict[str, None]] = {}
    for formula in formulas:
        for link, _target, key in formula.checked.uses.far if formula.checked else ():
            wanted.setdefault(link, {})[key] = None
    found: dict[UUID, dict[tuple[str, str], Any]] = {}
    for link, keys in wanted.items():
        spec = record_type.spec(link)
        target = state.record_types[spec.target]
        specs = [target.spec(key) for key in keys]
        to = _leads_to(record_type, spec, records)
        rows = _values(target, specs, {one for one in to.values() if one})
        for pk, linked in to.items():
            row = rows.get(linked)
            if row is not None:
                values = {(link, one.key): shapes.runtime(one, kinds.read(one, row)) for one in specs}
                found.setdefault(pk, {}).update(values)
    return found


def _leads_to(record_type: RecordType, spec: FieldSpec, records: Sequence[Record]) -> dict[UUID, Any]:
    """The card each of these links to; None where it links to none."""
    if spec.kind != "relation":
        return {record.pk: kinds.read(spec, record.__dict__) for record in records}
    held = row_values.held_of(record_type, [record.pk for record in records], [spec])
    return {
        pk: next((ref.id for ref in values[spec.key] if ref.type == spec.target), None) for pk, values in held.items()
    }


def _values(target: RecordType, specs: Sequence[FieldSpec], ids: set[UUID]) -> dict[UUID, Any]:
    columns = {name for spec in specs for name in kinds.column_names(spec)}
    return {row["pk"]: row for row in target.rows.filter(pk__in=ids).values("pk", *columns)} if ids else {}


def _figures(
    state: Snapshot, record_type: RecordType, ids: Sequence[UUID], formulas: Iterable[Formula], about: Around
) -> dict[Rollup, dict[UUID, Any]]:
    """The figures over the cards that link to these: one query each."""
    found: dict[Rollup, dict[UUID, Any]] = {}
    for formula in formulas:
        for rollup in formula.checked.uses.rollups.values() if formula.checked else ():
            if rollup not in found:
                source = state.record_types[rollup.type_key]
                found[rollup] = rollups.figures(rollup, source, record_type.key, ids, about, _fixed(about))
    return found


def _fixed(about: Around) -> Callable[[Node], Any]:
    """Calculates what no card decides: the fixed values of a condition."""
    return lambda node: calculate(node, Uses(), Card(lambda key: None), about)
