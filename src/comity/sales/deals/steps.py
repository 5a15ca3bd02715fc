"""The steps of a stage: planned as tasks when a deal enters it, dropped when they no longer apply."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.kernel.clock import now
from comity.kernel.errors import Problem
from comity.records.labels import Label
from comity.records.prepared import Slot
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.state import StageState
from comity.work.tasks import commands as tasks
from comity.work.tasks.model import Task

LAST_MINUTE, NOON = time(23, 59), time(12)


@dataclass(frozen=True)
class Planned:
    """A task that a stage planned for a deal."""

    id: UUID
    version: int
    step: str
    state: str


def key_of(stage: StageState, step: Mapping[str, Any]) -> str:
    """What stands on the task a step has planned."""
    return f"{stage.pipeline}.{stage.key}.{step['key']}"


@dataclass(frozen=True)
class _Planned:
    """The tasks that stages planned for a deal, as far as the actor may do something with them."""

    actor: Actor
    action: str

    def build(self) -> Any:
        """The query; its slot is the deal's key."""
        seen = policy.visible(self.actor, self.actor.state.record_types["task"], self.action)
        tasks = seen.filter(about_type="deal", about_id=Slot("id", Task._meta.get_field("about_id"))).exclude(step="")
        return tasks.order_by("created_at", "id").values_list("pk", "version", "step", "state")


def planned_for(actor: Actor, deal_id: UUID, action: str = "view", state: str = "") -> list[Planned]:
    """The tasks that stages planned for a deal, oldest first; `state`: only those of it."""
    rows = actor.state.statements.of(_Planned(actor, action)).rows(id=deal_id)
    return [one for one in (Planned(*row) for row in rows) if not state or one.state == state]


def plan(work: Work, record: Any, stage: StageState, some: Iterable[tuple[UUID, Mapping[str, Any]]]) -> None:
    """Plan steps of the stage a deal has entered, as tasks with those keys. The deal's next step is the caller's."""
    for key, step in some:
        owner = responsible(work.actor, record, step)
        values = _values(work.actor, record, step, owner)
        tasks.plan(work, values, step=key_of(stage, step), record_id=key, refresh=False)


def _values(actor: Actor, record: Any, step: Mapping[str, Any], owner: UUID | None) -> dict[str, Any]:
    """The task's raw values: in the words and the time of who is to do it."""
    state = actor.state
    member = state.users.get(owner) if owner else None
    company = state.organization
    language = (member and member.language) or (company and company.language) or "en"
    zone = (member and member.timezone) or (company and company.timezone) or "UTC"
    due_at, whole_day = due(step, now(), zone)
    if whole_day:  # the day is read by the planner's calendar and made to end where the owner lives
        due_at = datetime.combine(due_at.astimezone(ZoneInfo(zone)).date(), NOON, ZoneInfo(actor.timezone))
    return {
        "name": Label.of(step["text"])[language], "kind": step["kind"], "about": f"deal:{record.pk}",
        "due_at": due_at, "whole_day": whole_day, "owner": str(owner) if owner else None,
    }  # fmt: skip


def due(step: Mapping[str, Any], moment: datetime, zone: str) -> tuple[datetime, bool]:
    """When a step is due, and whether at any time of that day. A clock time already past today means tomorrow."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=int(step.get("days") or 0))
    clock = step.get("clock") or ""
    at = datetime.combine(day, time.fromisoformat(clock) if clock else LAST_MINUTE, local.tzinfo)
    if clock and at < local:
        at = datetime.combine(day + timedelta(days=1), at.time(), local.tzinfo)
    return at.astimezone(UTC), not clock


def responsible(actor: Actor, record: Any, step: Mapping[str, Any]) -> UUID | None:
    """Who is to do a step: the deal's owner, who leads its team, or one named colleague.

    Nobody leads, or he is switched off: the deal's owner; he is gone too: who moved the deal.
    """
    state, who = actor.state, step.get("who") or "owner"
    candidates: list[UUID | None] = []
    if who == "lead":
        candidates += [user for user, places in state.memberships.items() if (record.team_id, True) in places]
    elif who != "owner":
        candidates += [user for user in state.users if str(user) == who]
    candidates += [record.owner_id, actor.user_id]
    return next((one for one in candidates if one and one in state.users and state.users[one].active), None)


def is_beyond(actor: Actor, task: Planned, stage: StageState) -> bool:
    """Whether a task was planned by a stage that lies beyond another one, on its way."""
    of = next((one for one in pipeline_state.of(actor.state).by_key[stage.pipeline].stages
               if task.step.startswith(f"{one.pipeline}.{one.key}.")), None)  # fmt: skip
    return of is not None and of.place > stage.place


def drop(work: Work, some: Sequence[Planned], reason: str) -> None:
    """Drop tasks a stage has planned. The deal's next step is the caller's."""
    for one in some:
        tasks.DropTask(one.id, one.version, reason, stop=True, refresh=False).apply(work)


def take_back(work: Work, event_payload: Mapping[str, Any]) -> None:
    """Undo: the tasks a move planned go unless somebody has touched them, those it dropped are open again."""
    tasks.drop_planned(work, [UUID(one) for one in event_payload.get("planned", ())])
    for one in event_payload.get("dropped", ()):
        try:
            tasks.ReopenTask(UUID(one)).apply(work)
        except Problem:
            continue  # in the trash, or open again already: it is no longer ours to change
