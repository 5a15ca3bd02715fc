"""A deal enters a stage: its fields, its stay, its planned steps and the event, in one transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.bus import Cause, Work
from comity.changes.commands import amend, changed_since, hold, linked_refs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict
from comity.kernel.ids import new_id
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.deals import steps, visits
from comity.sales.deals.steps import Planned
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.state import Pipelines, StageState
from comity.timeline.models import Event
from comity.work.tasks.commands import refresh_next

Step = tuple[UUID, Mapping[str, Any]]  # the key of the task to be, and the step as the stage describes it
PLACE = ("stage", "state", "pipeline")  # what a move changes, and what makes two moves a conflict


def pipelines(actor: Actor) -> Pipelines:
    """The pipelines in force."""
    return pipeline_state.of(actor.state)


def hold_still(work: Work, deal_id: UUID, version: int, stage: str = "") -> tuple[RecordType, Any]:
    """The deal, nobody else moving it until the transaction ends.

    `version` is the one the mover saw, 0 = whatever is there. As everywhere, what others changed since is no
    hindrance where it is something else; another move is: Conflict says who moved it, and where it stands now.
    Raises NotFound, Refused too.
    """
    record_type, record = hold(work, "deal", deal_id)
    if version and version != record.version:
        clash = {key: event for key, event in changed_since("deal", deal_id, version).items() if key in PLACE}
        if clash:
            raise Conflict(current={
                "version": record.version, "stage": record.stage, "state": record.state,
                "mine": {"stage": stage} if stage else {}, "theirs": {"stage": record.stage},
                "who": {key: [str(event.actor_id or ""), event.at.isoformat()] for key, event in clash.items()},
            })  # fmt: skip
    return record_type, record


def clients(record_type: RecordType, record: Any) -> list[RecordRef]:
    """The cards whose stories tell of the deal too."""
    return linked_refs(record_type, {spec.key: kinds.read(spec, record.__dict__) for spec in record_type.links})


def enter(
    work: Work, record_type: RecordType, record: Any, stage: StageState, values: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] | None = None,
) -> Event:  # fmt: skip
    """Put a held deal into a stage; `values` are written along, `told` joins the event's payload.

    Entering a stage plans its steps. What becomes of those planned before:
    - going on, they stay: what was promised is still to be done, and a later gate may ask for it;
    - going back, the open ones of the stages beyond are dropped (they are planned anew when the deal comes there
      again), those of this stage and of the ones before stay;
    - closed, or moved to another pipeline, all that are still open are dropped.
    Only tasks that stages planned are touched, never one a person planned. Undo brings back what was dropped.
    """
    left = pipelines(work.actor).stages.get(record.stage)
    back = goes_back(left, stage) and record.state == "open"
    values = {"stage": stage.key, "stage_since": now(), **(values or {})}
    if back:
        values.setdefault("moves_back", (record.moves_back or 0) + 1)
    changes = amend(work, record_type, record, values)
    visits.enter(record, back)
    dropped, planned = consequences(work, record, left, stage)
    payload = {
        "title": record.title, "changes": changes, "back": back, "override": "", "owner": str(record.owner_id or ""),
        "planned": [str(key) for key, _step in planned], "dropped": [str(one.id) for one in dropped], **(told or {}),
    }  # fmt: skip
    event = tell(work, record_type, record, payload)
    follow(after(work, event.id), record, left, stage, dropped, planned)
    return event


def consequences(
    work: Work, record: Any, left: StageState | None, stage: StageState
) -> tuple[list[Planned], list[Step]]:
    """The tasks a deal's way into a stage drops, and the steps it plans under keys made for them."""
    everything = stage.kind != "open" or not _same_way(left, stage)
    standing = steps.planned_for(work.actor, record.pk, "edit", state="open")
    dropped = standing if everything else [one for one in standing if steps.is_beyond(work.actor, one, stage)]
    kept = {one.step for one in standing} - {one.step for one in dropped}
    return dropped, [(new_id(), step) for step in stage.steps if steps.key_of(stage, step) not in kept]


def follow(
    work: Work, record: Any, left: StageState | None, stage: StageState, dropped: list[Planned], planned: list[Step]
) -> None:
    """Do what `consequences` said, as consequences of the event told since."""
    steps.drop(work, dropped, _why_dropped(left, stage))
    steps.plan(work, record, stage, planned)
    if dropped or planned:
        refresh_next(work, RecordRef("deal", record.pk))


def tell(work: Work, record_type: RecordType, record: Any, payload: dict[str, Any]) -> Event:
    """The event "deal.stage_changed"; it becomes the command's first one, which its message offers to undo."""
    ref = RecordRef("deal", record.pk)
    event = work.tell("deal.stage_changed", ref, payload, clients(record_type, record), record.version)
    work.result.events.remove(event.id)
    work.result.events.insert(0, event.id)
    return event


def after(work: Work, event_id: int) -> Work:
    """The same transaction, for what follows from an event told in it."""
    depth = work.cause.depth + 1 if work.cause else 0
    return Work(work.actor, Cause(event_id, depth), work.batch_id, work.result)


def _why_dropped(left: StageState | None, stage: StageState) -> str:
    if stage.kind != "open":
        return _("The deal is closed.")
    if _same_way(left, stage):
        return _("The deal went back to an earlier stage.")
    return _("The deal goes along another pipeline.")


def goes_back(left: StageState | None, stage: StageState) -> bool:
    """Whether a stage lies before the one left, on the same way."""
    return left is not None and _same_way(left, stage) and stage.place < left.place


def _same_way(left: StageState | None, stage: StageState) -> bool:
    return left is not None and left.pipeline == stage.pipeline
