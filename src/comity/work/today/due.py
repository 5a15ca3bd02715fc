"""Open tasks that are late or due today, judged in the reader's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.ui.cells import day_format
from comity.work.tasks.model import Task
from comity.work.today import sections
from comity.work.today.sections import Row, Section
from comity.work.whose import Whose, list_url

ICONS = {"task": "checks", "call": "phone", "meeting": "users", "visit": "map-pin", "letter": "mail"}
NAMES = (
    "id", "title", "kind", "about_type", "about_id", "due_at", "whole_day", "owner_id", "moves", "promised_on", "total",
)  # fmt: skip
MANY_MOVES = 2  # from so many moves of its deadline a line says so
LATE, TODAY = "late", "today"


def day_begins(actor: Actor, days: int = 0) -> datetime:
    """The moment at which the reader's day of today, or one so many days on, begins."""
    return datetime.combine(policy.today(actor) + timedelta(days=days), time(), ZoneInfo(actor.timezone))


@dataclass(frozen=True)
class _Due:
    """The open tasks of some colleagues that are late, or due from now to the day's end. Slots: `now`, `end`."""

    actor: Actor
    whose: Whose
    late: bool
    size: int

    def build(self) -> Any:
        """The query; `total` says how many there are without the limit."""
        task = self.actor.state.record_types["task"]
        due = Task._meta.get_field("due_at")
        at, end = Slot("now", due), Slot("end", due)
        rows = self.whose.rows(self.actor, task).filter(state="open")
        rows = rows.filter(due_at__lt=at) if self.late else rows.filter(due_at__gte=at, due_at__lt=end)
        return sections.counted(rows).order_by("due_at", "id").values_list(*NAMES)[: self.size]


def load(actor: Actor, whose: Whose, late: bool, limit: int) -> list[Row]:
    """The late ones, or those due later today; one query."""
    statement = actor.state.statements.of(_Due(actor, whose, late, limit))
    slots = {"now": now()} if late else {"now": now(), "end": day_begins(actor, 1)}
    return _lines(actor, statement.rows(**slots))


def _lines(actor: Actor, found: Sequence[Sequence[Any]]) -> list[Row]:
    """Lines out of rows of NAMES."""
    hues = {one.key: one.hue for one in actor.state.record_types["task"].spec("kind").choices}
    show_day, zone = day_format(actor.language, now()), ZoneInfo(actor.timezone)
    made = []
    for key, title, kind, about_type, about, due_at, whole_day, owner, moves, promised, total in found:
        note, tone = "", ""
        if promised and promised < due_at.astimezone(zone).date():
            note, tone = _("promised for %(day)s") % {"day": show_day(promised)}, "warn"
        elif moves and moves >= MANY_MOVES:
            note = ngettext("moved %(n)s time", "moved %(n)s times", moves) % {"n": moves}
        made.append(Row(
            RecordRef("task", key), title, ICONS.get(kind, "checks"), hues.get(kind, 0),
            (RecordRef(about_type, about),) if about else (), due_at, whole_day, owner, note, tone, total,
        ))  # fmt: skip
    return made


def all_ids(actor: Actor, whose: Whose, most: int) -> list[Any]:
    """The keys of every late or due task of the page: for "select all"."""
    task = actor.state.record_types["task"]
    rows = whose.rows(actor, task).filter(state="open", due_at__lt=day_begins(actor, 1))
    return list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:most])


def _more(actor: Actor, whose: Whose) -> str:
    """Every open task due before tomorrow."""
    tomorrow = (policy.today(actor) + timedelta(days=1)).isoformat()
    return list_url("tasks", whose, ("state", "any", "open"), ("due_at", "before", tomorrow), sort="due_at")


def register() -> None:
    """Put both on the page."""
    topics = frozenset({"task"})
    sections.add(Section(
        LATE, lambda: _("Late"), "alert-circle", lambda actor, whose, limit: load(actor, whose, True, limit), 10, "bad",
        tasks=True, topics=topics, more=_more,
    ))  # fmt: skip
    sections.add(Section(
        TODAY, lambda: _("Today"), "sun-high", lambda actor, whose, limit: load(actor, whose, False, limit), 20, "now",
        tasks=True, topics=topics, more=_more,
    ))  # fmt: skip
