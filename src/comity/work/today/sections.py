"""What Today shows: late and due tasks here, what has no next step and what is new from rooms above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup

from comity.access.actors import Actor
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.work.whose import Whose


@dataclass(frozen=True)
class Row:
    """A line of a section.

    ref      the card it is; `title` its words, shown as they are
    subs     the cards one of whose titles stands below: of the first that the reader sees
    hue      colour class of the icon, 0 = none
    at       when it is due or since when it waits; `whole_day` = at any time of that day
    note     a few words beside, `tone` bad | warn | "" for their colour
    version  for tasks: what a command is to meet
    total    how many the section holds in all
    acts     what can be done: [{"label", "icon", "url"[, "dialog"]}]
    """

    ref: RecordRef
    title: str
    icon: str
    hue: int = 0
    subs: tuple[RecordRef, ...] = ()
    at: datetime | None = None
    whole_day: bool = False
    owner: UUID | None = None
    note: str = ""
    tone: str = ""
    version: int = 0
    total: int = 0
    acts: tuple[dict[str, Any], ...] = ()

    def sub(self, titles: Mapping[RecordRef, str]) -> RecordRef | None:
        """The card below, of those that have a title."""
        return next((one for one in self.subs if one in titles), None)


Load = Callable[[Actor, Whose, int], Sequence[Row]]


@dataclass(frozen=True)
class Section:
    """A heading with its lines: `load(actor, whose, limit)` gives them, in one query each."""

    key: str
    label: Callable[[], str]
    icon: str
    load: Load
    order: int = 100
    tone: str = ""  # bad | warn | now: the colour of the heading's count
    tasks: bool = False  # its lines are tasks: done, moved and given here, ticked many at once
    topics: frozenset[str] = frozenset()  # type keys whose changes make the page reload
    more: Callable[[Actor, Whose], str] | None = None  # the list that shows the rest too


Foot = Callable[[Actor, Whose], Markup | None]  # what stands below the sections
Reach = Callable[[Actor, Slot], Any]  # (actor, the slot of a card's key) -> a query of keys of whom one calls about it

_sections: dict[str, Section] = {}
feet: dict[str, Foot] = {}
reach: dict[str, Reach] = {}  # by type key


def add(section: Section) -> None:
    """Register a section; each key once."""
    if section.key in _sections:
        raise ValueError(f"{section.key} is registered already")
    _sections[section.key] = section


def add_foot(key: str, load: Foot) -> None:
    """Register what stands below the sections."""
    feet[key] = load


def add_reach(type_key: str, load: Reach) -> None:
    """Register whom one calls about cards of a type: a query of people's keys, of those the actor sees."""
    reach[type_key] = load


def all_sections() -> list[Section]:
    """Every section in its order."""
    return sorted(_sections.values(), key=lambda one: one.order)
