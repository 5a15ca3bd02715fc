"""OpenAPI 3.1 of what this token may do: made from the types in force, so custom fields and types are in it at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

import comity
from comity.access import policy
from comity.access.actors import Actor
from comity.api import asking, consents, schemas
from comity.api.describing import actions_of
from comity.api.doors import actor_of, answer, types_of
from comity.api.operations import (
    AT,
    FIELDS,
    IDEMPOTENCY,
    IF_MATCH,
    SIZE,
    Operation,
    common,
    gives,
    operation,
    placed,
    takes,
)
from comity.api.schemas import KEY, ref
from comity.changes.bulk import MOST
from comity.records.types import RecordType
from comity.ui import lists

CARD = placed("id")


def document(request: HttpRequest) -> HttpResponse:
    """The description."""
    return answer(made(actor_of(request), request.build_absolute_uri("/").rstrip("/")))


def made(actor: Actor, server: str) -> dict[str, Any]:
    """The description for an actor: what he may not see is not in it."""
    language = get_language() or actor.language
    paths: dict[str, Any] = common([one.key for one in types_of(actor)])
    parts = dict(schemas.SHARED)
    for record_type in types_of(actor):
        parts |= _schemas(actor, record_type, language)
        paths |= _paths(actor, record_type, language)
        more = consents.operations(record_type, CARD, _may(actor, record_type, "edit"))
        parts |= consents.schemas(actor) if more else {}
        paths |= more
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comity", "version": comity.__version__,
            "description": "Cards of every type, their stories, files and actions. More at /api/docs.",
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "tags": [{"name": one.slug, "description": one.plural[language]} for one in types_of(actor)],
        "paths": paths,
        "components": {
            "schemas": parts,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _schemas(actor: Actor, record_type: RecordType, language: str) -> dict[str, Any]:
    shown, name = policy.shown_fields(actor, record_type), schemas.name_of(record_type)
    page = {
        "type": "object", "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": ref(name)},
            "next": schemas.nothing_or(type="string"), "previous": schemas.nothing_or(type="string"),
            "count": {"type": "object", "properties": {"number": {"type": "integer"}, "more": {"type": "boolean"}}},
            "included": schemas.INCLUDED,
        },
    }  # fmt: skip
    item = {
        "type": "object", "required": ["do"],
        "properties": {
            "do": {"type": "string", "enum": ["create", "update", "delete", "restore"]}, "id": KEY,
            "version": {"type": "integer", "minimum": 1, "maximum": schemas.LARGEST},
            "values": schemas.new_card([(spec, level) for spec, level in shown], language) | {"required": []},
        },
    }  # fmt: skip
    bulk = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "minItems": 1, "maxItems": MOST, "items": item}},
    }
    answered = {
        "type": "object", "required": ["card", "data"],
        "properties": {
            "card": {"anyOf": [ref(name), {"type": "null"}]}, "data": {"type": "object", "additionalProperties": True},
            "event": schemas.nothing_or(type="integer"),
        },
    }  # fmt: skip
    return {
        name: schemas.card(record_type, shown, language), f"{name}New": schemas.new_card(shown, language),
        f"{name}Change": schemas.changed_card(shown, language), f"{name}Page": page, f"{name}Bulk": bulk,
        f"{name}Acted": answered,
    }  # fmt: skip


def _may(actor: Actor, record_type: RecordType, action: str) -> bool:
    shares = action in ("view", "edit") and not actor.barred(record_type.key, action)
    return actor.scope(record_type.key, action) != "none" or shares


def _paths(actor: Actor, record_type: RecordType, language: str) -> dict[str, Any]:
    key, name, slug = record_type.key, schemas.name_of(record_type), record_type.slug
    label, root = record_type.label["en"], f"/api/v1/{slug}"
    tell = {"ETag": "Send it as If-Match when you change the card"}
    include = _include(actor, record_type)
    listing: Operation = {
        "get": operation(f"list_{key}", f"A page of {record_type.plural['en']}", slug, gives(f"{name}Page"),
                         parameters=_list_parameters(actor, record_type, language) + include),
    }  # fmt: skip
    single: Operation = {
        "parameters": [CARD],
        "get": operation(f"get_{key}", f"One {label}", slug, gives(name, **tell), parameters=[FIELDS, *include]),
    }
    files: Operation = {"parameters": [CARD], "get": operation(f"list_files_{key}", "Files", slug, gives("Files"))}
    found: dict[str, Any] = {root: listing, f"{root}/{{id}}": single}
    if _may(actor, record_type, "create"):
        listing["post"] = operation(f"create_{key}", f"Make a {label}", slug, gives(name, "Made", **tell), "201",
                                    parameters=[IDEMPOTENCY], requestBody=takes(ref(f"{name}New")))  # fmt: skip
    if _may(actor, record_type, "edit"):
        single["patch"] = operation(
            f"update_{key}", f"Change a {label}", slug, gives(name, **tell), parameters=[IF_MATCH, IDEMPOTENCY],
            requestBody=takes(ref(f"{name}Change")),
        )  # fmt: skip
        files["post"] = operation(f"upload_files_{key}", "Add files", slug, gives("Files", "Added"), "201",
                                  parameters=[IDEMPOTENCY], requestBody=UPLOAD)  # fmt: skip
        found[f"{root}/bulk"] = {"post": operation(
            f"bulk_{key}", f"Up to {MOST} changes in one request, each answered for itself", slug,
            gives("BulkAnswer"), parameters=[IDEMPOTENCY], requestBody=takes(ref(f"{name}Bulk")),
        )}  # fmt: skip
    if _may(actor, record_type, "delete"):
        single["delete"] = operation(f"trash_{key}", "Into the trash", slug, gives("Trashed"),
                                     parameters=[IF_MATCH, IDEMPOTENCY])  # fmt: skip
    if _may(actor, record_type, "restore"):
        found[f"{root}/{{id}}/restore"] = {"parameters": [CARD], "post": operation(
            f"restore_{key}", "Out of the trash", slug, gives(name, **tell), parameters=[IDEMPOTENCY])}  # fmt: skip
        found[f"{root}/trash"] = {"get": operation(
            f"list_trash_{key}", "What lies in the trash, put away last first", slug, gives("Trash"),
            parameters=[SIZE, AT])}  # fmt: skip
    before = {"name": "before", "in": "query", "schema": {"type": "integer", "minimum": 0},
              "description": "The number the last page ended with."}  # fmt: skip
    found[f"{root}/{{id}}/story"] = {"parameters": [CARD], "get": operation(
        f"story_{key}", "What happened, newest first", slug, gives("Story"), parameters=[before])}  # fmt: skip
    relations: Operation = {"parameters": [CARD], "get": operation(
        f"list_relations_{key}", "Links to other cards, the oldest first", slug, gives("Relations"),
        parameters=[SIZE, AT])}  # fmt: skip
    found[f"{root}/{{id}}/relations"] = relations
    if not actor.barred(key, "edit"):  # who may not edit the card links it all the same, from one that he may edit
        relations["post"] = operation(
            f"add_relation_{key}", "Link it with another card", slug, gives("Relation", "Made"), "201",
            parameters=[IDEMPOTENCY], requestBody=takes(ref("RelationNew")))  # fmt: skip
        found[f"{root}/{{id}}/relations/{{relation}}"] = {
            "parameters": [CARD, placed("relation")],
            "delete": operation(f"remove_relation_{key}", "Take a link away", slug, gives("Removed"),
                                parameters=[IDEMPOTENCY])}  # fmt: skip
    for one in actions_of(actor, record_type):
        found[f"{root}/{{id}}/actions/{one.name}"] = {"parameters": [CARD], "post": operation(
            f"{one.name.replace('-', '_')}_on_{key}", one.about, slug, gives(f"{name}Acted"),
            parameters=[IDEMPOTENCY], requestBody=takes(schemas.inputs(one)),
        )}  # fmt: skip
    found[f"{root}/{{id}}/files"] = files
    found[f"{root}/{{id}}/files/{{file}}"] = _one_file(actor, record_type)
    return found


def _one_file(actor: Actor, record_type: RecordType) -> Operation:
    content = {
        "description": "The content",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
    key, slug = record_type.key, record_type.slug
    found: Operation = {
        "parameters": [CARD, placed("file")],
        "get": operation(f"download_file_{key}", "The content of a file", slug, content),
    }
    if _may(actor, record_type, "edit"):
        found["delete"] = operation(f"remove_file_{key}", "A file into the trash", slug, gives("Removed"),
                                    parameters=[IDEMPOTENCY])  # fmt: skip
    return found


UPLOAD = {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"],
    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                   "kind": {"type": "string"}},
}}}}  # fmt: skip


def _include(actor: Actor, record_type: RecordType) -> list[Operation]:
    links = [spec.key for spec in policy.readable_fields(actor, record_type) if spec in record_type.links]
    if not links:
        return []
    return [{"name": "include", "in": "query", "schema": {"type": "string"},
             "description": f"Linked cards to bring along, parted by commas: {', '.join(links)}."}]  # fmt: skip


def _list_parameters(actor: Actor, record_type: RecordType, language: str) -> list[Operation]:
    sortable = sorted({"title", *lists.sortable_fields(actor, record_type)})
    orders = [*sortable, *(f"-{key}" for key in sortable)]
    told = [
        ("q", {"type": "string", "maxLength": 100}, "Words to find: then nothing else counts."),
        ("where", {"type": "string"}, "A condition tree as JSON."),
        ("sort", {"type": "string", "enum": orders}, "The order; a minus turns it round."),
        ("size", {"type": "integer", "minimum": 1, "maximum": asking.MAX_SIZE}, "How many a page has."),
        ("at", {"type": "string"}, "The place to go on from: “next” or “previous” of the page before."),
        ("count", {"type": "boolean"}, "Count them as well, up to 10,000."),
    ]
    found = [{"name": name, "in": "query", "schema": schema, "description": about} for name, schema, about in told]
    return [*found, FIELDS, *(
        {"name": spec.key, "in": "query", "schema": {"type": "string"},
         "description": f"{spec.label[language]}. Also {spec.key}__OPERATOR; the operators are in /api/v1/types."}
        for spec in policy.readable_fields(actor, record_type) if spec.key not in asking.RESERVED
    )]  # fmt: skip
