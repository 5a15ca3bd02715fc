"""Erase what is known of a person, on his request: once, for good, told without a word of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, traces
from comity.changes.blanking import about_people, blank, erasable, merged_into, personal
from comity.changes.bus import Work, automatable
from comity.changes.cleaned_texts import every_spec
from comity.changes.traces import Counts, Traces
from comity.changes.writer import held_by_house
from comity.kernel.errors import Invalid, NotFound, Refused, too_long
from comity.kernel.text import clean
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef, StoredFile
from comity.records.types import RecordType

PERMIT = "erase"
ERASED_DATA = "person.erased"
REQUEST, OTHER = "request", "other"
REASONS = (REQUEST, OTHER)
LONGEST = 300  # characters of the words of a reason


@automatable
@dataclass
class EraseData:
    """Erase a person's data from his card and everywhere it left traces. It cannot be undone.

    reason   "request" (of the person; `day` = when he asked) | "other" (`words` say why)
    fields   keys of the fields that go; null = all that tell something about a person
    files    keys of the files that go; null = all of the card, an empty list = none
    notes    the notes on the card go; else the person's name and numbers are taken out of them
    Needs the right "erase", and the right to edit the card. The inquiries he came with (cards of people that point to
    his) lose their copies with it, whoever sees them; what he does not see loses all its files.
    """

    key: ClassVar[str] = "data.erase"
    type_key: str
    record_id: UUID
    version: int
    reason: str
    day: date | None = None
    words: str = ""
    fields: Sequence[str] | None = None
    files: Sequence[UUID] | None = None
    notes: bool = True
    _why: dict[str, Any] = field(default_factory=dict, init=False)

    @classmethod
    def fits(cls, record_type: RecordType) -> bool:
        """It is offered for cards that tell of people."""
        return any(spec.personal for spec in record_type.specs)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict. Result.data: numbers: fields, files, notes, entries, cards."""
        work.actor.require(PERMIT)
        record_type = commands.type_of(work.actor, self.type_key)
        if not about_people(record_type):
            raise Refused(_("Cards of this kind tell nothing of people."))
        record = self._held(work, record_type)
        specs = self._chosen(work.actor, record_type)
        self._why = self._checked(work)
        files = None if self.files is None else self._files(RecordRef(record_type.key, record.pk))
        others = list(copies(record_type, record.pk))
        total = {"fields": 0, "files": 0, "notes": 0, "entries": 0, "cards": 0}
        self._erase(work, record_type, record, specs, files, total)
        for other_type, other in others:
            lost = held_by_house(other_type, other)
            if lost is not None:
                seen = policy.find(work.actor, other_type, other) is not None
                self._erase(work, other_type, lost, personal(other_type), files if seen else None, total)
                total["cards"] += 1
        work.result.data |= total

    def _held(self, work: Work, record_type: RecordType) -> Any:
        """The card, out of the trash too; nobody else changes it meanwhile."""
        action = "edit" if policy.find(work.actor, record_type, self.record_id) is not None else "restore"
        return commands.hold(work, record_type.key, self.record_id, action, self.version)[1]

    def _chosen(self, actor: Actor, record_type: RecordType) -> list[FieldSpec]:
        """Of fields that are hidden from him he knows nothing: those that tell of a person go whatever he chose."""
        told = personal(record_type)
        if self.fields is None:
            return told
        every = erasable(record_type)
        hidden = {spec.key for spec in every if policy.level(actor, record_type, spec) == "hide"}
        if not self.fields or not set(self.fields) <= {spec.key for spec in every} - hidden:
            raise Invalid(fields={"fields": [_("Choose at least one field of this card.")]})
        gone = {*self.fields, *(hidden & {spec.key for spec in told})}
        return [spec for spec in every if spec.key in gone]

    def _checked(self, work: Work) -> dict[str, Any]:
        wrong: dict[str, list[str]] = {}
        words = clean(self.words).strip()
        if self.reason not in REASONS:
            wrong["reason"] = [_("Say why.")]
        elif self.reason == REQUEST and self.day is None:
            wrong["day"] = [_("Say on which day the person asked.")]
        elif self.reason == REQUEST and self.day is not None and self.day > policy.today(work.actor):
            wrong["day"] = [_("This day is still to come.")]
        elif self.reason == OTHER and not words:
            wrong["words"] = [_("Say why in a few words, without the person’s name.")]
        if len(words) > LONGEST:
            wrong["words"] = [too_long(len(words), LONGEST)]
        if wrong:
            raise Invalid(fields=wrong)
        day = self.day.isoformat() if self.day and self.reason == REQUEST else ""
        return {"reason": self.reason, "day": day, "words": words}

    def _files(self, ref: RecordRef) -> list[UUID]:
        """The files chosen: of this card, of what was merged into it, of its copies."""
        chosen = list(self.files or ())
        found = traces.of(ref.type, ref.id)
        known = {(one.type, one.id) for one in (*found.refs, *_copy_refs(ref))}
        rows = StoredFile.objects.filter(pk__in=chosen).values_list("type_key", "record_id")
        if len(rows) != len(set(chosen)) or not set(rows) <= known:
            raise NotFound()
        return chosen

    def _erase(
        self, work: Work, record_type: RecordType, record: Any, specs: Sequence[FieldSpec],
        files: Sequence[UUID] | None, total: dict[str, int],
    ) -> None:  # fmt: skip
        """One card, with those that were merged into it."""
        found = _traces(record_type, record.pk, specs, files, notes=self.notes)
        words = found.look().needles.clean(self._why["words"])
        filled = filled_keys(record_type, record, specs)
        counts = traces.clear(found)
        for one in (record, *merged_into(record_type, found.refs)):
            blank(work, record_type, one, specs, found.needles)
        self._tell(work, record_type, record, counts, filled, words, [spec.key for spec in specs])
        total["fields"] += len(filled)
        for name, holder in (("files", "files"), ("notes", "notes")):
            total[name] += counts[holder]
        total["entries"] += counts.events

    def _tell(
        self, work: Work, record_type: RecordType, record: Any, counts: Counts, filled: Sequence[str], words: str,
        keys: Sequence[str],
    ) -> None:  # fmt: skip
        """Who, when, why, how much. The fields are named by key: what follows changes reads that."""
        payload = {
            **self._why, "words": words, "title": record.title, "changes": {key: [None, None] for key in keys},
            "fields": len(filled), "files": counts["files"], "notes": counts["notes"], "entries": counts.events,
        }  # fmt: skip
        ref = RecordRef(record_type.key, record.pk)
        work.tell(ERASED_DATA, ref, payload, counts.near, record.version)


def _traces(
    record_type: RecordType, record_id: UUID, specs: Sequence[FieldSpec], files: Sequence[UUID] | None, *, notes: bool
) -> Traces:
    gone = {spec.key for spec in specs}
    kept = [spec.key for spec in every_spec(record_type) if spec.key not in gone]
    return traces.of(
        record_type.key, record_id, keep_fields=kept, spare=() if notes else ("notes",), files=files
    )  # fmt: skip


def filled_keys(record_type: RecordType, record: Any, specs: Sequence[FieldSpec]) -> list[str]:
    """Those of the fields that say something now."""
    values = traces.values_of(record_type, record, specs)
    return [key for key, value in values.items() if value]


def _copy_refs(ref: RecordRef) -> list[RecordRef]:
    record_type = traces.of(ref.type, ref.id).record_type
    return [RecordRef(other.key, record_id) for other, record_id in copies(record_type, ref.id)]


def copies(record_type: RecordType, record_id: UUID) -> list[tuple[RecordType, UUID]]:
    """The cards with a person's data that point to this one: the inquiry he came with."""
    found: dict[RecordRef, RecordType] = {}
    for other, spec in traces.linking(record_type.key):
        if spec.level == "read" and about_people(other):
            for key in traces.pointing_ids(other, spec, RecordRef(record_type.key, record_id)):
                found[RecordRef(other.key, key)] = other
    return [(other, ref.id) for ref, other in found.items()]
