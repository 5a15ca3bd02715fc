"""What a merge would do, before anybody does it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.commands import linked_refs
from comity.changes.writer import current
from comity.exchange.merging import choosing, movers
from comity.exchange.merging.choosing import Values
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType


@dataclass
class Preview:
    """Two cards side by side, as far as the actor reads them.

    kept, lost    their values, links to hidden cards empty
    fields        those that differ, with the level the actor has
    after         what the kept card gets if nobody chooses: {field key: value}
    moves         what moves, in words, with how many of it he sees
    warnings      what speaks against it
    """

    kept: Values
    lost: Values
    fields: list[tuple[FieldSpec, str]]
    after: Values
    moves: list[tuple[str, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    titles: dict[RecordRef, str] = field(default_factory=dict)


def preview(actor: Actor, record_type: RecordType, kept: Any, lost: Any) -> Preview:
    """What merging the two cards would do; both are cards he may edit."""
    mine, other = current(record_type, kept), current(record_type, lost)
    pair = RecordRef(record_type.key, kept.pk), RecordRef(record_type.key, lost.pk)
    titles = policy.titles(actor, [*linked_refs(record_type, mine), *linked_refs(record_type, other)])
    after = choosing.resolve(record_type, mine, other, {}, pair)
    shown = {spec.key: one for spec, one in policy.shown_fields(actor, record_type)}
    hidden = {key for key in shown if not _sees(record_type.spec(key), (mine.get(key), other.get(key)), titles)}
    fields = [
        (spec, shown[spec.key]) for spec in choosing.mergeable(record_type)
        if shown.get(spec.key) in ("read", "write") and spec.key not in hidden
        and mine.get(spec.key) != other.get(spec.key)
        and not (kinds.empty(mine.get(spec.key)) and kinds.empty(other.get(spec.key)))
    ]  # fmt: skip
    moves = [one for mover in movers.all_movers() for one in mover.count(actor, pair[1])]
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    return Preview(mine, other, fields, after, moves, warnings(actor, record_type, mine, other, readable), titles)


def _sees(spec: FieldSpec, values: tuple[Any, Any], titles: dict[RecordRef, str]) -> bool:
    return all(ref in titles for value in values for ref in kinds.refs(spec, value))


def warnings(actor: Actor, record_type: RecordType, mine: Values, other: Values, readable: set[str]) -> list[str]:
    """What speaks against two cards being the same, by fields he reads."""
    found = []
    for spec in record_type.specs:
        told = spec.kind == "taxnumber" or spec.extra.get("identifies") or (spec.kind == "date" and spec.personal)
        one, two = mine.get(spec.key), other.get(spec.key)
        if told and spec.key in readable and one and two and one != two:
            found.append(_("They differ in “%(field)s”.") % {"field": spec.label[actor.language]})
    return found
