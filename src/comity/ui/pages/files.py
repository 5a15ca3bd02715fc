"""Files of a card: the list, upload, download, into the trash."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import type_of
from comity.changes.files import KINDS, AddFiles, NameKind, RemoveFile, held, kind_choices, reads, writes
from comity.kernel import storage
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import StoredFile
from comity.records.prepared import EVERYBODYS, Slot, columns
from comity.records.types import RecordType
from comity.ui.cells import moment_format
from comity.ui.names import size_text
from comity.ui.pages.edit import undo_url
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import Markup, done, fragment, fresh_key, html, is_fragment, page
from comity.ui.uploads import check_size, store

SHOWN = 100  # files of one card in the list

# Whatever a file holds, it is saved by the browser, not shown inside our pages.
DOWNLOAD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}


@dataclass(frozen=True)
class _Files:
    """The files of a card of a type, the newest first."""

    type_key: str

    def build(self) -> Any:
        """The query; its slot is the card's key."""
        record_id = Slot("id", StoredFile._meta.get_field("record_id"))
        rows = StoredFile.objects.filter(type_key=self.type_key, record_id=record_id, deleted_at=None)
        return rows.order_by("-created_at", "-id").values_list(*columns(StoredFile))[:SHOWN]


def context(
    actor: Actor, record_type: RecordType, record_id: UUID, may_edit: bool, error: str = "", kind: str = ""
) -> dict[str, Any]:
    """`files` of docs/ui-templates.md for a card the actor sees; `kind` is chosen already for the next ones."""
    rows = EVERYBODYS.of(_Files(record_type.key)).objects(StoredFile, id=record_id)
    rows = [row for row in rows if reads(actor, record_type, row)]
    show = moment_format(actor.language, now(), actor.timezone)
    labels = {one.key: one.label[actor.language] for one in actor.state.options[KINDS.key]}
    items = []
    for row in rows:
        member = actor.state.users.get(row.created_by) if row.created_by else None
        items.append(
            {
                "name": row.name,
                "url": f"/files/{row.pk}",
                "size": size_text(row.size, actor.language),
                "when": show(row.created_at),
                "who": member.name if member else "",
                "icon": "file",
                "kind": labels.get(row.kind, ""),
                "kind_url": f"/files/{row.pk}/kind" if may_edit else None,
                "remove_url": f"/files/{row.pk}/remove" if may_edit and writes(actor, record_type, row) else None,
            }
        )
    limit = size_text(settings.FILE_LIMIT, actor.language)
    return {
        "key": "files",
        "items": items,
        "upload_url": f"/{record_type.slug}/{record_id}/files" if may_edit else None,
        "kinds": _kinds(actor),
        "kind": kind,
        "max_text": _("Up to %(size)s each") % {"size": limit},
        "error": error,
        "idempotency": fresh_key(),
    }


def _kinds(actor: Actor, held_kind: str = "") -> list[dict[str, str]]:
    return [{"value": one.key, "label": one.label[actor.language]} for one in kind_choices(actor, held_kind)]


def panel(actor: Actor, record_type: RecordType, card: Any, may_edit: bool) -> dict[str, Any]:
    """The block beside the story."""
    made = html("ui/fragments/files.html", {"files": context(actor, record_type, card.id, may_edit)})
    return {"key": "files", "label": _("Files"), "items": [], "html": made}


def files(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the list. POST file (several), kind, idempotency: add them, all or none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id)
    error, kind = "", request.GET.get("kind", "")
    if request.method == "POST":
        if not policy.may(actor, record_type, card, "edit"):
            raise Refused()
        check_size(request)
        try:
            kind = request.POST.get("kind", "")
            command = AddFiles(record_type.key, card.pk, store(request.FILES.getlist("file")), kind)
            result = run(actor, command, key=request.POST.get("idempotency", ""))
        except Invalid as problem:
            error = " ".join(str(one) for found in problem.fields.values() for one in found)
        else:
            if not is_fragment(request):
                return done(request, f"/{slug}/{record_id}", _("Saved."), undo_url(result))
    return _answer(request, record_type, card, error, kind if error or request.method != "POST" else "")


def _answer(request: HttpRequest, record_type: RecordType, card: Any, error: str = "", kind: str = "") -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    may_edit = policy.may(actor, record_type, card, "edit")
    made = html("ui/fragments/files.html", {"files": context(actor, record_type, card.pk, may_edit, error, kind)})
    status = 422 if error else 200
    if is_fragment(request):
        return HttpResponse(made, status=status)
    back = {"label": card.title, "url": f"/{record_type.slug}/{card.pk}"}
    return page(request, "ui/popover_page.html", status, page={"title": _("Files"), "back": back, "html": made})


@require_safe
def download(request: HttpRequest, file_id: UUID) -> FileResponse:
    """GET: the content, for whoever sees the card, always to be saved and never shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = held(file_id)
    record_type = type_of(actor, row.type_key)
    policy.get(actor, record_type, row.record_id)
    if not reads(actor, record_type, row):
        raise NotFound()
    response = FileResponse(
        storage.open(row.sha256), as_attachment=True, filename=row.name, content_type=row.mime, headers=DOWNLOAD
    )
    response["Content-Length"] = str(row.size)
    return response


@require_http_methods(["GET", "POST"])
def name_kind(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """GET: of what kind a file is, for choosing. POST kind: say it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = held(file_id)
    record_type = type_of(actor, row.type_key)
    policy.get(actor, record_type, row.record_id, "edit")
    back, chosen, errors = f"/{record_type.slug}/{row.record_id}", row.kind, list[str]()
    if request.method == "POST":
        chosen = request.POST.get("kind", "")
        try:
            result = run(actor, NameKind(file_id, chosen), key=request.POST.get("idempotency", ""))
            return done(request, back, _("Saved."), undo_url(result))
        except Invalid as problem:
            errors = [str(one) for found in problem.fields.values() for one in found]
    field = {"key": "kind", "kind": "choice", "label": _("Kind of file"), "value": chosen, "errors": errors,
             "choices": _kinds(actor, row.kind)}  # fmt: skip
    ask = {
        "title": _("Kind of file"), "text": row.name, "url": f"/files/{row.pk}/kind", "fields": [field], "hidden": [],
        "submit_label": _("Save"), "cancel_url": back, "idempotency": fresh_key(),
    }  # fmt: skip
    template = "ui/fragments/ask.html" if is_fragment(request) else "ui/ask_page.html"
    answer = fragment if is_fragment(request) else page
    return answer(request, template, 422 if errors else 200, ask=ask)


@require_POST
def remove(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """POST: into the trash."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    result = run(actor, RemoveFile(file_id), key=request.POST.get("idempotency", ""))
    record_type = type_of(actor, result.record.type)
    if not is_fragment(request):
        return done(request, f"/{record_type.slug}/{result.record.id}", _("File removed."), undo_url(result))
    answer = _answer(request, record_type, policy.get(actor, record_type, result.record.id))
    toast = html("ui/fragments/toast.html", {"toast": {"text": _("File removed."), "undo_url": undo_url(result)}})
    answer.content = answer.content + Markup(toast).encode()
    return answer
