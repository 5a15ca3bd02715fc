"""The tasks of some days, by the clock on the reader's wall: one query, and the titles of their cards."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.work.tasks.model import Task
from comity.work.tasks.next_step import zone_of
from comity.work.today.due import ICONS
from comity.work.whose import Whose, changeable

CAP = 500
SHORTEST = 30  # minutes: less is not to be read or pressed in the grid
USUAL = 30  # minutes of a task that says nothing of its length
LONGEST = 31  # days of a month view and the weeks it begins and ends in fit into twice that
NAMES = (
    "id", "title", "kind", "about_type", "about_id", "due_at", "whole_day", "minutes", "owner_id", "state", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A task in the calendar. `start` and `end` are clock times of the reader's zone, of a whole day its midnights."""

    id: UUID
    title: str
    kind: str
    icon: str
    hue: int
    start: datetime
    end: datetime
    whole_day: bool
    about: str  # the title of its card, "" for who does not see it
    about_url: str
    owner: Any  # the Member responsible, None = nobody
    done: bool
    version: int
    editable: bool


@dataclass(frozen=True)
class _Between:
    """Open and finished tasks of some colleagues, due between two moments. Slots: `since`, `until`."""

    actor: Actor
    whose: Whose

    def build(self) -> Any:
        """The query; to one's own belong those one helps with."""
        due = Task._meta.get_field("due_at")
        rows = policy.visible(self.actor, self.actor.state.record_types["task"])
        meant = self.whose.q()
        if self.whose.mine:
            helps = Share.objects.filter(type_key="task", user=self.actor.user_id, edit=True, until=None)
            meant |= Q(pk__in=helps.exclude(created_by=self.actor.user_id).values("record_id"))
        rows = rows.filter(
            meant, state__in=("open", "done"), due_at__gte=Slot("since", due), due_at__lt=Slot("until", due)
        )
        return rows.order_by("due_at", "id").values(*NAMES)[: CAP + 1]


def entries(actor: Actor, whose: Whose, first: date, last: date) -> tuple[list[Entry], bool]:
    """The tasks of the days from `first` to before `last`, in order; and whether there are more than CAP."""
    zone = ZoneInfo(actor.timezone)
    # A day later on either side: the day of a task without a clock time is that of the one responsible.
    since = datetime.combine(first - timedelta(days=1), time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = actor.state.statements.of(_Between(actor, whose)).values(since=since, until=until)
    found = [(row, *_span(actor, row, zone)) for row in rows[:CAP]]
    found = [(row, start, end) for row, start, end in found if first <= start.date() < last]
    titles = policy.titles(
        actor, {RecordRef(row["about_type"], row["about_id"]) for row, _start, _end in found if row["about_id"]}
    )
    free = changeable(actor, {row["id"]: row["owner_id"] for row, _start, _end in found if row["state"] == "open"})
    kinds = {one.key: one for one in actor.state.record_types["task"].spec("kind").choices}
    types, users = actor.state.record_types, actor.state.users
    made = []
    for row, start, end in found:
        ref = RecordRef(row["about_type"], row["about_id"]) if row["about_id"] else None
        about = titles.get(ref, "") if ref else ""
        kind = kinds.get(row["kind"])
        owner = users.get(row["owner_id"])
        hue = kind.hue if kind else 0
        made.append(Entry(
            row["id"], row["title"], kind.label[actor.language] if kind else "", ICONS.get(row["kind"], "checks"),
            hue if whose.mine or not owner else owner.hue, start, end, row["whole_day"], about,
            f"/{types[ref.type].slug}/{ref.id}" if ref and about else "", owner, row["state"] == "done",
            row["version"], row["id"] in free,
        ))  # fmt: skip
    made.sort(key=lambda one: (one.start.date(), not one.whole_day, one.start))
    return made, len(rows) > CAP


def _span(actor: Actor, row: dict[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when, as the clock on the wall shows it."""
    if row["whole_day"]:
        day = row["due_at"].astimezone(zone_of(actor.state, row["owner_id"])).date()
        return datetime.combine(day, time()), datetime.combine(day + timedelta(days=1), time())
    minutes = max(row["minutes"] or USUAL, SHORTEST)
    start = row["due_at"].astimezone(zone).replace(tzinfo=None)
    end = (row["due_at"] + timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None)
    # In the night the clocks go back, an hour's task would end when it begins.
    return start, end if end > start else start + timedelta(minutes=minutes)


def as_event(entry: Entry, whose: Whose) -> dict[str, Any]:
    """An entry as the calendar's script takes it."""
    names = [f"h{entry.hue}"] if entry.hue else []
    return {
        "id": str(entry.id),
        "title": entry.title,
        "start": entry.start.isoformat(timespec="minutes"),
        "end": entry.end.isoformat(timespec="minutes"),
        "allDay": entry.whole_day,
        "classNames": [*names, "done"] if entry.done else names,
        "editable": entry.editable,
        "durationEditable": entry.editable and not entry.whole_day,
        "extendedProps": {
            "kind": entry.kind, "about": entry.about, "version": entry.version, "done": entry.done,
            "who": entry.owner.name if entry.owner and not whose.mine else "",
        },
    }  # fmt: skip
