"""A card and everything that hangs on it, deleted for good: what commands of rooms above do once they have checked.

Words said of it elsewhere are taken away by `traces`; here its own row goes, and the rows that are nothing without it.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Q

from comity.access.snapshot import snapshot
from comity.changes import merging, traces
from comity.records.models import Merged, RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline.models import EventSubject

_belonging: list[tuple[str, Any, str]] = []
_proof: list[Any] = []


def staying(model: Any) -> None:
    """Register rows on cards that stay as a proof, with nothing of the card in them but its key."""
    _proof.append(model)


def belonging(type_key: str, model: Any, column: str) -> None:
    """Register rows that are nothing without a card of that type ("" = of any): they go with it."""
    _belonging.append((type_key, model, column))


def purge(record_type: RecordType, record: Any) -> None:
    """Delete a held card for good, with what follows it and what was merged into it.

    Raises ProtectedError when a row of a room above still needs it: call it in a savepoint.
    """
    for follower, one in list(_followers(RecordRef(record_type.key, record.pk))):
        purge(follower, one)
    found = traces.of(record_type.key, record.pk)
    traces.clear(found)
    for ref in found.refs:
        _let_go(ref)
    for model in _hanging():
        model.objects.filter(type_key=record_type.key, record_id__in=found.ids).delete()
    for type_key, model, column in _belonging:
        if type_key in ("", record_type.key):
            model.objects.filter(**{f"{column}__in": found.ids}).delete()
    Merged.objects.filter(type_key=record_type.key, into_id__in=found.ids).delete()
    record_type.rows.filter(pk__in=found.ids).delete()


def _followers(ref: RecordRef) -> Iterator[tuple[RecordType, Any]]:
    """The cards that are seen only with this one: its tasks."""
    for one in snapshot().record_types.values():
        if one.follows:
            rows = one.rows.filter(**{f"{one.follows}_type": ref.type, f"{one.follows}_id": ref.id})
            yield from ((one, row) for row in rows)


def _let_go(ref: RecordRef) -> None:
    """Links of other cards to it are empty from now on, relations go."""
    for one in snapshot().record_types.values():
        for spec in one.links:
            if spec.stored == "column" and (spec.kind == "card" or spec.target == ref.type):
                empty: dict[str, Any] = {spec.attname: None}
                if spec.kind == "card":
                    empty[f"{spec.key}_type"] = ""
                merging.pointing(one, spec, ref).update(**empty)
    Relation.objects.filter(Q(from_type=ref.type, from_id=ref.id) | Q(to_type=ref.type, to_id=ref.id)).delete()


def _hanging() -> Iterator[Any]:
    """The tables whose rows hang on one card of any type. What was told keeps its place in the order of events."""
    for model in apps.get_models():
        names = {column.name for column in model._meta.concrete_fields}
        if {"type_key", "record_id"} <= names and model not in (EventSubject, *_proof):
            yield model
