"""The frame of every page: menu, own name, messages, texts for the scripts."""

from functools import cache
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from django.core.signing import BadSignature
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import snapshot
from comity.identity.models import Organization, hue_of, initials
from comity.notices.bell import unread_cards
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.layouts import menu
from comity.ui.layouts.state import MENU
from comity.ui.layouts.state import of as layout_of
from comity.ui.render import RTL

SETTINGS = "/settings"


def script_texts() -> dict[str, str]:
    """The texts the scripts need, in the active language."""
    return _script_texts(get_language())


@cache
def _script_texts(language: str | None) -> dict[str, str]:
    return {
        "undo": gettext("Undo"),
        "close": gettext("Close"),
        "failed": gettext("That did not work. What you typed is still here. Try again."),
        "line": gettext("No connection. What you typed is still here. Try again."),
        "selected": gettext("%s selected"),
        "found": gettext("%s found"),
        "none": gettext("Nothing found"),
        "remove": gettext("Remove"),
        "saved": gettext("Saved"),
        "loading": gettext("Loading"),
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """The `frame` of docs/ui-templates.md; without an actor the short one of the login page."""
    language = get_language() or "en"
    context: dict[str, Any] = {
        "lang": language,
        "dir": "rtl" if language in RTL else "ltr",
        "theme": _one_of(request.COOKIES.get("theme"), "light", "dark"),
        "density": _one_of(request.COOKIES.get("density"), "compact"),
        "js_texts": script_texts(),
        "company_name": "Comity",
        "me": None,
    }
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.member is None:
        if getattr(request, "state_known", True):
            context |= company(snapshot().organization)
        return context
    member = actor.member
    unread = unread_cards(actor)
    lines = nav(actor, request.path, language)
    see_as = getattr(request, "see_as", None)
    context |= company(actor.state.organization) | {
        "me": {
            "key": str(member.id),
            "name": member.name,
            "initials": member.initials,
            "hue": member.hue,
            "url": f"{SETTINGS}/profile",
        },
        "nav": [line for line in lines if not line["hidden"]],
        "nav_rest": [line for line in lines if line["hidden"]],
        "pinned": pinned(actor),
        "unread": len(unread),
        "unread_on": set() if see_as else {str(ref) for ref in unread},  # reading is the reader's own business
        "can_settings": True,
        "settings_url": SETTINGS,
        "help_url": f"/help?at={quote(request.path)}",
        "settings_current": request.path.startswith(SETTINGS),
        "new_items": new_items(actor, language),
        "live": True,
        "keys_off": bool(member.prefs.get("keys_off")),
        "toasts": said(request),
        "see_as": see_as,
    }
    return context


def company(organization: Organization | None) -> dict[str, Any]:
    """What every page shows of the company: its name, its accent."""
    if organization is None:
        return {"company_name": "Comity", "accent": None}
    return {"company_name": organization.name, "accent": organization.accent_hue}


def _one_of(value: str | None, *allowed: str) -> str:
    return value if value in allowed else ""


def nav(actor: Actor, path: str, language: str) -> list[dict[str, Any]]:
    """The menu: lines of rooms above first, then the lists of the types he may see; in the order of his layout, which
    marks those "hidden" that stand behind "More" alone.

    "letter" follows G on the keyboard; "bottom" marks the three lines of the phone's bar: the first of each of the
    groups one lives in.
    """
    every = menu.arranged(lines_of(actor, path, language, seen_types(actor)), layout_of(actor, "", MENU))
    found = [line for line in every if not line["hidden"]]
    letters: set[str] = set()
    for line in found:  # of two lines with one first letter the upper one has the key
        line["letter"] = "" if line["key"][0] in letters else line["key"][0]
        letters.add(line["key"][0])
    first = [next((line for line in found if line["heading"] == group), None) for group in ("", "sales", "clients")]
    wanted = [line for line in first if line]
    for line in [*wanted, *(line for line in found if line not in wanted)][:3]:
        line["bottom"] = True
    return every


def lines_of(actor: Actor, path: str, language: str, seen: list[RecordType]) -> dict[str, list[dict[str, Any]]]:
    """The lines of the menu by heading, as they come delivered, for who sees cards of these types."""
    keys = frozenset(record_type.key for record_type in seen)
    lines = [item for item in registry.nav.values() if not actor.state.off.hides(item.label)]
    shown = [item for item in sorted(lines, key=lambda item: item.order) if item.show(actor, keys)]
    covered = frozenset[str]().union(*(item.covers for item in shown))
    groups: dict[str, list[dict[str, Any]]] = {key: [] for key in menu.HEADINGS}
    late: list[tuple[str, dict[str, Any]]] = []
    for item in shown:
        slugs = [actor.state.record_types[key].slug for key in item.covers]
        here = path.startswith((item.url, *(f"/{slug}/" for slug in slugs)))
        line = {"key": item.key, "label": item.label(), "url": item.url, "icon": item.icon, "current": here}
        if item.order > registry.LISTS:
            late.append((item.group, line))
        else:
            groups[item.group].append(line)
    for record_type in seen:
        url = f"/{record_type.slug}/"
        if record_type.key not in covered:
            groups[record_type.menu].append({
                "key": record_type.key, "label": record_type.plural[language], "url": url, "icon": record_type.icon,
                "current": path.startswith(url),
            })  # fmt: skip
    for group, line in late:
        groups[group].append(line)
    return groups


def seen_types(actor: Actor) -> list[RecordType]:
    """The types whose lists mean anything to him: by his roles, or because something is shared with him."""
    types = actor.state.record_types.values()
    if all(actor.scope(one.key, "view") != "none" for one in types):
        return list(types)
    shared = policy.shared_types(actor)
    return [one for one in types if actor.scope(one.key, "view") != "none" or one.key in shared]


def new_items(actor: Actor, language: str) -> list[dict[str, str]]:
    """What he may make; what is sold first, then what is to be done, then whom it is for."""
    types = [one for one in actor.state.record_types.values() if actor.scope(one.key, "create") != "none"]
    order = {"sales": 0, "": 1, "clients": 2, "team": 3}
    return [
        {"label": one.label[language], "url": f"/{one.slug}/new", "icon": one.icon}
        for one in sorted(types, key=lambda one: order[one.menu])
    ]


def pinned(actor: Actor) -> list[dict[str, Any]]:
    """The cards he pinned to the menu, as far as he still sees them."""
    refs = [RecordRef(kind, UUID(key)) for kind, key in actor.member.prefs.get("pinned", [])]
    titles = policy.titles(actor, set(refs)) if refs else {}
    types = actor.state.record_types
    return [
        {"title": titles[ref], "url": f"/{types[ref.type].slug}/{ref.id}", "initials": initials(titles[ref]),
         "hue": hue_of(ref.id), "kind": "company" if types[ref.type].company_shape else ref.type}
        for ref in refs if ref in titles
    ]  # fmt: skip


def said(request: HttpRequest) -> list[dict[str, str]]:
    """The messages of what was done before this page; for parts of a page, too."""
    try:
        said = request.get_signed_cookie("said", default="", salt="said", max_age=60)
    except BadSignature:
        return []
    if not said:
        return []
    request.said_was_shown = True  # type: ignore[attr-defined] # the middleware drops the cookie
    undo_url, _newline, text = unquote(said).partition("\n")
    return [{"text": text, "undo_url": undo_url}]
