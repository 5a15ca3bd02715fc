"""The webhooks in force, kept in the snapshot: an installation without any pays nothing for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.access.actors import Actor, user_actor
from comity.access.bounds import Bounds
from comity.access.snapshot import Snapshot, add_part
from comity.api.webhooks.model import Webhook
from comity.changes.value_merging import watch_tree

PART = "webhooks"


@dataclass(frozen=True)
class Hook:
    """A webhook that is switched on."""

    id: UUID
    url: str
    events: frozenset[str]
    type_key: str
    where: Mapping[str, Any] = field(hash=False)
    owner_id: UUID
    source: str
    scopes: str
    token_id: UUID | None
    created_at: datetime


def _load() -> dict[UUID, Hook]:
    return {
        row.id: Hook(
            row.id, row.url, frozenset(row.events), row.type_key, row.where, row.owner_id, row.source, row.scopes,
            row.token_id, row.created_at,
        )
        for row in Webhook.objects.filter(active=True).order_by("id")
    }  # fmt: skip


def of(state: Snapshot) -> dict[UUID, Hook]:
    """The webhooks that are switched on, by their keys."""
    found: dict[UUID, Hook] = state.parts[PART]
    return found


def owner_of(hook: Hook | Webhook, state: Snapshot) -> Actor | None:
    """With whose rights it acts; None while the owner is switched off."""
    member = state.users.get(hook.owner_id)
    if member is None or not member.active:
        return None
    return user_actor(hook.owner_id, state, bounds=Bounds.of(hook.scopes) if hook.scopes else None)


add_part(PART, _load)
watch_tree(Webhook, "type_key")
