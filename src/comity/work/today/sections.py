"""What Today shows: late and due tasks here, what has no next step and what is new from rooms above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Func, IntegerField, Subquery
from markupsafe import Markup

from comity.access.actors import Actor
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.work.whose import Whose


class Row(NamedTuple):
    """A line of a section.

    ref      the card it is; `title` its words, shown as they are
    subs     the cards one of whose titles stands below: of the first that the reader sees
    hue      colour class of the icon, 0 = none
    at       when it is due or since when it waits; `whole_day` = at any time of that day
    note     a few words beside, `tone` bad | warn | "" for their colour
    total    how many the section holds in all
    plan     for what is no task: whether he may plan a step about it
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
    total: int = 0
    plan: bool = False

    def sub(self, titles: Mapping[RecordRef, str]) -> RecordRef | None:
        """The card below, of those that have a title."""
        for one in self.subs:
            if one in titles:
                return one
        return None


def counted(rows: Any) -> Any:
    """The query's rows with `total`, how many there are without a limit.

    Counted apart: a window would carry every row whole, and keep the base from stopping at the limit (measured:
    0.8 ms against 0.6 ms for 120 rows, 4.8 ms against 1.4 ms for 2,000).
    """
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return rows.annotate(total=Subquery(rows.order_by().annotate(number=number).values("number")))


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
