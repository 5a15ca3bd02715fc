"""The programs' door and webhooks, as a program with the snooper's rights would try them."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from comity.changes import actions
from leaks.tries import Try
from leaks.world import FRAGMENT, World, type_of

MOMENT = "2031-01-01T10:00:00Z"


def tries(world: World) -> Iterator[Try]:
    """All of them."""
    for key in world.visible:
        slug = type_of(key).slug
        for one in (world.hidden[key], world.trashed[key]):
            yield from _card(world, key, slug, one)
        yield from _lists(world, key, slug)
        yield from _own(world, key, slug)
    yield from _everywhere(world)


def _card(world: World, key: str, slug: str, one: UUID) -> Iterator[Try]:
    base = f"/api/v1/{slug}/{one}"
    yield Try("JSON restore", f"{base}/restore", "post", gone=True)
    yield Try("JSON files", f"{base}/files", gone=True)
    yield Try("JSON files", f"{base}/files", "post", gone=True)
    for file in world.files:
        yield Try("JSON file", f"{base}/files/{file}", gone=True)
    yield Try("JSON relations", f"{base}/relations", gone=True)
    link = json.dumps({"kind": "related", "card": f"{key}:{world.visible[key]}"})
    yield Try("JSON relations", f"{base}/relations", "post", gone=True, json=link)
    yield Try("JSON relations", f"{base}/relations/{world.relations[0]}", "delete", gone=True)
    body = json.dumps({"purpose": "mail", "given": False, "day": "2026-01-02"})
    yield Try("JSON consents", f"{base}/consents", gone=True)
    yield Try("JSON consents", f"{base}/consents", "post", gone=True, json=body)
    for name, action in actions.of_type(key).items():
        body = json.dumps({put.name: _input(world, put.kind) for put in action.inputs})
        yield Try("JSON action", f"{base}/actions/{name}", "post", gone=True, json=body)
        yield Try("JSON action", f"{base}/actions/{name}", "post", gone=True, json="{}")
    body = json.dumps({"items": [{"do": do, "id": str(one), **more} for do, more in _CHANGES]})
    yield Try("JSON bulk", f"/api/v1/{slug}/bulk", "post", json=body)
    yield Try("JSON own", f"{base}?fields=id", gone=True)


_CHANGES = (
    ("update", {"version": 1, "values": {}}), ("update", {"version": 99, "values": {"name": "Plain"}}),
    ("delete", {}), ("restore", {}),
)  # fmt: skip


def _input(world: World, kind: str) -> object:
    """Something of the form an action asks for."""
    return {
        "text": "x", "integer": 1, "bool": True, "key": str(world.snooper.user_id), "date": "2031-01-01",
        "datetime": MOMENT, "card": f"company:{world.visible['company']}", "values": {}, "list": [], "keys": [],
        "texts": [], "any": MOMENT,
    }[kind]  # fmt: skip


def _lists(world: World, key: str, slug: str) -> Iterator[Try]:
    record_type = type_of(key)
    yield Try("JSON trash list", f"/api/v1/{slug}/trash")
    yield Try("JSON type", f"/api/v1/types/{slug}")
    yield Try("docs", f"/api/docs/{slug}")
    links = [spec.key for spec in record_type.links]
    yield Try("JSON list", f"/api/v1/{slug}?count=true&include={','.join(links)}")
    yield Try("JSON list", f"/api/v1/{slug}?size=1&count=true")
    for spec in record_type.specs:
        for order in (spec.key, f"-{spec.key}"):
            yield Try("JSON sorted", f"/api/v1/{slug}?sort={order}&size=1")
    for name in links:
        for path in ("name", "title", "owner"):
            for query in (f"{name}.{path}__contains={FRAGMENT}", f"{name}.{path}__filled="):
                yield Try("JSON filter by a link", f"/api/v1/{slug}?{query}")
        where = {"all": [{"field": f"{name}.name", "op": "starts", "value": FRAGMENT}]}
        for node in (where, {"not": where}):
            query = urlencode({"where": json.dumps(node), "count": "true"})
            yield Try("JSON filter by a link", f"/api/v1/{slug}?{query}")
    yield Try("JSON samples", f"/api/v1/hooks/samples/record.updated?type={key}")
    yield Try("JSON samples", f"/api/v1/hooks/samples/record.trashed?type={key}")


def _own(world: World, key: str, slug: str) -> Iterator[Try]:
    mine = f"/api/v1/{slug}/{world.visible[key]}"
    links = ",".join(spec.key for spec in type_of(key).links)
    yield Try("JSON own", f"{mine}?include={links}")
    yield Try("JSON own relations", f"{mine}/relations")
    yield Try("JSON own relations", f"{mine}/relations?size=1")
    yield Try("JSON own files", f"{mine}/files")
    if key == "person":
        yield Try("JSON own consents", f"{mine}/consents")
        for file in world.files:
            given = {"purpose": "mail", "given": True, "day": "2026-01-02", "way": "paper", "file": str(file)}
            yield Try("JSON consent with a hidden sheet", f"{mine}/consents", "post", json=json.dumps(given))
    for file in world.files:
        yield Try("JSON own files", f"{mine}/files/{file}", gone=True)
        yield Try("JSON own files", f"{mine}/files/{file}", "delete", gone=True)
    for other, hidden in world.hidden.items():
        for way in ("to", "from"):
            body = json.dumps({"kind": "related", "card": f"{other}:{hidden}", "direction": way})
            yield Try("JSON link to a hidden one", f"{mine}/relations", "post", json=body)
        body = json.dumps({"kind": "related", "to_ref": f"{other}:{hidden}"})
        yield Try("JSON link to a hidden one", f"{mine}/actions/relation-set", "post", json=body)
    for relation in world.relations[: None if key == "deal" else 3]:
        yield Try("JSON link away", f"{mine}/relations/{relation}?x", "delete")


def _everywhere(world: World) -> Iterator[Try]:
    for path in ("me", "types", "users", "teams", "tags", "openapi.json", "batches", "hooks", "hooks/events"):
        yield Try("JSON", f"/api/v1/{path}")
    yield Try("docs", "/api/docs")
    batch = f"/api/v1/batches/{world.others['batch']}"
    yield Try("JSON batch", batch, gone=True)
    yield Try("JSON batch", f"{batch}/undo", "post", gone=True)
    hook = f"/api/v1/hooks/{world.others['batch']}"
    yield Try("JSON hook", hook, gone=True)
    yield Try("JSON hook", hook, "delete", gone=True)
    for key, one in world.hidden.items():
        where = {"all": [{"field": type_of(key).title_fields[0], "op": "contains", "value": str(one)}]}
        body = {"hookUrl": "https://hook.example/x", "event": "record.created", "type": key, "where": where}
        yield Try("JSON hook", "/api/v1/hooks", "post", json=json.dumps(body))
