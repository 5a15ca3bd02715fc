"""The bell: its number, its list, read marks, switching a kind off."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.kernel.text import whole_number
from comity.notices import bell, kinds
from comity.records.models import RecordRef
from comity.ui.cells import moment_format
from comity.ui.render import Markup, done, fragment, fresh_key, html, is_fragment, page

URL = "/notices"
IN_POPOVER = 15
ON_PAGE = 50


def notices(request: HttpRequest) -> HttpResponse:
    """GET: the number (`count`), the popover for scripts, the whole page for everybody else."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.GET.get("count"):
        return fragment(request, "ui/fragments/bell.html", unread=bell.unread_count(actor))
    if is_fragment(request):
        return fragment(request, "ui/fragments/notices.html", notices=listing(actor, IN_POPOVER))
    before = request.GET.get("before", "")
    found = listing(actor, ON_PAGE, whole_number(before))
    return page(request, "ui/notices.html", notices=found)


def listing(actor: Actor, limit: int, before: int = 0) -> dict[str, Any]:
    """`notices` of docs/ui-templates.md."""
    groups, more = bell.recent(actor, limit, before)
    moment = now()
    show = moment_format(actor.language, moment, actor.timezone)
    return {
        "groups": [
            {
                "title": group.title,
                "url": address(actor, group),
                "items": [
                    {
                        "id": item.id,
                        "text": Markup("{}").format(item.text),
                        "time": show(item.at),
                        "iso": item.at.isoformat(timespec="seconds"),
                        "unread": item.unread,
                        "url": f"{URL}/{item.id}",
                        "icon": item.kind.icon,
                        "tone": item.kind.tone,
                        "off": {"label": _("Switch off"), "url": f"{URL}/off/{item.kind.key}"},
                    }
                    for item in group.items
                ],
            }
            for group in groups
        ],
        "read_all_url": f"{URL}/read",
        "more_url": f"{URL}?before={more}" if more else None,
        "page_url": URL,
        "unread": bell.unread_count(actor),
    }


def address(actor: Actor, group: bell.Group) -> str | None:
    """The card a group is about, the place of what is no card; for a bulk act the list of its type."""
    if group.url:
        return group.url
    if group.ref is not None:
        return f"/{actor.state.record_types[group.ref.type].slug}/{group.ref.id}"
    record_type = actor.state.record_types.get(group.type_key)
    return f"/{record_type.slug}/" if record_type else None


def follow(request: HttpRequest, notice_id: int) -> HttpResponse:
    """GET: to the card, and the notice counts as read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    groups, _more = bell.recent(actor, 1, notice_id + 1)
    group = groups[0] if groups and groups[0].items[0].id == notice_id else None
    url = address(actor, group) if group else None
    if url is None:
        raise NotFound()
    if actor.seen_by is None:
        bell.mark_read(actor, ids=[notice_id])
    return HttpResponseRedirect(url)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """POST: everything is read; with `card` ("type:id") what is about that card, as its page says once it is shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if "card" in request.POST:
        type_key, _colon, key = request.POST["card"].partition(":")
        try:
            ref = RecordRef(type_key, UUID(key))
        except ValueError:
            raise NotFound() from None
        bell.mark_read(actor, ref=ref)
        return fragment(request, "ui/fragments/bell.html", unread=bell.unread_count(actor))
    bell.mark_read(actor)
    if not is_fragment(request):
        return done(request, URL)
    whole = bool(request.POST.get("whole"))
    context = {"notices": listing(actor, ON_PAGE if whole else IN_POPOVER), "whole": whole}
    number = html("ui/fragments/bell.html", {"unread": bell.unread_count(actor), "swap": True})
    return HttpResponse(html("ui/fragments/notices.html", context) + number)


def off(request: HttpRequest, kind_key: str) -> HttpResponse:
    """GET: ask. POST: no more notices of this kind for me."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    kind = kinds.get(kind_key)
    if kind is None:
        raise NotFound()
    if request.method == "POST":
        held = actor.member.prefs.get("notices", {})
        run(actor, SavePreferences({"notices": {**held, kind.key: False}}))
        return done(request, URL, _("Switched off. Your settings bring it back."))
    ask = {
        "title": _("Switch off these notices?"),
        "text": kind.label(),
        "url": f"{URL}/off/{kind.key}",
        "fields": [],
        "hidden": [],
        "submit_label": _("Switch off"),
        "cancel_url": URL,
        "idempotency": fresh_key(),
    }
    return page(request, "ui/ask_page.html", ask=ask)
