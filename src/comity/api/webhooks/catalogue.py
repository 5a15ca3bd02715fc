"""The events a webhook may be made for, in plain words."""

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.timeline import types as event_types
from comity.timeline.types import EventType

TEST = "webhook.test"


def offered() -> dict[str, EventType]:
    """The event types that are sent to other programs, by key."""
    return {one.key: one for one in event_types.all_types() if one.webhook is not None}


def name(key: str) -> str:
    """An event in plain words."""
    if key == TEST:
        return _("A test")
    found = event_types.get(key)
    return found.webhook() if found is not None and found.webhook is not None else key


def groups(actor: Actor) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(what they begin with, what they are about, [(key, name)]), cards of every kind first."""
    found: dict[str, list[tuple[str, str]]] = {"record": []}
    for key in (one.key for one in offered().values() if not actor.state.off.hides(one.text)):
        found.setdefault(key.partition(".")[0], []).append((key, name(key)))
    return [(about, _about(actor, about), events) for about, events in found.items() if events]


def _about(actor: Actor, about: str) -> str:
    record_type = actor.state.record_types.get(about)
    if record_type is not None:
        return record_type.plural[actor.language]
    words = {"record": _("Cards"), "relation": _("Links between cards"), "note": _("Notes"), "file": _("Files")}
    return words.get(about) or _("Other")
