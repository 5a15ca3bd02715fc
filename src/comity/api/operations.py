"""What the operations of the OpenAPI document are put together from."""

from typing import Any

from comity.api import asking
from comity.api.schemas import KEY, ref

Operation = dict[str, Any]
PROBLEM = {"description": "A problem, in words", "content": {"application/problem+json": {"schema": ref("Problem")}}}
IDEMPOTENCY = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200},
    "description": "The same key with the same request is carried out once; its answer is given again for a week.",
}  # fmt: skip
IF_MATCH = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"},
    "description": "The ETag or the version the change was made against; * = whatever is there.",
}  # fmt: skip
FIELDS = {"name": "fields", "in": "query", "schema": {"type": "string"},
          "description": "The keys of the fields to tell, parted by commas."}  # fmt: skip
SIZE = {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": asking.MAX_SIZE},
        "description": "How many a page has."}  # fmt: skip
AT = {"name": "at", "in": "query", "schema": {"type": "string"},
      "description": "The place to go on from: “next” of the page before."}  # fmt: skip


def operation(key: str, about: str, tag: str, success: dict[str, Any], status: str = "200", **more: Any) -> Operation:
    """One operation, with the problem it may answer."""
    return {"operationId": key, "summary": about, "tags": [tag], **more,
            "responses": {status: success, "default": PROBLEM}}  # fmt: skip


def gives(name: str, about: str = "Done", **headers: str) -> dict[str, Any]:
    """The answer with a schema of the components."""
    told: dict[str, Any] = {"description": about, "content": {"application/json": {"schema": ref(name)}}}
    if headers:
        told["headers"] = {key: {"schema": {"type": "string"}, "description": text} for key, text in headers.items()}
    return told


def takes(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON body of a request."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def placed(name: str) -> dict[str, Any]:
    """A key in the address."""
    return {"name": name, "in": "path", "required": True, "schema": KEY}


def common(kinds: list[str]) -> dict[str, Any]:
    """The addresses that are of no type; `kinds` are the keys of those there are for the reader."""
    named = {
        "/api/v1/me": ("get_me", "Who asks, and what the token may do", "Described"),
        "/api/v1/types": ("list_types", "Every type with its fields, choices, units, links and actions",
                          "DescribedList"),
        "/api/v1/users": ("list_users", "Those who work here", "DescribedList"),
        "/api/v1/teams": ("list_teams", "The teams", "DescribedList"),
        "/api/v1/tags": ("list_tags", "The tags", "DescribedList"),
    }  # fmt: skip
    told: dict[str, Any] = {
        path: {"get": operation(key, about, "all", gives(name))} for path, (key, about, name) in named.items()
    }
    return told | _batches() | _hooks(kinds)


def _batches() -> dict[str, Any]:
    one = {"parameters": [placed("batch")]}
    return {
        "/api/v1/batches": {"get": operation(
            "list_batches", "Your acts over many cards of late: bulk changes, acts on lists, imports", "batches",
            gives("Batches"))},
        "/api/v1/batches/{batch}": {**one, "get": operation("get_batch", "How one stands", "batches", gives("Batch"))},
        "/api/v1/batches/{batch}/undo": {**one, "post": operation(
            "undo_batch", "Take it back; what others have changed since stays", "batches", gives("Batch"),
            parameters=[IDEMPOTENCY])},
    }  # fmt: skip


def _hooks(kinds: list[str]) -> dict[str, Any]:
    one = {"parameters": [placed("hook")]}
    event = {"name": "event", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
             "description": "A key of /api/v1/hooks/events."}  # fmt: skip
    kind: dict[str, Any] = {"type": "string", **({"enum": kinds} if kinds else {})}
    samples = {"description": "Up to three messages, newest first", "content": {
        "application/json": {"schema": {"type": "array", "items": ref("Message")}}}}  # fmt: skip
    return {
        "/api/v1/hooks": {
            "get": operation("list_hooks", "Your subscriptions", "hooks", gives("Hooks")),
            "post": operation("subscribe_hook", "Let events be sent to an address (REST hooks)", "hooks",
                              gives("HookMade", "Made"), "201", parameters=[IDEMPOTENCY],
                              requestBody=takes(ref("HookNew"))),
        },
        "/api/v1/hooks/events": {"get": operation(
            "list_hook_events", "What may be subscribed", "hooks", gives("DescribedList"))},
        "/api/v1/hooks/samples/{event}": {"parameters": [event], "get": operation(
            "list_hook_samples", "Messages as they would be sent", "hooks", samples,
            parameters=[{"name": "type", "in": "query", "schema": kind, "description": "The kind of cards."}])},
        "/api/v1/hooks/{hook}": {
            **one, "get": operation("get_hook", "One subscription", "hooks", gives("Hook")),
            "delete": operation("unsubscribe_hook", "End a subscription", "hooks", {"description": "It has ended"},
                                "204"),
        },
    }  # fmt: skip
