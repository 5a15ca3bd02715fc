"""What is asked of boards, deals, Today and reports, by whom, and what the answers must hold."""

import itertools
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from comity.access import policy
from comity.config.bench.sales import MOVES
from comity.config.bench.stopwatch import Case, Clock, Request
from comity.config.bench.visits import Visitor, always, has, went_on
from comity.insight import reports
from comity.insight.reports import Ask
from comity.sales.reports.funnel import Funnel

CARDS = 40  # deals that are moved in turn
WAY = ("new", "qualified", "meeting", "quote", "agreement")
REPORTS = {
    "funnel": "/reports/funnel",
    "funnel, what happened": "/reports/funnel?by=period",
    "sales report": "/reports/sales",
    "leads report": "/reports/leads",
}
QUERIES = 20  # how often the funnel's own query is asked


def pages(visitor: Visitor) -> dict[str, str]:
    """The addresses of what is read, by name; Today and tasks only of those who have some of their own."""
    found = {
        "board": "/deals/board?view=all",
        "totals of the board": "/deals/board?view=all&part=totals",
        "list, deals": "/deals/?view=all",
    }
    if (deal := _open_deals(visitor).first()) is not None:
        found["record, deal"] = f"/deals/{deal.pk}"
    return found | ({"today": "/today", "list, tasks": "/tasks/?view=all"} if _own_tasks(visitor) else {})


def reports_of(visitor: Visitor) -> list[Case]:
    """The reports as pages."""
    return [
        Case(f"{name} ({visitor.name})", always(Request(path, visitor.cookie)), has(b"<table"))
        for name, path in REPORTS.items()
    ]


def funnel_query(visitor: Visitor) -> Clock:
    """How long the base and the counting of its answer take for the funnel, in this process."""
    report = reports.get("funnel")
    assert report is not None  # noqa: S101 - ours
    clock = Clock()
    for _turn in range(QUERIES):
        funnel = Funnel(Ask(visitor.actor, report, {}))
        began, spent = time.perf_counter(), time.process_time()
        found = funnel.course()
        clock.seconds.append(time.perf_counter() - began)
        clock.cpu.append(time.process_time() - spent)
        if not found.reached[-1].count:
            raise SystemExit("The funnel counted nothing.")
    return clock


def writings(visitor: Visitor, taken: set[UUID]) -> list[Case]:
    """What one visitor writes: deals moved along the board, tasks finished on Today."""
    found = []
    if cards := list(_open_deals(visitor, "edit").exclude(id__in=taken)[:CARDS]):
        taken |= {card.pk for card in cards}
        moves = _moves(visitor, cards)
        found.append(Case(f"move a deal ({visitor.name})", lambda: next(moves), has(b"hx-swap-oob")))
    if tasks := _own_tasks(visitor):
        finished = _finished(visitor, tasks)
        found.append(Case(f"finish a task ({visitor.name})", lambda: next(finished), went_on))
    return found


def _moves(visitor: Visitor, cards: list[Any]) -> Iterator[Request]:
    """Each deal goes on stage by stage, from the last one back to the first: forwards a step is planned, back they are
    dropped."""
    for n in itertools.count():
        card, turn = cards[n % len(cards)], n // len(cards)
        to = WAY[(WAY.index(card.stage) + 1 + turn) % len(WAY)]
        form = {"idempotency": uuid4().hex, "id": str(card.pk), "version": card.version + turn, "to": to,
                "query": "view=all"}  # fmt: skip
        yield Request("/deals/board/move", visitor.cookie, urlencode(form).encode(), script=True)


def _finished(visitor: Visitor, tasks: list[tuple[UUID, int]]) -> Iterator[Request]:
    for key, version in tasks:
        form = {"idempotency": uuid4().hex, "version": version, "result": "They will decide next week."}
        yield Request(f"/today/{key}/done", visitor.cookie, urlencode(form).encode(), script=True)


def _open_deals(visitor: Visitor, action: str = "view") -> Any:
    deals = policy.visible(visitor.actor, visitor.actor.state.record_types["deal"], action)
    return deals.filter(state="open", version=MOVES + 1).order_by("sort_key", "id")


def _own_tasks(visitor: Visitor) -> list[tuple[UUID, int]]:
    tasks = policy.visible(visitor.actor, visitor.actor.state.record_types["task"], "edit")
    rows = tasks.filter(owner=visitor.actor.user_id, state="open").order_by("due_at", "id")
    return list(rows.values_list("id", "version"))
