"""The main menu: its lines for an actor, in his order, and their HTML.

Both follow from his rights, his layout and the language alone, so they are made once and stand as long as those do.
What differs from page to page is the mark of the line one is on.
"""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from comity.access import policy
from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.layouts import menu
from comity.ui.layouts.state import MENU
from comity.ui.layouts.state import of as layout_of
from comity.ui.render import html

LIVED_IN = ("", "sales", "clients")  # the headings whose first lines stand in the phone's bar


@dataclass(frozen=True, eq=False)
class Menu:
    """The lines of an actor's menu, hidden ones among them, what he may make, and the HTML of its places:
    beside the page, below it on the phone, and in the list of keys that Help shows."""

    lines: list[dict[str, Any]]
    new_items: list[dict[str, str]]
    side: str
    bottom: str
    keys: Markup

    def shown(self, path: str) -> dict[str, Markup]:
        """The HTML for the page at `path`: the line it belongs to is marked."""
        urls = [line["url"] for line in self.lines if path.startswith(line["places"])]
        return {"side": _marked(self.side, urls), "bottom": _marked(self.bottom, urls)}


def menu_of(actor: Actor, language: str) -> Menu:
    """His menu, made when it is first asked for; what is shared with him card by card decides about lines, too."""
    seen = seen_types(actor)
    key = ("menu", language, frozenset(one.key for one in seen))
    held: Menu | None = actor.derived.get(key)
    if held is None:
        held = actor.derived[key] = _made(actor, language, seen)
    return held


def _made(actor: Actor, language: str, seen: list[RecordType]) -> Menu:
    lines = _arranged(actor, language, seen)
    shown = [line for line in lines if not line["hidden"]]
    context: dict[str, Any] = {
        "lines": shown, "rest": len(shown) < len(lines), "new_items": new_items(actor, language),
        "bottom": [line for line in shown if line["bottom"]],
    }  # fmt: skip
    side, bottom, keys = (html(f"ui/fragments/menu_{part}.html", context) for part in ("side", "bottom", "keys"))
    return Menu(lines, context["new_items"], str(side), str(bottom), keys)


def _marked(drawn: str, urls: list[str]) -> Markup:
    for url in urls:
        address = f'href="{escape(url)}"'
        drawn = drawn.replace(address, f'{address} aria-current="page"')
    return Markup(drawn)  # noqa: S704 - our own template's


def _arranged(actor: Actor, language: str, seen: list[RecordType]) -> list[dict[str, Any]]:
    """The lines of rooms above first, then the lists of the types he may see; in the order of his layout, which marks
    those "hidden" that stand behind "More" alone.

    "letter" follows G on the keyboard; "bottom" marks the three lines of the phone's bar: the first of each of the
    groups one lives in.
    """
    every = menu.arranged(lines_of(actor, language, seen), layout_of(actor, "", MENU))
    found = [line for line in every if not line["hidden"]]
    letters: set[str] = set()
    for line in found:  # of two lines with one first letter the upper one has the key
        line["letter"] = "" if line["key"][0] in letters else line["key"][0]
        letters.add(line["key"][0])
    first = [next((line for line in found if line["heading"] == group), None) for group in LIVED_IN]
    wanted = [line for line in first if line]
    bar = [*wanted, *(line for line in found if line not in wanted)][:3]
    for line in found:
        line["bottom"] = line in bar
    return every


def lines_of(actor: Actor, language: str, seen: list[RecordType]) -> dict[str, list[dict[str, Any]]]:
    """The lines of the menu by heading, as they come delivered, for who sees cards of these types; "places" are what
    addresses begin with that belong to a line."""
    keys = frozenset(record_type.key for record_type in seen)
    lines = [item for item in registry.nav.values() if not actor.state.off.hides(item.label)]
    shown = [item for item in sorted(lines, key=lambda item: item.order) if item.show(actor, keys)]
    covered = frozenset[str]().union(*(item.covers for item in shown))
    groups: dict[str, list[dict[str, Any]]] = {key: [] for key in menu.HEADINGS}
    late: list[tuple[str, dict[str, Any]]] = []
    for item in shown:
        slugs = [actor.state.record_types[key].slug for key in item.covers]
        places = (item.url, *(f"/{slug}/" for slug in slugs))
        line = {"key": item.key, "label": item.label(), "url": item.url, "icon": item.icon, "places": places}
        if item.order > registry.LISTS:
            late.append((item.group, line))
        else:
            groups[item.group].append(line)
    for record_type in seen:
        url = f"/{record_type.slug}/"
        if record_type.key not in covered:
            groups[record_type.menu].append({
                "key": record_type.key, "label": record_type.plural[language], "url": url, "icon": record_type.icon,
                "places": (url,),
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
