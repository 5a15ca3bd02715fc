"""The pages of a merge: which other card, both side by side, done."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import merging
from comity.changes.bus import run
from comity.exchange.merging import choosing
from comity.exchange.merging.choosing import BOTH, KEPT, LOST
from comity.exchange.merging.commands import MergeRecords, can_merge
from comity.exchange.merging.preview import Preview, preview
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.text import whole_number
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search.cards import cards
from comity.search.find import find
from comity.ui import cells, registry
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.records import cell_context
from comity.ui.render import Markup, done, fresh_key, page, panel
from comity.ui.values import value_html

LINK = re.compile(r"</?a\b[^>]*>")  # a value here is there to be chosen: a press on it calls nobody


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _type(request: HttpRequest, slug: str) -> RecordType:
    record_type = type_by_slug(request, slug)
    if not can_merge(record_type):
        raise NotFound()
    return record_type


def url_of(record_type: RecordType, kept: UUID | str, lost: UUID | str) -> str:
    """Where two cards stand side by side."""
    return f"/merge/{record_type.slug}/{kept}/{lost}"


def choose(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the question which other card. POST: on to both of them."""
    actor, record_type = _actor(request), _type(request, slug)
    card = policy.get(actor, record_type, record_id, "edit")
    errors: list[str] = []
    if request.method == "POST":
        try:
            other = _other(actor, record_type, request.POST)
            if other == record_id:
                raise Invalid(fields={"other": [_("Choose another card than this one.")]})
            policy.get(actor, record_type, other, "edit")
            return done(request, url_of(record_type, record_id, other))
        except Invalid as problem:
            errors = [str(text) for texts in problem.fields.values() for text in texts]
        except NotFound:
            errors = [_("Choose one of the list.")]
    ask: dict[str, Any] = {
        "title": _("Merge with another card"),
        "text": _("Nothing happens yet: you see both cards side by side first."),
        "url": f"/merge/{slug}/{record_id}",
        "fields": [{
            "key": "other", "kind": "link", "label": record_type.label[actor.language], "type": record_type.key,
            "value": None, "errors": errors, "required": True, "autofocus": True,
            "lookup_url": f"/lookup/{record_type.key}",
        }],
        "hidden": [], "submit_label": _("Compare"), "cancel_url": f"/{slug}/{card.pk}", "idempotency": fresh_key(),
    }  # fmt: skip
    back = {"url": f"/{slug}/{card.pk}", "label": card.title}
    return panel(request, "ui/fragments/ask.html", ask["title"], back, 422 if errors else 200, ask=ask)


def _other(actor: Actor, record_type: RecordType, post: Any) -> UUID:
    """The card that was chosen, or the only one that is called what was typed."""
    try:
        return UUID(post.get("other", ""))
    except ValueError:
        found = find(actor, post.get("other_text", "")[:100], [record_type.key], 2)
        if len(found) != 1:
            raise Invalid(fields={"other": [_("Choose one of the list.")]}) from None
        return found[0].ref.id


def compare(request: HttpRequest, slug: str, kept_id: UUID, lost_id: UUID) -> HttpResponse:
    """GET: both cards, field by field. POST: merge them as chosen."""
    actor, record_type = _actor(request), _type(request, slug)
    if request.method != "POST":
        return _side_by_side(request, record_type, kept_id, lost_id)
    post = request.POST
    command = MergeRecords(
        record_type.key, kept_id, lost_id, whole_number(post.get("version_kept", "")),
        whole_number(post.get("version_lost", "")),
        {key.removeprefix("take-"): str(value) for key, value in post.items() if key.startswith("take-")},
    )  # fmt: skip
    try:
        result = run(actor, command, key=post.get("idempotency", ""))
    except (Conflict, Invalid) as problem:
        if isinstance(problem, Conflict) and merging.successor(record_type.key, lost_id) is not None:
            raise
        said = f"{problem.what} {problem.todo}" if isinstance(problem, Conflict) else _wrong(problem)
        return _side_by_side(request, record_type, kept_id, lost_id, said, problem.status)
    text = _("The two cards are one now. You can take this back for 30 days.")
    return done(request, f"/{slug}/{kept_id}", text, f"/undo/{result.event}")


def _wrong(problem: Invalid) -> str:
    return " ".join(str(text) for texts in problem.fields.values() for text in texts) or str(problem.what)


def _side_by_side(
    request: HttpRequest, record_type: RecordType, kept_id: UUID, lost_id: UUID, said: str = "", status: int = 200
) -> HttpResponse:
    actor = _actor(request)
    if kept_id == lost_id:
        raise NotFound()
    kept, lost = (policy.get(actor, record_type, key, "edit") for key in (kept_id, lost_id))
    made = preview(actor, record_type, kept, lost)
    names = cards(actor, [RecordRef(record_type.key, key) for key in (kept_id, lost_id)])
    shown = [(one, names[RecordRef(record_type.key, one.pk)]) for one in (kept, lost)]
    sides = [{"title": name.title, "sub": name.context, "url": f"/{record_type.slug}/{one.pk}"} for one, name in shown]
    context = {
        "title": _("Merge two cards"),
        "said": said,
        "kept": sides[0],
        "lost": sides[1],
        "rows": _rows(actor, record_type, kept, made),
        "moves": [{"label": label, "number": number} for label, number in made.moves],
        "warnings": made.warnings,
        "url": url_of(record_type, kept_id, lost_id),
        "swap_url": url_of(record_type, lost_id, kept_id),
        "versions": [["version_kept", kept.version], ["version_lost", lost.version]],
        "idempotency": fresh_key(),
        "back": {"url": f"/{record_type.slug}/{kept_id}", "label": sides[0]["title"]},
        "different_url": f"/duplicates/{record_type.slug}/different",
        "pair": [["first", kept_id], ["second", lost_id]],
    }
    return page(request, "exchange/merge.html", status, page=context)


def _rows(actor: Actor, record_type: RecordType, card: Any, made: Preview) -> list[dict[str, Any]]:
    ctx = cell_context(actor, record_type, card, made.kept, made.titles)
    found = []
    for spec, level in made.fields:
        values = {KEPT: made.kept.get(spec.key), LOST: made.lost.get(spec.key)}
        ways = choosing.ways(spec)
        if BOTH in ways:
            values[BOTH] = choosing.together(spec, values[KEPT], values[LOST])
        by_itself = choosing.chosen_by_itself(spec, values[KEPT], values[LOST])
        labels = {KEPT: _("Of the card that stays"), LOST: _("Of the other card"), BOTH: _("Both")}
        found.append({
            "key": spec.key,
            "label": spec.label[actor.language],
            "fixed": level != "write",
            "picks": [
                {"value": way, "label": labels[way], "html": _html(spec, values[way], ctx, made),
                 "checked": way == by_itself}
                for way in ways
            ],
        })  # fmt: skip
    return found


def _html(spec: Any, value: Any, ctx: cells.CellContext, made: Preview) -> Markup:
    shown = value_html(spec, "read", value, ctx, made.kept | {spec.key: value})
    return Markup(LINK.sub("", shown)) if shown else Markup("–")


# --- where it begins --------------------------------------------------------------------------------------------------


def _menu(actor: Actor, record_type: RecordType, card: Any, values: Any) -> list[dict[str, Any]]:
    may_edit = card.__dict__.get("_may_edit")
    if may_edit is None:
        may_edit = policy.may(actor, record_type, card, "edit")
    if not may_edit or not can_merge(record_type):
        return []
    url = f"/merge/{record_type.slug}/{card.pk}"
    return [{"label": _("Merge with…"), "icon": "arrows-join", "url": url, "method": "get", "dialog": True}]


def _go(request: HttpRequest, record_type: RecordType, ids: list[UUID]) -> HttpResponse:
    if len(ids) != 2:
        return done(request, f"/{record_type.slug}/", _("Choose exactly two cards to merge."))
    return done(request, url_of(record_type, ids[0], ids[1]))


def register() -> None:
    """The action in the card's menu, and in lists for two chosen cards."""
    registry.add(registry.Actions("merge", _menu, place="menu", order=80))
    registry.add(registry.BulkAction(
        "merge", "", lambda: _("Merge"), "arrows-join",
        lambda actor, record_type: can_merge(record_type) and actor.scope(record_type.key, "edit") != "none",
        lambda request, record_type, wrong: [], lambda request, record_type: {}, order=60, go=_go,
    ))  # fmt: skip
