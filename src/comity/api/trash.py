"""What lies in the trash of a type: as much as its reader may take out of it."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from comity.access import policy
from comity.api import asking
from comity.api.doors import actor_of, answer, type_of
from comity.ui import lists

ORDER = "-deleted_at"


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of it (`size`, `at`), what was put away last first."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    digest = asking.question(actor, record_type, {"trash": True}, ORDER)
    size = asking.size_of(request.GET.get("size") or str(asking.SIZE))
    cursor = asking.cursor_of(request.GET.get("at", ""), digest)
    rows = policy.visible(actor, record_type, "restore").order_by("-deleted_at", "-id")
    if cursor is not None:
        rows = rows.filter(Q(deleted_at__lt=cursor.value) | Q(deleted_at=cursor.value, id__lt=cursor.id))
    found: list[dict[str, Any]] = list(rows.values("id", "title", "version", "deleted_at", "deleted_by")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    place = lists.Cursor(last["deleted_at"], last["id"]) if last else None
    items = [
        {"id": str(row["id"]), "type": record_type.key, "version": row["version"], "title": row["title"],
         "deleted_at": row["deleted_at"].isoformat(), "deleted_by": str(row["deleted_by"] or "") or None}
        for row in found[:size]
    ]  # fmt: skip
    return answer({"items": items, "next": asking.cursor_text(place, digest)})
