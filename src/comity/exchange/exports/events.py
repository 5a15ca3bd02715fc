"""Who took what out of the house: told like every change, for those who look after its settings."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register


def _for_settings(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits("settings") else None


def _list(payload: Payload, actor: Actor) -> str:
    text = ngettext(
        "exported the list “%(list)s” with %(num)s row (%(format)s)",
        "exported the list “%(list)s” with %(num)s rows (%(format)s)",
        payload["rows"],
    )  # fmt: skip
    record_type = actor.state.record_types.get(payload["type"])
    name = record_type.plural[actor.language] if record_type else payload["type"]
    if payload.get("view"):
        name = f"{name}, {payload['view']}"
    return text % {"list": name, "num": payload["rows"], "format": payload["format"]}


def _base(payload: Payload, actor: Actor) -> str:
    return _("exported the whole base: %(cards)s cards, %(files)s files") % {
        "cards": payload["cards"], "files": payload["files"]}  # fmt: skip


def _loaded(payload: Payload, actor: Actor) -> str:
    return _("loaded a whole base: %(cards)s cards, %(files)s files") % {
        "cards": payload["cards"], "files": payload["files"]}  # fmt: skip


def register_events() -> None:
    """Make the events known."""
    register(EventType("list.exported", _list, icon="download", redact=_for_settings))
    register(EventType("base.exported", _base, icon="download", redact=_for_settings))
    register(EventType("base.loaded", _loaded, icon="upload", redact=_for_settings))
