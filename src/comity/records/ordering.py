"""What lists are ordered by: a column of the table, or an indexed field of the firm's own inside the `custom` JSON.

Of an own field the expression is the very one its index is over (records.json_access), so that the index serves both
the order and the place a page goes on from.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull

from comity.records import json_access
from comity.records.fields import FieldSpec

_LARGEST = 2**63 - 1


class Place:
    """A column as an order: its name among a row's values, its field, and whether it may be empty."""

    def __init__(self, model: type[models.Model], name: str) -> None:
        self.name = name
        self.field: Any = model._meta.get_field(name)
        self.null = bool(self.field.null)
        self.source: Any = F(name)

    def read(self, records: Any) -> Any:
        """The records with the value among what `values(name)` reads."""
        return records

    def compare(self, lookup: str, value: Any) -> Q:
        """The value beside another one."""
        return Q(**{f"{self.name}__{lookup}": value})

    def missing(self, wanted: bool = True) -> Q:
        """Whether there is no value."""
        return Q(**{f"{self.name}__isnull": wanted})

    def ordered(self, descending: bool, backwards: bool) -> Any:
        """What `order_by` takes. Empty values stand last on every engine and in both directions; walking backwards
        they come first."""
        if not self.null:
            return self.source.desc() if descending else self.source.asc()
        ends = {"nulls_first": True} if backwards else {"nulls_last": True}
        return self.source.desc(**ends) if descending else self.source.asc(**ends)

    def fits(self, value: Any) -> bool:
        """Whether a value out of an address can be one of this order: what was a place in another order is none."""
        if value is None:
            return self.null
        good = next((good for classes, good in _GOOD if isinstance(self.field, classes)), None)
        return good is not None and good(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and value.encode(errors="ignore").decode() == value


# The first class decides: to Django a DateTimeField is a DateField too.
_GOOD: tuple[tuple[Any, Callable[[Any], bool]], ...] = (
    (models.BinaryField, lambda value: isinstance(value, bytes)),
    (models.DateTimeField, lambda value: isinstance(value, datetime) and value.tzinfo is not None),
    (models.DateField, lambda value: isinstance(value, date) and not isinstance(value, datetime)),
    (models.IntegerField, lambda value: isinstance(value, int) and abs(value) <= _LARGEST),
    (models.BooleanField, lambda value: isinstance(value, int) and value in (0, 1)),
    ((models.CharField, models.TextField), _is_text),
)


class OwnPlace(Place):
    """A field of the firm's own as an order."""

    def __init__(self, spec: FieldSpec) -> None:
        self.name = "order_value"
        # No answer is "no", as on cards; all else that is not there stands last.
        self.source = (
            json_access.CustomYes(spec.key) if spec.kind == "bool" else json_access.indexed(spec.kind, spec.key)
        )
        self.field = self.source.output_field
        self.null = spec.kind != "bool"

    def read(self, records: Any) -> Any:
        """The records with the value as an annotation."""
        return records.annotate(**{self.name: self.source})

    def compare(self, lookup: str, value: Any) -> Q:
        """A bare comparison: the index begins there."""
        return Q(self.field.get_lookup(lookup)(self.source, value))

    def missing(self, wanted: bool = True) -> Q:
        """Whether there is nothing under the key."""
        return Q(IsNull(self.source, wanted))


def of(model: type[models.Model], spec: FieldSpec | None) -> Place:
    """The order by a field (FieldSpec.sortable); without one, by the title."""
    if spec is None:
        return Place(model, "sort_key")
    if spec.stored == "custom":
        return OwnPlace(spec)
    return Place(model, f"{spec.key}_fold" if spec.has_twin else spec.key)
