"""Acts over many cards: many changes at once, an act on a list, an import. How they stand; taken back whole."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from comity.access.actors import Actor
from comity.api.doors import actor_of, answer, key_of, types_of
from comity.changes import batch
from comity.changes.bus import run
from comity.changes.colleagues import own_id
from comity.changes.models import Batch
from comity.exchange.imports.commands import PERMIT, UndoImport
from comity.exchange.imports.model import Import
from comity.kernel.errors import NotFound, Refused

MOST = 50
IMPORT_STATES = {"running": "running", "undoing": "undoing", "stopped": "stopped", "undone": "undone"}
Told = dict[str, Any]


def listing(request: HttpRequest) -> HttpResponse:
    """His own of late, the newest first."""
    actor = actor_of(request)
    made = [(row.created_at, _told(row)) for row in _batches(actor).order_by("-created_at", "-id")[:MOST]]
    made += [(row.made_at, _told_import(row)) for row in _imports(actor).order_by("-made_at", "-id")[:MOST]]
    made.sort(key=lambda one: one[0], reverse=True)
    return answer({"items": [told for _at, told in made[:MOST]]})


def show(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One of them."""
    found = _found(actor_of(request), batch_id)
    return answer(_told(found) if isinstance(found, Batch) else _told_import(found))


def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Take one back. What others have changed since stays as it is, and counts as refused; large ones and imports are
    taken back in the background. What was taken back before is answered as a conflict, but to the same key."""
    actor = actor_of(request)
    key = key_of(request)
    found = _found(actor, batch_id)
    if isinstance(found, Import):
        run(actor, UndoImport(found.pk), **key)
        return answer(_told_import(_imports(actor).get(pk=found.pk)))
    if actor.barred(found.arguments["type"], "edit"):
        raise Refused()  # the background acts with all the rights of the user, so the token is asked here
    return answer(_told(batch.undo(actor, found.pk, **key)))


def _batches(actor: Actor) -> Any:
    """His own, of the types that are there for him."""
    kinds = [one.key for one in types_of(actor)]
    return Batch.objects.filter(actor_id=actor.user_id, arguments__type__in=kinds)


def _imports(actor: Actor) -> Any:
    """His own imports that have put anything into the base."""
    rows = Import.objects.filter(made_by=own_id(actor), batch__isnull=False)
    return rows if actor.permits(PERMIT) else rows.none()


def _found(actor: Actor, batch_id: UUID) -> Batch | Import:
    found: Batch | Import | None = _batches(actor).filter(pk=batch_id).first()
    found = found or _imports(actor).filter(batch=batch_id).first()
    if found is None:
        raise NotFound()
    return found


def _told(row: Batch) -> Told:
    return {
        "id": str(row.pk), "act": row.command, "type": row.arguments["type"], "state": row.state,
        "created_at": row.created_at.isoformat(), "total": row.total, "done": row.done, "refused": row.refused,
        "undoes": row.arguments.get("batch") if row.command == "undo" else None,
    }  # fmt: skip


def _told_import(row: Import) -> Told:
    counts = row.counts or {}
    return {
        "id": str(row.batch), "act": "import", "type": row.mapping.get("main", ""),
        "state": IMPORT_STATES.get(row.state, "done"), "created_at": row.made_at.isoformat(), "total": row.total,
        "done": counts.get("rows", 0) - counts.get("refused", 0), "refused": counts.get("refused", 0), "undoes": None,
    }  # fmt: skip
