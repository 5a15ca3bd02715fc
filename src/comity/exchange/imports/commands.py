"""What is done with an import: begun, mapped, tried out, run, stopped, gone on with, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes import intake
from comity.changes.bus import Telling, Work
from comity.changes.colleagues import own_id
from comity.exchange.imports import targets
from comity.exchange.imports.making import make_values
from comity.exchange.imports.model import ExternalKey, Import, ImportRow
from comity.exchange.imports.pictures import put_on
from comity.exchange.imports.planning import POLICIES, Overlay, Planned, Planner, Writing
from comity.exchange.imports.reading import chosen, propose
from comity.exchange.imports.shaping import Shape, Shaped
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.files import safe_name
from comity.kernel.ids import new_id
from comity.records import saving
from comity.records.models import RecordRef, StoredFile
from comity.work.notes.model import Note

PERMIT = "import"
FILE_TYPE = "import"  # what the StoredFile of an import hangs on


class Behind(Exception):
    """Somebody else has gone on with it, or stopped it."""


def held(work: Work, load_id: UUID, *states: str) -> Import:
    """His own import, nobody else touching it until the transaction ends; raises NotFound, Conflict, Refused."""
    work.actor.require(PERMIT)
    load = Import.objects.select_for_update().filter(pk=load_id, made_by=own_id(work.actor)).first()
    if load is None:
        raise NotFound()
    if states and load.state not in states:
        raise Conflict(
            _("This import has gone on meanwhile."), kept=_("Nothing was changed."),
            todo=_("Look at how it stands now."), current={"state": load.state},
        )  # fmt: skip
    return load


def own(actor: Actor, load_id: UUID) -> Import:
    """His own import, for looking; raises NotFound, Refused."""
    actor.require(PERMIT)
    load = Import.objects.filter(pk=load_id, made_by=own_id(actor)).first()
    if load is None:
        raise NotFound()
    return load


def set_going(load: Import, state: str) -> None:
    """Let the background go on with it."""
    load.state, load.turn = state, load.turn + 1
    jobs.enqueue("exchange.import", {"import": str(load.pk), "turn": load.turn}, key=f"import-{load.pk}-{load.turn}")


@dataclass
class BeginImport:
    """Take a file in, whose content is in the store. Result.data: {"import": id}."""

    key: ClassVar[str] = "import.begin"
    name: str
    sha256: str
    size: int
    mime: str = ""

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        work.actor.require(PERMIT)
        load = Import(made_by=own_id(work.actor), made_at=now(), name=safe_name(self.name), sha256=self.sha256)
        set_going(load, "reading")
        load.save(force_insert=True)
        StoredFile.objects.create(
            type_key=FILE_TYPE, record_id=load.pk, name=load.name, size=self.size, mime=self.mime[:120],
            sha256=self.sha256, created_at=now(), created_by=work.actor.user_id,
        )  # fmt: skip
        work.result.data["import"] = str(load.pk)


@dataclass
class OpenAnew:
    """Open the file in another way: another sheet, encoding, delimiter, row of the header."""

    key: ClassVar[str] = "import.open"
    load_id: UUID
    opening: dict[str, Any]

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict."""
        load = held(work, self.load_id, "read", "checked", "failed")
        load.opening = {key: value for key, value in self.opening.items() if value not in ("", None)}
        load.problem, load.done = "", 0
        set_going(load, "reading")
        load.save()


@dataclass
class MapImport:
    """Say what the columns fill, how they are read, what words mean, how cards are matched. What is not said stays.

    main      another type the rows tell of: the mapping is proposed anew
    columns   {index: {"to", "decimal", "order"}}
    values    {index: {text: key, "" = left out, "+" = make it}}
    """

    key: ClassVar[str] = "import.map"
    load_id: UUID
    main: str = ""
    source: str = ""
    columns: dict[int, dict[str, str]] = field(default_factory=dict)
    values: dict[int, dict[str, str]] = field(default_factory=dict)
    policy: dict[str, str] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    bad: str = ""

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict, Invalid."""
        load = held(work, self.load_id, "read", "checked")
        actor, mapping = work.actor, load.mapping
        if self.main and self.main != mapping["main"]:
            if self.main not in {one.key for one in targets.types(actor)}:
                raise Invalid(fields={"main": [_("Choose one of the list.")]})
            mapping, load.choices = propose(actor, load.found, self.main)
        if self.source.strip():
            mapping["source"] = self.source.strip()[:60]
        for index, said in self.columns.items():
            self._column(actor, mapping, index, said)
        for index, meant in self.values.items():
            mapping["values"][str(index)] = {**mapping["values"].get(str(index), {}), **meant}
        choices = dict(load.choices)
        if any(one not in POLICIES for one in self.policy.values()) or self.bad not in ("", "refuse", "note"):
            raise Invalid(fields={"policy": [_("Choose one of the list.")]})
        choices["policy"] = {**choices.get("policy", {}), **self.policy}
        choices["keys"] = {**choices.get("keys", {}), **self.keys}
        choices["bad"] = self.bad or choices.get("bad", "refuse")
        load.mapping, load.choices = mapping, chosen(actor, mapping, choices)
        load.state, load.checked = "read", {}
        load.save(update_fields=["mapping", "choices", "state", "checked"])

    def _column(self, actor: Actor, mapping: dict[str, Any], index: int, said: dict[str, str]) -> None:
        if not 0 <= index < len(mapping["columns"]):
            raise Invalid(fields={"columns": [_("Choose one of the list.")]})
        held = mapping["columns"][index]
        to = said.get("to", held["to"])
        target = targets.parse(to)
        if to not in ("", targets.LEFT_OUT) and (target is None or not targets.fits(actor, target)):
            raise Invalid(fields={f"to-{index}": [_("Choose one of the list.")]})
        more = {key: said[key] for key in ("decimal", "order") if said.get(key)}
        mapping["columns"][index] = {**held, **more, "to": to, "sure": 2 if "to" in said else held["sure"]}


@dataclass
class TryImport:
    """See what it would do; nothing is written."""

    key: ClassVar[str] = "import.try"
    load_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict."""
        load = held(work, self.load_id, "read", "checked")
        load.checked, load.done = {}, 0
        set_going(load, "checking")
        load.save(update_fields=["checked", "done", "state", "turn"])


@dataclass
class RunImport:
    """Load the file, in the background; or go on with one that was stopped."""

    key: ClassVar[str] = "import.run"
    load_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict, Invalid."""
        load = held(work, self.load_id, "checked", "stopped")
        if load.state == "checked":
            load.done, load.counts, load.batch = 0, {}, new_id()
            make_values(work, load)
            told = {"name": load.name, "rows": load.total, "type": load.mapping["main"]}
            work.tell("import.started", RecordRef("import", load.pk), told)
        set_going(load, "running")
        load.save()


@dataclass
class StopImport:
    """Stop where it is; what was loaded stays, and it can be gone on with or taken back."""

    key: ClassVar[str] = "import.stop"
    load_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict."""
        load = held(work, self.load_id, "running", "checking", "reading")
        load.state = {"running": "stopped", "checking": "read", "reading": "failed"}[load.state]
        if load.state == "failed":
            load.problem = _("The look at the file was stopped.")
        load.save(update_fields=["state", "problem"])


@dataclass
class UndoImport:
    """Take a load back, in the background, as one act, however long ago it was."""

    key: ClassVar[str] = "import.undo"
    load_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict."""
        load = held(work, self.load_id, "done", "stopped")
        load.undo_batch, load.undone_to, load.left, load.done = new_id(), None, [], 0
        set_going(load, "undoing")
        load.save()


@dataclass
class ForgetImport:
    """Drop a file nothing was loaded of."""

    key: ClassVar[str] = "import.forget"
    load_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Conflict."""
        load = held(work, self.load_id, "read", "checked", "failed")
        StoredFile.objects.filter(type_key=FILE_TYPE, record_id=load.pk).delete()
        load.delete()


@dataclass
class LoadChunk:
    """Load some rows and note in the same transaction how far it came: a killed worker's successor goes on behind.

    With `rows` empty the file has ended. Result.data: {"state": ...}.
    """

    key: ClassVar[str] = "import.chunk"
    load_id: UUID
    start: int
    shape: Shape | None
    rows: Sequence[Shaped] = ()

    def apply(self, work: Work) -> None:
        """Raises Behind."""
        load = Import.objects.select_for_update().get(pk=self.load_id)
        if load.state != "running" or load.done != self.start:
            raise Behind()
        if self.rows and self.shape is not None:
            planner = Planner(work, self.shape, load.choices, str(load.pk), Overlay())
            planned = planner.plan(self.rows)
            write(work, load, planned)
            load.counts = added(load.counts, planned.counts)
            load.done = self.rows[-1].position + 1
        else:
            load.state, load.finished_at = "done", now()
            work.tell("import.done", RecordRef("import", load.pk), {"name": load.name, **totals(load.counts)})
        load.save(update_fields=["counts", "done", "state", "finished_at"])


def write(work: Work, load: Import, planned: Planned) -> None:
    """Put into the base what was planned."""
    for coming in planned.makes:
        lines, way = planned.lines.get(coming.id), intake.way_of(coming.type.key)
        if lines and way.lines is not None:
            text = "\n".join(way.lines(work, coming, lines))
            planned.notes.append(Writing(RecordRef(coming.type.key, coming.id), text, None, None, 0))
    intake.make(work, planned.makes)
    for change in planned.changes.values():
        origin = {"import": str(load.pk), "row": change.row}
        intake.change(work, change.type, change.record, change.before, change.values, origin)
    fresh = {one.id for one in planned.makes}
    _write_notes(work, load, planned.notes, fresh)
    if planned.pictures:
        put_on(work, load, planned.pictures, fresh)
    names = ("source", "type_key", "external", "record_id", "row", "made", "load_id")
    saving.insert_values(ExternalKey, names, [(*key, load.pk) for key in planned.keys])
    intake.write([
        ImportRow(load=load, number=row.number, position=row.position, refused=refused, reasons=reasons)
        for some, refused in ((planned.refused, True), (planned.told, False))
        for row, reasons in some
    ])  # fmt: skip


def _write_notes(work: Work, load: Import, writings: Sequence[Writing], fresh: set[UUID]) -> None:
    """Notes at their dates; one that stands on its card already is not written twice."""
    here = {one.ref.id for one in writings} - fresh
    rows = Note.objects.filter(record_id__in=here, deleted_at=None).values_list("type_key", "record_id", "text")
    known = set(rows) if here else set()
    notes, told = [], []
    for one in writings:
        said = (one.ref.type, one.ref.id, one.text)
        if not one.text or said in known:
            continue
        known.add(said)
        note = Note(
            type_key=one.ref.type, record_id=one.ref.id, text=one.text, created_at=min(one.at or now(), now()),
            created_by=one.author or work.actor.user_id,
        )  # fmt: skip
        notes.append(note)
        payload: dict[str, Any] = {"note": str(note.pk), "mentions": [], "import": str(load.pk), "row": one.row}
        if one.at:
            payload["original"] = one.at.isoformat()
        if one.author:
            payload["author"] = str(one.author)
        told.append(Telling("note.written", one.ref, payload))
    intake.write(notes)
    work.tell_all(told)


def added(counts: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The counts of two parts of a file together."""
    types = {key: dict(one) for key, one in counts.get("types", {}).items()}
    for key, one in more["types"].items():
        held = types.setdefault(key, {})
        for what, number in one.items():
            held[what] = held.get(what, 0) + number
    return {
        "rows": counts.get("rows", 0) + more["rows"], "refused": counts.get("refused", 0) + more["refused"],
        "types": types,
    }  # fmt: skip


def totals(counts: dict[str, Any]) -> dict[str, int]:
    """The counts over all types."""
    types = counts.get("types", {}).values()
    return {
        "made": sum(one.get("made", 0) for one in types), "changed": sum(one.get("changed", 0) for one in types),
        "refused": counts.get("refused", 0), "rows": counts.get("rows", 0),
    }  # fmt: skip
