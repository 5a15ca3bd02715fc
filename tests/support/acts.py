"""Short words for what tests of commands do again and again."""

from typing import Any

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.parties.companies.model import Company
from comity.records.models import RecordRef
from comity.timeline.models import Event


def card(ref: RecordRef) -> Any:
    """The company as it stands in the base."""
    return Company.unguarded.get(pk=ref.id)


def update(actor: Actor, ref: RecordRef, version: int = 0, **values: Any) -> Any:
    """Change fields of a record."""
    return run(actor, Update(ref.type, ref.id, version, values))


def event(result: Any) -> Event:
    """What a command told."""
    return Event.objects.get(pk=result.event)
