"""The links of a card to others: those its page shows, made and taken away with the rights the page asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.access import links, policy
from comity.access.actors import Actor
from comity.api import asking
from comity.api.doors import actor_of, answer, body_of, key_of, type_of
from comity.changes.bus import run
from comity.changes.commands import Link, Unlink
from comity.kernel.errors import Invalid, NotFound
from comity.records import relations
from comity.records.models import RecordRef, Relation
from comity.records.types import RecordType
from comity.ui import lists, panels

Told = dict[str, Any]
AWAY, HERE = "to", "from"  # the card links to another one; another one links to it


def listing(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """A page of them (`size`, `at`), the oldest first: those whose other card he sees."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    card = policy.get(actor, record_type, record_id)
    digest = asking.question(actor, record_type, {"relations": str(card.pk)}, "created_at")
    size = asking.size_of(request.GET.get("size") or str(asking.SIZE))
    cursor = asking.cursor_of(request.GET.get("at", ""), digest)
    found = _seen(actor, RecordRef(record_type.key, card.pk))
    if cursor is not None:
        found = [one for one in found if (one[0].created_at, one[0].pk.hex) > (cursor.value, cursor.id.hex)]
    last = found[size - 1][0] if len(found) > size else None
    place = lists.Cursor(last.created_at, last.pk) if last else None
    items = [_told(actor, row, other, title, away) for row, other, title, away in found[:size]]
    return answer({"items": items, "next": asking.cursor_text(place, digest)})


def add(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Link the card with another one, or change roles and note of that link:
    {"kind", "card": "type:id", ["direction"], ["roles"], ["note"]}."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    key, body = key_of(request), body_of(request)
    card = policy.get(actor, record_type, record_id)
    here, other = RecordRef(record_type.key, card.pk), _asked(body)
    away = body.get("direction", AWAY) == AWAY
    first, second = (here, other) if away else (other, here)
    result = run(actor, Link(body["kind"], first, second, tuple(body.get("roles", ())), body.get("note", "")), **key)
    for row, seen, title, to in _seen(actor, here):
        if (row.kind, seen, to) == (body["kind"], other, away):
            return answer({**_told(actor, row, seen, title, to), "event": result.event}, 201)
    raise NotFound()  # the request is an old one sent again, and the link has gone meanwhile


def remove(request: HttpRequest, slug: str, record_id: UUID, relation_id: UUID) -> HttpResponse:
    """Take a link of the card away."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    key = key_of(request)
    card = policy.get(actor, record_type, record_id)
    known = {row.pk for row, *_rest in _seen(actor, RecordRef(record_type.key, card.pk))}
    if relation_id not in known and (not key or Relation.objects.filter(pk=relation_id).exists()):
        raise NotFound()  # a request sent again asks for one that has gone, and gets the first answer
    result = run(actor, Unlink(relation_id), **key)
    return answer({"id": str(relation_id), "removed": True, "event": result.event})


def _asked(body: Mapping[str, Any]) -> RecordRef:
    """The other card of a request, all of which is of the right form; raises Invalid."""
    wrong: dict[str, list[str]] = {}
    strange = body.keys() - {"kind", "card", "direction", "roles", "note"}
    wrong |= {str(name)[:80]: [_("There is no such field.")] for name in sorted(strange)}
    roles, ref = body.get("roles", []), None
    if not isinstance(body.get("kind"), str):
        wrong["kind"] = [_("These two cannot be linked this way.")]
    if body.get("direction", AWAY) not in (AWAY, HERE):
        wrong["direction"] = [_("Choose one of the list.")]
    if not isinstance(roles, list) or not all(isinstance(one, str) for one in roles):
        wrong["roles"] = [_("Choose one of the list.")]
    if not isinstance(body.get("note", ""), str):
        wrong["note"] = [_("Enter a text.")]
    try:
        type_key, _colon, key = str(body.get("card", "")).partition(":")
        ref = RecordRef(type_key, UUID(key))
    except ValueError:
        wrong["card"] = [_("Send a card as type:id.")]
    if wrong or ref is None:
        raise Invalid(fields=wrong)
    return ref


def _seen(actor: Actor, ref: RecordRef) -> list[tuple[Relation, RecordRef, str, bool]]:
    """(link, the other card, its title, whether it leads there): what the card's page would show him."""
    here = Q(from_type=ref.type, from_id=ref.id) | Q(to_type=ref.type, to_id=ref.id)
    rows = list(Relation.objects.filter(here).order_by("created_at", "id"))
    in_fields = links.closed_kinds(actor) | panels.relation_fields(actor).keys()
    found = []
    for row in rows:
        away = (row.from_type, row.from_id) == (ref.type, ref.id)
        if (row.from_type, row.kind) not in in_fields:  # those are values of a field, told with the card
            found.append((row, RecordRef(row.to_type, row.to_id) if away else _first(row), away))
    titles = policy.titles(actor, {other for _row, other, _away in found})
    return [(row, other, titles[other], away) for row, other, away in found if other in titles]


def _first(row: Relation) -> RecordRef:
    return RecordRef(row.from_type, row.from_id)


def _told(actor: Actor, row: Relation, other: RecordRef, title: str, away: bool) -> Told:
    language = get_language() or actor.language
    kind = relations.get(actor.state.relation_kinds, row.kind)
    label = (kind.forward if away else kind.backward)[language] if kind else row.kind
    return {
        "id": str(row.pk), "kind": row.kind, "direction": AWAY if away else HERE, "label": label,
        "card": {"type": other.type, "id": str(other.id), "title": title},
        "roles": [one for one in row.roles.split("|") if one], "note": row.note,
        "created_at": row.created_at.isoformat(),
    }  # fmt: skip


def kinds_of(actor: Actor, record_type: RecordType) -> list[Told]:
    """How cards of a type can be linked with others, each way, for /types."""
    language = get_language() or actor.language
    found = []
    for kind in relations.fitting(actor.state.relation_kinds, record_type.key):
        roles = [{"value": one.key, "label": one.label[language]} for one in kind.roles]
        for way, mine, others, label in (
            (AWAY, kind.from_type, kind.to_type, kind.forward), (HERE, kind.to_type, kind.from_type, kind.backward),
        ):  # fmt: skip
            if mine in ("", record_type.key):
                found.append({"kind": kind.key, "direction": way, "label": label[language], "with": others or None,
                              "roles": roles})  # fmt: skip
    return found
