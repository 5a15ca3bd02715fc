"""Who changed which setting, and when: the events of settings and logins, as far as the reader may know them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.changes.settings_undo import UndoSetting, reversible
from comity.kernel.text import whole_number
from comity.timeline import types as event_types
from comity.timeline.models import Event
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.changed import changes_html
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment

PAGE = 50


def _kinds() -> list[str]:
    rooms = ("setting.", "user.", "report.", "list.", "base.")
    return [one.key for one in event_types.all_types() if one.key.startswith(rooms)]


def _cards(request: HttpRequest, item: str) -> list[Card]:
    actor = actor_of(request)
    before = whole_number(request.GET.get("before", ""))
    events = Event.objects.filter(type__in=_kinds()).order_by("-id")
    if before:
        events = events.filter(pk__lt=before)
    rows, last = [], 0
    for event in events[:PAGE]:
        last = event.pk
        event_type = event_types.get(event.type)
        payload = event_type.redact(event.payload, actor, None) if event_type else None
        if event_type is None or payload is None:
            continue
        user = actor.state.users.get(event.actor_id) if event.actor_id else None
        who = user.name if user else _part(event.reason)
        details = changes_html(actor, payload) or payload.get("address", "")
        cells = [moment(actor, event.at), who, event_type.text(payload, actor), details]
        rows.append({"cells": cells, "actions": _undo(event)})
    older = last and Event.objects.filter(type__in=_kinds(), pk__lt=last).exists()
    actions = [button(_("Earlier"), f"{AUDIT.url}?before={last}", icon="history")] if older else []
    if before:
        actions.insert(0, button(_("Newest"), AUDIT.url))
    columns = [_("When"), _("Who"), _("What"), _("Before and after, or from where")]
    table = {"caption": _("Changes of settings"), "columns": columns, "rows": rows}
    return [card("audit", _("Changes of settings"), table=table, actions=actions)]


def _undo(event: Event) -> list[dict[str, Any]]:
    """The way back, of what can be taken back."""
    if not reversible(event):
        return []
    return [button(_("Undo"), act_url("audit", "undo", event=str(event.pk)), method="post", icon="arrow-back-up")]


def _take_back(request: HttpRequest, item: str) -> HttpResponse:
    """Put a setting back as it was before an event."""
    return kit.press(request, AUDIT.url, UndoSetting(whole_number(request.GET.get("event", ""))), _("Taken back."))


def _part(reason: str) -> str:
    """Who acts when it is nobody: a part of the house."""
    part = {
        "installation": _("set-up"),
        "command line": _("command line"),
        "search": _("Search"),
        "login": _("login"),
    }.get(reason)
    return _("Comity (%(part)s)") % {"part": part} if part else _("Comity")


AUDIT = kit.add(SettingsPage(
    "audit", lambda: _("Changes of settings"), "history", 180, _cards, {"undo": _take_back}, permit="settings",
    words=lambda: _("audit, who changed what, logins"),
))  # fmt: skip
