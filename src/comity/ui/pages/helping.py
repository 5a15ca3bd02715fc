"""Help on the page one looks at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.ui.help import text_of
from comity.ui.navigation import menu_of
from comity.ui.render import panel


def help_on(request: HttpRequest) -> HttpResponse:
    """GET `at`, the address of the page: a few sentences on it, and the keys one may use there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    path = request.GET.get("at", "/")[:500]
    told: dict[str, Any] = {"title": _("Help"), "text": text_of(path, frozenset(actor.state.by_slug))}
    if not actor.member.prefs.get("keys_off"):
        told |= {"shortcuts": menu_of(actor, actor.language).keys, "board": path.endswith("/board")}
    back = {"label": _("Back"), "url": path if path.startswith("/") and not path.startswith("//") else "/"}
    return panel(request, "ui/fragments/help.html", told["title"], back, help=told)
