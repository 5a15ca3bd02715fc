"""Kinds of notices: which events they come from, whom they concern, how they read. Rooms above register theirs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comity.access.actors import user_actor
from comity.access.snapshot import Snapshot, snapshot
from comity.kernel.text import listed
from comity.records.labels import Label
from comity.records.models import RecordRef
from comity.timeline.models import Event


def _no_data(event: Event) -> Mapping[str, Any]:
    return {}


def _no_other(event: Event) -> RecordRef | None:
    return None


@dataclass(frozen=True)
class NoticeKind:
    """Something colleagues are told. Each may switch a kind off for himself.

    key      for ever; in User.prefs["notices"] {key: bool}
    label    what the switch is called
    events   the event types it comes from
    to       (event, snapshot) -> those it concerns; the rights are checked afterwards
    text     (notice's data, name of who did it) -> a whole sentence
    data     (event) -> what `text` needs, never words of a card
    other    (event) -> a second card the reader must see too
    own      told to the actor himself as well
    first    stands before the other kinds while unread
    place    (notice's data) -> name and address of what it is about, when that is no card: whom it is addressed to
             knows of it. None = it is about the event's card, and told to those who see that
    """

    key: str
    label: Callable[[], str]
    events: tuple[str, ...]
    to: Callable[[Event, Snapshot], Iterable[UUID]]
    text: Callable[[Mapping[str, Any], str], str]
    icon: str
    tone: str = ""
    data: Callable[[Event], Mapping[str, Any]] = _no_data
    other: Callable[[Event], RecordRef | None] = _no_other
    own: bool = False
    first: bool = False
    place: Callable[[Mapping[str, Any]], tuple[str, str]] | None = None


_kinds: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> NoticeKind:
    """Make a kind known; a key is registered once."""
    if kind.key in _kinds:
        raise ValueError(f"Notice kind {kind.key} exists already")
    _kinds[kind.key] = kind
    return kind


def unregister(key: str) -> None:
    """Forget a kind: for the fake room of the tests."""
    _kinds.pop(key, None)


def get(key: str) -> NoticeKind | None:
    """The kind of that key; None when its room is gone (its notices stay, unshown)."""
    return _kinds.get(key)


def all_kinds() -> tuple[NoticeKind, ...]:
    """Every registered kind."""
    return tuple(_kinds.values())


def is_on(prefs: Mapping[str, Any], key: str) -> bool:
    """Whether a user wants a kind: all are on until switched off."""
    return bool(prefs.get("notices", {}).get(key, True))


def _uuids(texts: Iterable[Any]) -> list[UUID]:
    return [UUID(text) for text in texts if text]


def _new_owner(event: Event, state: Snapshot) -> list[UUID]:
    record_type = state.record_types.get(event.primary_type)
    if record_type is not None and record_type.follows:
        return []  # what hangs on another card is told in words of its own room
    change = event.payload.get("changes", {}).get("owner")
    return _uuids([change[1]]) if change else []


def _shared_with(event: Event, state: Snapshot) -> list[UUID]:
    payload = event.payload
    if payload["before"] or not payload["after"]:
        return []
    teams = set(_uuids([payload["team"]]))
    members = [user for user, places in state.memberships.items() if any(team in teams for team, _lead in places)]
    return [*_uuids([payload["user"]]), *members]


def _assigned_text(data: Mapping[str, Any], name: str) -> str:
    if data.get("batch"):
        return _("%(name)s made you responsible for several cards, this one among them") % {"name": name}
    return _("%(name)s made you responsible for this card") % {"name": name}


def _shared_text(data: Mapping[str, Any], name: str) -> str:
    if data["after"] == "edit":
        return _("%(name)s shared this card with you; you may edit it") % {"name": name}
    return _("%(name)s shared this card with you") % {"name": name}


def _opened_to(event: Event, state: Snapshot) -> list[UUID]:
    payload = event.payload
    return _shared_with(event, state) if payload["after"] else []


def _opened_text(data: Mapping[str, Any], name: str) -> str:
    """The day is named as at the company's place: a notice does not know who reads it."""
    state = snapshot()
    zone = ZoneInfo(state.organization.timezone if state.organization else "UTC")
    last = (datetime.fromisoformat(data["until"]) - timedelta(seconds=1)).astimezone(zone).date()
    told = {"name": name, "day": format_date(last, "medium", get_language() or "en")}
    if data["edit"]:
        return _("%(name)s opened this card to you until %(day)s; you may edit it") % told
    return _("%(name)s opened this card to you until %(day)s") % told


def _field_keepers(event: Event, state: Snapshot) -> list[UUID]:
    """Those who may change fields."""
    return [key for key in state.users if user_actor(key, state).permits("fields")]


def _idle_text(data: Mapping[str, Any], name: str) -> str:
    if "due" in data:
        state = snapshot()
        zone = ZoneInfo(state.organization.timezone if state.organization else "UTC")
        day = format_date(datetime.fromisoformat(data["due"]).astimezone(zone).date(), "medium", get_language() or "en")
        return _("Nobody uses this field: it is archived after %(day)s unless a card gets a value") % {"day": day}
    if data["archived"]:
        return _("This field is archived, for nobody used it. Its values are kept, and it comes back by a click")
    return _("Nobody uses this field, but it could not be archived: other fields are counted from it")


def _batch_text(data: Mapping[str, Any], name: str) -> str:
    done = ngettext(
        "Your change to many cards is through: %(done)s done",
        "Your change to many cards is through: %(done)s done",
        data["done"],
    )
    left = ngettext("%(refused)s left as it was", "%(refused)s left as they were", data["refused"])
    return listed((done % data, left % data if data["refused"] else ""), get_language() or "en")


register(
    NoticeKind(
        "assigned", lambda: _("I become responsible for a card"), ("record.created", "record.updated"), _new_owner,
        _assigned_text, "user", data=lambda event: {"batch": event.batch_id is not None},
    )
)  # fmt: skip
register(
    NoticeKind(
        "shared", lambda: _("A card is shared with me"), ("record.shared",), _shared_with, _shared_text, "user-share",
        data=lambda event: {"after": event.payload["after"]},
    )
)  # fmt: skip
register(
    NoticeKind(
        "opened", lambda: _("A card is opened to me for a term"), ("access.opened",), _opened_to, _opened_text, "clock",
        data=lambda event: {"until": event.payload["after"][1], "edit": event.payload["after"][0] == "edit"},
    )
)  # fmt: skip
register(
    NoticeKind(
        "access", lambda: _("Somebody asks me to let him see a card"), ("access.asked",),
        lambda event, state: _uuids(event.payload["told"]),
        lambda data, name: _("%(name)s asks to be let see a card: open it until a day, or refuse") % {"name": name},
        "key", data=lambda event: {"request": event.payload["request"]}, first=True,
        place=lambda data: (_("Access asked for"), f"/access/requests/{data['request']}"),
    )
)  # fmt: skip
register(
    NoticeKind(
        "duplicate", lambda: _("Two cards may be about the same"), ("duplicate.suspected",),
        lambda event, state: _uuids(event.payload["for"]),
        lambda data, name: _("Another card, added without knowing of this one, may be about the same"), "users",
        other=lambda event: RecordRef(event.payload["other"][0], UUID(event.payload["other"][1])),
    )
)  # fmt: skip
register(
    NoticeKind(
        "field_idle", lambda: _("A field nobody uses is archived by itself"), ("field.idle",), _field_keepers,
        _idle_text, "archive", data=lambda event: dict(event.payload) | {"field": str(event.primary_id)},
        place=lambda data: (Label.of(data["name"])[get_language() or "en"], f"/settings/fields/{data['field']}"),
    )
)  # fmt: skip
register(
    NoticeKind(
        "batch", lambda: _("A change to many cards is through"), ("batch.finished",),
        lambda event, state: [event.actor_id] if event.actor_id else [], _batch_text, "checks", own=True,
        data=lambda event: {key: event.payload[key] for key in ("type", "done", "refused")},
    )
)  # fmt: skip
