"""The month's goals with what is won of them so far: of the deals he sees, together by the rates in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.records.prepared import Slot
from comity.sales.deals.model import Deal
from comity.sales.pipelines.goals import COMPANY, Whose, goals
from comity.ui.render import Markup, html
from comity.ui.totals import short, worth
from comity.work import whose as choice

MOST = 6
GROUP = ("owner_id", "team_id", "amount_currency")
Won = Sequence[Sequence[Any]]  # rows of GROUP, how many, what they are worth together (None: nothing is written there)


@dataclass(frozen=True)
class Bar:
    """A goal and how far it is. `won` is None where a rate is missing; `parts` then says what is won in each currency.

    label    the colleague's, team's or company's name
    goal     in 1/10,000ths of `currency`, the company's
    """

    whose: Whose
    label: str
    goal: int
    won: int | None
    parts: str
    currency: str

    @property
    def percent(self) -> int:
        """How much of the goal is reached, at most 999."""
        return min(999, (self.won or 0) * 100 // self.goal) if self.goal > 0 else 0

    def text(self, language: str) -> str:
        """ "won of goal" in words."""
        won = short(self.won, self.currency, language) if self.won is not None else self.parts
        return _("%(won)s of %(goal)s") % {"won": won, "goal": short(self.goal, self.currency, language)}


@dataclass(frozen=True)
class _Won:
    """What was won from a moment on, of the deals an actor sees, as rows of `Won`. Slot: `since`."""

    actor: Actor

    def build(self) -> Any:
        """The query."""
        since = Slot("since", Deal._meta.get_field("closed_at"))
        deals = policy.visible(self.actor, self.actor.state.record_types["deal"])
        groups = deals.filter(state="won", closed_at__gte=since).order_by().values_list(*GROUP)
        return groups.annotate(number=Count("*"), sum=Sum("amount"))


def bars(actor: Actor, wanted: Iterable[Whose] | None = None, won: Won | None = None) -> list[Bar]:
    """This month's goals of `wanted` (None: all) as far as he may see them, with what is won; one query, none where
    the caller has asked what is won. The goals are asked for once as long as settings and rights stay as they are.

    None at all for who does not read amounts, or sees no deals: a bar would tell less than the truth.
    """
    deal = actor.state.record_types["deal"]
    if actor.scope("deal", "view") == "none":
        return []
    if any(policy.level(actor, deal, deal.spec(key)) not in ("read", "write") for key in ("amount", "closed_at")):
        return []
    month = policy.today(actor).replace(day=1)
    held = actor.derived.get((goals, month))
    if held is None:
        held = actor.derived[goals, month] = goals(actor, month)
    keys = [one for one in (held if wanted is None else wanted) if one in held and _sees_all(actor, one)]
    if not keys:
        return []
    rows = this_month(actor) if won is None else won
    organization = actor.state.organization
    currency = organization.currency if organization else "EUR"
    return [_bar(actor, one, held[one].units, rows, currency) for one in keys]


def this_month(actor: Actor) -> Won:
    """What was won this month of the deals he sees."""
    since = datetime.combine(policy.today(actor).replace(day=1), time(), ZoneInfo(actor.timezone))
    return actor.state.statements.of(_Won(actor)).rows(since=since)


def _sees_all(actor: Actor, whose: Whose) -> bool:
    """Whether he sees every deal that counts for a goal: else its bar would stand too low."""
    scope, (kind, key) = actor.scope("deal", "view"), whose
    if scope == "all" or (kind == "user" and key == actor.user_id):
        return True
    if scope != "team" or key is None:
        return False
    if kind == "team":
        return key in actor.branch
    places = actor.state.memberships.get(key, ())
    return bool(places) and places[0][0] in actor.branch


def _bar(actor: Actor, whose: Whose, goal: int, rows: Won, currency: str) -> Bar:
    kind, key = whose
    teams = actor.state.branch(key) if kind == "team" and key else frozenset[UUID]()
    sums: dict[str, int] = {}
    for owner, team, in_currency, _number, amount in rows:
        if amount is None:
            continue
        if kind == "company" or (kind == "user" and owner == key) or (kind == "team" and team in teams):
            sums[in_currency] = sums.get(in_currency, 0) + int(amount)
    found = worth(actor, sums)
    return Bar(whose, _name(actor, whose), goal, found.whole, found.parts(actor.language), currency)


def _name(actor: Actor, whose: Whose) -> str:
    kind, key = whose
    state = actor.state
    if kind == "user" and key and key in state.users:
        return str(state.users[key].name)
    if kind == "team" and key and key in state.teams:
        return state.teams[key].name
    return state.organization.name if state.organization else ""


def below_today(actor: Actor, whose: choice.Whose) -> Markup | None:
    """The bars below Today: mine and my team's; looking at the team: those of the team, or of the one chosen."""
    wanted: list[Whose] = []
    if whose.mine:
        wanted = [("user", actor.user_id), ("team", actor.main_team)]
    elif whose.who:
        wanted = [("user", whose.who)]
    elif actor.scope("deal", "view") == "all":
        wanted = [COMPANY, *(("team", key) for key in actor.state.teams)]
    else:
        wanted = [("team", key) for key in actor.state.teams if key in actor.branch]
    found = bars(actor, wanted)[:MOST]
    if not found:
        return None
    shown = [
        {"label": one.label, "text": one.text(actor.language), "percent": one.percent, "value": min(one.percent, 100)}
        for one in found
    ]  # fmt: skip
    return html("sales/goal_bars.html", {"bars": shown})
