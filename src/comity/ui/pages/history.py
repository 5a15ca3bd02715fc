"""The history of a card's fields: who changed what, from what, to what."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.undo import undoable
from comity.changes.writer import current
from comity.kernel.clock import now
from comity.kernel.text import whole_number
from comity.records.models import RecordRef
from comity.timeline.story import field_history, story
from comity.ui.cells import moment_format
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.records import cell_context, find
from comity.ui.render import page
from comity.ui.values import json_html


def history(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: all changes, or those of one `field`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = find(actor, record_type, record_id)
    ref = RecordRef(record_type.key, card.id)
    readable = {spec.key: spec for spec in policy.readable_fields(actor, record_type)}
    chosen = request.GET.get("field", "")
    chosen = chosen if chosen in readable else ""
    before = request.GET.get("before", "")
    if chosen:
        told, more = field_history(actor, ref, chosen), 0
    else:
        told, more = story(actor, ref, frozenset(["changes"]), whole_number(before), 50)
    ctx = cell_context(actor, record_type, card, current(record_type, card))
    zone = ZoneInfo(actor.timezone)
    show = moment_format(actor.language, now(), actor.timezone)
    rows: list[dict[str, Any]] = []
    for one in told:
        if RecordRef(one.event.primary_type, one.event.primary_id) != ref:
            continue
        user = actor.state.users.get(one.event.actor_id) if one.event.actor_id else None
        common = {
            "when": show(one.event.at), "iso": one.event.at.astimezone(zone).isoformat(timespec="seconds"),
            "who": user.name if user else _("Comity"),
            "undo_url": f"/undo/{one.event.id}" if undoable(one.event) else None,
        }  # fmt: skip
        changes = {key: change for key, change in one.payload.get("changes", {}).items() if key in readable}
        if not changes:
            rows.append(common | {"field": one.type.text(one.payload, actor), "before": "", "after": ""})
        for key, (old, new) in changes.items():
            if chosen and key != chosen:
                continue
            spec = readable[key]
            rows.append(common | {
                "field": spec.label[actor.language], "before": json_html(spec, "read", old, ctx, actor),
                "after": json_html(spec, "read", new, ctx, actor),
            })  # fmt: skip
    url = f"/{slug}/{record_id}/history"
    context = {
        "title": _("History of fields"),
        "back": {"label": card.title, "url": f"/{slug}/{record_id}"},
        "fields": [{"label": _("All"), "url": url, "current": not chosen}]
        + [
            {"label": spec.label[actor.language], "url": f"{url}?field={key}", "current": key == chosen}
            for key, spec in readable.items()
        ],
        "rows": rows,
        "next_url": f"{url}?before={more}" if more else None,
        "prev_url": None,
        "empty_text": _("Nothing has been changed yet."),
    }
    return page(request, "ui/history.html", page=context)
