"""The log of a webhook: what was sent when, how it went, and to send it again."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.api.webhooks import catalogue, payloads, words
from comity.api.webhooks.commands import Replay, readers
from comity.api.webhooks.model import FAILED, WAITING, Delivery, Webhook
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.kernel.text import whole_number
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card, moment
from comity.ui.render import html

KEY = "webhook-log"
PAGE = 30


def log_card(request: HttpRequest, row: Webhook) -> Card:
    """The last messages of a webhook; `before` = id, `failed` = only those that failed."""
    before, failed = whole_number(request.GET.get("before", "")), request.GET.get("failed") == "1"
    every = Delivery.objects.filter(webhook_id=row.pk)
    rows = every.filter(state=FAILED) if failed else every
    found = list(
        (rows.filter(pk__lt=before) if before else rows).order_by("-id").defer("request", "answer")[: PAGE + 1]
    )
    url = f"/settings/webhooks/{row.pk}"
    actions = []
    if every.filter(state=FAILED).exists():
        if row.active:
            actions.append(button(_("Send again what failed"), act_url("webhooks", "replay", row.pk), dialog=True,
                                  icon="refresh"))  # fmt: skip
        actions.append(button(_("All"), url) if failed else button(_("Only what failed"), f"{url}?failed=1"))
    if before:
        actions.append(button(_("Newest"), f"{url}?failed=1" if failed else url))
    if len(found) > PAGE:
        more = f"{url}?before={found[PAGE - 1].pk}" + ("&failed=1" if failed else "")
        actions.append(button(_("Earlier"), more, icon="history"))
    table = {
        "caption": _("Log"), "rows": [_line(request, one) for one in found[:PAGE]],
        "columns": [_("When"), _("What"), _("State"), _("Took"), _("Tries")],
        "empty_text": _("Nothing has been sent yet."),
    }  # fmt: skip
    help_text = _("The log keeps thirty days.")
    return card("log", _("Log"), table=table, actions=actions, help=help_text)


def _line(request: HttpRequest, one: Delivery) -> dict[str, Any]:
    cells = [moment(actor_of(request), one.tried_at or one.at), catalogue.name(one.type), _state(one), _took(one),
             str(one.tries or "")]  # fmt: skip
    return {"cells": cells, "url": f"{LOG.url}/{one.pk}"}


def _state(one: Delivery) -> str:
    return words.state_of(one) + (f" ({one.code})" if one.code else "")


def _took(one: Delivery) -> str:
    text = _("%(n)s ms") % {"n": one.took} if one.took is not None else ""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def since_choices() -> list[dict[str, str]]:
    """From when on what failed is sent again."""
    hours = ngettext("Of the last %(n)s hour", "Of the last %(n)s hours", 24) % {"n": 24}
    days = ngettext("Of the last %(n)s day", "Of the last %(n)s days", 7) % {"n": 7}
    return [{"value": "day", "label": hours}, {"value": "week", "label": days},
            {"value": "all", "label": _("All that the log keeps")}]  # fmt: skip


def since_of(choice: str) -> datetime | None:
    """The moment of such a choice; None = all."""
    wait = {"day": timedelta(days=1), "week": timedelta(days=7)}.get(choice)
    return now() - wait if wait else None


# --- one message -----------------------------------------------------------------------------------------------------


def _delivery(request: HttpRequest, item: str) -> Delivery:
    mine = readers(actor_of(request)).values("pk")
    rows = Delivery.objects.filter(pk=whole_number(item), webhook__in=mine).select_related("webhook")
    found: Delivery | None = rows.first()
    if found is None:
        raise NotFound()
    return found


def _cards(request: HttpRequest, item: str) -> list[Card]:
    if not item:
        raise NotFound()
    one, actor = _delivery(request, item), actor_of(request)
    facts = [
        (_("Event"), moment(actor, one.at)), (pgettext("of a message", "Number"), one.message),
        (_("Last tried"), _tried(request, one)),
        (_("Tries"), str(one.tries)),
        (_("Next try"), moment(actor, one.next_at) if words.tried(one) else ""),
        (_("Took"), _took(one)),
        (_("Why"), words.error_of(one)),
    ]  # fmt: skip
    again = []
    if one.state != WAITING and one.webhook.active:
        again = [button(_("Send again"), act_url(KEY, "again", item), method="post", icon="refresh")]
    shown = payloads.cut(actor, one.request) if one.request else ""
    context = {"facts": [fact for fact in facts if fact[1]], "headers": _headers(one) if shown else [],
               "body": _pretty(shown), "closed": bool(one.request) and not shown, "answer": one.answer,
               "code": one.code}  # fmt: skip
    return [
        card("delivery", _state(one), html=html("api/delivery.html", context | {"part": "facts"}), actions=again),
        card("request", _("What was sent"), html=html("api/delivery.html", context | {"part": "request"})),
        card("answer", _("What came back"), html=html("api/delivery.html", context | {"part": "answer"})),
    ]


def _tried(request: HttpRequest, one: Delivery) -> str:
    return moment(actor_of(request), one.tried_at) if one.tried_at else ""


def _headers(one: Delivery) -> list[tuple[str, str]]:
    stamp = str(int(one.tried_at.timestamp())) if one.tried_at else ""
    return [("webhook-id", one.message), ("webhook-timestamp", stamp), ("webhook-signature", "v1,…"),
            ("content-type", "application/json")]  # fmt: skip


def _pretty(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2) if text else ""


def _again(request: HttpRequest, item: str) -> HttpResponse:
    one = _delivery(request, item)
    command = Replay(one.webhook_id, one.pk)
    return kit.press(request, f"/settings/webhooks/{one.webhook_id}", command, _("The message is sent again."))


LOG = kit.add(SettingsPage(
    KEY, lambda: _("Webhooks"), "bolt", 176, _cards, {"again": _again}, permit="", below="webhooks",
    item_title=lambda request, item: catalogue.name(_delivery(request, item).type),
    item_back=lambda request, item: {
        "label": _delivery(request, item).webhook.name,
        "url": f"/settings/webhooks/{_delivery(request, item).webhook_id}",
    },
))  # fmt: skip
