"""Many changes in one request: each is answered for itself, in the order they were sent."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.api import cards
from comity.api.doors import LARGEST, actor_of, answer, body_of, both_sides, key_of, type_of
from comity.changes import bulk
from comity.changes.bulk import Item, StartBulk
from comity.changes.bus import Result, run
from comity.kernel.errors import Conflict, Invalid, Problem
from comity.records.types import RecordType
from comity.ui import problems

DOES = {"create": 201, "update": 200, "delete": 200, "restore": 200}
COUNTED = {"create": "created", "update": "updated", "delete": "deleted", "restore": "restored"}


def change_many(request: HttpRequest, slug: str) -> HttpResponse:
    """POST {"items": [{"do": "create" | "update" | "delete" | "restore", "id", "version", "values"}]}."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    key, items = key_of(request), _items(body_of(request))
    started = run(actor, StartBulk(record_type.key, len(items)), **key)
    batch = UUID(started.data["batch"])
    shown = policy.shown_fields(actor, record_type)

    def tell(item: Item, done: Result | Problem) -> dict[str, Any]:
        if isinstance(done, Problem):
            return _refused(actor, record_type, item, done)
        told: dict[str, Any] = {"do": item.do, "status": DOES[item.do], "id": str(done.record.id)}
        card = None if item.do == "delete" else policy.find(actor, record_type, done.record.id)
        return {**told, "card": cards.one(actor, record_type, card, shown)} if card is not None else told

    answers = bulk.work_off(actor, batch, items, tell)
    counts = dict.fromkeys((*COUNTED.values(), "refused"), 0)
    for one in answers:
        counts["refused" if one["status"] >= 400 else COUNTED[one["do"]]] += 1
    return answer({"batch": str(batch), **counts, "items": answers})


def _refused(actor: Actor, record_type: RecordType, item: Item, problem: Problem) -> dict[str, Any]:
    current = getattr(problem, "current", None)
    clash = isinstance(problem, Conflict) and isinstance(current, dict)
    sides = both_sides(actor, record_type, current) if clash and current is not None else None
    told: dict[str, Any] = {"do": item.do, "status": problem.status, "problem": problems.body(problem, sides)}
    return {**told, "id": str(item.id)} if item.id else told


def _items(body: dict[str, Any]) -> list[Item]:
    """The changes of a request; one that can't be read refuses them all, by its place."""
    given = body.get("items")
    if not isinstance(given, list):
        raise Invalid(fields={"items": [_("Send a list of changes.")]})
    found, wrong = [], {}
    for place, one in enumerate(given[: bulk.MOST + 1]):
        try:
            found.append(_item(one))
        except (ValueError, TypeError):
            wrong[f"items.{place}"] = [_("Say what to do: create, update, delete or restore; with id and values.")]
    if wrong:
        raise Invalid(fields=dict(list(wrong.items())[:20]))
    return found


def _item(raw: Any) -> Item:
    if not isinstance(raw, dict) or raw.get("do") not in DOES:
        raise TypeError
    do, version, values = raw["do"], raw.get("version", 0), raw.get("values", {})
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version <= LARGEST:
        raise TypeError
    if not isinstance(values, dict) or (do == "update" and not version):
        raise TypeError
    return Item(do, None if do == "create" else UUID(str(raw.get("id"))), version, values)
