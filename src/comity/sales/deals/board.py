"""The board of deals: its lanes are the pipelines, its columns their open stages; views and figures above it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Command
from comity.kernel.money import format_number
from comity.records.conditions import Where
from comity.records.fields import SCALE
from comity.records.types import RecordType
from comity.sales import goal_bars
from comity.sales.deals.commands import MoveDeal
from comity.sales.pipelines import state
from comity.sales.pipelines.goals import COMPANY, Whose
from comity.ui import board_sums, boards, registry, views
from comity.ui.boards import Board, Column, End, Figure, Lane, Sums
from comity.ui.cells import written_day
from comity.ui.views import View

URL = "/deals/board"
OPEN: Where = {"field": "state", "op": "any", "value": ["open"]}


def lanes(actor: Actor) -> list[Lane]:
    """The pipelines he may work in."""
    language = actor.language
    found = []
    for pipeline in state.of(actor.state).open_to(actor):
        columns = tuple(Column(one.key, one.label[language], one.hue, one.norm_days) for one in pipeline.open)
        ends = (
            End(pipeline.ending("won").key, pipeline.ending("won").label[language], "circle-check", "good"),
            End(pipeline.ending("lost").key, pipeline.ending("lost").label[language], "x", "bad"),
        )
        found.append(Lane(pipeline.key, pipeline.label[language], columns, ends))
    return found


def _move(record_id: UUID, version: int, column: str) -> Command:
    return MoveDeal(record_id, version, column)


def _asked(record_id: UUID, column: str) -> str:
    return f"/deals/{record_id}/move?{urlencode({'stage': column})}"


# --- views -----------------------------------------------------------------------------------------------------------


def _mine(actor: Actor) -> Where:
    return {"all": [*views.MINE["all"], OPEN]}


def _attention(actor: Actor) -> Where:
    """Late before today, without a next step, or for longer in its stage than is usual there."""
    today = policy.today(actor)
    norms: dict[int, list[str]] = {}
    for stage in state.of(actor.state).stages.values():
        if stage.kind == "open" and stage.norm_days:
            norms.setdefault(stage.norm_days, []).append(stage.key)
    stuck = [
        {"all": [{"field": "stage", "op": "any", "value": keys},
                 {"field": "stage_since", "op": "before", "value": (today - timedelta(days=norm)).isoformat()}]}
        for norm, keys in norms.items()
    ]  # fmt: skip
    late = {"field": "next_at", "op": "before", "value": today.isoformat()}
    return {"all": [OPEN, {"any": [late, {"field": "next_at", "op": "empty"}, *stuck]}]}


def _closing(actor: Actor) -> Where:
    return {"all": [OPEN, {"field": "expected_on", "op": "this_month"}]}


# --- figures ---------------------------------------------------------------------------------------------------------


def figures(actor: Actor, lane: Lane, view: View, sums: Mapping[str, Sums]) -> list[Figure]:
    """The month's goal, what is open, what of it is likely, what was won this month; as far as he reads amounts."""
    deal = actor.state.record_types["deal"]
    readable = {spec.key for spec in policy.readable_fields(actor, deal)}
    if "amount" not in readable:
        return []
    language = actor.language
    won = goal_bars.this_month(actor) if {"state", "closed_at"} <= readable else None
    found = [one for one in (_goal(actor, view, won),) if one]
    text, note = board_sums.together(actor, (one.money for one in sums.values())).written(language)
    found.append(Figure("open", _("Open"), text or "0", note=note))
    text, note = board_sums.together(actor, _likely(actor, sums)).written(language)
    found.append(Figure("likely", _("Likely"), text or "0", note=note))
    if won is not None:
        found.append(_won(actor, view, won))
    return found


def _goal(actor: Actor, view: View, won: goal_bars.Won | None) -> Figure | None:
    """The goal of the one whose deals the view shows: his own, else the company's or his team's."""
    team: list[Whose] = [("team", actor.main_team)] if actor.main_team else []
    wanted: list[Whose] = [("user", actor.user_id)] if view.key == "mine" else [COMPANY, *team]
    found = goal_bars.bars(actor, wanted, won)
    if not found:
        return None
    one = min(found, key=lambda bar: wanted.index(bar.whose))
    month = written_day(policy.today(actor), "LLLL", actor.language)
    label = _("Goal for %(month)s") % {"month": month}
    known = one.won is not None
    return Figure("goal", label, one.text(actor.language), share=one.percent if known else None,
                  note="" if known else _("There is no rate for one of the currencies."))  # fmt: skip


def _likely(actor: Actor, sums: Mapping[str, Sums]) -> list[Mapping[str, int]]:
    """The sums by currency, each column's weighed by its probability."""
    stages = state.of(actor.state).stages
    return [
        {currency: total * stages[key].probability // 100 for currency, total in one.money.items()}
        for key, one in sums.items()
    ]


def _won(actor: Actor, view: View, rows: goal_bars.Won) -> Figure:
    """How many he sees that were won this month, and what they are worth."""
    sums: dict[str, int] = {}
    number = 0
    for owner, _team, currency, count, amount in rows:
        if view.key != "mine" or owner == actor.user_id:
            number += count
            if amount is not None:
                sums[currency] = sums.get(currency, 0) + int(amount)
    worth = board_sums.together(actor, [sums])
    text, note = worth.written(actor.language) if worth.sums else ("", "")
    note = " · ".join(part for part in (text, note) if part)
    return Figure("won", _("Won this month"), format_number(number * SCALE, actor.language),
                  ngettext("deal", "deals", number), note)  # fmt: skip


# --- where it hangs --------------------------------------------------------------------------------------------------


def _shown(actor: Actor, seen: frozenset[str]) -> bool:
    """Whether the board means anything to him: he sees deals, and there is a pipeline for him."""
    return "deal" in seen and boards.open_to(actor, "deal") is not None and bool(lanes(actor))


def _way(actor: Actor, record_type: RecordType, query: str) -> dict[str, Any] | None:
    if boards.open_to(actor, record_type.key) is None:
        return None
    return {"label": _("Board"), "icon": "layout-kanban", "url": f"{URL}?{query}" if query else URL}


def register() -> None:
    """The board, its views, its line in the menu, and the way to it from the list."""
    boards.add(
        Board("deal", "stage", lanes, _move, _asked, by="pipeline", money="amount", since="stage_since",
              figures=figures)
    )  # fmt: skip
    views.build_in(
        "deal",
        views.BuiltIn("mine", lambda: _("My open deals"), _mine),
        views.BuiltIn("attention", lambda: _("Needs attention"), _attention, sort="next_at", counted=True),
        views.BuiltIn("month", lambda: _("Closing this month"), _closing, sort="expected_on"),
        views.BuiltIn("all", lambda: _("Whole team"), lambda actor: {}),
    )
    registry.add(registry.Ways("board", _way, frozenset({"deal"})))
    registry.add(registry.NavItem("deal", _nav_label, URL, "layout-kanban", _shown, 100, "sales", frozenset({"deal"})))


def _nav_label() -> str:
    return _("Deals")
