"""Files on cards: added after their content is safe in the store, put into the trash, brought back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.changes.commands import linked_refs, type_of
from comity.changes.undo import way
from comity.kernel import jobs, storage
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.kernel.files import safe_name
from comity.records import kinds
from comity.records.fields import Choice, option
from comity.records.labels import Label
from comity.records.models import RecordRef, StoredFile
from comity.records.options import OptionList
from comity.records.options import register as register_list
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

GRACE = timedelta(days=1)  # how long after its upload a content may wait for its card
MOST = 20  # files in one go
KINDS = register_list(OptionList(
    "file_kind", Label("Kinds of files", "Виды файлов", "Види файлів", "Видове файлове", "Jenis berkas",
                       "أنواع الملفات"),
    (
        option("contract", "Contract", "Договор", "Договір", "Договор", "Kontrak", "عقد", hue=7),
        option("quote", "Quote", "Предложение", "Пропозиція", "Оферта", "Penawaran", "عرض سعر", hue=1),
        option("brief", "Brief", "Техническое задание", "Технічне завдання", "Задание", "Rincian kebutuhan",
               "وصف المتطلبات", hue=6),
        option("invoice", "Invoice", "Счёт", "Рахунок", "Фактура", "Faktur", "فاتورة", hue=3),
        option("other", "Other", "Другое", "Інше", "Друго", "Lainnya", "أخرى"),
    ),
))  # fmt: skip


def too_many() -> str:
    """What is said of more than MOST files, in the active language."""
    return ngettext("At most %(limit)s file at once.", "At most %(limit)s files at once.", MOST) % {"limit": MOST}


@dataclass(frozen=True)
class NewFile:
    """A file whose content is in kernel.storage already; `mime` as kernel.files.sniff tells it."""

    name: str
    sha256: str
    size: int
    mime: str


@dataclass
class AddFiles:
    """Put files on a card: all of them or none. `kind`: a key of KINDS, or "". Needs edit."""

    key: ClassVar[str] = "file.add"
    type_key: str
    record_id: UUID
    files: Sequence[NewFile]
    kind: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid. Result.data: {"files": [ids]}."""
        ref, links = _card(work, self.type_key, self.record_id)
        _check_kind(work.actor, self.kind)
        if not self.files:
            raise Invalid(fields={"file": [_("Choose a file first.")]})
        if len(self.files) > MOST:
            raise Invalid(fields={"file": [too_many()]})
        ids = []
        for one in self.files:
            ids.append(str(put(work, ref, links, one, self.kind).pk))
        work.result.data["files"] = ids


def put(
    work: Work,
    ref: RecordRef,
    links: Sequence[RecordRef],
    one: NewFile,
    kind: str = "",
    origin: dict[str, Any] | None = None,
) -> StoredFile:
    """Put a file on a card that the command may change, and tell it; `origin` joins the event: where it came from."""
    row = StoredFile.objects.create(
        type_key=ref.type, record_id=ref.id, name=safe_name(one.name), size=one.size, mime=one.mime[:120],
        kind=kind, sha256=one.sha256, created_at=now(), created_by=work.actor.user_id,
    )  # fmt: skip
    work.tell("file.added", ref, _payload(row) | (origin or {}), links)
    return row


def take(
    work: Work, ref: RecordRef, links: Sequence[RecordRef], row: StoredFile, origin: dict[str, Any] | None = None
) -> None:
    """Put a file of a card that the command may change into the trash, and tell it."""
    row.deleted_at = now()
    row.save(update_fields=["deleted_at"])
    work.tell("file.removed", ref, _payload(row) | (origin or {}), links)


@dataclass
class NameKind:
    """Say what kind of file it is; `kind` "" takes the word back. Needs edit on its card."""

    key: ClassVar[str] = "file.kind"
    file_id: UUID
    kind: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        row = held(self.file_id, change=True)
        if self.kind != row.kind:
            _check_kind(work.actor, self.kind)
        _name_kind(work, row, self.kind)


def _name_kind(work: Work, row: StoredFile, kind: str) -> None:
    ref, links = _card(work, row.type_key, row.record_id)
    if kind == row.kind:
        work.result.records.append(ref)
        return
    before, row.kind = row.kind, kind
    row.save(update_fields=["kind"])
    work.tell("file.kind_named", ref, _payload(row) | {"before": before}, links)


@dataclass
class RemoveFile:
    """Put a file into the trash; its content stays in the store. Needs edit on its card."""

    key: ClassVar[str] = "file.remove"
    file_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        row = held(self.file_id, change=True)
        ref, links = _card(work, row.type_key, row.record_id)
        record_type = type_of(work.actor, ref.type)
        if not writes(work.actor, record_type, row):
            raise Refused() if reads(work.actor, record_type, row) else NotFound()
        take(work, ref, links, row)


@dataclass
class RestoreFile:
    """Take a file out of the trash. Needs edit on its card."""

    key: ClassVar[str] = "file.restore"
    file_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        row = StoredFile.objects.select_for_update().filter(pk=self.file_id).first()
        if row is None:
            raise NotFound()
        ref, links = _card(work, row.type_key, row.record_id)
        if row.deleted_at is None:
            raise Conflict(_("The file is back already."), kept=_("Nothing was changed."))
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        work.tell("file.restored", ref, _payload(row), links)


def _level(actor: Actor, record_type: RecordType, key: str) -> str:
    """What he may do with the file field of that key; "write" for files that just hang on the card, and of fields that
    are in use no more."""
    spec = next((one for one in record_type.specs if one.key == key), None) if key else None
    return policy.level(actor, record_type, spec) if spec else "write"


def reads(actor: Actor, record_type: RecordType, row: StoredFile) -> bool:
    """Whether he may know of a file of a card he sees: of one in a field, if he reads the field in clear."""
    return _level(actor, record_type, row.field) in ("read", "write")


def writes(actor: Actor, record_type: RecordType, row: StoredFile) -> bool:
    """Whether he may take away a file of a card he edits."""
    return _level(actor, record_type, row.field) == "write"


def kind_choices(actor: Actor, held: str = "") -> list[Choice]:
    """The kinds to choose from, with the one a file has even when it is not offered any more."""
    return [one for one in actor.state.options[KINDS.key] if not one.retired or one.key == held]


def _check_kind(actor: Actor, kind: str) -> None:
    if kind and kind not in {one.key for one in kind_choices(actor)}:
        raise Invalid(fields={"kind": [_("Choose one of the list.")]})


def held(file_id: UUID, *, change: bool = False) -> StoredFile:
    """A file that is not in the trash; raises NotFound. Whoever shows it checks the right to see its card.

    To `change` it, nobody else does until the transaction ends.
    """
    rows = StoredFile.objects.select_for_update() if change else StoredFile.objects
    row = rows.filter(pk=file_id, deleted_at=None).first()
    if row is None:
        raise NotFound()
    return row


def _card(work: Work, type_key: str, record_id: UUID) -> tuple[RecordRef, list[RecordRef]]:
    """The card and those it links to, whose stories tell of it too."""
    record_type = type_of(work.actor, type_key)
    record = policy.get(work.actor, record_type, record_id, "edit")
    links = {spec.key: kinds.read(spec, record.__dict__) for spec in record_type.links}
    return RecordRef(type_key, record_id), linked_refs(record_type, links)


@jobs.schedule("changes.orphaned_files", daily="03:50", lease=300)
def _sweep(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Remove contents that no file on any card points to: of uploads that were refused or broke off a day ago or more.

    What lies in the trash can come back, so its content stays. A base that knows no file at all is more likely the
    wrong one beside this store than a house full of orphans: then nothing goes.
    """
    if not StoredFile.objects.exists():
        return
    before = now() - GRACE
    contents = storage.saved_before(before)
    while some := list(islice(contents, 500)):
        held = set(StoredFile.objects.filter(sha256__in=some).values_list("sha256", flat=True))
        for sha256 in some:
            if sha256 not in held:
                storage.drop(sha256, before)
        beat()


def _payload(row: StoredFile) -> dict[str, Any]:
    told = {"file": str(row.pk), "name": row.name, "size": row.size, "kind": row.kind}
    return told | {"field": row.field} if row.field else told


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """A file of a field is told to those who read the field."""
    told = record_type is None or _level(actor, record_type, payload.get("field", "")) in ("read", "write")
    return payload if told else None


def _kind_text(payload: Payload, actor: Actor) -> str:
    label = next((one.label for one in actor.state.options[KINDS.key] if one.key == payload["kind"]), None)
    if label is None:
        return _("took the kind off the file “%(name)s”") % _name(payload)
    return _("named the kind of the file “%(name)s”: %(kind)s") % {**_name(payload), "kind": label[actor.language]}


def _name(payload: Payload) -> dict[str, str]:
    return {"name": payload["name"]}


register(EventType("file.added", lambda p, a: _("added the file “%(name)s”") % _name(p), icon="paperclip",
                   kind="files", undo="file", redact=_cut, webhook=lambda: _("A file is added")))  # fmt: skip
register(EventType("file.removed", lambda p, a: _("removed the file “%(name)s”") % _name(p), icon="trash",
                   kind="files", undo="file.removal", redact=_cut, webhook=lambda: _("A file is removed")))  # fmt: skip
register(EventType("file.restored", lambda p, a: _("brought back the file “%(name)s”") % _name(p),
                   icon="arrow-back-up", kind="files", redact=_cut))  # fmt: skip
register(EventType("file.kind_named", _kind_text, icon="paperclip", kind="files",
                   undo="file.kind", redact=_cut))  # fmt: skip


@way("file")
def _take_back(work: Work, event: Event) -> None:
    RemoveFile(UUID(event.payload["file"])).apply(work)


@way("file.removal")
def _bring_back(work: Work, event: Event) -> None:
    RestoreFile(UUID(event.payload["file"])).apply(work)


@way("file.kind")
def _kind_back(work: Work, event: Event) -> None:
    row = held(UUID(event.payload["file"]), change=True)
    if row.kind != event.payload["kind"]:
        raise Conflict(_("The file has another kind by now."), kept=_("Nothing was changed."))
    _name_kind(work, row, event.payload["before"])  # a kind that is offered no more comes back too
