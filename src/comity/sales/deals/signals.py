"""Signals on deals: stuck in a stage longer than usual there, gone back; what is told of them every morning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from comity.access import policy
from comity.access.actors import Actor, system
from comity.changes.bus import Work, run
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.records.models import RecordRef
from comity.sales.deals import moving
from comity.sales.pipelines import state as pipeline_state
from comity.timeline.models import Event

CHUNK = 200
NOTHING = Q(pk__in=[])
Row = Mapping[str, Any] | Any  # a values() row, or the record


def here_and_now(actor: Actor) -> datetime:
    """The moment by the reader's clock: days are judged by its calendar."""
    return now().astimezone(ZoneInfo(actor.timezone))


def _of(row: Row, key: str) -> Any:
    return row[key] if isinstance(row, Mapping) else getattr(row, key)


def days_in_stage(row: Row, moment: datetime) -> int:
    """How many days ago a deal came to its stage, by the calendar of the zone `moment` is given in."""
    since = _of(row, "stage_since")
    return (moment.date() - since.astimezone(moment.tzinfo).date()).days if since else 0


def is_stuck(actor: Actor, row: Row, moment: datetime) -> bool:
    """Whether an open deal has been in its stage for more days than is usual there."""
    stage = pipeline_state.of(actor.state).stages.get(_of(row, "stage"))
    norm = stage.norm_days if stage else 0
    return bool(norm) and _of(row, "state") == "open" and days_in_stage(row, moment) > norm


def went_back(row: Row) -> bool:
    """Whether an open deal has gone back to an earlier stage."""
    return _of(row, "state") == "open" and bool(_of(row, "moves_back"))


def stuck_q(actor: Actor) -> Q:
    """The stuck ones among visible deals, as `is_stuck` judges; none to who may not read what it is made of."""
    if not _reads(actor, "stage", "state", "stage_since"):
        return NOTHING
    by_norm: dict[int, list[str]] = {}
    for stage in pipeline_state.of(actor.state).stages.values():
        if stage.kind == "open" and stage.norm_days:
            by_norm.setdefault(stage.norm_days, []).append(stage.key)
    q = NOTHING
    for norm, stages in by_norm.items():
        q |= Q(state="open", stage__in=stages, stage_since__lt=_edge(actor, norm))
    return q


def _edge(actor: Actor, norm: int) -> datetime:
    """Who came to his stage before this moment is there for more than so many days."""
    local = here_and_now(actor)
    day = local.date() - timedelta(days=norm)
    return datetime.combine(day, time(), local.tzinfo).astimezone(UTC)


def went_back_q(actor: Actor) -> Q:
    """Those among visible deals that went back, the same as `went_back` judges."""
    return Q(state="open", moves_back__gt=0) if _reads(actor, "state", "moves_back") else NOTHING


def _reads(actor: Actor, *fields: str) -> bool:
    readable = {spec.key for spec in policy.readable_fields(actor, actor.state.record_types["deal"])}
    return readable.issuperset(fields)


@dataclass
class TellStuck:
    """Tell that deals are stuck: once for each stay in a stage, to the owner and his manager."""

    key: ClassVar[str] = "deal.tell_stuck"
    deal_ids: list[UUID]

    def apply(self, work: Work) -> None:
        """By the house itself."""
        record_type = work.actor.state.record_types["deal"]
        deals = policy.visible(work.actor, record_type).filter(stuck_q(work.actor), pk__in=self.deal_ids)
        rows = Event.objects.filter(primary_type="deal", primary_id__in=self.deal_ids, type="deal.stuck")
        told = {(key, payload["since"]) for key, payload in rows.values_list("primary_id", "payload")}
        moment = here_and_now(work.actor)
        for deal in deals.order_by("pk"):
            since = deal.stage_since.isoformat()
            if (deal.pk, since) not in told:
                payload = {
                    "title": deal.title, "stage": deal.stage, "since": since, "days": days_in_stage(deal, moment),
                    "owner": str(deal.owner_id or ""),
                }  # fmt: skip
                work.tell("deal.stuck", RecordRef("deal", deal.pk), payload, moving.clients(record_type, deal))


@jobs.schedule("sales.stuck_deals", daily="04:30", lease=300)
def tell_stuck(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Every morning: look for deals that have become stuck, by the company's calendar."""
    actor = system("sales.signals")
    deals = policy.visible(actor, actor.state.record_types["deal"]).filter(stuck_q(actor)).order_by("pk")
    last = UUID(int=0)
    while ids := list(deals.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        run(actor, TellStuck(ids))
        last = ids[-1]
        beat()
