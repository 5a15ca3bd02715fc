"""Plan and fact: the goals of a month against what was won, and what is likely to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.insight.charts import Chart, Line, bars
from comity.insight.money import Tally
from comity.insight.periods import DAY, Period, first_of_month
from comity.insight.reports import Answer, Ask, Block, Leaf, Report, register, team_leaf
from comity.insight.tables import Cell, Column, Table, money_cell, percent, percent_text
from comity.kernel.money import Money, format_money
from comity.sales.pipelines.goals import COMPANY, Whose, goals
from comity.sales.pipelines.state import of as pipelines_of

BACK, AHEAD = 12, 3  # months offered


@dataclass
class Standing:
    """How one stands in the month: his goal, what was won, what is likely to come of what is open."""

    whose: Whose
    name: str
    goal: Money | None
    won: Tally
    open: Tally
    likely: Tally

    @property
    def share(self) -> int | None:
        """How much of the goal is won, in whole percent."""
        return percent(self.won.whole, self.goal.units) if self.goal and self.goal.units > 0 else None


class Plan:
    """One reading of the report: a month, and everyone whose goal or deals the reader sees."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.language = ask, ask.language
        this = first_of_month(ask.today)
        # The month no address names comes first.
        offered = [this, *(first_of_month(this, n) for n in range(AHEAD, -BACK - 1, -1) if n)]
        labels = [{"value": one.isoformat()[:7], "label": _month(one, self.language)} for one in offered]
        chosen = ask.choose("month", _("Month"), labels)
        month = date.fromisoformat(f"{chosen}-01")
        ask.period = self.month = Period("", month, first_of_month(month, 1) - DAY)

    def standings(self) -> list[Standing]:
        """The company, the teams, the colleagues, each with a goal, something won or something to come."""
        ask = self.ask
        held = goals(ask.actor, self.month.first)
        found: dict[Whose, Standing] = {}

        def of(whose: Whose) -> Standing:
            if whose not in found:
                goal = held.get(whose)
                found[whose] = Standing(whose, self._name(whose), goal, ask.tally(), ask.tally(), ask.tally())
            return found[whose]

        for whose in held:
            of(whose)
        of(COMPANY if ask.actor.scope("deal", "view") == "all" else ("user", ask.actor.user_id))
        for owner, team, *money in self._won():
            for whose in self._among(owner, team):
                of(whose).won.add(*money)
        for owner, team, units, currency, rate, chance in self._open():
            for whose in self._among(owner, team):
                of(whose).open.add(units, currency, rate)
                likely = None if units is None else Money.of_units(units, currency).times(chance).units
                of(whose).likely.add(likely, currency, rate)
        return sorted(found.values(), key=lambda one: self._order(*one.whose))

    def _order(self, kind: str, key: UUID | None) -> tuple[int, list[int]]:
        """The company, the teams with those below each, the colleagues."""
        state = self.ask.actor.state
        if kind == "user":
            return 2, [list(state.users).index(key)] if key else []
        places, path = list(state.teams), list[int]()
        while key is not None and key in state.teams:
            path.insert(0, places.index(key))
            key = state.teams[key].parent_id
        return (1 if path else 0), path

    def _name(self, whose: Whose) -> str:
        kind, key = whose
        state = self.ask.actor.state
        if key is None:
            return state.organization.name if state.organization else _("Company")
        return state.teams[key].name if kind == "team" else state.users[key].name

    def _among(self, owner: UUID | None, team: UUID | None) -> Iterable[Whose]:
        """Whose a deal is: his who is responsible, his team's and those above it, the company's."""
        actor = self.ask.actor
        scope = actor.scope("deal", "view")
        if scope == "all":
            yield COMPANY
        if owner and "owner" in self.ask.readable:
            yield ("user", owner)
        teams = actor.state.teams
        while team and "team" in self.ask.readable and scope in ("all", "team"):
            if scope == "all" or team in actor.branch:
                yield ("team", team)
            team = teams[team].parent_id if team in teams else None

    def _won(self) -> Iterable[tuple[Any, ...]]:
        organization = self.ask.actor.state.organization
        zone = ZoneInfo(organization.timezone if organization else "UTC")
        deals = self.ask.records(self.leaves("won", COMPANY))
        for owner, team, units, currency, at in deals.values_list(
            "owner_id", "team_id", "amount", "amount_currency", "closed_at"
        ):
            day = at.astimezone(zone).date()
            yield owner, team, units, currency, None if units is None else self.ask.rates.on(currency, day)

    def _open(self) -> Iterable[tuple[Any, ...]]:
        stages = pipelines_of(self.ask.actor.state).stages
        deals = self.ask.records(self.leaves("open", COMPANY))
        for owner, team, units, currency, stage in deals.values_list(
            "owner_id", "team_id", "amount", "amount_currency", "stage"
        ):
            chance = Decimal(stages[stage].probability if stage in stages else 0) / 100
            rate = None if units is None else self.ask.rates.on(currency, self.ask.today)
            yield owner, team, units, currency, rate, chance

    def leaves(self, state: str, whose: Whose) -> list[Leaf]:
        """The deals of a figure: won in the month, or open and expected in it; of one, of a team, of all."""
        day = "closed_at" if state == "won" else "expected_on"
        found: list[Leaf] = [{"field": "state", "op": "any", "value": [state]}, self.month.leaf(day)]
        kind, key = whose
        if key is not None:
            mine: Leaf = {"field": "owner", "op": "any", "value": [str(key)]}
            found.append(team_leaf(self.ask.actor, key) if kind == "team" else mine)
        return found


def build(ask: Ask) -> Answer:
    """The report."""
    plan = Plan(ask)
    standings = plan.standings()
    notes = [_("Likely: open deals expected in the month, each by the probability of its stage.")]
    if not any(one.goal for one in standings):
        notes.insert(0, _("No goal is set for this month."))
    if ask.actor.scope("deal", "view") != "all":
        notes.append(_("Counted are the deals you see."))
    return Answer([Block(_table(plan, standings), _chart(plan, standings))], notes)


def _table(plan: Plan, standings: list[Standing]) -> Table:
    heads = [(_("Goal"), True), (_("Won"), True), (_("Of the goal"), False), (_("Still missing"), True),
             (_("Open, expected"), True), (_("Likely"), True)]  # fmt: skip
    caption = _("Plan and fact, %(month)s") % {"month": _month(plan.month.first, plan.language)}
    table = Table(caption, [Column("", numeric=False), *(Column(label, money=money) for label, money in heads)])
    table.rows = [_line(plan, one) for one in standings]
    return table


def _line(plan: Plan, one: Standing) -> list[Cell]:
    language, ask = plan.language, plan.ask
    won, expected = (ask.figure(plan.leaves(state, one.whose)) for state in ("won", "open"))
    share = Cell("", "") if one.share is None else Cell(percent_text(one.share, language), one.share)
    missing = max(one.goal.units - one.won.whole, 0) if one.goal else None
    return [Cell(one.name, person=True), _amount(plan, one.goal.units if one.goal else None),
            money_cell(one.won, language, won), share, _amount(plan, missing),
            money_cell(one.open, language, expected), money_cell(one.likely, language, expected)]  # fmt: skip


def _amount(plan: Plan, units: int | None) -> Cell:
    """An amount of nobody's deals: a goal, what is missing to it."""
    tally = plan.ask.tally()
    if units is not None:
        tally.add(units, tally.own, Decimal(1))
    return money_cell(tally, plan.language)


def _chart(plan: Plan, standings: list[Standing]) -> Chart:
    lines = []
    for one in standings:
        value = _written(one.won, plan.language)
        if one.share is not None:
            value = f"{value} · {percent_text(one.share, plan.language)}"
        goal = one.goal.units if one.goal else None
        lines.append(Line(one.name, value, [(one.won.whole, "won"), (one.likely.whole, "pale")], goal))
    legend = [("won", _("won")), ("pale", _("likely")), ("goal", _("goal"))]
    return bars("plan", _title(plan, standings), lines, plan.ask.rtl, legend)


def _title(plan: Plan, standings: list[Standing]) -> str:
    """How the first of them stands: the company, or the reader."""
    first = standings[0]
    words = {"month": _month(plan.month.first, plan.language), "name": first.name,
             "won": _written(first.won, plan.language)}  # fmt: skip
    if first.share is None or first.goal is None:
        return _("%(month)s: %(won)s won (%(name)s)") % words
    words["share"] = percent_text(first.share, plan.language)
    words["goal"] = format_money(first.goal.units, first.goal.currency, plan.language)
    return _("%(month)s: %(share)s of the goal is won, %(won)s of %(goal)s (%(name)s)") % words


def _written(tally: Tally, language: str) -> str:
    return tally.short(language) or format_money(0, tally.own, language)


def _month(month: date, language: str) -> str:
    return Period("", month, month).step_label(language)


PLAN = register(Report(
    "plan", lambda: _("Plan and fact"),
    lambda: _("The goals of a month against what was won, and what is likely to come."),
    "target", "deal", frozenset({"state", "closed_at", "expected_on", "amount", "stage"}), build, "", order=40,
))  # fmt: skip
