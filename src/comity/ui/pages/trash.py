"""Into the trash, out of it, and what lies there."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Restore, Trash
from comity.kernel.clock import now
from comity.records.types import RecordType
from comity.ui.cells import moment_format
from comity.ui.pages.edit import undo_url
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import done, page

PAGE = 50


class Clearing(Protocol):
    """What a room above offers to who may delete cards for good."""

    def text(self) -> str:
        """How long cards stay here."""

    def empty_url(self, actor: Actor, record_type: RecordType) -> str:
        """Where the trash of a kind is emptied; "" when that is not his to do."""

    def delete_url(self, record_type: RecordType, record_id: UUID) -> str:
        """Where one card of a kind he may empty is deleted."""


_clearing: list[Clearing] = []


def offer(clearing: Clearing) -> None:
    """Register the way to delete cards for good."""
    _clearing.append(clearing)


def trash(request: HttpRequest) -> HttpResponse:
    """GET: what he may restore, newest first, one type at a time."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    kinds = [one for one in actor.state.record_types.values() if actor.scope(one.key, "restore") != "none"]
    chosen = next((one for one in kinds if one.key == request.GET.get("type")), kinds[0] if kinds else None)
    items: list[dict[str, Any]] = []
    next_url = None
    clearing = next(iter(_clearing), None)
    empty_url = clearing.empty_url(actor, chosen) if clearing and chosen else ""
    if chosen is not None:
        rows = policy.visible(actor, chosen, "restore").order_by("-deleted_at", "-id")
        before = _before(request.GET.get("before", ""))
        if before is not None:
            rows = rows.filter(deleted_at__lt=before)
        found = list(rows.values("id", "title", "deleted_at", "deleted_by")[: PAGE + 1])
        show = moment_format(actor.language, now(), actor.timezone)
        for row in found[:PAGE]:
            user = actor.state.users.get(row["deleted_by"])
            items.append({
                "title": row["title"], "type_label": chosen.label[actor.language], "icon": chosen.icon,
                "deleted": show(row["deleted_at"]), "iso": row["deleted_at"].isoformat(),
                "who": user.name if user else _("Comity"), "url": f"/{chosen.slug}/{row['id']}",
                "restore_url": f"/{chosen.slug}/{row['id']}/restore",
                "delete_url": clearing.delete_url(chosen, row["id"]) if clearing and empty_url else "",
            })  # fmt: skip
        if len(found) > PAGE:
            next_url = f"/trash?type={chosen.key}&before={found[PAGE - 1]['deleted_at'].timestamp()}"
    context = {
        "title": _("Trash"),
        "text": clearing.text() if clearing else _("What was put into the trash stays here until it is restored."),
        "empty_url": empty_url if items else "",
        "items": items,
        "types": [
            {"label": one.plural[actor.language], "url": f"/trash?type={one.key}", "current": one is chosen}
            for one in kinds
        ],
        "next_url": next_url,
        "prev_url": None,
        "empty_text": _("The trash is empty."),
    }
    return page(request, "ui/trash.html", page=context)


def _before(text: str) -> datetime | None:
    from datetime import UTC

    try:
        return datetime.fromtimestamp(float(text), UTC) if text else None
    except (ValueError, OverflowError, OSError):
        return None


@require_POST
def put(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """POST: into the trash."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    result = run(actor, Trash(record_type.key, record_id), key=request.POST.get("idempotency", ""))
    return done(request, f"/{slug}/", _("Put into the trash."), undo_url(result))


@require_POST
def restore(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """POST: out of the trash."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    run(actor, Restore(record_type.key, record_id), key=request.POST.get("idempotency", ""))
    return done(request, f"/{slug}/{record_id}", _("Restored."))
