"""Where twins are looked for: cards that share a phone, an address, a number, or a name as it sounds."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.duplicates.pairs import Pair, pair
from comity.records.models import ContactPoint
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search import said
from comity.search.duplicates import keys_of
from comity.search.models import DuplicateKey

# More cards than so many share a switchboard or a common name: that makes nobody the same.
MOST_SHARING, MOST_NAMESAKES = 30, 6
CHUNK = 20_000


def most(record_type: RecordType, rule: str) -> int:
    """How many cards may share a value of a rule for it to mean something."""
    return MOST_NAMESAKES if duplicate_rules.is_name(record_type, rule) else MOST_SHARING


def blocks(record_type: RecordType, rule: str, after: str = "") -> Iterator[tuple[str, list[Pair]]]:
    """Chunk by chunk, in the order of shared values above `after`: (the last value looked at, pairs that share one).

    Only a chunk of keys is held at a time, however large the base.
    """
    rows, column = _rows(record_type, rule)
    limit = most(record_type, rule)
    while True:
        taken = list(rows.filter(**{f"{column}__gt": after}).order_by(column, "record_id")[:CHUNK])
        if not taken:
            return
        last = taken[-1][0]
        if len(taken) == CHUNK and taken[0][0] != last:  # the last value's cards may go on in the next chunk
            taken = [row for row in taken if row[0] != last]
        found: list[Pair] = []
        for _value, group in groupby(taken, key=lambda row: row[0]):
            ids = sorted({row[1] for row in group})
            if 1 < len(ids) <= limit:
                found += combinations(ids, 2)
        after = taken[-1][0]
        yield after, found


def _rows(record_type: RecordType, rule: str) -> tuple[Any, str]:
    """The values of a rule with their cards, and the column of the values."""
    if duplicate_rules.contact(record_type, rule):
        column = "last9" if record_type.spec(rule).kind == "phones" else "fold"
        points = ContactPoint.objects.filter(type_key=record_type.key, field=rule)
        return points.values_list(column, "record_id"), column
    keys = DuplicateKey.objects.filter(type_key=record_type.key, rule=rule)
    return keys.values_list("key", "record_id"), "key"


def around(house: Actor, record_type: RecordType, ids: Sequence[UUID]) -> list[Pair]:
    """The pairs these cards may be part of; two queries for each rule, however many cards."""
    rules = tuple(duplicate_rules.of(house.state, record_type).weights)
    held = said.of_records(record_type, policy.visible(house, record_type), ids, rules)
    found: dict[Pair, None] = {}
    for rule in rules:
        wanted: dict[str, list[UUID]] = {}
        for record_id, one in held.items():
            for value in _values(record_type, rule, one.get(rule, ())):
                wanted.setdefault(value, []).append(record_id)
        for pairs in _sharing(record_type, rule, wanted):
            found |= dict.fromkeys(pairs)
    return list(found)


def _values(record_type: RecordType, rule: str, values: tuple[str, ...]) -> Iterable[str]:
    if duplicate_rules.contact(record_type, rule):
        return values
    return keys_of(record_type, rule, values) if values else ()


def _sharing(record_type: RecordType, rule: str, wanted: dict[str, list[UUID]]) -> Iterator[list[Pair]]:
    rows, column = _rows(record_type, rule)
    values, limit = list(wanted), most(record_type, rule)
    for start in range(0, len(values), 200):
        shared: dict[str, set[UUID]] = {}
        part = values[start : start + 200]
        for value, record_id in rows.filter(**{f"{column}__in": part})[:CHUNK]:
            shared.setdefault(value, set()).add(record_id)
        for value, ids in shared.items():
            if len(ids) <= limit:
                yield [pair(one, other) for one in wanted[value] for other in ids if one != other]
