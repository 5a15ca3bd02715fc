"""What rooms above add to the kit's pages: navigation, panels, blocks, actions, composer modes, story bodies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from markupsafe import Markup

from comity.access.actors import Actor
from comity.records.models import Relation
from comity.records.modules import added_from
from comity.records.prepared import Slot
from comity.records.types import RecordType
from comity.timeline.story import Told

ANY: frozenset[str] = frozenset()  # any record type
KITS_OWN = 50  # where the kit's own panels stand among those of rooms


@dataclass(frozen=True)
class Panel:
    """A block beside the story. `load` gives an entry of `rec.linked` (docs/ui-templates.md), None = not for him.

    types    the record types it belongs to (ANY = all)
    depends  what it shows: type keys whose changes make it reload
    order    below KITS_OWN it stands before related cards and files
    label    its name in layouts; without one it always shows, where it comes delivered
    """

    key: str
    load: Callable[[Actor, RecordType, Any], dict[str, Any] | None]
    types: frozenset[str] = ANY
    depends: frozenset[str] = ANY
    order: int = 100
    label: Callable[[], str] | None = None


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
class Block:
    """A part of the card's page of HTML. `load` gives it for a card the actor sees, None = not for him.

    place    "head" = under the name, "flow" = above the story
    depends  what it shows besides the card: type keys whose changes make it reload
    label    its name in layouts; without one it always shows, where it comes delivered
    """

    key: str
    load: Callable[[Any, RecordType, Any], Markup | None]  # (request, type, card)
    place: str = "flow"
    types: frozenset[str] = ANY
    depends: frozenset[str] = frozenset()
    order: int = 100
    label: Callable[[], str] | None = None


@dataclass(frozen=True)
class Actions:
    """What can be done with a card. `load` gives entries {"label", "icon", "url"[, "method", "dialog", "primary"]}.

    place    "head" = the buttons beside the name (those marked "last" behind call and e-mail), "menu" = behind the
             three dots
    """

    key: str
    load: Callable[[Actor, RecordType, Any, Mapping[str, Any]], list[dict[str, Any]]]  # (actor, type, card, values)
    place: str = "head"
    types: frozenset[str] = ANY
    order: int = 100


@dataclass(frozen=True)
class BulkAction:
    """Something done with many cards at once: its button in the floating bar, its question, its act of changes.batch.

    offered    whether it is there for an actor and a type
    fields     (request, type) -> the form's fields; filled with what was posted, with what is wrong
    arguments  (request, type) -> the act's arguments out of the post; raises Invalid
    go         instead of all that: (request, type, chosen keys) -> the answer that leads to a page of its own
    """

    key: str
    act: str
    label: Callable[[], str]
    icon: str
    offered: Callable[[Actor, RecordType], bool]
    fields: Callable[[Any, RecordType, Mapping[str, list[str]]], list[dict[str, Any]]]
    arguments: Callable[[Any, RecordType], dict[str, Any]]
    types: frozenset[str] = ANY
    order: int = 100
    go: Callable[[Any, RecordType, list[UUID]], Any] | None = None


@dataclass(frozen=True)
class Ways:
    """The ways a type's cards are looked at besides its list: board, calendar. Entries {"label", "icon", "url"}; None =
    not for him."""

    key: str
    load: Callable[[Actor, RecordType, str], dict[str, Any] | None]  # (actor, type, query string of the list)
    types: frozenset[str]
    order: int = 100


@dataclass(frozen=True)
class ListTool:
    """A button above a type's list: what can be done with the list as it stands. Entry {"label", "icon", "url"}; None =
    not for him."""

    key: str
    load: Callable[[Actor, RecordType, str], dict[str, Any] | None]  # (actor, type, query string of the list)
    types: frozenset[str] = ANY
    order: int = 100


LISTS = 200  # where the lists of cards stand among the lines of the menu


@dataclass(frozen=True)
class NavItem:
    """A line of the main menu. `url` is a path; `show` decides for whom.

    order   above LISTS: below the lists of its heading
    group   the heading it stands under, by key: "" = on top | "sales" | "clients" | "team"
    covers  type keys whose lists this line leads to instead of a line of their own
    """

    key: str
    label: Callable[[], str]
    url: str
    icon: str
    show: Callable[[Actor, frozenset[str]], bool]  # (actor, keys of the types whose cards he may see)
    order: int = 100
    group: str = ""
    covers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Summary:
    """What a line that leads to a card tells of it beside its title.

    text   its second line
    place  where it stands among others of its kind; lower ones come first
    steps  (how many are behind it, of how many) of a way it goes; None = it goes none
    """

    text: str
    place: tuple[Any, ...] = ()
    steps: tuple[int, int] | None = None


Summaries = Callable[[Actor, RecordType, Sequence[UUID]], Mapping[UUID, Summary]]  # of cards the actor sees
Bodies = Callable[[Actor, Sequence[Told]], Mapping[int, Markup]]
Near = Callable[[Slot], "QuerySet[Relation]"]  # the slot is the card's key

panels: dict[str, Panel] = {}
composers: dict[str, Composer] = {}
nav: dict[str, NavItem] = {}
blocks: dict[str, Block] = {}
actions: dict[str, Actions] = {}
bulk: dict[str, BulkAction] = {}
ways: dict[str, Ways] = {}
list_tools: dict[str, ListTool] = {}
summaries: dict[str, Summaries] = {}  # type key -> what lines to cards of the type tell, for a batch of them
near: dict[str, Near] = {}  # type key -> relations of others that matter on the cards of the type, read with their own
bodies: dict[str, Bodies] = {}  # event type key -> what stands in the story's box, for a batch of events


_TABLES: dict[type, dict[str, Any]] = {
    Panel: panels, Composer: composers, NavItem: nav, Block: blocks, Actions: actions, BulkAction: bulk, Ways: ways,
    ListTool: list_tools,
}  # fmt: skip


def add(item: Panel | Composer | NavItem | Block | Actions | BulkAction | Ways | ListTool) -> None:
    """Register a panel, composer mode, menu line, block, set of actions, way to look or list tool; each key once."""
    table = _TABLES[type(item)]
    if item.key in table:
        raise ValueError(f"{item.key} is registered already")
    table[item.key] = item


def add_body(event_types: Sequence[str], load: Bodies) -> None:
    """Register what the story shows under events of these types."""
    for key in event_types:
        bodies[key] = load


def add_summaries(type_key: str, load: Summaries) -> None:
    """Register what other cards tell of the cards of a type they are linked to."""
    summaries[type_key] = load


def add_near(type_key: str, build: Near) -> None:
    """Register which relations between other cards belong to what the page of a card must know."""
    near[type_key] = build


def for_type(table: Mapping[str, Any], record_type: RecordType, actor: Actor) -> list[Any]:
    """What of a table belongs to a type, in order; without what came from modules that are off."""
    off = actor.state.off
    fitting = [
        item for item in table.values()
        if (not item.types or record_type.key in item.types) and not off.hides(added_from(item))
    ]  # fmt: skip
    return sorted(fitting, key=lambda item: item.order)
