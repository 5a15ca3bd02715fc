"""The palette (search or do) and the page of all finds."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.kernel.text import fold
from comity.search.find import Hit, find
from comity.ui.frame import SETTINGS
from comity.ui.navigation import Menu, menu_of
from comity.ui.pages.lookup import card_option
from comity.ui.render import fragment, page

IN_PALETTE = 8
ON_PAGE = 50


def palette(request: HttpRequest) -> HttpResponse:
    """GET: finds for `q` (from two letters), then what can be done."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    query = request.GET.get("q", "").strip()[:100]
    groups: list[dict[str, Any]] = []
    if len(query) >= 2:
        hits = find(actor, query, limit=IN_PALETTE)
        items = [hit_item(actor, hit) for hit in hits]
        if len(hits) == IN_PALETTE:
            items.append({"title": _("All finds"), "icon": "search", "url": f"/search?{urlencode({'q': query})}"})
        if items:
            groups.append({"label": _("Found"), "items": items})
    elif actor.member.prefs.get("pinned"):
        from comity.ui.frame import pinned

        groups.append(
            {"label": _("Pinned"), "items": [one | {"company": one["kind"] == "company"} for one in pinned(actor)]}
        )
    wanted = fold(query)
    deeds = [deed for folded, deed in _deeds(actor) if wanted in folded]
    if deeds:
        groups.append({"label": _("Do"), "items": deeds[:IN_PALETTE]})
    return fragment(request, "ui/fragments/palette.html", groups=groups)


def _deeds(actor: Actor) -> list[tuple[str, dict[str, Any]]]:
    """What can be done from anywhere, each with its title as it is searched; made once for a menu."""
    menu = menu_of(actor, actor.language)
    held: list[tuple[str, dict[str, Any]]] | None = actor.derived.get(menu)
    if held is None:
        held = actor.derived[menu] = [(fold(deed["title"]), deed) for deed in _every_deed(menu)]
    return held


def _every_deed(menu: Menu) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"title": _("New: %(what)s") % {"what": one["label"]}, "icon": "plus", "url": one["url"]}
        for one in menu.new_items
    ]
    found += [{"title": item["label"], "icon": item["icon"], "url": item["url"]} for item in menu.lines]
    found += [
        {"title": _("Settings"), "icon": "settings", "url": SETTINGS},
        {"title": _("Trash"), "icon": "trash", "url": "/trash"},
        {"title": _("Light look"), "icon": "sun-high", "do": "theme:light"},
        {"title": _("Dark look"), "icon": "moon", "do": "theme:dark"},
        {"title": _("Look of the device"), "icon": "device-desktop", "do": "theme:"},
        {"title": _("Compact rows"), "icon": "baseline-density-medium", "do": "density:compact"},
        {"title": _("Comfortable rows"), "icon": "baseline-density-large", "do": "density:"},
    ]
    return found


def hit_item(actor: Actor, hit: Hit) -> dict[str, Any]:
    """A find as a line."""
    return card_option(actor, hit.ref, hit.title, hit.context)


def search(request: HttpRequest) -> HttpResponse:
    """GET: all finds for `q`, of one type or of all."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    query = request.GET.get("q", "").strip()[:100]
    types = actor.state.record_types
    chosen = request.GET.get("type", "")
    chosen = chosen if chosen in types else ""
    hits = find(actor, query, [chosen] if chosen else None, ON_PAGE) if query else []
    groups = []
    for key, record_type in types.items():
        items = [hit_item(actor, hit) for hit in hits if hit.ref.type == key]
        if items:
            groups.append({"label": record_type.plural[actor.language], "icon": record_type.icon, "items": items})
    note = ""
    if hits and all(hit.how != "exact" for hit in hits):
        note = _("Nothing fits exactly; this comes close.")
    url = f"/search?{urlencode({'q': query})}"
    context = {
        "q": query,
        "types": [{"key": "", "label": _("All"), "url": url, "current": not chosen}]
        + [
            {"key": key, "label": one.plural[actor.language], "url": f"{url}&type={key}", "current": key == chosen}
            for key, one in types.items()
        ],
        "groups": groups,
        "note": note,
        "total_text": ngettext("%(n)s card", "%(n)s cards", len(hits)) % {
            "n": f"{ON_PAGE}+" if len(hits) == ON_PAGE else len(hits)},
    }  # fmt: skip
    return page(request, "ui/search.html", page=context)
