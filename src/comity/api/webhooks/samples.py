"""Samples of messages for whoever builds something on them: of the newest cards he sees, else made up."""

from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor
from comity.api.webhooks import payloads
from comity.kernel.clock import now
from comity.records.fields import FieldSpec
from comity.records.types import RecordType

COUNT = 3
_SAMPLES: dict[str, Any] = {
    "integer": 7, "number": "7.5", "percent": "12.5", "money": {"amount": "1250", "currency": "EUR"},
    "date": "2026-03-10", "datetime": "2026-03-10T09:00:00.000000Z", "bool": True, "url": "https://example.com/",
    "phones": [{"label": "work", "value": "+442071838750", "ext": ""}],
    "emails": [{"label": "work", "value": "ann@example.com", "ext": ""}],
    "handles": [{"label": "telegram", "value": "ann", "ext": ""}],
    "address": {"street": "1 High Street", "city": "London", "country": "GB"},
    "language": "en", "languages": ["en"], "country": "GB", "currency": "EUR", "tags": [], "taxnumber": "",
}  # fmt: skip
_NOBODY = UUID(int=0)


def samples(actor: Actor, event_type: str, record_type: RecordType) -> list[dict[str, Any]]:
    """Messages as they would be sent to him, the newest card first."""
    newest = policy.visible(actor, record_type).order_by("-created_at", "-id")
    ids = list(newest.values_list("pk", flat=True)[:COUNT])
    records = [payloads.record_json(actor, record_type, one) for one in ids]
    return [_message(event_type, one) for one in records or [_made_up(actor, record_type)] if one is not None]


def _message(event_type: str, record: dict[str, Any]) -> dict[str, Any]:
    if event_type == payloads.DELETED:
        record = {"id": record["id"], "type": record["type"]}
        return payloads.message(event_type, now().isoformat(), {"event": 0, "record": record})
    data = {"event": 0, "actor": None, "record": record, "changes": {}}
    return payloads.message(event_type, now().isoformat(), data)


def _made_up(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    """A card that is not there."""
    values = {spec.key: _value(actor, spec) for spec, _level in policy.shown_fields(actor, record_type)}
    title = record_type.label[actor.language]
    return {"id": str(_NOBODY), "type": record_type.key, "version": 1, "title": title, **values}


def _value(actor: Actor, spec: FieldSpec) -> Any:
    if spec.kind in ("text", "longtext"):
        return spec.label[actor.language]
    if spec.kind in ("choice", "choices"):
        first = spec.choices[0].key if spec.choices else None
        return first if spec.kind == "choice" else [first] if first else []
    return _SAMPLES.get(spec.kind)
