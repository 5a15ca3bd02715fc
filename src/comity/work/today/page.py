"""The start page: sections of lines, whose they are, and what comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.records.prepared import Slot
from comity.ui import frame, registry
from comity.ui.cells import written_day, written_number
from comity.ui.render import html, is_fragment, page
from comity.work import whose as choice
from comity.work.tasks.model import Task
from comity.work.today import due, lines, sections
from comity.work.today.lines import Draw
from comity.work.today.sections import Row, Section
from comity.work.whose import Whose

URL = "/today"
LINES = 50  # of one section
ALTOGETHER = 120  # of the page: what stands below is shorter where much is late
AT_LEAST = 5
MOST_HOLDERS = 40


def today(request: HttpRequest) -> HttpResponse:
    """GET `scope`, `who`: the page; for scripts the part that follows what happens."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    whose = choice.choose(actor, request.GET)
    board = context(actor, whose)
    board["beside"] = is_fragment(request) and request.GET.get("beside") == "1"
    answer = html("work/today_list.html", {"today": board})
    if is_fragment(request):
        for toast in frame.said(request):
            answer += html("ui/fragments/toast.html", {"toast": toast})
        return HttpResponse(answer)
    return page(request, "work/today.html", today=board, list_html=answer)


def address(whose: Whose) -> str:
    """The page of that choice."""
    params = whose.params()
    return f"{URL}?{urlencode(params)}" if params else URL


def context(actor: Actor, whose: Whose) -> dict[str, Any]:
    """What work/today.html shows."""
    found = load(actor, whose)
    rows = [row for _section, some in found for row in some]
    titles = policy.titles(actor, (one for row in rows for one in row.subs))
    urgent = next((some[0] for section, some in found if section.tasks and some), None) if whose.mine else None
    draw = lines.drawer(actor, whose, titles, rows, urgent)
    shown = [_section(actor, whose, section, some, draw) for section, some in found if some]
    query = urlencode(whose.params())
    due_rows = [(section, some) for section, some in found if section.tasks and some]
    topics = frozenset[str]().union(*(section.topics for section, _some in found))
    return {
        "title": _("Today"),
        "date": written_day(policy.today(actor), "EEEE d MMMM", actor.language),
        "url": address(whose),
        "params": list(whose.params().items()),
        "bulk_query": query,
        "tabs": _tabs(actor, whose),
        "holders": _holders(actor, whose),
        "sections": shown,
        "feet": [made for one in sections.feet.values() if (made := one(actor, whose)) is not None],
        "live": " ".join(sorted(topics)),
        "ticks": bool(due_rows) and actor.seen_by is None,
        "select_all": _select_all(due_rows, actor.language),
        "begin": [] if shown else _beginnings(actor),
        "plan_url": f"/tasks/plan?{urlencode({'next': address(whose)})}"
        if actor.scope("task", "create") != "none"
        else None,
    }


def _beginnings(actor: Actor) -> list[dict[str, str]]:
    """What he may make: the first things to do where nothing is due."""
    return [
        {"url": f"/{one.slug}/new", "icon": one.icon, "label": _("New: %(what)s") % {"what": one.label[actor.language]}}
        for one in actor.state.types_on
        if one.menu in ("sales", "clients") and actor.scope(one.key, "create") != "none"
    ]


def load(actor: Actor, whose: Whose) -> list[tuple[Section, Sequence[Row]]]:
    """Every section with its first lines."""
    left = ALTOGETHER
    found: list[tuple[Section, Sequence[Row]]] = []
    for section in sections.all_sections():
        rows = section.load(actor, whose, min(LINES, max(left, AT_LEAST)))
        left -= len(rows)
        found.append((section, rows))
    return found


def _section(actor: Actor, whose: Whose, section: Section, rows: Sequence[Row], draw: Draw) -> dict[str, Any]:
    """A heading with its lines, and the list that shows the rest of them, where there is one."""
    total = max(rows[0].total, len(rows))
    rest = total - len(rows)
    more = ngettext("%(n)s more", "%(n)s more", rest) % {"n": written_number(rest, actor.language)} if rest else ""
    more_url = section.more(actor, whose) if rest and section.more else ""
    return {
        "key": section.key, "label": section.label(), "icon": section.icon, "tone": section.tone,
        "count": written_number(total, actor.language), "html": draw(section, rows),
        "tasks": section.tasks, "more": more, "more_url": more_url,
    }  # fmt: skip


def _tabs(actor: Actor, whose: Whose) -> list[dict[str, Any]]:
    """Mine and the team's, for who may look at others' work."""
    if not choice.colleagues(actor):
        return []
    everybody = actor.scope("task", "view") == "all"
    return [
        {"label": _("Mine"), "url": URL, "current": whose.mine},
        {"label": _("Everybody’s") if everybody else _("My team’s"), "url": f"{URL}?scope={choice.TEAM}",
         "current": not whose.mine},
    ]  # fmt: skip


@dataclass(frozen=True)
class _Held:
    """How many tasks each colleague has that are late or due today. Slots: `now`, `end`."""

    actor: Actor
    whose: Whose

    def build(self) -> Any:
        """The query: owner, all of them, those that are late."""
        task = self.actor.state.record_types["task"]
        due_at = Task._meta.get_field("due_at")
        rows = self.whose.rows(self.actor, task).filter(state="open", due_at__lt=Slot("end", due_at))
        late = Count("pk", filter=Q(due_at__lt=Slot("now", due_at)))
        return rows.order_by().values("owner_id").annotate(due=Count("pk"), late=late).values_list(
            "owner_id", "due", "late"
        )  # fmt: skip


def _holders(actor: Actor, whose: Whose) -> list[dict[str, Any]]:
    """Who holds how much, the one with most late steps first; each leads to his own lines."""
    if whose.mine:
        return []
    team = choice.choose(actor, {"scope": choice.TEAM})
    slots = {"now": now(), "end": due.day_begins(actor, 1)}
    rows = actor.state.statements.of(_Held(actor, team)).rows(**slots)
    users = actor.state.users
    held = sorted((row for row in rows if row[0] in users), key=lambda row: (-row[2], -row[1], users[row[0]].name))
    chips = [
        {"label": users[key].name, "count": written_number(number, actor.language), "late": bool(late),
         "url": address(Whose(choice.TEAM, (key,), key)), "current": key == whose.who}
        for key, number, late in held[:MOST_HOLDERS]
    ]  # fmt: skip
    if whose.who and all(not chip["current"] for chip in chips):
        chips.append({"label": users[whose.who].name, "count": written_number(0, actor.language), "late": False,
                      "url": address(whose), "current": True})  # fmt: skip
    everyone = {"label": _("All"), "count": "", "late": False, "url": address(team), "current": whose.who is None}
    return [everyone, *chips]


def _select_all(due_rows: list[tuple[Section, Sequence[Row]]], language: str) -> str:
    """Offered when more is due than the page shows."""
    total = sum(max(rows[0].total, len(rows)) for _section, rows in due_rows)
    if total <= sum(len(rows) for _section, rows in due_rows):
        return ""
    text = ngettext("Select all %(n)s line", "Select all %(n)s lines", total)
    return text % {"n": written_number(total, language)}


def chosen(actor: Actor, post: Any, whose: Whose, most: int) -> list[UUID]:
    """The tasks a form means: that of the button pressed, the ticked ones, or all that are late or due. Rights are
    asked by each command."""
    if post.get("all") == "1":
        return due.all_ids(actor, whose, most)
    found: dict[UUID, None] = {}
    for text in post.getlist("task") or post.getlist("id"):
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)[:most]


def register() -> None:
    """Put the page into the menu, first of all."""
    due.register()
    registry.add(registry.NavItem(
        "today", lambda: _("Today"), URL, "sun-high", lambda actor, seen: "task" in seen, order=1
    ))  # fmt: skip
