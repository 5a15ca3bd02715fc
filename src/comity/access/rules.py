"""Rights by condition: which rules are in force for an actor, as conditions over a type's rows.

The house judges them, with every field and whatever their reader may know: a rule is the administrator's word. They
name no other type's cards and nothing that changes with the day, so their SQL stands as long as the settings.
"""

from typing import Any

from django.db.models import Q

from comity.records.conditions import BadCondition, compile_q, leaves
from comity.records.scope import Scope
from comity.records.types import RecordType


def house_scope(
    record_type: RecordType, user_id: Any = None, team_ids: frozenset[Any] = frozenset(), timezone: str = "UTC"
) -> Scope:
    """The eyes of rules: every field of the type; "me" and "my team" are who the rule is asked for."""
    return Scope(fields={spec.key: spec for spec in record_type.specs}, type_key=record_type.key, user_id=user_id,
                 team_ids=team_ids, timezone=timezone)  # fmt: skip


def conditions(actor: Any, type_key: str, action: str) -> list[Q]:
    """One condition for each rule that opens cards of the type to him; none where his token bars him."""
    if action not in ("view", "edit") or not actor.state.rules or actor.barred(type_key, action):
        return []
    key = ("rules", type_key, action)
    found: list[Q] | None = actor.derived.get(key)
    if found is None:
        found = actor.derived[key] = list(_conditions(actor, type_key, action))
    return found


def _conditions(actor: Any, type_key: str, action: str) -> Any:
    record_type = actor.state.record_types[type_key]
    organization = actor.state.organization
    scope = house_scope(record_type, actor.user_id, actor.branch, organization.timezone if organization else "UTC")
    for rule in actor.state.rules.get(type_key, ()):
        if not applies(rule, actor) or (action == "edit" and not rule.edit):
            continue
        try:
            if leaves(rule.where):  # a rule without a condition opens nothing
                yield compile_q(rule.where, scope)
        except BadCondition:
            continue  # a field of it is gone: what can't be judged opens nothing


def applies(rule: Any, actor: Any) -> bool:
    """Whether a rule speaks of him."""
    if actor.user_id is None:
        return False
    held = actor.state.roles_of.get(actor.user_id, ())
    return rule.user_id == actor.user_id or rule.team_id in actor.own_teams or rule.role_id in held


def ruled_types(actor: Any) -> frozenset[str]:
    """The keys of the types of which rules may open cards to him."""
    known = actor.state.record_types
    return frozenset(key for key in actor.state.rules if key in known and conditions(actor, key, "view"))
