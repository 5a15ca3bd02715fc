"""Tasks on the page of a card: the next step, the composer's modes, the open tasks; and what a task's own page has."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.kernel.text import comma, listed
from comity.records.conditions import Where
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.story import Told
from comity.ui import registry, steps
from comity.ui.cells import day_format
from comity.ui.panels import may_edit
from comity.ui.render import html
from comity.ui.views import MINE, BuiltIn, build_in
from comity.work.tasks import plan_views, repeat_form
from comity.work.tasks.commands import helpers_of, open_tasks
from comity.work.tasks.next_step import task_type

KIND_ICONS = {"task": "checks", "call": "phone", "meeting": "users", "visit": "map-pin", "letter": "mail"}
MODES: tuple[tuple[str, Callable[[], str], int], ...] = (
    ("task", lambda: _("Task"), 20), ("call", lambda: _("Call"), 30), ("meeting", lambda: _("Meeting"), 40),
)  # fmt: skip


def of_card(actor: Actor, record_type: RecordType, card: Any) -> list[dict[str, Any]]:
    """The open tasks of a card, asked once for a page."""
    if actor.scope("task", "view") == "none":
        return []
    held: list[dict[str, Any]] | None = card.__dict__.get("_open_tasks")
    if held is None:
        held = card.__dict__["_open_tasks"] = open_tasks(actor, RecordRef(record_type.key, card.id))
    return held


def may_do(actor: Actor, record_type: RecordType, card: Any, row: Mapping[str, Any]) -> bool:
    """Whether he may change a task of a card he sees: his own, his card's, or one he helps with."""
    like = SimpleNamespace(
        pk=row["id"], owner_id=row["owner_id"], team_id=row["team_id"], about_type=record_type.key, about_id=card.id
    )
    return policy.may(actor, task_type(actor), like, "edit")  # type: ignore[arg-type]


def when(actor: Actor, due: datetime, whole_day: bool) -> str:
    """A deadline in words: "today 15:00", "tomorrow", "12 Mar, 10:00"."""
    zone = ZoneInfo(actor.timezone)
    local, today = due.astimezone(zone), now().astimezone(zone).date()
    days = (local.date() - today).days
    day = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get(days) or day_format(actor.language, now())(
        local.date()
    )
    clock = "" if whole_day else f"{local.hour:02}:{local.minute:02}"
    return f"{day}{comma(actor.language)}{clock}" if clock and days not in (0, 1, -1) else f"{day} {clock}".strip()


def _who(actor: Actor, row: Mapping[str, Any]) -> str:
    member = actor.state.users.get(row["owner_id"])
    return member.name if member and member.id != actor.user_id else ""


def pinned(request: Any, record_type: RecordType, card: Any) -> Markup | None:
    """The next step above the story; that there is none, where one may be planned."""
    if record_type.follows:
        return None
    actor: Actor = request.actor
    back = f"/{record_type.slug}/{card.id}"
    rows = of_card(actor, record_type, card)
    if not rows:
        field, closed = record_type.closing or ("", frozenset[str]())
        if actor.scope("task", "create") == "none" or getattr(card, field, None) in closed or card.next_at is not None:
            return None
        return html("work/next_step.html", {"step": {"plan_url": f"/tasks/plan?about={record_type.key}:{card.id}"}})
    row = rows[0]
    url = f"/tasks/{row['id']}"
    tone = steps.tone(row["due_at"], now(), ZoneInfo(actor.timezone))
    said = _("Late: %(when)s") if tone == "bad" else _("Next step, %(when)s")
    acts = [
        {"label": _("Later"), "url": f"{url}/later?next={back}"},
        {"label": _("Done"), "url": f"{url}/finish?next={back}", "icon": "check"},
    ]  # fmt: skip
    text = listed((said % {"when": when(actor, row["due_at"], row["whole_day"])}, _who(actor, row)), actor.language)
    step = {
        "url": url, "name": row["name"], "tone": tone if tone == "bad" else "", "when": text,
        "icon": KIND_ICONS.get(row["kind"], "bolt"), "acts": acts if may_do(actor, record_type, card, row) else [],
    }  # fmt: skip
    return html("work/next_step.html", {"step": step})


def composer(mode: str) -> Callable[[Any, RecordType, Any], Markup | None]:
    """The form of one mode of the composer."""

    def form(request: Any, record_type: RecordType, card: Any) -> Markup | None:
        actor: Actor = request.actor
        if record_type.follows or actor.scope("task", "create") == "none":
            return None
        return plan_views.composer(actor, RecordRef(record_type.key, card.id), mode)

    return form


def lines(actor: Actor, record_type: RecordType, card: Any) -> dict[str, Any] | None:
    """The open tasks beside the story, each done in place."""
    if record_type.follows or card.deleted_at is not None or actor.scope("task", "view") == "none":
        return None
    back, mine = f"/{record_type.slug}/{card.id}", actor.user_id
    wide = actor.scope("task", "edit") == "all" or (
        actor.scope("task", "edit") != "none" and may_edit(actor, record_type, card)
    )
    found = []
    for row in of_card(actor, record_type, card):
        url = f"/tasks/{row['id']}"
        mine_or_wide = wide or (row["owner_id"] == mine and actor.scope("task", "edit") != "none")
        found.append({
            "name": row["name"], "url": url, "late": row["due_at"] < now(),
            "done_url": f"{url}/finish?next={back}" if mine_or_wide else None,
            "sub": listed((when(actor, row["due_at"], row["whole_day"]), _who(actor, row)), actor.language),
        })  # fmt: skip
    may_plan = actor.scope("task", "create") != "none"
    entry: dict[str, Any] = {
        "label": _("Tasks"), "items": found,
        "add_url": f"/tasks/plan?about={record_type.key}:{card.id}" if may_plan else None,
    }  # fmt: skip
    if found:
        entry["html"] = html("work/task_lines.html", {"lines": found})
    return entry


def actions(actor: Actor, record_type: RecordType, task: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a task."""
    if not may_edit(actor, record_type, task):
        return []
    url = f"/tasks/{task.id}"
    ask = f"?next={url}"
    if task.state != "open":
        return [{"label": _("Open again"), "icon": "arrow-back-up", "url": f"{url}/reopen", "method": "post"}]
    return [
        {"label": _("Done"), "icon": "check", "url": f"{url}/finish", "primary": True},
        {"label": _("Later"), "icon": "clock", "url": f"{url}/later{ask}"},
        {"label": _("Hand over"), "icon": "user-share", "url": f"{url}/give{ask}"},
        {"label": _("Drop"), "icon": "circle-x", "url": f"{url}/drop"},
    ]


def details(request: Any, record_type: RecordType, task: Any) -> Markup | None:
    """A task's checklist, helpers and how it repeats."""
    actor: Actor = request.actor
    editable = may_edit(actor, record_type, task)
    url = f"/tasks/{task.id}"
    users = actor.state.users
    names = [users[one].name for one in helpers_of(task) if one in users]
    info = []
    if editable or task.repeat:
        info.append(("refresh", _("Repeats: %(how)s") % {"how": repeat_form.words(actor, task.repeat)}, "repeat"))
    if editable or names:
        said = _("Helpers: %(names)s") % {"names": listed(names, actor.language)} if names else _("Ask for help")
        info.append(("users", said, "help"))
    if editable:
        done = sum(one["done"] for one in task.checklist)
        told = ngettext("Checklist: %(done)s of %(n)s", "Checklist: %(done)s of %(n)s", len(task.checklist))
        said = told % {"done": done, "n": len(task.checklist)} if task.checklist else _("Add a checklist")
        info.append(("checks", said, "checklist"))
    context = {
        "url": url if editable else None, "checklist": task.checklist,
        "info": [{"icon": icon, "text": text, "url": f"{url}/{page}?next={url}" if editable else None}
                 for icon, text, page in info],
    }  # fmt: skip
    return html("work/task_details.html", {"task": context}) if info or task.checklist else None


def bodies(actor: Actor, told: Sequence[Told]) -> Mapping[int, Markup]:
    """Results and reasons, as they were written."""
    found: dict[int, Markup] = {}
    for one in told:
        text = (one.payload.get("changes", {}).get("result") or ["", ""])[1]
        if text:
            found[one.event.id] = Markup('<div dir="auto">{}</div>').format(text)
    return found


OPEN: Where = {"field": "state", "op": "any", "value": ["open"]}


def register() -> None:
    """Add all of it to the pages of cards, and to the list of tasks its views."""
    build_in(
        "task",
        BuiltIn("mine", lambda: _("Mine, to do"), lambda actor: {"all": [*MINE["all"], OPEN]}, sort="due_at"),
        BuiltIn("open", lambda: _("Everyone’s, to do"), lambda actor: {"all": [OPEN]}, sort="due_at"),
        BuiltIn("all", lambda: _("All"), lambda actor: {}, sort="-due_at"),
    )
    registry.add(registry.Block("next", pinned, order=10, label=lambda: _("Next step")))
    registry.add(registry.Block("task", details, types=frozenset({"task"}), label=lambda: _("Checklist and helpers")))
    registry.add(registry.Panel("tasks", lines, depends=frozenset({"task"}), order=20, label=lambda: _("Tasks")))
    registry.add(registry.Actions("task", actions, types=frozenset({"task"})))
    for mode, label, order in MODES:
        registry.add(registry.Composer(mode, label, KIND_ICONS[mode], composer(mode), order=order))
    registry.add_body(["task.finished", "task.dropped"], bodies)
