"""Records as JSON for programs: the same rights, commands and problems as the pages.

A program sends `Authorization: Bearer TOKEN` (made in its user's settings, or by `comity token USER`). What a token's
user may not see is not there, fields he may not read are absent, masked ones come masked.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.api import asking, cards
from comity.api.doors import Gone, actor_of, answer, body_of, key_of, type_of, version_of
from comity.changes import actions as card_actions
from comity.changes import commands, merging
from comity.changes.bus import Result, run
from comity.changes.commands import Restore, Trash
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.text import clean
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search.duplicates import likely
from comity.search.find import find
from comity.timeline.story import story as tell_story
from comity.ui import lists

MAX_QUERY = 100


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of cards (`where`, filters, `sort`, `at`, `size`, `fields`, `include`, `count`), or what `q` finds."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    asked = dict(request.GET.lists())
    query = clean(request.GET.get("q", "")).strip()[:MAX_QUERY]
    if query:
        hits = find(actor, query, [record_type.key], 50)
        items = [{"id": str(hit.ref.id), "type": hit.ref.type, "title": hit.title} for hit in hits]
        return answer({"items": items, "next": None})
    where = asking.where_of(actor, record_type, asked)
    order = asking.order_of(actor, record_type, request.GET.get("sort") or "title")
    digest = asking.question(actor, record_type, where, order)
    cursor = asking.cursor_of(request.GET.get("at", ""), digest)
    size = asking.size_of(request.GET.get("size") or str(asking.SIZE))
    shown = list(cards.chosen(actor, record_type, request.GET.get("fields")))
    links = cards.included(actor, record_type, request.GET.get("include"))
    told = [spec for spec, _level in shown]
    loaded = [*shown, *((spec, "read") for spec in links if spec not in told)]
    page = lists.load(actor, record_type, loaded, where, order, cursor, size)
    rows = [
        {"tags": tuple(sorted(page.tags.get(row["id"], ()))), **page.points.get(row["id"], {}), **row}
        for row in page.rows
    ]
    made: dict[str, Any] = {
        "items": [cards.as_json(record_type, shown, row, page.links) for row in rows],
        "next": asking.cursor_text(page.next, digest),
        "previous": asking.cursor_text(page.previous, digest),
    }
    if request.GET.get("count") in ("true", "1"):
        number = lists.count(actor, record_type, where)
        made["count"] = {"number": min(number, lists.CAP - 1), "more": number >= lists.CAP}
    if links:
        linking = [cards.as_json(record_type, [(spec, "read") for spec in links], row, page.links) for row in rows]
        made["included"] = cards.along(actor, links, linking)
    return answer(made)


def make(request: HttpRequest, slug: str) -> HttpResponse:
    """A new card from {field key: value}; with the cards he sees that may be the same, as a form tells while typing."""
    actor, body = actor_of(request), body_of(request)
    record_type = type_of(actor, slug)
    result = run(actor, commands.create(record_type.key, body), **key_of(request))
    twins = [
        {"id": str(twin.ref.id), "type": twin.ref.type, "title": twin.title, "score": twin.score, "why": twin.reason}
        for twin in likely(actor, record_type, body, result.record.id)
    ]
    response = one(actor, record_type, result.record.id, 201, result, more={"likely": twins})
    response["Location"] = f"/api/v1/{record_type.slug}/{result.record.id}"
    return response


def show(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """One card; `fields` and `include` as of lists."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    return one(actor, record_type, record_id, 200, fields=request.GET.get("fields"), include=request.GET.get("include"))


def change(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Change the fields of {field key: value} against the version of If-Match, or of "version" in the body."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    key, body = key_of(request), body_of(request)
    version = version_of(request, body, needed=True)
    result = run(actor, commands.update(record_type.key, record_id, version, body), **key)
    return one(actor, record_type, record_id, 200, result)


def trash(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Into the trash."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    command = Trash(record_type.key, record_id, version_of(request, {}))
    result = run(actor, command, **key_of(request))
    return answer({"id": str(record_id), "type": record_type.key, "trashed": True, "event": result.event})


def restore(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Out of the trash."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    result = run(actor, Restore(record_type.key, record_id), **key_of(request))
    return one(actor, record_type, record_id, 200, result)


def act(request: HttpRequest, slug: str, record_id: UUID, name: str) -> HttpResponse:
    """Do something with a card that is more than changing its fields; what it takes is in /api/v1/types."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    key, body = key_of(request), body_of(request)
    policy.get(actor, record_type, record_id)
    action = card_actions.of_type(record_type.key).get(name)
    if action is None or actor.barred(record_type.key, "edit"):
        raise NotFound()
    if request.headers.get("If-Match") and any(one.name == "version" for one in action.inputs):
        body["version"] = version_of(request, body)
    result = run(actor, action.make(RecordRef(record_type.key, record_id), body), **key)
    card = policy.find(actor, record_type, record_id)
    told = cards.one(actor, record_type, card, policy.shown_fields(actor, record_type)) if card else None
    return answer({"card": told, "data": result.data, "event": result.event})


def one(
    actor: Actor, record_type: RecordType, record_id: UUID, status: int, result: Result | None = None,
    fields: str | None = None, include: str | None = None, more: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The answer with one card, and the mark that If-Match takes."""
    shown = list(cards.chosen(actor, record_type, fields))
    links = cards.included(actor, record_type, include)
    card = _card(actor, record_type, record_id)
    body = cards.one(actor, record_type, card, shown)
    if links:
        linking = cards.one(actor, record_type, card, [(spec, "read") for spec in links])
        body["included"] = cards.along(actor, links, [linking])
    if result is not None:
        body["event"] = result.event
    response = answer(body | (more or {}), status)
    response["ETag"] = cards.mark(response.content, card.version)
    return response


def _card(actor: Actor, record_type: RecordType, record_id: UUID) -> Any:
    """A card he sees; raises NotFound, and Gone with the card it became a part of, where he sees that one."""
    card = policy.find(actor, record_type, record_id)
    if card is not None:
        return card
    into = merging.successor(record_type.key, record_id)
    if into is None or policy.find(actor, record_type, into) is None:
        raise NotFound()
    raise Gone(current={"merged_into": str(into)})


def story(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """The story of a card, newest first (`before` = event id)."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    card = policy.get(actor, record_type, record_id)
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 18):
        raise Invalid(fields={"before": [_("Send the number the last page ended with.")]})
    told, more = tell_story(actor, RecordRef(record_type.key, card.id), before=int(before or 0))
    items = [
        {"id": one.event.id, "at": one.event.at.isoformat(), "type": one.type.key,
         "actor": str(one.event.actor_id or ""), "text": str(one.type.text(one.payload, actor)),
         "about": {"type": one.event.primary_type, "id": str(one.event.primary_id)}, "payload": one.payload,
         "batch": str(one.event.batch_id or "") or None}
        for one in told
    ]  # fmt: skip
    return answer({"items": items, "next": more or None})
