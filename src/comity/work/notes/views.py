"""Addresses of notes."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Result, run
from comity.changes.commands import type_of
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.text import whole_number
from comity.records.fields import of
from comity.records.models import RecordRef
from comity.ui import forms, story
from comity.ui.drafts import forget_draft
from comity.ui.render import done, fragment, fresh_key, html, is_fragment, page
from comity.work.notes import panel
from comity.work.notes.commands import EditNote, RemoveNote, WriteNote, held

TEXT = of("longtext", "text", "Note", "Заметка", "Нотатка", "Бележка", "Catatan", "ملاحظة", required="always")


@require_POST
def write(request: HttpRequest, type_key: str, record_id: UUID) -> HttpResponse:
    """POST text, mention (user ids), idempotency: a new note; answers the empty form and the story."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_of(actor, type_key)
    text = request.POST.get("text", "")
    try:
        command = WriteNote(type_key, record_id, text, _mentions(request))
        result = run(actor, command, key=request.POST.get("idempotency", ""))
    except Invalid as problem:
        errors = [str(one) for found in problem.fields.values() for one in found]
        made = panel.form(record_type, record_id, text, errors)
        if is_fragment(request):
            return HttpResponse(made, status=422)
        back = {"label": record_type.label[actor.language], "url": f"/{record_type.slug}/{record_id}"}
        return page(request, "ui/popover_page.html", 422, page={"title": _("Note"), "back": back, "html": made})
    forget_draft(actor, panel.draft_key(record_type, record_id))
    url = f"/{record_type.slug}/{record_id}"
    if not is_fragment(request):
        return done(request, url, _("Note saved."), _undo_url(result))
    card = policy.get(actor, record_type, record_id)
    told = story.context(actor, record_type, RecordRef(record_type.key, record_id), card.title, "", 0)
    answer = panel.form(record_type, record_id) + html("ui/fragments/story.html", {"story": told, "swap": True})
    answer += html("ui/fragments/toast.html", {"toast": {"text": _("Note saved."), "undo_url": _undo_url(result)}})
    return HttpResponse(answer)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """GET: one's own note for changing. POST text, version: change it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    note = held(note_id)
    record_type = type_of(actor, note.type_key)
    policy.get(actor, record_type, note.record_id)
    if note.created_by != actor.user_id:
        raise NotFound()
    url = f"/{record_type.slug}/{note.record_id}"
    text, errors, version = note.text, list[str](), note.version
    if request.method == "POST":
        text = request.POST.get("text", "")
        given = request.POST.get("version", "")
        try:
            command = EditNote(note_id, text, whole_number(given), _mentions(request))
            run(actor, command, key=request.POST.get("idempotency", ""))
            return done(request, url, _("Note saved."))
        except Invalid as problem:
            errors = [str(one) for found in problem.fields.values() for one in found]
        except Conflict:
            errors = [
                _("You changed this note elsewhere meanwhile. Saving now replaces: %(text)s") % {"text": note.text}
            ]
    ask: dict[str, Any] = {
        "title": _("Edit note"),
        "url": f"/notes/{note_id}/edit",
        "fields": [forms.field(actor, TEXT, text, errors or None)],
        "hidden": [["version", str(version)]],
        "submit_label": _("Save note"),
        "cancel_url": url,
        "idempotency": fresh_key(),
        "remove_url": f"/notes/{note_id}/remove",
    }
    status = 422 if errors else 200
    if is_fragment(request):
        return fragment(request, "work/note_edit.html", status, ask=ask)
    return page(request, "work/note_edit_page.html", status, ask=ask)


@require_POST
def remove(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """POST: take a note away."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    result = run(actor, RemoveNote(note_id), key=request.POST.get("idempotency", ""))
    record_type = type_of(actor, result.record.type)
    return done(request, f"/{record_type.slug}/{result.record.id}", _("Note removed."), _undo_url(result))


def _undo_url(result: Result) -> str:
    return f"/undo/{result.event}" if result.event else ""


def _mentions(request: HttpRequest) -> list[UUID]:
    """The user ids the form brings; anything else is left out."""
    found = []
    for text in request.POST.getlist("mention"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
