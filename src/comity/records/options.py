"""Lists of values that the company changes by clicks: sources, reasons, kinds of files. A field names its list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from comity.records.fields import Choice
from comity.records.labels import Label
from comity.records.models import Option

STEP = 10  # between the places of two shipped values, so that others fit in


@dataclass(frozen=True)
class OptionList:
    """One list.

    key      what fields name in `options`
    label    its heading in the settings
    shipped  the values every installation starts with; a row of the same key gives one another name or retires it
    load     (parts of the snapshot) -> the values, for a list that a room above keeps in tables of its own
    """

    key: str
    label: Label
    shipped: tuple[Choice, ...] = ()
    load: Callable[[Mapping[str, Any]], tuple[Choice, ...]] | None = None


_lists: dict[str, OptionList] = {}


def register(one: OptionList) -> OptionList:
    """Make a list known; a key is registered once."""
    if one.key in _lists:
        raise ValueError(f"Option list {one.key} exists already")
    _lists[one.key] = one
    return one


def get(key: str) -> OptionList:
    """The list of that key; raises KeyError."""
    return _lists[key]


def all_lists() -> tuple[OptionList, ...]:
    """Every list, in the order of registration."""
    return tuple(_lists.values())


def in_force(rows: Iterable[Option], parts: Mapping[str, Any]) -> dict[str, tuple[Choice, ...]]:
    """The values of every list by its key: the shipped ones as the company's rows change them, and its own."""
    by_list: dict[str, dict[str, Option]] = {}
    for row in rows:
        by_list.setdefault(row.list_key, {})[row.key] = row
    return {
        one.key: one.load(parts) if one.load else _merged(one.shipped, by_list.get(one.key, {}))
        for one in _lists.values()
    }


def placed(shipped: tuple[Choice, ...], rows: Mapping[str, Option]) -> list[tuple[int, Choice]]:
    """The values of a list with their places, in order: the shipped ones as rows (by key) change them, and its own."""
    found = [((n + 1) * STEP, choice) for n, choice in enumerate(shipped) if choice.key not in rows]
    found += [
        (row.position, Choice(row.key, Label.of(row.label), row.hue, row.archived_at is not None))
        for row in rows.values()
    ]
    return sorted(found, key=lambda one: one[0])


def _merged(shipped: tuple[Choice, ...], rows: Mapping[str, Option]) -> tuple[Choice, ...]:
    return tuple(choice for _place, choice in placed(shipped, rows))
