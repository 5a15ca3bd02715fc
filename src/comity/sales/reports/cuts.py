"""By what won deals are told apart: month, colleague, client, source; and the deals behind each of their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.insight.periods import Period
from comity.insight.reports import Ask, Leaf
from comity.records.models import RecordRef
from comity.ui.lists import Among

NONE, OTHERS = "-", "~"  # the deals without it, and those of the keys that got no row of their own
Row = Mapping[str, Any]


@dataclass
class Cut:
    """A way to tell deals apart. `names` are the columns it reads; `kept` the keys with a row (or column) of their own.

    of      (row) -> its key; NONE where there is none
    select  (key) -> the conditions of its deals, and the set where conditions don't tell them
    """

    ask: Ask
    key: str
    label: str
    names: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)

    def of(self, row: Row) -> Any:
        """The key of a deal."""
        return row[self.names[0]] or NONE

    def keys(self, found: Mapping[Any, int], most: int) -> list[Any]:
        """The keys that get a row, the largest first, those past `most` gathered; `found` gives each one's size."""
        order = sorted(found.keys() - {NONE}, key=lambda key: (-found[key], str(key)))
        self.kept = order[:most]
        return self.kept + [OTHERS] * (len(order) > most) + [NONE] * (NONE in found)

    def name(self, key: Any) -> str:
        """What a key is called."""
        if key == OTHERS:
            return _("Others")
        return _("None") if key == NONE else self.title(key)

    def title(self, key: Any) -> str:
        """What one of its own keys is called."""
        raise NotImplementedError

    def word(self, key: Any) -> str:
        """The key in an address."""
        return str(key)

    def select(self, key: Any) -> tuple[list[Leaf], Among | None]:
        """The deals of a key."""
        name = self.ask.type.spec(self.names[0].removesuffix("_id")).key
        if key == NONE:
            return [{"field": name, "op": "empty"}], None
        if key == OTHERS:
            kept = [str(one) for one in self.kept]
            return [{"field": name, "op": "none", "value": kept}, {"field": name, "op": "filled"}], None
        return [{"field": name, "op": "any", "value": [str(key)]}], None


@dataclass
class ByMonth(Cut):
    """By the month the deal was won in, as the reader's calendar has it."""

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.ask.actor.timezone)
        self.steps = self.ask.period.steps()
        by_year = self.ask.period.by_year
        self._at = {(one.first.year, 0 if by_year else one.first.month): one for one in self.steps}
        self._by_year = by_year

    def of(self, row: Row) -> Period:
        """The step of the period it was closed in."""
        day = row["closed_at"].astimezone(self.zone)
        return self._at[day.year, 0 if self._by_year else day.month]

    def keys(self, found: Mapping[Any, int], most: int) -> list[Any]:
        """All of them, in the order of time."""
        return list(self.steps)

    def title(self, key: Period) -> str:
        """The month's name."""
        return key.step_label(self.ask.language)

    def word(self, key: Period) -> str:
        """Its first day."""
        return key.first.isoformat() if isinstance(key, Period) else key

    def select(self, key: Period) -> tuple[list[Leaf], Among | None]:
        """The deals closed in it."""
        return [key.leaf("closed_at")], None


class ByOwner(Cut):
    """By the colleague who is responsible."""

    def title(self, key: UUID) -> str:
        """The colleague's name."""
        member = self.ask.actor.state.users.get(key)
        return member.name if member else "?"


class BySource(Cut):
    """By where the client came from."""

    def title(self, key: str) -> str:
        """The source's label."""
        choice = self.ask.type.spec("source").choice(key)
        return choice.label[self.ask.language] if choice else key


@dataclass
class ByClient(Cut):
    """By the company, or the person where there is none. A card the reader doesn't see is no client to him."""

    titles: dict[RecordRef, str] = field(default_factory=dict)

    def of(self, row: Row) -> Any:
        """The client's card."""
        if row["seen_company"]:
            return RecordRef("company", row["company_id"])
        return RecordRef("person", row["person_id"]) if row["seen_person"] else NONE

    def keys(self, found: Mapping[Any, int], most: int) -> list[Any]:
        """The largest clients, with their names."""
        keys = super().keys(found, most)
        self.titles = policy.titles(self.ask.actor, self.kept) if self.kept else {}
        return keys

    def title(self, key: RecordRef) -> str:
        """The card's title."""
        return self.titles.get(key, "?")

    def select(self, key: Any) -> tuple[list[Leaf], Among | None]:
        """By the card; those without one he sees, and the others, no condition tells."""
        if key == NONE:
            return [], NoClient(self.ask.actor)
        if key == OTHERS:
            ids = {kind: tuple(ref.id for ref in self.kept if ref.type == kind) for kind in ("company", "person")}
            return [], OtherClients(self.ask.actor, ids["company"], ids["person"])
        mine: Leaf = {"field": key.type, "op": "any", "value": [str(key.id)]}
        return ([mine] if key.type == "company" else [{"field": "company", "op": "empty"}, mine]), None


def _seen(actor: Actor, kind: str) -> Any:
    return policy.visible(actor, actor.state.record_types[kind]).values("pk")


def _of(actor: Actor, kind: str) -> Q:
    """The deals with such a card that he sees."""
    return Q(**{f"{kind}_id__in": _seen(actor, kind)})


@dataclass(frozen=True)
class NoClient:
    """Deals without a client the reader sees."""

    actor: Actor

    def q(self) -> Q:
        """The set, over deals."""
        return ~_of(self.actor, "company") & ~_of(self.actor, "person")


@dataclass(frozen=True)
class OtherClients:
    """Deals of clients the reader sees, but for some."""

    actor: Actor
    companies: tuple[UUID, ...]
    people: tuple[UUID, ...]

    def q(self) -> Q:
        """The set, over deals."""
        company, person = _of(self.actor, "company"), _of(self.actor, "person")
        firms, people = company & ~Q(company_id__in=self.companies), person & ~Q(person_id__in=self.people)
        return firms | (~company & people)


@dataclass(frozen=True)
class Both:
    """The deals of two sets."""

    one: Among
    other: Among

    def q(self) -> Q:
        """The set, over deals."""
        return self.one.q() & self.other.q()


def cuts(ask: Ask) -> dict[str, Cut]:
    """The ways open to the reader: by what he may read."""
    found: list[Cut] = [ByMonth(ask, "month", _("Year") if ask.period.by_year else _("Month"), ("closed_at",))]
    if "owner" in ask.readable:
        found.append(ByOwner(ask, "person", _("Colleague"), ("owner_id",)))
    if {"company", "person"} <= ask.readable:
        seen = {
            f"seen_{kind}": Case(When(**{f"{kind}_id__in": _seen(ask.actor, kind)}, then=True), default=False)
            for kind in ("company", "person")
        }
        found.append(ByClient(ask, "client", _("Client"), ("company_id", "person_id", *seen), seen))
    if "source" in ask.readable:
        found.append(BySource(ask, "source", _("Source"), ("source",)))
    return {one.key: one for one in found}


def matching(cut: Cut | None, keys: Sequence[Any], word: str) -> Any:
    """The key an address names, of those shown; None for none."""
    return next((key for key in keys if cut and cut.word(key) == word), None) if word else None
