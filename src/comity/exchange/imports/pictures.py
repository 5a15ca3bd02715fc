"""Photos of contact cards: each becomes a file of the card it belongs to, and goes again when the load is undone."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from comity.changes.bus import Work
from comity.changes.commands import linked_refs
from comity.changes.files import NewFile, put, take
from comity.exchange.imports.model import Import
from comity.exchange.imports.planning import Picture
from comity.exchange.imports.shaping import PICTURES
from comity.kernel import storage
from comity.kernel.sheets import limits
from comity.records.models import RecordRef, StoredFile
from comity.timeline.models import Event


def put_on(work: Work, load: Import, pictures: Sequence[Picture], fresh: Collection[UUID]) -> None:
    """Put pictures on their cards; one that a card has already is not put there twice."""
    here = {one.id for one in pictures}.difference(fresh)
    rows = StoredFile.objects.filter(record_id__in=here, deleted_at=None).values_list("record_id", "sha256")
    known = set(rows) if here else set()
    for one in pictures:
        content = (one.id, sha256(one.content).hexdigest())
        if content in known:
            continue
        known.add(content)
        stored = storage.save(BytesIO(one.content), limits.PHOTO)
        new = NewFile(f"photo.{PICTURES[one.mime]}", stored.sha256, stored.size, one.mime)
        links = linked_refs(one.type, one.values)
        put(work, RecordRef(one.type.key, one.id), links, new, origin={"import": str(load.pk), "row": one.row})


def take_back(work: Work, events: Sequence[Event]) -> None:
    """Put the files these events told of into the trash; those that are gone already stay so."""
    told = {UUID(event.payload["file"]): event for event in events}
    rows = StoredFile.objects.select_for_update().filter(pk__in=list(told), deleted_at=None)
    for row in rows:
        take(work, RecordRef(row.type_key, row.record_id), (), row, {"undone": told[row.pk].id})
