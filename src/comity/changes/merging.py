"""What a merge of two cards needs of the writer: to put one away as part of the other, and to turn what points to it.

Commands of rooms above (exchange) call these inside their transaction, with their rights checked.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.events import cut_changes
from comity.kernel.errors import Conflict, NotFound, Refused
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.json_access import CustomText
from comity.records.models import Merged, RecordRef
from comity.records.types import RecordType
from comity.timeline.types import EventType, register


def successor(type_key: str, record_id: UUID) -> UUID | None:
    """The card that one was merged into; None when it was not."""
    rows = Merged.objects.filter(type_key=type_key, record_id=record_id)
    return rows.values_list("into_id", flat=True).first()


def hold_both(work: Work, record_type: RecordType, kept: UUID, lost: UUID) -> tuple[Any, Any]:
    """Two cards to merge, held until the transaction ends, in the same order whoever holds them.

    Raises NotFound, Refused, and Conflict when one has been merged meanwhile into a card he sees.
    """
    lock(record_type, (kept, lost))
    found = []
    for record_id in (kept, lost):
        into = successor(record_type.key, record_id)
        if into is not None and policy.find(work.actor, record_type, into) is not None:
            raise Conflict(
                _("One of these cards has been merged already."), kept=_("Nothing was changed."),
                todo=_("Open the list of likely duplicates again."),
            )  # fmt: skip
        found.append(policy.get(work.actor, record_type, record_id, "edit"))
    return found[0], found[1]


def lock(record_type: RecordType, ids: Iterable[UUID]) -> None:
    """Hold cards until the transaction ends, in one order whoever asks: none of two waits for the other for ever."""
    if connection.vendor != "sqlite":  # SQLite has one writer anyway
        rows = record_type.rows.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk")
        list(rows.values_list("version"))


def put_away(work: Work, record_type: RecordType, lost: Any, kept: UUID, event_id: int) -> None:
    """Make a held card a part of another one: out of lists, search and trash; its address leads there."""
    writer.set_deleted(work.actor, lost, True)
    Merged.objects.create(type_key=record_type.key, record_id=lost.pk, into_id=kept, event_id=event_id)


def lead_on(type_key: str, lost: UUID, kept: UUID) -> list[str]:
    """What was merged into the lost card leads to the kept one; which cards those are."""
    rows = Merged.objects.filter(type_key=type_key, into_id=lost)
    found = [str(key) for key in rows.values_list("record_id", flat=True)]
    rows.update(into_id=kept)
    return found


def lead_back(type_key: str, ids: Sequence[str], lost: UUID, kept: UUID) -> None:
    """The other way, where it leads to the kept card still."""
    Merged.objects.filter(type_key=type_key, record_id__in=[UUID(one) for one in ids], into_id=kept).update(
        into_id=lost
    )


def bring_back(work: Work, record_type: RecordType, lost: UUID, kept: UUID, event_id: int) -> Any:
    """A card that a merge has put away, held and live again.

    Raises Refused when that merge was taken back already, or the card is gone, and when he has no right to edit it.
    """
    lock(record_type, (kept, lost))
    merged = Merged.objects.filter(type_key=record_type.key, record_id=lost, into_id=kept, event_id=event_id).first()
    record = record_type.rows.filter(pk=lost).first()
    if merged is None or record is None:
        raise Refused(_("This merge has been taken back already."))
    merged.delete()
    writer.set_deleted(work.actor, record, False)
    return record


def turn(work: Work, record_type: RecordType, spec: FieldSpec, old: RecordRef, new: RecordRef,
         ids: Iterable[UUID] | None = None) -> list[UUID]:  # fmt: skip
    """Let a link field of all cards (or of those of `ids`) that point to one card point to another; which ones did.

    Each is told as a change of the card, whoever sees it: those in the trash and those hidden from the actor too.
    """
    rows = pointing(record_type, spec, old)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if connection.vendor != "sqlite":
        rows = rows.select_for_update(no_key=True)
    found = []
    value: Any = new if spec.kind == "card" else new.id
    for record in rows.order_by("pk"):
        before = kinds.read(spec, record.__dict__)
        stored = kinds.store(spec, value)
        if spec.stored == "custom":
            record.custom = {**record.custom, **stored}
            stored = {"custom": record.custom}
        writer.keep(work.actor, record, stored)
        changes = {spec.key: [kinds.to_json(spec, before), kinds.to_json(spec, value)]}
        ref = RecordRef(record_type.key, record.pk)
        work.tell("record.turned", ref, {"title": record.title, "changes": changes}, version=record.version)
        found.append(record.pk)
    return found


def pointing(record_type: RecordType, spec: FieldSpec, ref: RecordRef) -> Any:
    """The cards of a type, in the trash or not, whose field points to a card: for counts, ask with `policy` besides."""
    if spec.stored == "custom":
        value = kinds.to_json(spec, ref if spec.kind == "card" else ref.id)
        return record_type.rows.annotate(_pointing=CustomText(spec.key)).filter(_pointing=value)
    if spec.kind == "card":
        return record_type.rows.filter(**{f"{spec.key}_type": ref.type, spec.attname: ref.id})
    return record_type.rows.filter(**{spec.attname: ref.id})


def may_edit(actor: Actor, record_type: RecordType, record_id: UUID) -> bool:
    """Whether a card put away would be his to edit, by its owner, team and shares as they are."""
    record = record_type.rows.filter(pk=record_id).first()
    if record is None:
        raise NotFound()
    return policy.may(actor, record_type, record, "edit")


def gone_values(record_type: RecordType, record_id: UUID) -> dict[str, Any]:
    """What a card that was put away says of itself."""
    record = record_type.rows.get(pk=record_id)
    return writer.current(record_type, record)


register(EventType(
    "record.turned", lambda p, a: _("points to the card that was kept of two"), icon="link", kind="links",
    redact=cut_changes,
))  # fmt: skip
