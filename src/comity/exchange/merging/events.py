"""How a merge and its undo are told."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.events import cut_changes
from comity.exchange.merging import movers
from comity.kernel.text import listed
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register

OWN_MATTER = ("lost", "moved", "relations", "stories", "led")  # what undo needs is nobody's to read


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload:
    """The title of the lost card only for who sees every card of the type: to others it may have been hidden."""
    told = {key: value for key, value in payload.items() if key not in OWN_MATTER}
    if record_type is None or actor.scope(record_type.key, "view") != "all":
        told.pop("lost_title", None)
    if not actor.administrator:  # a number of cards that point here could tell of hidden ones
        told["left"] = {key: one for key, one in told.get("left", {}).items() if key not in ("links", "relations")}
    if record_type is not None:
        readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
        told["fields"] = [key for key in told.get("fields", ()) if key in readable]
    changes = cut_changes({"changes": told.get("changes", {}), "title_before": ""}, actor, record_type) or {}
    return {**told, "changes": changes.get("changes", {})}


def _merged(payload: Payload, actor: Actor) -> str:
    if payload.get("lost_title"):
        return _("merged “%(title)s” into this card") % {"title": payload["lost_title"]}
    return _("merged a duplicate into this card")


def _unmerged(payload: Payload, actor: Actor) -> str:
    text = _("took back a merge: two cards again")
    kept = listed(left_words(payload.get("left", {})), actor.language)
    if kept:
        told = _("Changed since and left here: %(what)s.") % {"what": kept}
        return f"{text}. {told}"
    return text


def left_words(left: Mapping[str, int]) -> list[str]:
    """What could not be put back, in words: ["Notes (2)"]."""
    names = {mover.key: mover.label() for mover in movers.all_movers()} | {"relations": _("Relations")}
    return [f"{names.get(key, key)} ({number})" for key, number in left.items()]


register(EventType(
    "record.merged", _merged, icon="arrows-join", redact=_cut, undo="merge", webhook=lambda: _("Two cards are merged"),
))  # fmt: skip
register(EventType("record.unmerged", _unmerged, icon="arrows-split", redact=_cut,
                   webhook=lambda: _("A merge is taken back")))  # fmt: skip
register(EventType("record.merged_away", lambda p, a: _("this card became a part of another one"), icon="arrows-join"))
register(EventType("record.parted", lambda p, a: _("this card stands by itself again"), icon="arrows-split"))
