"""Keeps the searchable words of records true to what the events tell."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor, system
from comity.changes import dispatcher
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import ContactPoint
from comity.records.types import RecordType
from comity.search import sources
from comity.search.models import SearchDoc
from comity.search.words import spaced
from comity.timeline.models import Event

TITLE = "title"
CHUNK = 500
SEARCHED_BY = ("search", "archived_at")  # what of a custom field decides it


def handle(events: Sequence[Event]) -> None:
    """Write anew the documents of the records these events are about; those gone or in the trash lose theirs."""
    prefixes = ("record.", *(prefix for source in sources.all_sources() for prefix in source.events))
    touched: dict[str, dict[UUID, None]] = {}
    for event in events:
        if event.type == "setting.changed" and _changes_what_is_searched(event.payload):
            jobs.enqueue("search.rebuild", key=f"search.rebuild:{event.seq}")
        elif event.type.startswith(prefixes) or "changes" in event.payload:
            touched.setdefault(event.primary_type, {})[event.primary_id] = None
    if not touched:
        return
    house = system("search")
    for type_key, ids in touched.items():
        if type_key in house.state.record_types:
            write(house, house.state.record_types[type_key], list(ids))


def _changes_what_is_searched(payload: Mapping[str, Any]) -> bool:
    """Whether a field that cards may have values in has begun or ceased to be searched."""
    changes = payload.get("changes", {})
    return payload.get("setting") == "field" and "key" not in changes and not changes.keys().isdisjoint(SEARCHED_BY)


def write(house: Actor, record_type: RecordType, ids: Sequence[UUID]) -> None:
    """Make the documents of these records as the records are now; a fixed number of queries."""
    with write_transaction():
        docs = _documents(house, record_type, ids)
        gone = set(ids) - {doc.record_id for doc in docs}
        if gone:
            SearchDoc.objects.filter(type_key=record_type.key, record_id__in=gone).delete()
        if docs:
            SearchDoc.objects.bulk_create(
                docs, update_conflicts=True, unique_fields=["type_key", "record_id"],
                update_fields=["text", "parts", "title", "at"],
            )  # fmt: skip


def searchable(record_type: RecordType) -> list[FieldSpec]:
    """The fields whose words search finds."""
    return [spec for spec in record_type.specs if spec.search]


def _documents(house: Actor, record_type: RecordType, ids: Sequence[UUID]) -> list[SearchDoc]:
    specs = searchable(record_type)
    columns = {name for spec in specs for name in kinds.column_names(spec)}
    rows = policy.visible(house, record_type).filter(pk__in=ids).values("pk", "title", *columns)
    points = _points(record_type, ids, {spec.key for spec in specs if spec.kind in CONTACT_KINDS})
    extra = [(source.key, source.texts(record_type.key, ids)) for source in sources.all_sources()]
    return [_document(record_type, specs, row, points.get(row["pk"], {}), extra) for row in rows]


def _document(
    record_type: RecordType, specs: list[FieldSpec], row: dict[str, Any], points: dict[str, str], extra: Any
) -> SearchDoc:
    key = row["pk"]
    parts = {TITLE: spaced(row["title"])}
    for spec in specs:
        text = points.get(spec.key, "") if spec.stored == "rows" else kinds.search_text(spec, kinds.read(spec, row))
        parts[spec.key] = spaced(text)
    for name, texts in extra:
        parts[name] = spaced(texts.get(key, ""))
    parts = {name: text for name, text in parts.items() if text}
    return SearchDoc(
        type_key=record_type.key, record_id=key, title=parts.get(TITLE, "").strip(), parts=parts, at=now(),
        text="".join(parts.values()).replace("  ", " "),
    )  # fmt: skip


def _points(record_type: RecordType, ids: Sequence[UUID], keys: set[str]) -> dict[UUID, dict[str, str]]:
    """The contact points of many records as text, by record and field."""
    found: dict[UUID, dict[str, str]] = {}
    rows = ContactPoint.objects.filter(type_key=record_type.key, record_id__in=ids, field__in=keys)
    for record_id, field, value in rows.order_by("position").values_list("record_id", "field", "value"):
        held = found.setdefault(record_id, {})
        held[field] = f"{held[field]} {value}" if field in held else value
    return found


def rebuild(beat: jobs.Beat = lambda: None) -> int:
    """Write every document anew, in chunks, while search goes on: after a restore, an upgrade, a change of fields.

    Returns how many records were read. `beat` is called after each chunk.
    """
    total = 0
    house = system("search")
    for record_type in house.state.record_types.values():
        records = policy.visible(house, record_type)
        last: UUID | None = None
        while True:
            page = records.filter(pk__gt=last) if last else records
            ids = list(page.order_by("pk").values_list("pk", flat=True)[:CHUNK])
            if not ids:
                break
            write(house, record_type, ids)
            total, last = total + len(ids), ids[-1]
            beat()
        with write_transaction():
            stale = SearchDoc.objects.filter(type_key=record_type.key)
            stale.exclude(record_id__in=records.values("pk")).delete()
    with write_transaction():
        SearchDoc.objects.exclude(type_key__in=house.state.record_types).delete()
    return total


@jobs.job("search.rebuild", lease=120)
def _rebuild(args: dict[str, Any], beat: jobs.Beat) -> None:
    rebuild(beat)


dispatcher.register(dispatcher.Consumer("search", handle))
