"""What an import tells: that it began, is through, was taken back; and the notice to who loaded it."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.kernel.text import listed
from comity.notices import kinds
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register


def words(counts: Payload, language: str) -> str:
    """ "3 cards made, 2 changed, 1 row refused"."""
    made = ngettext("%(n)s card made", "%(n)s cards made", counts["made"]) % {"n": counts["made"]}
    changed = ngettext("%(n)s changed", "%(n)s changed", counts["changed"]) % {"n": counts["changed"]}
    refused = ngettext("%(n)s row refused", "%(n)s rows refused", counts["refused"]) % {"n": counts["refused"]}
    return listed((made, changed, refused), language)


def _only_with_permit(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits("settings") else None


def _began(payload: Payload, actor: Actor) -> str:
    return _("began to load the file “%(name)s”") % {"name": payload["name"]}


def _done(payload: Payload, actor: Actor) -> str:
    return _("loaded the file “%(name)s”: %(what)s") % {
        "name": payload["name"], "what": words(payload, actor.language),
    }  # fmt: skip


def _undone(payload: Payload, actor: Actor) -> str:
    return _("took back the load of the file “%(name)s”") % {"name": payload["name"]}


register(EventType("import.started", _began, icon="upload", redact=_only_with_permit))
register(EventType("import.done", _done, icon="upload", redact=_only_with_permit))
register(EventType("import.undone", _undone, icon="arrow-back-up", redact=_only_with_permit))


def _data(event: Any) -> dict[str, Any]:
    return {"load": str(event.primary_id), **{key: event.payload[key] for key in ("made", "changed", "refused")}}


def _text(data: Any, name: str) -> str:
    from django.utils.translation import get_language

    return _("Your file is loaded: %(what)s") % {"what": words(data, get_language() or "en")}


def _place(data: Any) -> tuple[str, str]:
    return _("Import"), f"/import/{UUID(data['load'])}"


kinds.register(kinds.NoticeKind(
    "import", lambda: _("A file I loaded is through"), ("import.done",),
    lambda event, state: [event.actor_id] if event.actor_id else [], _text, "upload", own=True, data=_data,
    place=_place,
))  # fmt: skip
