"""What rooms above add to the kit's pages: navigation, panels, composer modes, story bodies, palette actions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from comity.access.actors import Actor
from comity.records.types import RecordType
from comity.timeline.story import Told

ANY: frozenset[str] = frozenset()  # any record type


@dataclass(frozen=True)
class Panel:
    """A block beside the story. `load` gives an entry of `rec.linked` (docs/ui-templates.md), None = not for him.

    types    the record types it belongs to (ANY = all)
    depends  what it shows: type keys whose changes make it reload
    """

    key: str
    load: Callable[[Actor, RecordType, Any], dict[str, Any] | None]
    types: frozenset[str] = ANY
    depends: frozenset[str] = ANY
    order: int = 100


@dataclass(frozen=True)
class Composer:
    """A mode of the composer above the story: note, e-mail, call... `form` gives its form as HTML."""

    key: str
    label: Callable[[], str]
    icon: str
    form: Callable[[Any, RecordType, Any], Markup | None]
    types: frozenset[str] = ANY
    order: int = 100


@dataclass(frozen=True)
class NavItem:
    """A line of the main menu. `url` is a path; `show` decides for whom."""

    key: str
    label: Callable[[], str]
    url: str
    icon: str
    show: Callable[[Actor], bool]
    order: int = 100


Bodies = Callable[[Actor, Sequence[Told]], Mapping[int, Markup]]

panels: dict[str, Panel] = {}
composers: dict[str, Composer] = {}
nav: dict[str, NavItem] = {}
bodies: dict[str, Bodies] = {}  # event type key -> what stands in the story's box, for a batch of events


def add(item: Panel | Composer | NavItem) -> None:
    """Register a panel, a composer mode or a menu line; each key once."""
    table: dict[str, Any] = panels if isinstance(item, Panel) else composers if isinstance(item, Composer) else nav
    if item.key in table:
        raise ValueError(f"{item.key} is registered already")
    table[item.key] = item


def add_body(event_types: Sequence[str], load: Bodies) -> None:
    """Register what the story shows under events of these types."""
    for key in event_types:
        bodies[key] = load


def for_type(table: Mapping[str, Any], record_type: RecordType) -> list[Any]:
    """The panels or composer modes of a type, in order."""
    fitting = [item for item in table.values() if not item.types or record_type.key in item.types]
    return sorted(fitting, key=lambda item: item.order)
