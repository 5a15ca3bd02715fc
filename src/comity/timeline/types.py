"""Event types: what each kind of event means, tells and hides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from comity.access.actors import Actor
from comity.records.types import RecordType

Payload = Mapping[str, Any]


def _nothing_hidden(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload


@dataclass(frozen=True)
class EventType:
    """A kind of event. Field keys of its payload never change meaning or return.

    key      "noun.verb", for ever
    version  of the payload's shape; `upcast` brings older payloads to it
    text     (payload, actor) -> one plain sentence part in the actor's language, after the name of who did it
    icon, tone   how the story shows it
    big      a story item of its own; else one quiet line
    kind     the story's filter it falls under: changes | notes | tasks | files | links
    redact   (payload, actor, primary's type) -> the payload without what he may not read; None = not shown at all
    undo     key of the way to undo it, "" = cannot be undone
    says_all the text tells what has changed: the story does not list the fields after it
    said     keys of those fields that the text has told already, where it does not tell them all
    webhook  what it is called where a webhook's events are chosen; None = never sent to other programs
    """

    key: str
    text: Callable[[Payload, Actor], str]
    version: int = 1
    upcast: Callable[[int, Payload], Payload] | None = None
    icon: str = "pencil"
    tone: str = ""
    big: bool = False
    kind: str = "changes"
    redact: Callable[[Payload, Actor, RecordType | None], Payload | None] = _nothing_hidden
    undo: str = ""
    says_all: bool = False
    said: frozenset[str] = frozenset()
    webhook: Callable[[], str] | None = None


_types: dict[str, EventType] = {}


def register(event_type: EventType) -> EventType:
    """Make an event type known; a key is registered once."""
    if event_type.key in _types:
        raise ValueError(f"Event type {event_type.key} exists already")
    _types[event_type.key] = event_type
    return event_type


def unregister(key: str) -> None:
    """Forget a type: for the fake room of the tests."""
    _types.pop(key, None)


def get(key: str) -> EventType | None:
    """The type of that key; None when its room is gone (its events stay, untold)."""
    return _types.get(key)


def all_types() -> tuple[EventType, ...]:
    """Every registered event type."""
    return tuple(_types.values())
