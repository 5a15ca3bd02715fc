"""Write, edit, remove a note."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.changes.bus import Work, automatable
from comity.changes.commands import linked_refs, type_of
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused, too_long
from comity.kernel.text import clean
from comity.records import kinds
from comity.records.models import RecordRef
from comity.work.notes.model import Note

MOST = 20_000  # characters
MOST_MENTIONS = 50


def text_of(raw: str) -> str:
    """The text of a note as it is kept; raises Invalid when it is empty or too long."""
    text = clean(raw).strip()
    if not text:
        raise Invalid(fields={"text": [_("Write something first.")]})
    if len(text) > MOST:
        raise Invalid(fields={"text": [too_long(len(text), MOST)]})
    return text


def mentioned(work: Work, ids: Iterable[UUID], text: str) -> list[str]:
    """Those of the colleagues who work here and whose name stands in the text after an @."""
    users = work.actor.state.users
    known = [one for one in dict.fromkeys(ids) if one in users and users[one].active]
    return [str(one) for one in known if f"@{users[one].name}" in text][:MOST_MENTIONS]


def card_of(work: Work, type_key: str, record_id: UUID) -> tuple[RecordRef, list[RecordRef]]:
    """The card a note hangs on and the cards it links to, whose stories show the note too; raises NotFound."""
    record_type = type_of(work.actor, type_key)
    record = policy.get(work.actor, record_type, record_id)
    links = {spec.key: kinds.read(spec, record.__dict__) for spec in record_type.links}
    return RecordRef(type_key, record_id), linked_refs(record_type, links)


def held(note_id: UUID, *, change: bool = False) -> Note:
    """The note, unless it was removed; raises NotFound. To `change` it, nobody else does until the transaction ends."""
    rows = Note.objects.select_for_update() if change else Note.objects
    note = rows.filter(pk=note_id, deleted_at=None).first()
    if note is None:
        raise NotFound()
    return note


@automatable
@dataclass
class WriteNote:
    """Put a note on a card the actor sees. `mentions`: colleagues named after an @; who sees the card is told."""

    key: ClassVar[str] = "note.write"
    type_key: str
    record_id: UUID
    text: str
    mentions: list[UUID] = field(default_factory=list)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Invalid. Result.data: {"note": id}."""
        ref, links = card_of(work, self.type_key, self.record_id)
        text = text_of(self.text)
        note = Note.objects.create(
            type_key=ref.type, record_id=ref.id, text=text, created_by=work.actor.user_id, created_at=now()
        )
        work.result.data["note"] = str(note.pk)
        payload = {"note": str(note.pk), "mentions": mentioned(work, self.mentions, text)}
        work.tell("note.written", ref, payload, links)


@dataclass
class EditNote:
    """Change one's own note. `version` is the one that was read; 0 = whatever is there."""

    key: ClassVar[str] = "note.edit"
    note_id: UUID
    text: str
    version: int = 0
    mentions: list[UUID] = field(default_factory=list)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        note = held(self.note_id, change=True)
        ref, links = card_of(work, note.type_key, note.record_id)
        if note.created_by is None or note.created_by != work.actor.user_id:
            raise Refused(_("Only who wrote a note may change it."))
        text = text_of(self.text)
        if self.version and self.version != note.version:
            raise Conflict(current={"version": note.version, "theirs": {"text": note.text}, "mine": {"text": text}})
        work.result.records.append(ref)
        if text == note.text:
            return
        before = set(mentioned(work, self.mentions, note.text))
        new = [one for one in mentioned(work, self.mentions, text) if one not in before]
        note.text, note.edited_at, note.version = text, now(), note.version + 1
        note.save(update_fields=["text", "edited_at", "version"])
        work.tell("note.edited", ref, {"note": str(note.pk), "mentions": new}, links)


@dataclass
class RemoveNote:
    """Take away one's own note (an administrator: any); it can be brought back."""

    key: ClassVar[str] = "note.remove"
    note_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        note = held(self.note_id, change=True)
        ref, links = card_of(work, note.type_key, note.record_id)
        if note.created_by != work.actor.user_id and not work.actor.administrator:
            raise Refused(_("Only who wrote a note may remove it."))
        note.deleted_at = now()
        note.save(update_fields=["deleted_at"])
        work.tell("note.removed", ref, {"note": str(note.pk)}, links)


@dataclass
class BringBackNote:
    """Undo of a removal."""

    key: ClassVar[str] = "note.bring_back"
    note_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        note = Note.objects.select_for_update().filter(pk=self.note_id).first()
        if note is None:
            raise NotFound()
        ref, links = card_of(work, note.type_key, note.record_id)
        if note.created_by != work.actor.user_id and not work.actor.administrator:
            raise Refused(_("Only who wrote a note may bring it back."))
        if note.deleted_at is None:
            raise Conflict(_("The note is back already."), kept=_("Nothing was changed."))
        note.deleted_at = None
        note.save(update_fields=["deleted_at"])
        work.tell("note.restored", ref, {"note": str(note.pk)}, links)
