"""Leads made and changed through their ordinary doors."""

from typing import Any
from uuid import UUID

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import Result, run
from comity.sales.models import Lead
from comity.timeline.models import Event
from support.house import again


def make(actor: Actor, name: str = "Анна Иванова", **more: Any) -> UUID:
    """A lead made by the actor."""
    return run(again(actor), commands.create("lead", {"contact_name": name, **more})).record.id


def lead(key: UUID) -> Any:
    """The lead as it stands in the base."""
    return Lead.unguarded.get(pk=key)


def do(actor: Actor, command: Any, **more: Any) -> Result:
    """Run a command with the rights of this moment."""
    return run(again(actor), command, **more)


def told(key: UUID, kind: str) -> list[Event]:
    """The events of a type about a lead, in order."""
    return list(Event.objects.filter(primary_type="lead", primary_id=key, type=f"lead.{kind}").order_by("id"))
