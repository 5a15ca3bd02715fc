"""What is sent of an event: what its webhook's owner sees of it at that moment, and not a word more."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor
from comity.api import cards
from comity.api.webhooks import catalogue
from comity.api.webhooks.state import Hook
from comity.records import kinds
from comity.records.conditions import BadCondition, compile_q
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.timeline import story
from comity.timeline.models import Event

DELETED = "record.trashed"
SAID = ("note", "file", "name", "days")  # what an event says besides fields that changed: plain words and numbers


@dataclass(frozen=True)
class Fit:
    """An event that may be told to a webhook. `payload` is cut to its owner's rights; None: the card was put away."""

    event: Event
    payload: Mapping[str, Any] | None


def wanted(hook: Hook, event: Event) -> bool:
    """Whether the webhook asked for events like this one, whatever its owner sees."""
    return (
        event.type in hook.events
        and (not hook.type_key or hook.type_key == event.primary_type)
        and event.at >= hook.created_at
    )


def fitting(actor: Actor, hook: Hook, events: Sequence[Event]) -> dict[int, Fit]:
    """Those of the events the owner may know now, of cards that fit the webhook's condition now, by their ids."""
    asked = [event for event in events if wanted(hook, event) and event.type in catalogue.offered()]
    live = [event for event in asked if event.type != DELETED]
    gone = [event for event in asked if event.type == DELETED]
    reached = _reached(actor, hook, live, "view")
    told = story.tell(actor, [one for one in live if one.primary_id in reached]) if reached else []
    found = {one.event.id: Fit(one.event, one.payload) for one in told}
    reached = _reached(actor, hook, gone, "restore")
    return found | {one.id: Fit(one, None) for one in gone if one.primary_id in reached}


def _reached(actor: Actor, hook: Hook, events: Iterable[Event], action: str) -> set[UUID]:
    ids: dict[str, set[UUID]] = {}
    for event in events:
        ids.setdefault(event.primary_type, set()).add(event.primary_id)
    found: set[UUID] = set()
    for type_key, some in ids.items():
        record_type = actor.state.record_types.get(type_key)
        if record_type is None:
            continue
        rows = policy.visible(actor, record_type, action).filter(pk__in=some)
        if hook.type_key and hook.where:
            try:
                rows = rows.filter(compile_q(hook.where, policy.condition_scope(actor, record_type)))
            except BadCondition:
                continue  # it asks for a field that is gone, or that the owner may not read any more
        found.update(rows.values_list("pk", flat=True))
    return found


def body(actor: Actor, fit: Fit) -> dict[str, Any] | None:
    """The message about an event; None when its card has gone in this very moment."""
    event = fit.event
    record_type = actor.state.record_types[event.primary_type]
    if fit.payload is None:
        record: dict[str, Any] | None = {"id": str(event.primary_id), "type": record_type.key}
        return message(event.type, event.at.isoformat(), {"event": event.id, "record": record})
    record = record_json(actor, record_type, event.primary_id)
    if record is None:
        return None
    data: dict[str, Any] = {"event": event.id, "actor": str(event.actor_id or "") or None, "record": record}
    data["changes"] = changes(actor, record_type, fit.payload)
    said = {key: fit.payload[key] for key in SAID if isinstance(fit.payload.get(key), str | int)}
    return message(event.type, event.at.isoformat(), data | ({"details": said} if said else {}))


def message(event_type: str, at: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The form of every message."""
    return {"type": event_type, "timestamp": at, "data": data}


def encoded(content: Mapping[str, Any]) -> str:
    """A message as it is sent."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def record_json(actor: Actor, record_type: RecordType, record_id: UUID) -> dict[str, Any] | None:
    """A card as the API gives it to the same reader; None when it does not."""
    card = policy.find(actor, record_type, record_id)
    if card is None:
        return None
    return cards.one(actor, record_type, card, policy.shown_fields(actor, record_type))


def changes(actor: Actor, record_type: RecordType, payload: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields that changed, [before, after] as the API writes values: those he reads in clear."""
    readable = {spec.key: spec for spec in policy.readable_fields(actor, record_type)}
    told = payload.get("changes") or {}
    return {key: [_outward(readable[key], one) for one in pair] for key, pair in told.items() if key in readable}


def _outward(spec: FieldSpec, value: Any) -> Any:
    return None if value is None else cards.outward(spec, kinds.from_json(spec, value))


def cut(actor: Actor, text: str) -> str:
    """A message sent before, as far as this reader may see it now; "" when its card is closed to him by now."""
    try:
        content = json.loads(text)
        record = content["data"].get("record")
    except (ValueError, KeyError):
        return ""
    if record is None or actor.administrator:
        return text
    record_type = actor.state.record_types.get(record["type"])
    if record_type is None or not any(
        policy.find(actor, record_type, UUID(record["id"]), action) for action in ("view", "restore")
    ):
        return ""
    levels = {spec.key: level for spec, level in policy.shown_fields(actor, record_type)}
    ours = {spec.key for spec in record_type.specs}
    kept = {
        key: "•••" if levels.get(key) == "mask" else value for key, value in record.items()
        if key in levels or key not in ours
    }  # fmt: skip
    told = content["data"].get("changes", {})
    told = {key: pair for key, pair in told.items() if levels.get(key) in ("read", "write")}
    kept, told = _unlinked(actor, [spec for spec in record_type.links if levels.get(spec.key) != "mask"], kept, told)
    return encoded(content | {"data": content["data"] | {"record": kept, "changes": told}})


def _unlinked(
    actor: Actor, links: Sequence[FieldSpec], record: dict[str, Any], told: dict[str, list[Any]]
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The same with links to cards that are closed to the reader by now empty."""
    held = {spec.key: [kinds.from_json(spec, one) for one in (record.get(spec.key), *told.get(spec.key, ()))]
            for spec in links}  # fmt: skip
    seen = policy.titles(actor, {ref for spec in links for one in held[spec.key] for ref in kinds.refs(spec, one)})
    record, told = dict(record), dict(told)
    for spec in links:
        now, *pair = (cards.outward(spec, kinds.seen(spec, one, seen.__contains__)) for one in held[spec.key])
        record |= {spec.key: now} if spec.key in record else {}
        told |= {spec.key: pair} if spec.key in told else {}
    return record, told
