"""What keeping tells: cards that are going to leave, that have left, that were deleted for good; and to whom."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import Snapshot
from comity.exchange.keeping.settings import PERMIT
from comity.kernel.text import listed
from comity.notices import kinds as notices
from comity.notices.kinds import NoticeKind
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

ANNOUNCED, TOLD, ASKS, AGREED, DONE, KEPT, PURGED = (
    "keeping.announced", "keeping.owner_told", "keeping.asks", "keeping.agreed", "keeping.done",
    "keeping.kept", "keeping.purged",
)  # fmt: skip
SETTINGS_URL = "/settings/keeping"


def _for_keepers(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits(PERMIT) else None


def keepers(state: Snapshot) -> list[UUID]:
    """Those who keep the settings."""
    return [key for key, one in state.users.items() if one.active and user_actor(key, state).permits(PERMIT)]


def _announced(payload: Payload, actor: Actor) -> str:
    text = ngettext(
        "found %(n)s card nobody touches, by the rule “%(name)s”",
        "found %(n)s cards nobody touches, by the rule “%(name)s”", payload["count"],
    )  # fmt: skip
    return text % {"n": payload["count"], "name": payload["name"]}


def _asks(payload: Payload, actor: Actor) -> str:
    return _("stopped the rule “%(name)s”, for it would take more than a fifth of the cards") % {
        "name": payload["name"]
    }


def _agreed(payload: Payload, actor: Actor) -> str:
    return _("let the rule “%(name)s” take as many cards as it finds") % {"name": payload["name"]}


def _done(payload: Payload, actor: Actor) -> str:
    text = ngettext(
        "put %(n)s card into the trash, by the rule “%(name)s”",
        "put %(n)s cards into the trash, by the rule “%(name)s”", payload["done"],
    )  # fmt: skip
    return text % {"n": payload["done"], "name": payload["name"]}


def _purged(payload: Payload, actor: Actor) -> str:
    record_type = actor.state.record_types.get(payload["type"])
    told = {"n": payload["count"], "kind": record_type.plural[actor.language] if record_type else "?"}
    if payload["term"]:
        text = ngettext(
            "deleted %(n)s card for good by the term of the trash (%(kind)s)",
            "deleted %(n)s cards for good by the term of the trash (%(kind)s)", payload["count"],
        )  # fmt: skip
    else:
        text = ngettext(
            "deleted %(n)s card for good (%(kind)s)", "deleted %(n)s cards for good (%(kind)s)", payload["count"]
        )
    return text % told


register(EventType(ANNOUNCED, _announced, icon="clock", redact=_for_keepers))
register(EventType(TOLD, _announced, icon="clock", redact=_for_keepers))
register(EventType(ASKS, _asks, icon="alert-circle", redact=_for_keepers))
register(EventType(AGREED, _agreed, icon="check", redact=_for_keepers))
register(EventType(DONE, _done, icon="archive", redact=_for_keepers))
register(EventType(PURGED, _purged, icon="trash", redact=_for_keepers))
register(EventType(KEPT, lambda p, a: _("keeps this card: no rule takes it for now"), icon="archive"))


# --- notices ---------------------------------------------------------------------------------------------------------


def _told_of_marks(event: Event, state: Snapshot) -> Iterable[UUID]:
    """The owner of the cards; those who keep the settings hear of all cards at once instead."""
    told = keepers(state)
    if event.type == ANNOUNCED:
        return told
    owner = UUID(event.payload["owner"])
    return [] if owner in told else [owner]


def _marks_text(data: Mapping[str, Any], name: str) -> str:
    text = ngettext(
        "Nobody has touched %(n)s card for long: it goes into the trash on %(day)s, unless somebody works on it",
        "Nobody has touched %(n)s cards for long: they go into the trash on %(day)s, unless somebody works on them",
        data["count"],
    )
    day = format_date(date.fromisoformat(data["due"]), "medium", get_language() or "en")
    return text % {"n": data["count"], "day": day}


def _asks_text(data: Mapping[str, Any], name: str) -> str:
    text = ngettext(
        "This rule would put %(n)s of %(cards)s cards into the trash. It waits until you say that this is meant",
        "This rule would put %(n)s of %(cards)s cards into the trash. It waits until you say that this is meant",
        data["count"],
    )
    return text % {"n": data["count"], "cards": data["cards"]}


def _done_text(data: Mapping[str, Any], name: str) -> str:
    done = ngettext(
        "%(n)s card nobody touched is in the trash now", "%(n)s cards nobody touched are in the trash now", data["done"]
    )
    spared = ngettext("%(n)s stays, for it was touched", "%(n)s stay, for they were touched", data["spared"])
    told = [done % {"n": data["done"]}, spared % {"n": data["spared"]} if data["spared"] else ""]
    return listed(told, get_language() or "en")


def _data(event: Event) -> Mapping[str, Any]:
    return dict(event.payload) | {"rule": str(event.primary_id)}


def register_notices() -> None:
    """What colleagues are told of keeping."""
    notices.register(NoticeKind(
        "keeping", lambda: _("Cards nobody touches are going into the trash"), (ANNOUNCED, TOLD), _told_of_marks,
        _marks_text, "archive", data=_data, place=lambda data: (data["name"], f"/keeping/{data['rule']}"),
    ))  # fmt: skip
    notices.register(NoticeKind(
        "keeping_asks", lambda: _("A rule of keeping waits for a word"), (ASKS,),
        lambda event, state: keepers(state), _asks_text, "alert-circle", data=_data, first=True,
        place=lambda data: (data["name"], f"{SETTINGS_URL}/{data['rule']}"),
    ))  # fmt: skip
    notices.register(NoticeKind(
        "keeping_done", lambda: _("A rule of keeping has put cards into the trash"), (DONE,),
        lambda event, state: keepers(state), _done_text, "archive", data=_data,
        place=lambda data: (data["name"], SETTINGS_URL),
    ))  # fmt: skip
