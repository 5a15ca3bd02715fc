"""Notes on the page of a card: the composer's form, and the text under the story's events."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.timeline.story import Told
from comity.ui import registry
from comity.ui.drafts import draft_of
from comity.ui.render import fresh_key, html
from comity.work.notes.model import Note


def draft_key(record_type: RecordType, record_id: UUID) -> str:
    """Where what is typed on a card waits to be sent."""
    return f"note-{record_type.key}-{record_id}"


def composer(request: Any, record_type: RecordType, record: Any) -> Markup:
    """The form for a new note on a card the actor sees."""
    draft = draft_of(request.actor, draft_key(record_type, record.pk))
    return form(record_type, record.pk, value=draft.get("text", "") if draft else "")


def form(record_type: RecordType, record_id: UUID, value: str = "", errors: Sequence[str] = ()) -> Markup:
    """The same, with what was typed and what is wrong with it."""
    note = {
        "url": f"/notes/{record_type.key}/{record_id}",
        "idempotency": fresh_key(),
        "value": value,
        "errors": list(errors),
        "draft_key": draft_key(record_type, record_id),
        "placeholder": _("Write a note; @ mentions a colleague"),
        "submit_label": _("Save note"),
    }
    return html("ui/fragments/note_form.html", {"note": note})


def bodies(actor: Actor, told_events: Sequence[Told]) -> Mapping[int, Markup]:
    """The texts of the notes these events wrote, as they are now, by event; one query."""
    ids = {one.event.id: UUID(one.payload["note"]) for one in told_events}
    notes = {note.pk: note for note in Note.objects.filter(pk__in=ids.values())}
    found: dict[int, Markup] = {}
    for one in told_events:
        note = notes.get(ids[one.event.id])
        if note is None or note.deleted_at is not None:
            found[one.event.id] = Markup('<span class="mute">{}</span>').format(_("This note was removed."))
        else:
            found[one.event.id] = body(actor, note, one.payload.get("mentions", []))
    return found


def body(actor: Actor, note: Note, mentions: Sequence[str]) -> Markup:
    """A note's text, escaped, with the names of those mentioned marked, and what its writer may do with it."""
    text = escape(note.text)
    for key in mentions:
        member = actor.state.users.get(UUID(key))
        if member is not None:
            name = Markup("@{}").format(member.name)
            text = text.replace(name, Markup("<b>{}</b>").format(name))
    made = Markup('<div dir="auto">{}</div>').format(text)
    if note.edited_at is not None:
        made += Markup('<span class="mute">{}</span> ').format(_("changed later"))
    if note.created_by is not None and note.created_by == actor.user_id and actor.seen_by is None:
        made += Markup(
            '<a class="u" href="/notes/{0}/edit" hx-get="/notes/{0}/edit" hx-target="#dlg-body">{1}</a>'
        ).format(note.pk, _("Edit note"))
    return made


def register() -> None:
    """Add the composer's mode and the story's boxes to the card's page."""
    registry.add(registry.Composer("note", lambda: _("Note"), "note", composer, order=10))
    registry.add_body(["note.written"], bodies)
