"""Links as an actor may know them: by a field he may not read, no card shows that another one points to it."""

from collections.abc import Iterable

from comity.access import policy
from comity.access.actors import Actor
from comity.records.conditions import compile_q
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType

Closed = dict[str, tuple[FieldSpec, ...]]


def closed(actor: Actor) -> Closed:
    """The link fields he may not read in clear, by the type that has them; worked out once per actor."""
    held: Closed | None = actor.derived.get("closed links")
    if held is None:
        found = {
            one.key: tuple(spec for spec in one.links if policy.level(actor, one, spec) not in ("read", "write"))
            for one in actor.state.types_on
        }
        held = actor.derived["closed links"] = {key: specs for key, specs in found.items() if specs}
    return held


def closed_kinds(actor: Actor) -> frozenset[tuple[str, str]]:
    """The relations that are values of such fields: (type they lead from, kind)."""
    return frozenset((key, spec.relation or spec.key) for key, specs in closed(actor).items() for spec in specs)


def leading_to(actor: Actor, record_type: RecordType, target: str) -> tuple[list[FieldSpec], bool]:
    """The fields he reads by which cards of a type point to cards of another one; whether there are others."""

    def fits(spec: FieldSpec) -> bool:
        return not spec.target or spec.target == target

    readable = [spec for spec in policy.readable_fields(actor, record_type) if spec in record_type.links and fits(spec)]
    return readable, any(fits(spec) for spec in closed(actor).get(record_type.key, ()))


def pointing(actor: Actor, specs: Iterable[FieldSpec], record_type: RecordType, refs: Iterable[RecordRef],
             to: RecordRef) -> set[RecordRef]:  # fmt: skip
    """Those of the cards of a type that point to a card by one of these fields of his."""
    tests = [{"field": spec.key, "op": "any", "value": [str(to.id if spec.kind == "link" else to)]} for spec in specs]
    if not tests:
        return set()
    rows = policy.visible(actor, record_type).filter(pk__in=[ref.id for ref in refs])
    rows = rows.filter(compile_q({"any": tests}, policy.condition_scope(actor, record_type)))
    return {RecordRef(record_type.key, key) for key in rows.values_list("pk", flat=True)}
