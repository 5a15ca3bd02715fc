"""The files of a card: list, upload, download, into the trash."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse

from comity.access import policy
from comity.access.actors import Actor
from comity.api.doors import actor_of, answer, key_of, type_of
from comity.changes.bus import run
from comity.changes.files import AddFiles, RemoveFile, held, reads
from comity.kernel import storage
from comity.kernel.errors import NotFound, Refused
from comity.records.models import StoredFile
from comity.records.types import RecordType
from comity.ui.pages.files import DOWNLOAD, SHOWN
from comity.ui.uploads import check_size, store


def _told(row: StoredFile, slug: str) -> dict[str, Any]:
    return {
        "id": str(row.pk), "name": row.name, "kind": row.kind, "size": row.size, "mime": row.mime,
        "sha256": row.sha256, "created_at": row.created_at.isoformat(),
        "created_by": str(row.created_by) if row.created_by else None,
        "url": f"/api/v1/{slug}/{row.record_id}/files/{row.pk}",
    }  # fmt: skip


def _card(request: HttpRequest, slug: str, record_id: UUID) -> tuple[Actor, RecordType, Any]:
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    return actor, record_type, policy.get(actor, record_type, record_id)


def listing(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """The newest files of a card."""
    actor, record_type, card = _card(request, slug, record_id)
    rows = StoredFile.objects.filter(type_key=record_type.key, record_id=card.pk, deleted_at=None)
    newest = rows.order_by("-created_at", "-id")[:SHOWN]
    return answer({"items": [_told(row, slug) for row in newest if reads(actor, record_type, row)]})


def upload(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Add files (multipart/form-data: `file`, several; `kind`): all of them or none."""
    actor, record_type, card = _card(request, slug, record_id)
    if not policy.may(actor, record_type, card, "edit"):
        raise Refused()
    check_size(request)
    files, kind = store(request.FILES.getlist("file")), request.POST.get("kind", "")
    key = key_of(request, kind, *(f"{one.name} {one.sha256}" for one in files))
    result = run(actor, AddFiles(record_type.key, card.pk, files, kind), **key)
    ids = [UUID(one) for one in result.data["files"]]
    rows = {row.pk: row for row in StoredFile.objects.filter(pk__in=ids, deleted_at=None)}
    return answer({"items": [_told(rows[one], slug) for one in ids if one in rows], "event": result.event}, 201)


def _file(request: HttpRequest, slug: str, record_id: UUID, file_id: UUID) -> tuple[Actor, StoredFile]:
    actor, record_type, card = _card(request, slug, record_id)
    row = held(file_id)
    if (row.type_key, row.record_id) != (record_type.key, card.pk) or not reads(actor, record_type, row):
        raise NotFound()
    return actor, row


def download(request: HttpRequest, slug: str, record_id: UUID, file_id: UUID) -> HttpResponse:
    """The content of a file, as bytes to be saved; of what kind they are the list says."""
    _actor, row = _file(request, slug, record_id, file_id)
    response = FileResponse(
        storage.open(row.sha256), as_attachment=True, filename=row.name, content_type="application/octet-stream",
        headers=DOWNLOAD,
    )  # fmt: skip
    response["Content-Length"] = str(row.size)
    # A streamed answer is none of Django's own kind of HttpResponse, but stands for one everywhere.
    return response  # type: ignore[return-value]


def remove(request: HttpRequest, slug: str, record_id: UUID, file_id: UUID) -> HttpResponse:
    """Put a file into the trash."""
    actor, _row = _file(request, slug, record_id, file_id)
    result = run(actor, RemoveFile(file_id), **key_of(request))
    return answer({"id": str(file_id), "removed": True, "event": result.event})
