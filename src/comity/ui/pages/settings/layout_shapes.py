"""A layout as a form: what stands in which section, in which order, ticked or not; and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.ui import boards, registry
from comity.ui.layouts import fields, menu, pieces
from comity.ui.layouts.state import MENU

What = Mapping[str, Any]


@dataclass
class Item:
    """A line: a field, a piece of the page, a line of the menu. `sections` are those it may stand in."""

    key: str
    label: str
    section: str
    on: bool
    sections: tuple[str, ...] = ()


@dataclass
class Shape:
    """A layout in sections. `tick` says what a ticked line is; `own` are sections that may be moved and renamed."""

    tick: str
    sections: dict[str, str]  # key -> title
    items: list[Item]
    own: bool = False
    further: list[dict[str, Any]] = field(default_factory=list)  # form fields above the lines
    help: str = ""

    def of(self, section: str) -> list[Item]:
        """The lines of a section."""
        return [one for one in self.items if one.section == section]


@dataclass(frozen=True)
class Part:
    """How a part is shaped: as delivered, as a form, and back from one. `gone` stays in a layout for its return."""

    delivered: Callable[[Actor, Any], What]
    shape: Callable[[Actor, Any, What], Shape]
    what: Callable[[Shape, What, QueryDict], What]


def posted(shape: Shape, post: QueryDict) -> None:
    """Put the lines where a form has them; `up`, `down` move one, `earlier`, `later`, `remove` a section."""
    if "order" not in post:
        return
    by_key = {one.key: one for one in shape.items}
    order = [by_key[key] for key in dict.fromkeys(post.getlist("order")) if key in by_key]
    shape.items = [*order, *(one for one in shape.items if one not in order)]
    ticked, moved = set(post.getlist("on")), list[Item]()
    for one in shape.items:
        one.on = one.key in ticked
        to = post.get(f"to-{one.key}", one.section)
        if to != one.section and to in one.sections:
            one.section = to
            moved.append(one)
    shape.items = [one for one in shape.items if one not in moved] + moved  # at the end of where they came to
    for name, step in (("up", -1), ("down", 1)):
        item = by_key.get(post.get(name, ""))
        if item is not None:
            _swap(shape, item, step)
    if shape.own:
        _sections(shape, post)


def _swap(shape: Shape, item: Item, step: int) -> None:
    peers = shape.of(item.section)
    place = peers.index(item) + step
    if 0 <= place < len(peers):
        here, there = shape.items.index(item), shape.items.index(peers[place])
        shape.items[here], shape.items[there] = shape.items[there], shape.items[here]


def _sections(shape: Shape, post: QueryDict) -> None:
    keys = list(shape.sections)
    for name, step in (("earlier", -1), ("later", 1)):
        key = post.get(name, "")
        if key in keys and 0 <= (place := keys.index(key) + step) < len(keys):
            here = keys.index(key)
            keys[here], keys[place] = keys[place], keys[here]
    if (gone := post.get("remove", "")) in keys and gone not in fields.GROUPS:
        keys.remove(gone)
        shape.items = [one for one in shape.items if one.section != gone]  # back to where they come delivered
    shape.sections = {key: shape.sections[key] for key in keys}


# --- card ------------------------------------------------------------------------------------------------------------


def _card(actor: Actor, record_type: RecordType, what: What) -> Shape:
    language = actor.language
    what = fields.complete(record_type, what)
    sections = {one["key"]: _title(one["key"], one["label"], language) for one in what["groups"]}
    labels, keys = {spec.key: spec.label[language] for spec in record_type.specs}, tuple(sections)
    items = [
        Item(key, labels[key], one["key"], key in what["folded"], keys)
        for one in what["groups"]
        for key in one["fields"]
    ]
    help_text = _("A field behind “More” unfolds with one click. What must be filled always shows in forms.")
    return Shape(_("Behind “More”"), sections, items, own=True, help=help_text)


def _title(key: str, label: dict[str, str], language: str) -> str:
    held = fields.heading(key, label)
    return held[language] if held else key


def _card_what(shape: Shape, before: What, post: QueryDict) -> What:
    labels = {one["key"]: one["label"] for one in before["groups"]}
    return {
        "groups": [{"key": key, "label": labels.get(key, {}), "fields": [one.key for one in shape.of(key)]}
                   for key in shape.sections],
        "folded": [one.key for one in shape.items if one.on] + _gone(shape, before["folded"]),
    }  # fmt: skip


def _gone(shape: Shape, keys: Sequence[str]) -> list[str]:
    """Keys the form did not show: of a field in the archive, of a module that is off. They wait for its return."""
    known = {one.key for one in shape.items}
    return [key for key in keys if key not in known]


# --- parts of the page, menu -----------------------------------------------------------------------------------------


def _pieces(actor: Actor, record_type: RecordType, what: What) -> Shape:
    found = pieces.pieces(actor, record_type)
    order = {key: place for place, key in enumerate(what["order"])}
    found.sort(key=lambda one: order.get(one.key, len(order)))
    items = [
        Item(one.key, one.label, what["places"].get(one.key, one.place), one.key not in what["hidden"], one.places)
        for one in found
    ]
    return Shape(_("Shows"), {one: pieces.place_label(one) for one in pieces.PLACES}, items)


def _pieces_what(shape: Shape, before: What, post: QueryDict) -> What:
    known = {one.key for one in shape.items}
    gone = {key: place for key, place in before["places"].items() if key not in known}
    return {
        "order": [one.key for place in shape.sections for one in shape.of(place)] + _gone(shape, before["order"]),
        "places": {**gone, **{one.key: one.section for one in shape.items}},
        "hidden": [one.key for one in shape.items if not one.on] + _gone(shape, before["hidden"]),
    }


def menu_items(actor: Actor) -> list[tuple[str, str, str]]:
    """(key, label, heading) of every line the menu has for somebody."""
    lines = [one for one in registry.nav.values() if not actor.state.off.hides(one.label)]
    lines.sort(key=lambda one: one.order)
    covered = frozenset[str]().union(*(one.covers for one in lines))
    types = [(one.key, one.plural[actor.language], one.menu) for one in actor.state.types_on if one.key not in covered]
    early, late = ([(one.key, one.label(), one.group) for one in lines if (one.order > registry.LISTS) is behind]
                   for behind in (False, True))  # fmt: skip
    found = [*early, *types, *late]
    return sorted(found, key=lambda one: menu.HEADINGS.index(one[2]))


def _menu(actor: Actor, record_type: Any, what: What) -> Shape:
    found, order = menu_items(actor), {key: place for place, key in enumerate(what["order"])}
    found.sort(key=lambda one: order.get(one[0], len(order)))
    sections = {one or menu.TOP: menu.heading_name(one) for one in menu.HEADINGS}
    items = [
        Item(key, label, what["groups"].get(key, group) or menu.TOP, key not in what["hidden"], tuple(sections))
        for key, label, group in found
    ]
    help_text = _("What is not ticked stays behind “More” and at its address. Rights stay as they are.")
    return Shape(_("Shows"), sections, items, help=help_text)


def _menu_what(shape: Shape, before: What, post: QueryDict) -> What:
    known = {one.key for one in shape.items}
    gone = {key: group for key, group in before["groups"].items() if key not in known}
    here = {one.key: "" if one.section == menu.TOP else one.section for one in shape.items}
    return {
        "order": [one.key for key in shape.sections for one in shape.of(key)] + _gone(shape, before["order"]),
        "groups": {**gone, **here},
        "hidden": [one.key for one in shape.items if not one.on] + _gone(shape, before["hidden"]),
    }


# --- list, board -----------------------------------------------------------------------------------------------------


def _chosen(specs: Sequence[FieldSpec], keys: Sequence[str], language: str) -> list[Item]:
    """The fields a layout names, ticked, in its order; then the others."""
    by_key = {spec.key: spec for spec in specs}
    named = [by_key[key] for key in keys if key in by_key]
    rest = [spec for spec in specs if spec not in named]
    return [Item(spec.key, spec.label[language], "", spec in named) for spec in [*named, *rest]]


def _list(actor: Actor, record_type: RecordType, what: What) -> Shape:
    language, sort = actor.language, what["sort"]
    items = _chosen([spec for spec in record_type.specs if spec.in_list], what["columns"], language)
    sorts = [{"value": "title", "label": _("Name")}]
    sorts += [{"value": spec.key, "label": spec.label[language]} for spec in record_type.specs if spec.sortable]
    key = sort.removeprefix("-")
    further: list[dict[str, Any]] = [
        {"key": "sort", "kind": "choice", "label": _("Sort by"), "value": key, "choices": sorts,
         "help": _("A view with an order of its own keeps it.")},
        {"key": "falling", "kind": "bool", "label": _("From the last to the first"), "value": sort.startswith("-")},
    ]  # fmt: skip
    help_text = _("Whoever has chosen columns himself, or opens a saved view, sees those.")
    return Shape(_("Column"), {"": _("Columns")}, items, further=further, help=help_text)


def _list_what(shape: Shape, before: What, post: QueryDict) -> What:
    sort = before["sort"]
    if "sort" in post:
        falling = "-" if (post.getlist("falling") or [""])[-1] == "1" else ""
        sort = f"{falling}{post['sort'] or 'title'}" if post["sort"] or falling else ""
    return {"columns": [one.key for one in shape.items if one.on] + _gone(shape, before["columns"]), "sort": sort}


def _board(actor: Actor, record_type: RecordType, what: What) -> Shape:
    board = boards.of(record_type)
    specs = boards.extra_fields(board, record_type) if board else []
    help_text = _("Below name, client, amount and next step. Whoever has chosen lines himself sees those.")
    items = _chosen(specs, what["fields"], actor.language)
    return Shape(_("Line"), {"": _("Lines of the card")}, items, help=help_text)


def _board_what(shape: Shape, before: What, post: QueryDict) -> What:
    return {"fields": [one.key for one in shape.items if one.on] + _gone(shape, before["fields"])}


PARTS: dict[str, Part] = {
    "card": Part(lambda actor, one: fields.delivered(one), _card, _card_what),
    "panels": Part(pieces.delivered, _pieces, _pieces_what),
    "list": Part(lambda actor, one: {"columns": list(one.columns), "sort": ""}, _list, _list_what),
    "board": Part(lambda actor, one: {"fields": boards.delivered(one)}, _board, _board_what),
    MENU: Part(lambda actor, one: {"order": [], "groups": {}, "hidden": []}, _menu, _menu_what),
}
