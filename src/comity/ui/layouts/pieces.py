"""The blocks and panels of a card's page: what they are called, where each may stand, where a layout puts it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access.actors import Actor
from comity.records import relations
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.layouts.state import What

HEAD, FLOW, BESIDE = "head", "flow", "beside"
PLACES = (HEAD, FLOW, BESIDE)
T = TypeVar("T")


@dataclass(frozen=True)
class Piece:
    """A block or panel: its key in layouts, its name, where it comes delivered, where it may stand."""

    key: str
    label: str
    place: str
    places: tuple[str, ...]


def place_label(place: str) -> str:
    """A place of a card's page in words."""
    return {
        HEAD: pgettext("place on a card", "Under the name"),
        FLOW: pgettext("place on a card", "Above the story"),
        BESIDE: pgettext("place on a card", "Beside the story"),
    }[place]


def block_key(key: str) -> str:
    """A block's key in layouts."""
    return f"b-{key}"


def panel_key(key: str) -> str:
    """A panel's key in layouts."""
    return f"p-{key}"


def pieces(actor: Actor, record_type: RecordType) -> list[Piece]:
    """What an administrator can put elsewhere on the page of a type's cards, in the order it comes delivered."""
    found = [
        Piece(block_key(one.key), one.label(), one.place, (HEAD, FLOW))
        for place in (HEAD, FLOW) for one in registry.for_type(registry.blocks, record_type, actor)
        if one.place == place and one.label
    ]  # fmt: skip
    own = registry.for_type(registry.panels, record_type, actor)
    panels = [(one.key, one.label()) for one in own if one.label and one.order < registry.KITS_OWN]
    panels += _of_relations(actor, record_type)
    panels.append(("files", _("Files")))
    panels += [(one.key, one.label()) for one in own if one.label and one.order >= registry.KITS_OWN]
    return found + [Piece(panel_key(key), label, BESIDE, (FLOW, BESIDE)) for key, label in panels]


def _of_relations(actor: Actor, record_type: RecordType) -> list[tuple[str, str]]:
    """The panels of related cards, by kind and direction; see ui.panels.relation_panels."""
    language, found = actor.language, list[tuple[str, str]]()
    for kind in relations.fitting(actor.state.relation_kinds, record_type.key):
        if kind.key == "related":
            continue
        if kind.from_type in ("", record_type.key):
            found.append((f"{kind.key}-to", kind.forward[language]))
        if kind.to_type in ("", record_type.key):
            found.append((f"{kind.key}-from", kind.backward[language]))
    for other in actor.state.types_on:
        for spec in other.specs:
            if spec.kind == "relation" and spec.target in ("", record_type.key):
                label = spec.extra.get("backward", other.plural)[language]
                found.append((f"{other.key}-{spec.key}", label))
    return [*found, ("related-to", _("Related"))]


def hidden(what: What | None) -> frozenset[str]:
    """The keys of the pieces a layout does not show."""
    return frozenset(what["hidden"]) if what else frozenset()


def arranged(
    entries: Sequence[T], what: What | None, key: Callable[[T], str], place: Callable[[T], str]
) -> dict[str, list[T]]:
    """What a page has, by place and in order; what a layout does not name comes behind what it names."""
    found: dict[str, list[T]] = {one: [] for one in PLACES}
    if what is None:
        for entry in entries:
            found[place(entry)].append(entry)
        return found
    order, places, off = {one: n for n, one in enumerate(what["order"])}, what["places"], hidden(what)
    for entry in sorted(entries, key=lambda one: order.get(key(one), len(order))):
        if key(entry) not in off:
            found[places.get(key(entry), place(entry))].append(entry)
    return found


def delivered(actor: Actor, record_type: RecordType) -> What:
    """A card's page as it comes, in the form of a layout."""
    return {"order": [one.key for one in pieces(actor, record_type)], "places": {}, "hidden": []}


def names_of(entry: dict[str, Any]) -> str:
    """The key in layouts of a block or panel of a page."""
    return block_key(entry["key"]) if "html" in entry and "live" in entry else panel_key(entry["key"])
