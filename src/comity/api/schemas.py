"""JSON Schemas (2020-12, as OpenAPI 3.1 takes them) of cards, values and inputs, made from the same descriptions."""

from typing import Any

from comity.changes.actions import Action
from comity.records.cleaning import ADDRESS_PARTS, MAX_LONG_TEXT, MAX_POINTS
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.types import RecordType

Schema = dict[str, Any]
LARGEST = 2**31 - 1
CARD_REF = "^[a-z][a-z0-9_]*:[0-9a-f-]{36}$"
DECIMAL = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"


def ref(name: str) -> Schema:
    """A pointer to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def name_of(record_type: RecordType, ending: str = "") -> str:
    """The name of a type's schema: "own_property" is OwnProperty."""
    return "".join(part.capitalize() for part in record_type.key.split("_")) + ending


def nothing_or(**more: Any) -> Schema:
    """A value of one JSON type, or null."""
    return {**more, "type": [more["type"], "null"]}


def _text(**more: Any) -> Schema:
    return nothing_or(type="string", **more)


def _points(masked: bool = False) -> Schema:
    return _list(ref("MaskedPoint" if masked else "ContactPoint"))


def _or_null(name: str) -> Schema:
    return {"anyOf": [ref(name), {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return nothing_or(type="array", items=items)


KEY: Schema = {"type": "string", "format": "uuid"}


def value(spec: FieldSpec, level: str = "read") -> Schema:
    """The schema of a field's value in answers."""
    if level == "mask":
        return _points(masked=True) if spec.kind in CONTACT_KINDS else _text()
    match spec.kind:
        case "integer":
            return nothing_or(type="integer")
        case "number" | "percent":
            return _text(pattern=DECIMAL)
        case "money":
            return _or_null("Money")
        case "date":
            return _text(format="date")
        case "datetime":
            return _text(format="date-time")
        case "bool":
            return nothing_or(type="boolean")
        case "user" | "team" | "link":
            return nothing_or(**KEY)
        case "choices" | "languages":
            return _list({"type": "string"})
        case "tags":
            return _list(KEY)
        case "relation":
            return _list({"type": "string", "description": "type:id"})
        case "file":
            parts = {"id": KEY, "name": {"type": "string"}, "size": {"type": "integer"}}
            return _list({"type": "object", "properties": parts, "required": ["id"]})
        case "phones" | "emails" | "handles":
            return _points()
        case "address":
            return _or_null("Address")
        case "text" | "longtext" | "url" | "taxnumber" | "choice" | "language" | "country" | "currency" | "card":
            return _text()
    return {}


def given(spec: FieldSpec) -> Schema:
    """The schema of what may be sent for a field."""
    match spec.kind:
        case "text" | "url" | "taxnumber":
            return _text(maxLength=spec.max_length)
        case "longtext":
            return _text(maxLength=MAX_LONG_TEXT)
        case "number" | "percent":
            return {"anyOf": [_text(pattern=DECIMAL), {"type": "number"}]}
        case "money":
            return _or_null("MoneyGiven")
        case "phones" | "emails" | "handles":
            return {**_points(), "maxItems": MAX_POINTS}
        case "choice" | "choices" if spec.choices:
            keys: Schema = {"type": "string", "enum": [one.key for one in spec.choices if not one.retired]}
            if not keys["enum"]:
                return value(spec)
            return _list(keys) if spec.kind == "choices" else {"anyOf": [keys, {"type": "null"}]}
        case "language":
            return _text(pattern="^[a-z]{2}$")
        case "country":
            return _text(pattern="^[A-Z]{2}$")
        case "currency":
            return _text(pattern="^[A-Z]{3}$")
        case "card":
            return _text(description="type:id", pattern=CARD_REF)
    return value(spec)


def described(spec: FieldSpec, language: str, schema: Schema) -> Schema:
    """A field's schema with its label, and what is to be known of it."""
    told = [spec.help[language] if spec.help else ""]
    if spec.unit and spec.kind != "percent":
        told.append(f"Unit: {spec.unit}.")
    if spec.target:
        told.append(f"Key of a card of the type {spec.target}.")
    if spec.choices and "anyOf" not in schema:
        told.append("One of: " + ", ".join(one.key for one in spec.choices if not one.retired) + ".")
    about = " ".join(filter(None, [*told, schema.get("description", "")]))
    return {**schema, "title": spec.label[language], **({"description": about} if about else {})}


LIKELY: Schema = {
    "type": "array",
    "description": "Only in the answer that made the card: cards that may be the same one, the surest first.",
    "items": {
        "type": "object", "required": ["id", "type", "title", "score", "why"],
        "properties": {
            "id": KEY, "type": {"type": "string"}, "title": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 100},
            "why": {"type": "string", "description": "In words, in the reader's language."},
        },
    },
}  # fmt: skip


def card(record_type: RecordType, shown: list[tuple[FieldSpec, str]], language: str) -> Schema:
    """A card in answers."""
    fields = {spec.key: described(spec, language, value(spec, level)) for spec, level in shown}
    return {
        "type": "object", "title": record_type.label[language],
        "properties": {
            "id": KEY, "type": {"type": "string"}, "version": {"type": "integer"}, "title": {"type": "string"},
            **fields, "event": nothing_or(type="integer"), "included": INCLUDED, "likely": LIKELY,
        },
        "required": ["id", "type", "version", "title"],
    }  # fmt: skip


def new_card(shown: list[tuple[FieldSpec, str]], language: str) -> Schema:
    """What makes a card."""
    fields = {spec.key: described(spec, language, given(spec)) for spec, level in shown if level == "write"}
    needed = [spec.key for spec, level in shown if level == "write" and spec.required]
    made: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return {**made, "required": needed} if needed else made


def changed_card(shown: list[tuple[FieldSpec, str]], language: str) -> Schema:
    """What changes a card: the version it is made against, here or in If-Match."""
    made = new_card(shown, language)
    made.pop("required", None)
    version = {"type": "integer", "minimum": 1, "maximum": LARGEST, "description": "Or the header If-Match."}
    return {**made, "properties": {"version": version, **made["properties"]}}


_INPUTS: dict[str, Schema] = {
    "text": {"type": "string"}, "integer": {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
    "bool": {"type": "boolean"}, "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"}, "key": KEY, "card": {"type": "string"},
    "values": {"type": "object"}, "list": {"type": "array", "items": {"type": "object"}},
    "keys": {"type": "array", "items": KEY}, "texts": {"type": "array", "items": {"type": "string"}}, "any": {},
}  # fmt: skip


def inputs(action: Action) -> Schema:
    """What an action takes."""
    fields = {
        one.name: nothing_or(**_INPUTS[one.kind]) if one.nullable and one.kind != "any" else _INPUTS[one.kind]
        for one in action.inputs
    }
    needed = [one.name for one in action.inputs if one.required]
    made: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return {**made, "required": needed} if needed else made


_CARDS: Schema = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": True}}
INCLUDED: Schema = {"type": "object", "additionalProperties": _CARDS}


def _strings(*names: str, required: tuple[str, ...] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {**made, "required": list(required)} if required else made


def _page(items: Schema) -> Schema:
    return {"type": "object", "required": ["items", "next"],
            "properties": {"items": {"type": "array", "items": items}, "next": nothing_or(type="string")}}  # fmt: skip


SHARED: dict[str, Schema] = {
    "ContactPoint": _strings("label", "value", "ext", required=("value",)),
    "MaskedPoint": _strings("label", "value", required=("value",)),
    "Address": _strings(*ADDRESS_PARTS),
    "Money": {
        "type": "object", "required": ["amount", "currency"],
        "properties": {"amount": {"type": "string", "pattern": DECIMAL}, "currency": {"type": "string"}},
    },
    "MoneyGiven": {
        "type": "object", "required": ["amount"],
        "properties": {
            "amount": {"anyOf": [{"type": "string", "pattern": DECIMAL}, {"type": "number"}]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "Empty: the company’s."},
        },
    },
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"}, "instance": {"type": "string"}, "what": {"type": "string"},
            "kept": {"type": "string"}, "todo": {"type": "string"}, "reference": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            "current": {"type": "object", "additionalProperties": True}, "retry_after": {"type": "integer"},
        },
        "required": ["type", "title", "status"],
    },
    "Find": {
        "type": "object", "required": ["id", "type", "title"],
        "properties": {"id": KEY, "type": {"type": "string"}, "title": {"type": "string"}},
    },
    "Trashed": {
        "type": "object", "required": ["id", "trashed"],
        "properties": {"id": KEY, "type": {"type": "string"}, "trashed": {"type": "boolean"},
                       "event": nothing_or(type="integer")},
    },
    "Trash": _page({
        "type": "object", "required": ["id", "type", "title", "version", "deleted_at"],
        "properties": {
            "id": KEY, "type": {"type": "string"}, "title": {"type": "string"}, "version": {"type": "integer"},
            "deleted_at": {"type": "string", "format": "date-time"}, "deleted_by": nothing_or(**KEY),
        },
    }),
    "Removed": {
        "type": "object", "required": ["id", "removed"],
        "properties": {"id": KEY, "removed": {"type": "boolean"}, "event": nothing_or(type="integer")},
    },
    "Relation": {
        "type": "object", "required": ["id", "kind", "direction", "label", "card", "roles", "note", "created_at"],
        "properties": {
            "id": KEY, "kind": {"type": "string"}, "direction": {"type": "string", "enum": ["to", "from"]},
            "label": {"type": "string"}, "card": ref("Find"), "roles": {"type": "array", "items": {"type": "string"}},
            "note": {"type": "string"}, "created_at": {"type": "string", "format": "date-time"},
            "event": nothing_or(type="integer"),
        },
    },
    "Relations": _page(ref("Relation")),
    "RelationNew": {
        "type": "object", "required": ["kind", "card"], "additionalProperties": False,
        "properties": {
            "kind": {"type": "string", "description": "The kinds are in /api/v1/types."},
            "card": {"type": "string", "description": "type:id", "pattern": CARD_REF},
            "direction": {"type": "string", "enum": ["to", "from"], "default": "to",
                          "description": "Whether this card links to the other one, or the other one to it."},
            "roles": {"type": "array", "items": {"type": "string"}}, "note": {"type": "string"},
        },
    },
    "Batch": {
        "type": "object", "required": ["id", "act", "type", "state", "created_at", "total", "done", "refused"],
        "properties": {
            "id": KEY, "act": {"type": "string"}, "type": {"type": "string"},
            "state": {"type": "string", "enum": ["running", "stopped", "done", "undoing", "undone"]},
            "created_at": {"type": "string", "format": "date-time"}, "total": {"type": "integer"},
            "done": {"type": "integer"}, "refused": {"type": "integer"}, "undoes": nothing_or(**KEY),
        },
    },
    "Batches": {
        "type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": ref("Batch")}},
    },
    "Hook": {
        "type": "object", "required": ["id", "hookUrl", "event", "events", "type", "where", "active"],
        "properties": {
            "id": KEY, "hookUrl": {"type": "string"}, "event": {"type": "string"},
            "events": {"type": "array", "items": {"type": "string"}}, "type": nothing_or(type="string"),
            "where": {"type": "object", "additionalProperties": True}, "active": {"type": "boolean"},
        },
    },
    "Hooks": {
        "type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": ref("Hook")}},
    },
    "HookNew": {
        "type": "object", "required": ["hookUrl", "event"],
        "properties": {
            "hookUrl": {"type": "string", "description": "An https:// address, of no private network."},
            "event": {"type": "string", "description": "A key of /api/v1/hooks/events."},
            "events": {"type": "array", "minItems": 1, "items": {"type": "string"},
                       "description": "Instead of one event: several."},
            "type": {"type": "string", "description": "The kind of cards; without it every kind."},
            "where": {"type": "object", "description": "A condition tree over cards of that kind."},
            "name": {"type": "string", "maxLength": 120},
        },
    },
    "HookMade": {
        "type": "object", "required": ["id"],
        "properties": {"id": KEY, "secret": {"type": "string", "description": "Messages are signed with it; it is shown"
                                             " once."}},
    },
    "Message": {
        "type": "object", "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "additionalProperties": True},
        },
    },
    "Story": {
        "type": "object", "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {
                "type": "object", "required": ["id", "at", "type"],
                "properties": {
                    "id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"},
                    "type": {"type": "string"}, "actor": {"type": "string"}, "text": {"type": "string"},
                    "about": {"type": "object", "additionalProperties": True},
                    "payload": {"type": "object", "additionalProperties": True},
                    "batch": nothing_or(**KEY),
                }}},
            "next": nothing_or(type="integer"),
        },
    },
    "File": {
        "type": "object", "required": ["id", "name", "size", "url"],
        "properties": {
            "id": KEY, "name": {"type": "string"}, "kind": {"type": "string"}, "size": {"type": "integer"},
            "mime": {"type": "string"}, "sha256": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"}, "created_by": nothing_or(**KEY),
            "url": {"type": "string"},
        },
    },
    "Files": {
        "type": "object", "required": ["items"],
        "properties": {"items": {"type": "array", "items": ref("File")}, "event": nothing_or(type="integer")},
    },
    "BulkAnswer": {
        "type": "object", "required": ["batch", "items"],
        "properties": {
            "batch": KEY,
            **{key: {"type": "integer"} for key in ("created", "updated", "deleted", "restored", "refused")},
            "items": {"type": "array", "items": {
                "type": "object", "required": ["do", "status"],
                "properties": {"do": {"type": "string"}, "status": {"type": "integer"}, "id": KEY,
                               "card": {"type": "object", "additionalProperties": True}, "problem": ref("Problem")}}},
        },
    },
    "Described": {"type": "object", "additionalProperties": True},
    "DescribedList": {
        "type": "object", "required": ["items"],
        "properties": {"items": {"type": "array", "items": ref("Described")}},
    },
}  # fmt: skip
