"""Open for a time: which cards are open to whom until when and why; taking that back with one click."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.models import Share
from comity.changes.openings import CloseCard, written_end
from comity.records.models import RecordRef
from comity.ui.pages.openings import ASK, as_held, name_of
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import Markup

MOST = 200


def _cards(request: HttpRequest, item: str) -> list[Card]:
    actor = actor_of(request)
    running = policy.in_force().filter(until__isnull=False).order_by("until", "id")
    mine = running.filter(user_id=actor.user_id)
    if actor.own_teams:
        mine = mine | running.filter(team_id__in=sorted(actor.own_teams))
    cards = [
        _table(request, "mine", _("Open to me"), list(mine[:MOST]), back=False,
               actions=[button(_("Ask for access"), ASK, icon="key", dialog=True)]),
        _table(request, "given", _("Opened by me"), list(running.filter(created_by=actor.user_id)[:MOST])),
    ]  # fmt: skip
    if actor.permits("roles"):
        cards.append(_table(request, "all", _("Everything that is open for a time"), list(running[:MOST])))
    return cards


def _table(request: HttpRequest, key: str, title: str, shares: list[Share], *, back: bool = True,
           actions: Any = ()) -> Card:  # fmt: skip
    actor = actor_of(request)
    titles = policy.titles(actor, {RecordRef(one.type_key, one.record_id) for one in shares})
    rows = []
    for share in shares:
        ref = RecordRef(share.type_key, share.record_id)
        record_type = actor.state.record_types.get(ref.type)
        name: Any = _("a card you do not see")
        if ref in titles and record_type is not None:
            name = Markup('<a href="/{}/{}" dir="auto">{}</a>').format(record_type.slug, ref.id, titles[ref])
        giver = actor.state.users.get(share.created_by) if share.created_by else None
        how = _("may edit") if share.edit else _("may read")
        cells = [name, name_of(actor, share), how, written_end(actor, as_held(share)), share.reason,
                 giver.name if giver else ""]  # fmt: skip
        row: dict[str, Any] = {"cells": cells}
        if back:
            row["actions"] = [button(_("Take back"), act_url("openings", "close", id=str(share.pk)), method="post",
                                     icon="lock")]  # fmt: skip
        rows.append(row)
    columns = [_("Card"), _("To whom"), _("How"), _("Until"), _("Why"), _("Opened by")]
    table = {"caption": title, "columns": columns, "rows": rows, "empty_text": _("Nothing is open for a time.")}
    return card(key, title, table=table, actions=list(actions))


def _close(request: HttpRequest, item: str) -> HttpResponse:
    share_id = kit.key_of(request.GET.get("id", ""))
    return kit.press(request, OPENINGS.url, CloseCard(share_id), _("Taken back."))


OPENINGS = kit.add(SettingsPage(
    "openings", lambda: _("Open for a time"), "clock", 60, _cards, {"close": _close},
    words=lambda: _("access until a day, temporary, ask for access, take back"),
    intro=lambda: _("Cards that are open to somebody until a day. It ends by itself; you may take it back before."),
))  # fmt: skip
