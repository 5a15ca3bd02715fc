"""What notes tell: to the story, to search, to those who were mentioned."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes.bus import Work
from comity.changes.undo import way
from comity.notices import kinds
from comity.search import sources
from comity.timeline.models import Event
from comity.timeline.types import EventType, register
from comity.work.notes.commands import BringBackNote, RemoveNote
from comity.work.notes.model import Note

register(
    EventType(
        "note.written", lambda p, a: _("wrote a note"), icon="note", tone="note", big=True, kind="notes", undo="note",
        webhook=lambda: _("A note is written"),
    )
)  # fmt: skip
register(EventType("note.edited", lambda p, a: _("changed a note"), icon="note", kind="notes",
                   webhook=lambda: _("A note is changed")))  # fmt: skip
register(EventType("note.removed", lambda p, a: _("removed a note"), icon="trash", kind="notes", undo="note.removal"))
register(EventType("note.restored", lambda p, a: _("brought a note back"), icon="arrow-back-up", kind="notes"))


@way("note")
def _take_back(work: Work, event: Event) -> None:
    RemoveNote(UUID(event.payload["note"])).apply(work)


@way("note.removal")
def _bring_back(work: Work, event: Event) -> None:
    BringBackNote(UUID(event.payload["note"])).apply(work)


def texts(type_key: str, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The notes of many cards, for search; one query."""
    found: dict[UUID, str] = {}
    rows = Note.objects.filter(type_key=type_key, record_id__in=ids, deleted_at=None).order_by("created_at")
    for record_id, text in rows.values_list("record_id", "text"):
        found[record_id] = f"{found[record_id]}\n{text}" if record_id in found else text
    return found


sources.register("note", texts, ["note."])
kinds.register(
    kinds.NoticeKind(
        "mention", lambda: _("I am mentioned in a note"), ("note.written", "note.edited"),
        lambda event, state: [UUID(one) for one in event.payload["mentions"]],
        lambda data, name: _("%(name)s mentioned you in a note") % {"name": name}, "at", tone="note", first=True,
    )
)  # fmt: skip
