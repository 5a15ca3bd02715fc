"""The start address and the phone's page of everything."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from comity.access.actors import Actor
from comity.ui.frame import SETTINGS
from comity.ui.navigation import menu_of, seen_types
from comity.ui.render import page
from comity.ui.views import views_of


def home(request: HttpRequest) -> HttpResponse:
    """GET: the list or saved view a person starts with; when it is gone, its list, else the first line of the menu."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    slug, _slash, chosen = str(actor.member.prefs.get("start", "")).partition("/")
    record_type = next((one for one in seen_types(actor) if one.slug == slug), None)
    if record_type is not None:
        held = chosen in [view.key for view in views_of(actor, record_type)]
        return HttpResponseRedirect(f"/{slug}/?view={chosen}" if held else f"/{slug}/")
    items = sorted(menu_of(actor, actor.language).lines, key=lambda line: line["hidden"])
    return HttpResponseRedirect(items[0]["url"] if items else SETTINGS)


def start_choices(actor: Actor) -> list[dict[str, str]]:
    """The lists he sees and the views he may use on each, to start with."""
    found = []
    for record_type in seen_types(actor):
        name = record_type.plural[actor.language]
        for view in views_of(actor, record_type):
            whole = view.key == "all"
            value = record_type.slug if whole else f"{record_type.slug}/{view.key}"
            found.append({"value": value, "label": name if whole else f"{name} · {view.name}"})
    return found


def more(request: HttpRequest) -> HttpResponse:
    """GET: every line of the menu, for the phone."""
    return page(request, "ui/more.html")
