"""Writes the index of stays in stages, with each event or anew from all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.kernel import jobs
from comity.kernel.transaction import write_transaction
from comity.records import saving
from comity.sales.deals.model import StageVisit
from comity.timeline.models import Event

EVENTS = ("record.created", "deal.stage_changed")
CHUNK = 200  # deals


def enter(record: Any, back: bool = False) -> None:
    """A deal has entered the stage it is in now: its last stay ends, a new one begins."""
    StageVisit.objects.filter(deal_id=record.pk, left_at=None).update(left_at=record.stage_since)
    stay = StageVisit(
        deal_id=record.pk, pipeline=record.pipeline, stage=record.stage, entered_at=record.stage_since, back=back
    )
    saving.insert([stay])


def take_back(record: Any, back: bool = False) -> None:
    """A move was undone, the deal has its old stage and moment again: the stay that ended goes on as if never left.

    Undoing an undo begins the stay anew instead, at the moment it had begun.
    """
    rows = list(StageVisit.objects.filter(deal_id=record.pk).order_by("-entered_at", "-id")[:2])
    if len(rows) == 2 and (rows[1].stage, rows[1].entered_at) == (record.stage, record.stage_since):
        rows[0].delete()
        StageVisit.objects.filter(pk=rows[1].pk).update(left_at=None)
    else:
        enter(record, back)


@dataclass
class _Stay:
    pipeline: str
    stage: str
    entered_at: datetime
    left_at: datetime | None = None
    back: bool = False


def _follow(stays: list[_Stay], pipeline: str, payload: Mapping[str, Any]) -> None:
    """What an event makes of a deal's stays: the same as `enter` and `take_back` did when it happened."""
    changes = payload["changes"]
    stage = changes["stage"][1]
    if "stage_since" in changes:
        since = datetime.fromisoformat(changes["stage_since"][1].replace("Z", "+00:00"))
    else:
        since = stays[-1].entered_at  # two moves in one moment
    former = stays[-2] if len(stays) > 1 else None
    if payload.get("undone") and former and (former.stage, former.entered_at) == (stage, since):
        stays.pop()
        former.left_at = None
        return
    if stays:
        stays[-1].left_at = since
    stays.append(_Stay(pipeline, stage, since, back=bool(payload.get("back"))))


def stays_of(events: Iterable[Event]) -> list[_Stay]:
    """A deal's stays as its events tell them, in order."""
    stays: list[_Stay] = []
    pipeline = ""
    for event in events:
        changes = event.payload.get("changes", {})
        pipeline = (changes["pipeline"][1] if "pipeline" in changes else pipeline) or ""
        if ("stage" in changes and changes["stage"][1]) and ("stage_since" in changes or stays):
            _follow(stays, pipeline, event.payload)
    return stays


def rebuild(beat: jobs.Beat = lambda: None) -> int:
    """Make the whole index anew from the events; returns how many stays there are. Safe to repeat."""
    total, last = 0, UUID(int=0)
    mentioned = Event.objects.filter(primary_type="deal", type__in=EVENTS)
    while True:
        after = mentioned.filter(primary_id__gt=last).order_by("primary_id")
        ids = list(after.values_list("primary_id", flat=True).distinct()[:CHUNK])
        if not ids:
            return total
        with write_transaction():
            total += _rebuild(ids)
        last = ids[-1]
        beat()


def _rebuild(ids: list[UUID]) -> int:
    """Only the rows of deals whose stays differ from what the events tell are written."""
    held: dict[UUID, list[_Stay]] = {one: [] for one in ids}
    rows = StageVisit.objects.select_for_update().filter(deal_id__in=ids).order_by("entered_at", "id")
    for row in rows:
        held[row.deal_id].append(_Stay(row.pipeline, row.stage, row.entered_at, row.left_at, row.back))
    told: dict[UUID, list[Event]] = {one: [] for one in ids}
    for event in Event.objects.filter(primary_type="deal", primary_id__in=ids, type__in=EVENTS).order_by("id"):
        told[event.primary_id].append(event)
    true = {deal_id: stays_of(events) for deal_id, events in told.items()}
    wrong = [deal_id for deal_id in ids if held[deal_id] != true[deal_id]]
    StageVisit.objects.filter(deal_id__in=wrong).delete()
    StageVisit.objects.bulk_create(
        [StageVisit(deal_id=deal_id, **vars(stay)) for deal_id in wrong for stay in true[deal_id]], batch_size=500
    )
    return sum(map(len, true.values()))


@jobs.job("sales.rebuild_visits", lease=300)
def _rebuild_job(args: dict[str, Any], beat: jobs.Beat) -> None:
    rebuild(beat)
