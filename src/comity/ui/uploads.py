"""Files that come with a form: into the store first, then to the command by name."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.files import MOST, NewFile, too_many
from comity.kernel import storage
from comity.kernel.errors import Invalid, TooLarge
from comity.kernel.files import safe_name, sniff
from comity.records.models import FileRef, StoredFile
from comity.records.types import RecordType

AT_ONCE = 4  # one request may bring so many files of the largest size
FORM_ROOM = 100_000  # bytes of a request beside its files
ENDING = "-new"  # what the control of new files is called after its field


def check_size(request: HttpRequest) -> None:
    """Before a byte of the body is read: what it says of its size."""
    size = request.META.get("CONTENT_LENGTH") or "0"
    if int(size) > AT_ONCE * settings.FILE_LIMIT + FORM_ROOM:
        raise TooLarge()


def store(given: Sequence[Any]) -> list[NewFile]:
    """The contents of uploaded files into the store; raises TooLarge, Busy (the disk is full), Invalid."""
    if len(given) > MOST:
        raise Invalid(fields={"file": [too_many()]})
    found = []
    for one in given:
        stored = storage.save(one, settings.FILE_LIMIT)
        name = one.name or ""
        found.append(NewFile(name, stored.sha256, stored.size, sniff(stored.head, name)))
    return found


class Posted(QueryDict):
    """A posted form with the files that came for its file fields: {field key: [FileRef with content]}."""

    received: dict[str, list[FileRef]]


def posted(request: HttpRequest, record_type: RecordType, post: QueryDict | None = None) -> QueryDict:
    """What a form of a card says, files of the fields he may write included; raises TooLarge, Busy, Invalid."""
    post = request.POST if post is None else post
    if not request.FILES:
        return post
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check_size(request)
    found = Posted("", mutable=True)
    for name, values in post.lists():
        found.setlist(name, values)
    found.received = {
        spec.key: [_content(one) for one in store(request.FILES.getlist(f"{spec.key}{ENDING}"))]
        for spec, level in policy.shown_fields(actor, record_type)
        if spec.kind == "file" and level == "write" and f"{spec.key}{ENDING}" in request.FILES
    }
    return found


def _content(new: NewFile) -> FileRef:
    row = StoredFile(name=safe_name(new.name), size=new.size, mime=new.mime[:120], sha256=new.sha256)
    return FileRef(row.pk, row.name, row.size, content=row)
