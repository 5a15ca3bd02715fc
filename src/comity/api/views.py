"""Records as JSON for programs: the same rights, commands and problems as the pages.

A program sends `Authorization: Bearer TOKEN` (`comity token USER` prints one). What a token's user may not see is not
there, fields he may not read are absent, masked ones come masked.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import Result, run
from comity.changes.commands import Trash
from comity.changes.writer import current, points_of
from comity.kernel.errors import Invalid, NotFound
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search.find import find
from comity.timeline.story import story as tell_story
from comity.ui import lists, names

MAX_SIZE = 200


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _type(actor: Actor, slug: str) -> RecordType:
    try:
        return actor.state.by_slug[slug]
    except KeyError:
        raise NotFound() from None


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Invalid(fields={"": ["Send one JSON object."]})
    return body


Titles = Mapping[tuple[str, UUID], str]


def as_json(
    record_type: RecordType, shown: list[tuple[FieldSpec, str]], row: Mapping[str, Any], seen: Titles
) -> dict[str, Any]:
    """A record's JSON: key, version, title and the fields its reader is shown; `seen` are the linked cards he sees."""
    values: dict[str, Any] = {}
    for spec, level in shown:
        value = row[spec.key] if spec.stored == "rows" else kinds.read(spec, row)
        if any((ref.type, ref.id) not in seen for ref in kinds.refs(spec, value)):
            value = None
        values[spec.key] = _masked(spec, value) if level == "mask" else outward(spec, value)
    return {"id": str(row["id"]), "type": record_type.key, "version": row["version"], "title": row["title"], **values}


def outward(spec: FieldSpec, value: Any) -> Any:
    """A value as programs get it: amounts and numbers as decimal text, the rest in the JSON form of events."""
    if value is not None and spec.kind == "money":
        return {"amount": str(kinds.decimal(value[0])), "currency": value[1]}
    if value is not None and spec.kind in ("number", "percent"):
        return str(kinds.decimal(value))
    return kinds.to_json(spec, value)


def _masked(spec: FieldSpec, value: Any) -> Any:
    if kinds.empty(value):
        return None
    if spec.kind in CONTACT_KINDS:
        return [{"label": point["label"], "value": names.mask(spec, point["value"])} for point in value]
    return "•••"


@require_http_methods(["GET", "POST"])
def records(request: HttpRequest, slug: str) -> JsonResponse:
    """GET: a page of records (`where` = a condition tree, `sort`, `at` = cursor, `size`, or `q` = search).

    POST: a new record from {field key: value}.
    """
    actor = _actor(request)
    record_type = _type(actor, slug)
    if request.method == "POST":
        result = run(
            actor, commands.create(record_type.key, _body(request)), key=request.headers.get("Idempotency-Key", "")
        )
        return _one(actor, record_type, result.record.id, 201, result)
    query = request.GET.get("q", "").strip()[:100]
    if query:
        hits = find(actor, query, [record_type.key], 50)
        items = [{"id": str(hit.ref.id), "type": hit.ref.type, "title": hit.title} for hit in hits]
        return JsonResponse({"items": items, "next": None})
    try:
        where = json.loads(request.GET.get("where") or "{}")
    except ValueError:
        where = None
    if not isinstance(where, dict):
        raise Invalid(fields={"where": ["Send a condition tree as JSON."]})
    size = request.GET.get("size", "50")
    shown = policy.shown_fields(actor, record_type)
    order = lists.Order.parse(request.GET.get("sort", "title"), lists.sortable_fields(actor, record_type))
    cursor = lists.Cursor.parse(request.GET["at"]) if request.GET.get("at") else None
    number = min(max(int(size), 1), MAX_SIZE) if size.isdecimal() and len(size) < 5 else 50
    page = lists.load(actor, record_type, shown, where, order, cursor, number)
    if page.impossible:
        raise Invalid(fields={"where": ["The filter names a field, operator or value that does not fit."]})
    points = points_of(
        record_type, [row["id"] for row in page.rows], [spec for spec, _level in shown if spec.kind in CONTACT_KINDS]
    )
    rows = [{"tags": tuple(page.tags.get(row["id"], ())), **points.get(row["id"], {}), **row} for row in page.rows]
    return JsonResponse({
        "items": [as_json(record_type, shown, row, page.links) for row in rows],
        "next": page.next.text() if page.next else None,
    })  # fmt: skip


@require_http_methods(["GET", "PATCH", "DELETE"])
def record(request: HttpRequest, slug: str, record_id: UUID) -> JsonResponse:
    """GET: one record. PATCH: change the fields of {"version": n, field key: value}. DELETE: into the trash."""
    actor = _actor(request)
    record_type = _type(actor, slug)
    key = request.headers.get("Idempotency-Key", "")
    if request.method == "PATCH":
        body = _body(request)
        version = body.pop("version", None)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise Invalid(fields={"version": ["Send the version the change was made against."]})
        result = run(actor, commands.update(record_type.key, record_id, version, body), key=key)
        return _one(actor, record_type, record_id, 200, result)
    if request.method == "DELETE":
        run(actor, Trash(record_type.key, record_id), key=key)
        return JsonResponse({"id": str(record_id), "trashed": True})
    return _one(actor, record_type, record_id, 200)


def _one(
    actor: Actor, record_type: RecordType, record_id: UUID, status: int, result: Result | None = None
) -> JsonResponse:
    card = policy.get(actor, record_type, record_id)
    shown = policy.shown_fields(actor, record_type)
    values = current(record_type, card)
    row = {**card.__dict__, **{spec.key: values[spec.key] for spec, _level in shown if spec.stored == "rows"}}
    refs = {ref for spec, _level in shown for ref in kinds.refs(spec, values[spec.key])}
    seen = {(ref.type, ref.id): title for ref, title in policy.titles(actor, refs).items()}
    body = as_json(record_type, shown, row, seen)
    if result is not None:
        body["event"] = result.event
    return JsonResponse(body, status=status)


@require_http_methods(["GET"])
def story(request: HttpRequest, slug: str, record_id: UUID) -> JsonResponse:
    """GET: the story of a record, newest first (`before` = event id)."""
    actor = _actor(request)
    record_type = _type(actor, slug)
    card = policy.get(actor, record_type, record_id)
    before = request.GET.get("before", "")
    ref = RecordRef(record_type.key, card.id)
    told, more = tell_story(actor, ref, before=int(before) if before.isdecimal() and len(before) < 18 else 0)
    items = [
        {"id": one.event.id, "at": one.event.at.isoformat(), "type": one.type.key,
         "actor": str(one.event.actor_id or ""), "payload": one.payload}
        for one in told
    ]  # fmt: skip
    return JsonResponse({"items": items, "next": more or None})
