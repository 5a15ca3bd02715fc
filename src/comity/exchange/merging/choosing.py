"""Of two values of a field, which one the kept card has: what somebody chose, else what is missing is filled in."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import Invalid
from comity.records import kinds
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType

KEPT, LOST, BOTH = "kept", "lost", "both"
MANY = CONTACT_KINDS | {"tags", "languages", "choices"}
TOGETHER = MANY | {"longtext"}  # kinds that can have both
Values = dict[str, Any]
Choices = Mapping[str, str]


def ways(spec: FieldSpec) -> tuple[str, ...]:
    """What can be chosen for a field."""
    return (KEPT, LOST, BOTH) if spec.kind in TOGETHER or spec.several else (KEPT, LOST)


def chosen_by_itself(spec: FieldSpec, kept: Any, lost: Any) -> str:
    """What is taken where nobody chose: both where that can be, else the kept card's value unless it has none."""
    if spec.kind in MANY or spec.several:
        return BOTH
    if spec.kind in ("bool", "user", "team"):
        return KEPT
    return LOST if kinds.empty(kept) and not kinds.empty(lost) else KEPT


def mergeable(record_type: RecordType) -> list[FieldSpec]:
    """The fields that are chosen or filled in: those a person writes. The team follows the owner; files move all."""
    return [
        spec for spec in record_type.specs if spec.level == "write" and spec.key != "team" and spec.kind != "file"
    ]  # fmt: skip


def check(actor: Actor, record_type: RecordType, choices: Choices) -> None:
    """Raises Invalid for a choice of a field he may not write, or that the field does not have."""
    known = {spec.key: spec for spec in mergeable(record_type)}
    wrong: dict[str, list[str]] = {}
    for key, way in choices.items():
        spec = known.get(key)
        if spec is None or policy.level(actor, record_type, spec) in ("hide", "mask"):
            wrong[key] = [_("There is no such field.")]
        elif way not in ways(spec):
            wrong[key] = [_("Choose one of the list.")]
        elif policy.level(actor, record_type, spec) != "write":
            wrong[key] = [_("You may read this field but not change it.")]
    if wrong:
        raise Invalid(fields=wrong)


def resolve(
    record_type: RecordType, kept: Values, lost: Values, choices: Choices, pair: tuple[RecordRef, RecordRef]
) -> Values:
    """The values the kept card gets: only those that differ from what it has. `pair`: (kept card, lost card)."""
    found: Values = {}
    for spec in mergeable(record_type):
        mine, other = kept.get(spec.key), lost.get(spec.key)
        # A link of the two to each other would lead from a card to itself.
        mine = kinds.seen(spec, mine, pair[1].__ne__)
        other = kinds.seen(spec, other, pair[0].__ne__)
        way = choices.get(spec.key) or chosen_by_itself(spec, mine, other)
        value = {KEPT: mine, LOST: other}.get(way) if way != BOTH else together(spec, mine, other)
        if value != kept.get(spec.key):
            found[spec.key] = value
    if "owner" in found and "team" in kept:
        found["team"] = lost.get("team")
    return found


def together(spec: FieldSpec, mine: Any, other: Any) -> Any:
    """Both values: the kept card's first, nothing twice."""
    if spec.kind == "longtext":
        parts = [part for part in (mine, other) if part]
        return parts[0] if len(parts) == 2 and parts[0] == parts[1] else "\n\n".join(parts)
    if spec.kind in CONTACT_KINDS:
        held = {point_fold(spec, point["value"]) for point in mine or ()}
        return (*(mine or ()), *(point for point in other or () if point_fold(spec, point["value"]) not in held))
    both = tuple(dict.fromkeys((*(mine or ()), *(other or ()))))
    return tuple(sorted(both, key=str)) if spec.kind in ("tags", "relation") else both
