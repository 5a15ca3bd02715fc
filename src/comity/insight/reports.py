"""What a report is, and what it is asked: rooms above register theirs, this room gives them page, records and file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.insight import periods
from comity.insight.charts import Chart
from comity.insight.money import Rates, Tally
from comity.insight.tables import Table
from comity.records import conditions
from comity.records.conditions import Where
from comity.records.types import RecordType
from comity.ui import filters, registry
from comity.ui.lists import Among
from comity.ui.render import RTL

URL = "/reports"
Leaf = Mapping[str, Any]


@dataclass(frozen=True)
class Control:
    """A choice above a report. `choices` are {value, label} in order; the first one is what no word in the address
    means."""

    name: str
    label: str
    choices: Sequence[Mapping[str, str]]
    value: str


@dataclass
class Block:
    """A figure of a page: a chart, the table that says the same, or either. `folded`: the table opens by a click."""

    table: Table
    chart: Chart | None = None
    folded: bool = False


@dataclass
class Answer:
    """What a report says. `notes` are plain sentences: how it counts, what is not in it."""

    blocks: list[Block]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Selection:
    """The records behind a figure: those of a tree of conditions, and of a set no tree tells."""

    title: str
    where: Where
    among: Among | None = None


@dataclass(frozen=True)
class Report:
    """A report as its room registers it.

    type_key  the records it counts: who sees them sees it, whoever may export them takes the file
    needs     the fields its reader must read in clear
    period    the period it begins with; "" = it is about a month of its own choosing
    pick      the records of a figure that no filter of the list tells; raises NotFound
    """

    key: str
    label: Callable[[], str]
    sentence: Callable[[], str]
    icon: str
    type_key: str
    needs: frozenset[str]
    build: "Callable[[Ask], Answer]"
    period: str = "past_year"
    pick: "Callable[[Ask], Selection] | None" = None
    order: int = 100

    def open_to(self, actor: Actor) -> bool:
        """Whether it means anything to him."""
        record_type = actor.state.record_types.get(self.type_key)
        if record_type is None or actor.scope(self.type_key, "view") == "none":
            return False
        return self.needs <= {spec.key for spec in policy.readable_fields(actor, record_type)}


_reports: dict[str, Report] = {}


def register(report: Report) -> Report:
    """Make a report known; a key is registered once."""
    if report.key in _reports:
        raise ValueError(f"Report {report.key} exists already")
    _reports[report.key] = report
    return report


def get(key: str) -> Report | None:
    """The report of that key."""
    return _reports.get(key)


def of(actor: Actor) -> list[Report]:
    """Those that mean anything to him, in order."""
    return [one for one in sorted(_reports.values(), key=lambda one: one.order) if one.open_to(actor)]


def register_menu() -> None:
    """The line in the menu, for whoever has a report to read."""
    registry.add(
        registry.NavItem(
            "reports",
            lambda: _("Reports"),
            URL,
            "chart-bar",
            lambda actor, seen: bool(of(actor)),
            order=80,
            group="team",
        )
    )


class Ask:
    """One reading of a report: whose eyes, which period, which choices. `action` "export" counts what he may export."""

    def __init__(self, actor: Actor, report: Report, query: Mapping[str, str], action: str = "view") -> None:
        self.actor, self.report, self.query, self.action = actor, report, query, action
        self.language = actor.language
        self.rtl = self.language in RTL
        self.today = policy.today(actor)
        self.period = periods.chosen(query, self.today, report.period or "this_month")
        self.type: RecordType = actor.state.record_types[report.type_key]
        self.readable = {spec.key for spec in policy.readable_fields(actor, self.type)}
        self.rates = Rates(actor)
        self.controls: list[Control] = []
        self._words: dict[str, str] = {}

    def choose(self, name: str, label: str, choices: Sequence[Mapping[str, str]]) -> str:
        """Offer a choice and tell what the address chose; the first where it says nothing that is offered."""
        first = choices[0]["value"]
        value = self.query.get(name, "")
        value = value if any(one["value"] == value for one in choices) else first
        if value != first:
            self._words[name] = value
        if len(choices) > 1:
            self.controls.append(Control(name, label, choices, value))
        return value

    @cached_property
    def team(self) -> UUID | None:
        """The team chosen, meaning those below it too; offered to who sees more than his own."""
        return self._key("team", _("Team"), _("All teams"), [(key, row.name) for key, row in self._teams().items()])

    @cached_property
    def who(self) -> UUID | None:
        """The colleague chosen; offered likewise."""
        return self._key("who", _("Colleague"), _("Everyone"), [(one.id, one.name) for one in self._people()])

    def _key(self, name: str, label: str, every: str, found: Iterable[tuple[UUID, str]]) -> UUID | None:
        choices = [{"value": "", "label": every}, *({"value": str(key), "label": word} for key, word in found)]
        value = self.choose(name, label, choices)
        return UUID(value) if value else None

    def _teams(self) -> Mapping[UUID, Any]:
        scope = self.actor.scope(self.type.key, "view")
        if scope not in ("all", "team") or "team" not in self.readable:
            return {}
        teams: Mapping[UUID, Any] = self.actor.state.teams
        return teams if scope == "all" else {key: row for key, row in teams.items() if key in self.actor.branch}

    def _people(self) -> list[Any]:
        state, scope = self.actor.state, self.actor.scope(self.type.key, "view")
        if scope not in ("all", "team") or "owner" not in self.readable:
            return []
        active = [one for one in state.users.values() if one.active]
        if scope == "all":
            return active
        held, branch = state.memberships, self.actor.branch
        return [one for one in active if any(team in branch for team, _lead in held.get(one.id, ()))]

    def filters(self) -> list[Leaf]:
        """The conditions of the choices of team and colleague."""
        found: list[Leaf] = []
        if self.team:
            found.append(team_leaf(self.actor, self.team))
        if self.who:
            found.append({"field": "owner", "op": "any", "value": [str(self.who)]})
        return found

    def records(self, leaves: Iterable[Leaf]) -> Any:
        """The records of its type that he sees (or may export) and that fulfil all the conditions."""
        where = {"all": list(leaves)}
        q = conditions.compile_q(where, policy.condition_scope(self.actor, self.type)) if where["all"] else Q()
        return policy.visible(self.actor, self.type, self.action, every=True).filter(q).order_by()

    def params(self, **changes: str) -> list[tuple[str, str]]:
        """The choices as an address names them."""
        found = self.period.params() if self.report.period else []
        found = [*found, *self._words.items()]
        return [(name, value) for name, value in found if name not in changes] + [
            (name, value) for name, value in changes.items() if value
        ]

    def figure(self, leaves: Iterable[Leaf]) -> str:
        """The address of the list of exactly these records."""
        return f"/{self.type.slug}/?{urlencode(filters.to_params({'all': list(leaves)}))}"

    def picked(self, **which: str) -> str:
        """The address of the records of a figure no filter tells: `pick` makes them of these words."""
        return f"{URL}/{self.report.key}/records?{urlencode([*self.params(), *which.items()])}"

    def tally(self) -> Tally:
        """An empty count, in the company's currency."""
        return Tally(self.rates.own)


def team_leaf(actor: Actor, team: UUID) -> Leaf:
    """The condition of belonging to a team or one below it."""
    return {"field": "team", "op": "any", "value": sorted(str(one) for one in actor.state.branch(team))}
