"""The event types of the generic commands, and how each is told."""

from typing import Any

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register


def cut_changes(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Without the fields the actor may not read in clear; nothing left = not told. What undo needs is nobody's."""
    payload = {key: value for key, value in payload.items() if key != "relations"}
    if record_type is None or actor.administrator or "changes" not in payload:
        return payload
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    changes = {key: change for key, change in payload["changes"].items() if key in readable}
    if not changes and payload["changes"] and "title_before" not in payload:
        return None
    return {**payload, "changes": changes}


def _cut_creation(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    cut = cut_changes({**payload, "title_before": ""}, actor, record_type) or payload
    return {key: value for key, value in cut.items() if key != "title_before"}


def _updated(payload: Payload, actor: Actor) -> str:
    return _("took back a change") if payload.get("undone") else _("changed")


def _who_shared(payload: Payload, actor: Actor) -> str:
    state: Any = actor.state
    names = [user.name for key, user in state.users.items() if str(key) == payload["user"]]
    names += [team.name for key, team in state.teams.items() if str(key) == payload["team"]]
    name = names[0] if names else "?"
    if not payload["after"]:
        return _("stopped sharing this with %(name)s") % {"name": name}
    if payload["after"] == "edit":
        return _("shared this with %(name)s, who may edit it") % {"name": name}
    return _("shared this with %(name)s") % {"name": name}


register(EventType("record.created", lambda p, a: _("added this card"), icon="plus", redact=_cut_creation,
                   undo="creation", webhook=lambda: _("A card is added")))  # fmt: skip
register(EventType("record.updated", _updated, redact=cut_changes, undo="fields",
                   webhook=lambda: _("A card is changed")))  # fmt: skip
register(EventType("record.trashed", lambda p, a: _("put this card into the trash"), icon="trash", undo="trash",
                   webhook=lambda: _("A card is put into the trash")))  # fmt: skip
register(EventType("record.restored", lambda p, a: _("took this card out of the trash"), icon="arrow-back-up",
                   undo="restore", webhook=lambda: _("A card is taken out of the trash")))  # fmt: skip
register(EventType("relation.set", lambda p, a: _("linked"), icon="link", kind="links", undo="relation",
                   webhook=lambda: _("A card is linked to another one")))  # fmt: skip
register(EventType("relation.removed", lambda p, a: _("took away the link"), icon="link-off", kind="links",
                   undo="relation", webhook=lambda: _("A link between cards is taken away")))  # fmt: skip
register(EventType("record.shared", _who_shared, icon="user-share", undo="share"))
register(EventType("batch.finished", lambda p, a: _("finished a change to many cards"), icon="checks"))
