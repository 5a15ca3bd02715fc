"""What is known of a person and by where it stands; what would go, what stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import traces
from comity.changes.blanking import erasable, personal
from comity.changes.commands import type_of
from comity.changes.files import reads
from comity.changes.traces import Traces
from comity.exchange.erasing.commands import copies
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.models import ContactPoint, RecordRef, StoredFile
from comity.records.types import RecordType
from comity.search.cards import cards
from comity.search.find import find
from comity.timeline.models import EventSubject
from comity.work.notes.model import Note

MOST = 30  # cards that are named


@dataclass
class Known:
    """What is known of a person, as far as the actor may know it.

    fields   what the card says: (field, value, whether it tells of a person)
    files    the files on the card and on its copies
    places   where else: (what, how many)
    copies   the inquiries he came with, which lose their copies
    linked   the cards that point to his and stay
    others   cards that share a number or an address with him, or say his name: somebody has to look
    """

    traces: Traces
    fields: list[tuple[FieldSpec, Any, bool]]
    files: list[Any]
    notes: int
    places: list[tuple[str, int]] = field(default_factory=list)
    copies: list[RecordRef] = field(default_factory=list)
    linked: list[RecordRef] = field(default_factory=list)
    others: list[RecordRef] = field(default_factory=list)
    titles: Mapping[RecordRef, Any] = field(default_factory=dict)


def known(actor: Actor, record_type: RecordType, record: Any) -> Known:
    """Look everywhere; nothing is changed."""
    found = traces.of(record_type.key, record.pk).look()
    told = {spec.key for spec in personal(record_type)}
    specs = [one for one in erasable(record_type) if policy.level(actor, record_type, one) != "hide"]
    values = traces.values_of(record_type, record, specs)
    fields = [
        (spec, kinds.from_json(spec, values[spec.key]), spec.key in told) for spec in specs
        if not kinds.empty(kinds.from_json(spec, values[spec.key])) and values[spec.key] is not False
    ]  # fmt: skip
    made = Known(found, fields, [], found.hanging(Note).filter(deleted_at=None).count())
    same = [RecordRef(other.key, key) for other, key in copies(record_type, record.pk)]
    alike = _alike(actor, found, record.title)
    made.titles = cards(actor, [*same, *found.near[: 20 * MOST], *alike])
    made.copies = [ref for ref in same if ref in made.titles]
    made.files = _files(actor, [*found.refs, *made.copies])
    made.linked = [ref for ref in found.near if ref in made.titles and ref not in same]
    beside = {*found.refs, *same, *found.near}
    made.others = [ref for ref in alike if ref in made.titles and ref not in beside][:MOST]
    made.places = _places(found) if actor.administrator else []  # a number could tell others of hidden cards
    return made


def _files(actor: Actor, refs: list[RecordRef]) -> list[Any]:
    found: list[Any] = []
    for type_key, ids in traces.by_type(refs).items():
        rows = StoredFile.objects.filter(type_key=type_key, record_id__in=ids).order_by("created_at", "id")
        found += [row for row in rows if reads(actor, type_of(actor, type_key), row)]
    return found


def _places(found: Traces) -> list[tuple[str, int]]:
    told = EventSubject.objects.filter(type_key=found.ref.type, record_id__in=found.ids)
    places = [(_("Entries of the story"), told.values("event_id").distinct().count())]
    if len(found.refs) > 1:
        places.append((_("Cards that were merged into this one"), len(found.refs) - 1))
    for holder in traces.all_holders():
        if holder.label is not None:
            places.append((holder.label(), holder.count(found)))
    return [(label, number) for label, number in places if number]


def _alike(actor: Actor, found: Traces, title: str) -> list[RecordRef]:
    """Cards with one of his numbers or addresses, and those search finds by his name."""
    folds = found.hanging(ContactPoint).values_list("fold", flat=True)
    rows = ContactPoint.objects.filter(fold__in=[one for one in folds if one])
    alike = [RecordRef(kind, key) for kind, key in rows.values_list("type_key", "record_id")[: 10 * MOST]]
    words = title.split()
    if len(words) > 1:
        alike += [hit.ref for hit in find(actor, title, limit=MOST) if hit.how == "exact"]
    return list(dict.fromkeys(alike))


def counted_types(actor: Actor, refs: list[RecordRef]) -> list[tuple[str, int]]:
    """How many cards of each type: [("Deals", 3)]."""
    return [(type_of(actor, key).plural[actor.language], len(ids)) for key, ids in traces.by_type(refs).items()]


def when_gone(number: int) -> str:
    """What is told when it is done."""
    text = ngettext(
        "The person’s data is erased: %(n)s field, and what was told of it.",
        "The person’s data is erased: %(n)s fields, and what was told of them.", number,
    )  # fmt: skip
    return text % {"n": number}


def key_of(text: str) -> UUID | None:
    """A key out of a form."""
    try:
        return UUID(text)
    except ValueError:
        return None
