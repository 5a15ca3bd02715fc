"""The way cards of a type go, and the fields that must be filled from a place of it on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.labels import Label
from comity.records.types import RecordType


@dataclass(frozen=True)
class Step:
    """A place on the way cards of a type go: the value of the field that says where a card stands, and its name."""

    key: str
    label: Label


Way = Callable[[Actor], list[Step]]
_ways: dict[str, Way] = {}


def goes_along(type_key: str, way: Way) -> None:
    """Register the way cards of a shipped type go: its own commands see to it that none goes on without a field that
    must be filled from a step on."""
    _ways[type_key] = way


def steps(actor: Actor, record_type: RecordType) -> list[Step]:
    """The places from which on a field can be demanded, in order; none where cards go no way."""
    if record_type.key in _ways:
        return _ways[record_type.key](actor)
    board = record_type.extra.get("board")
    spec = next((one for one in record_type.custom if one.key == board), None)
    return [Step(one.key, one.label) for one in spec.choices] if spec else []


def beginnings(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    """What a new card begins with where nothing else was said: values as in records.kinds, by field key."""
    found: dict[str, Any] = {}
    for spec in record_type.custom:
        if spec.begins is None:
            continue
        match spec.begins, spec.kind:
            case "today", "date":
                found[spec.key] = policy.today(actor)
            case "today", "datetime":
                found[spec.key] = now()
            case "me", "user":
                found[spec.key] = actor.user_id
            case "my_team", "team":
                places = actor.state.memberships.get(actor.user_id, ()) if actor.user_id else ()
                found[spec.key] = places[0][0] if places else None
            case raw, _kind:
                try:
                    found[spec.key] = kinds.clean(spec, raw, actor.env)
                except kinds.BadValue:  # a choice that was taken away since
                    continue
    return {key: value for key, value in found.items() if not kinds.empty(value)}


def demanded(actor: Actor, record_type: RecordType, spec: FieldSpec, values: Mapping[str, Any]) -> bool:
    """Whether a card with these values stands where the field must be filled, by the board field of its type."""
    if not spec.since or record_type.key in _ways:
        return False
    at = values.get(record_type.extra.get("board", ""))
    places = [one.key for one in steps(actor, record_type)]
    return at in places and spec.since in places and places.index(at) >= places.index(spec.since)
