"""A load taken back: its events are walked from the last to the first, whoever has seen them, however long ago.

Cards it made go to the trash, unless somebody has worked on them since; fields it changed get their old values back
where nobody changed them since; its notes and files go. What is left is listed.
"""

from collections.abc import Sequence
from time import monotonic
from typing import Any, ClassVar
from uuid import UUID

from comity.access import policy
from comity.access.actors import user_actor
from comity.changes import intake
from comity.changes.bus import Telling, Work, run
from comity.exchange.imports.model import Import
from comity.exchange.imports.pictures import take_back
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.models import Event, EventSubject
from comity.work.notes.model import Note

FIRST, FEWEST, MOST, LONGEST = 50, 10, 400, 0.2
NAMED = 500  # cards left that are listed
KINDS = ("record.created", "record.updated", "note.written", "file.added")


def undo(load: Import, beat: jobs.Beat) -> None:
    """Carry the undoing through, from where it stands."""
    actor, size = user_actor(load.made_by), FIRST
    while True:
        began = monotonic()
        result = run(actor, UndoChunk(load.pk, size), batch_id=load.undo_batch)
        beat()
        if result.data.get("ended"):
            return
        took = monotonic() - began
        size = max(FEWEST, min(MOST, int(size * LONGEST / took) if took else MOST, size * 2))


class UndoChunk:
    """Take some events back and note in the same transaction how far it came. Result.data: {"ended": bool}."""

    key: ClassVar[str] = "import.undo_chunk"

    def __init__(self, load_id: UUID, size: int) -> None:
        self.load_id, self.size = load_id, size

    def apply(self, work: Work) -> None:
        """Writes nothing when somebody else is at it."""
        load = Import.objects.select_for_update().get(pk=self.load_id)
        if load.state != "undoing":
            work.result.data["ended"] = True
            return
        events = Event.objects.filter(batch_id=load.batch, type__in=KINDS).order_by("-id")
        if load.undone_to is not None:
            events = events.filter(id__lt=load.undone_to)
        some = list(events[: self.size])
        if not some:
            load.state, load.finished_at = "undone", now()
            load.keys.all().delete()
            told = {"name": load.name, "taken": load.done, "left": len(load.left)}
            work.tell("import.undone", RecordRef("import", load.pk), told)
            load.save(update_fields=["state", "finished_at"])
            work.result.data["ended"] = True
            return
        _Back(work, load).take(some)
        load.undone_to, load.done = some[-1].id, load.done + len(some)
        load.save(update_fields=["undone_to", "done", "left"])


class _Back:
    """Some events on their way back."""

    def __init__(self, work: Work, load: Import) -> None:
        self.work, self.load = work, load

    def take(self, events: Sequence[Event]) -> None:
        by_type: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            by_type.setdefault((event.type, event.primary_type), []).append(event)
        self._notes([event for event in events if event.type == "note.written"])
        if files := [event for event in events if event.type == "file.added"]:
            take_back(self.work, files)
        for (kind, type_key), some in by_type.items():
            record_type = self.work.actor.state.record_types.get(type_key)
            if record_type is None:
                continue
            if kind == "record.created":
                self._made(record_type, some)
            elif kind == "record.updated":
                self._changed(record_type, some)

    def _touched(self, record_type: RecordType, ids: Sequence[UUID]) -> set[UUID]:
        """The cards people have worked on since, other than by this load: their own events, and those shown there."""
        rows = EventSubject.objects.filter(type_key=record_type.key, record_id__in=ids, event__actor_kind="user")
        batches = [self.load.batch, self.load.undo_batch]
        before = Event.objects.filter(batch_id=self.load.batch).order_by("id").values_list("id", flat=True).first()
        rows = rows.filter(event_id__gt=before or 0).exclude(event__batch_id__in=batches, event__batch_id__isnull=False)
        return set(rows.values_list("record_id", flat=True))

    def _records(self, record_type: RecordType, ids: Sequence[UUID]) -> dict[UUID, Any]:
        """Those that are still there, whatever he may do with them today: they are his load's own."""
        return {one.pk: one for one in intake.of_load(record_type, ids)}

    def _made(self, record_type: RecordType, events: Sequence[Event]) -> None:
        ids = [event.primary_id for event in events]
        records = self._records(record_type, ids)
        touched = self._touched(record_type, ids)
        for key in ids:
            if key in touched and key in records:
                self._leave(record_type, records[key], [])
        gone = [record for key, record in records.items() if key not in touched]
        intake.take_away(self.work, record_type, gone)

    def _changed(self, record_type: RecordType, events: Sequence[Event]) -> None:
        held = intake.held(self.work, record_type, {event.primary_id for event in events})
        specs = {spec.key: spec for spec in record_type.specs}
        for event in events:
            if event.primary_id not in held:
                record = policy.find(self.work.actor, record_type, event.primary_id)
                if record is not None:
                    self._leave(record_type, record, list(event.payload["changes"]))
                continue
            record, values = held[event.primary_id]
            back: dict[str, Any] = {}
            left = []
            for key, (old, new) in event.payload["changes"].items():
                spec = specs.get(key)
                if spec is None:
                    continue
                if kinds.to_json(spec, values[key]) == kinds.to_json(spec, kinds.from_json(spec, new)):
                    back[key] = kinds.from_json(spec, old)
                else:
                    left.append(key)
            if back:
                intake.change(self.work, record_type, record, values, back, {"undone": event.id})
                values |= back
            if left:
                self._leave(record_type, record, left)

    def _leave(self, record_type: RecordType, record: Any, fields: list[str]) -> None:
        if len(self.load.left) < NAMED:
            self.load.left.append([record_type.key, str(record.pk), record.title, fields])

    def _notes(self, events: Sequence[Event]) -> None:
        ids = {UUID(event.payload["note"]): event for event in events}
        notes = Note.objects.select_for_update().filter(pk__in=list(ids), deleted_at=None, edited_at=None)
        told = []
        for note in notes:
            event = ids[note.pk]
            note.deleted_at = now()
            note.save(update_fields=["deleted_at"])
            ref = RecordRef(event.primary_type, event.primary_id)
            told.append(Telling("note.removed", ref, {"note": str(note.pk), "undone": event.id}))
        self.work.tell_all(told)
