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
from comity.ui.navigation import menu_of
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
    menu = menu_of(actor, language)
    see_as = getattr(request, "see_as", None)
    context |= company(actor.state.organization) | {
        "me": {
            "key": str(member.id),
            "name": member.name,
            "initials": member.initials,
            "hue": member.hue,
            "url": f"{SETTINGS}/profile",
        },
        "menu": menu.shown(request.path),
        "lines": menu.lines,
        "pinned": pinned(actor),
        "unread": len(unread),
        "unread_on": [] if see_as else unread,  # reading is the reader's own business
        "can_settings": True,
        "settings_url": SETTINGS,
        "help_url": f"/help?at={quote(request.path)}",
        "settings_current": request.path.startswith(SETTINGS),
        "new_items": menu.new_items,
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
