"""How it is told that somebody's data was erased: who, when, why and how much, never what."""

from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.erasing.commands import ERASED_DATA, REQUEST
from comity.kernel.text import listed
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register


def counted(numbers: Any, language: str) -> str:
    """How much it was: "3 fields, 1 file"."""
    fields, files, notes = (int(numbers.get(key, 0)) for key in ("fields", "files", "notes"))
    parts = [
        ngettext("%(n)s field", "%(n)s fields", fields) % {"n": fields} if fields else "",
        ngettext("%(n)s file", "%(n)s files", files) % {"n": files} if files else "",
        ngettext("%(n)s note", "%(n)s notes", notes) % {"n": notes} if notes else "",
    ]
    return listed(list(filter(None, parts)), language)


def _text(payload: Payload, actor: Actor) -> str:
    much = counted(payload, actor.language)
    said = _("erased the person’s data for good") + (f" ({much})" if much else "")
    if payload.get("reason") == REQUEST and payload.get("day"):
        day = format_date(date.fromisoformat(payload["day"]), "medium", locale=actor.language)
        return f"{said}. " + _("The person asked for it on %(day)s.") % {"day": day}
    if payload.get("words"):
        return f"{said}. " + _("Reason: %(words)s") % {"words": payload["words"]}
    return said


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload:
    """Fields he does not read are not named to him; that it was done is no secret."""
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)} if record_type else set()
    return {**payload, "changes": {key: one for key, one in payload["changes"].items() if key in readable}}


register(EventType(
    ERASED_DATA, _text, icon="user-off", redact=_cut, says_all=True,
    webhook=lambda: _("A person’s data is erased"),
))  # fmt: skip
