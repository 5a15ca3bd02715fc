"""The start address and the phone's page of everything."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from comity.access.actors import Actor
from comity.ui.frame import SETTINGS, nav
from comity.ui.render import page


def home(request: HttpRequest) -> HttpResponse:
    """GET: the page a person starts with."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    items = nav(actor, "", actor.language)
    chosen = actor.member.prefs.get("start", "")
    known = [item["url"] for item in items]
    target = next((url for url in known if url.strip("/") == str(chosen).strip("/")), known[0] if known else SETTINGS)
    return HttpResponseRedirect(target)


def more(request: HttpRequest) -> HttpResponse:
    """GET: every line of the menu, for the phone."""
    return page(request, "ui/more.html")
