"""A stage or a pipeline is retired: what stands there goes where its remover says, together, and can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch
from comity.changes.bus import Result, Work
from comity.changes.models import Batch
from comity.changes.settings import DeleteSetting
from comity.kernel.errors import Invalid, Refused
from comity.sales.deals.mapping import ACT
from comity.sales.pipelines.commands import begin, held
from comity.sales.pipelines.model import Stage


def may_empty(actor: Actor) -> bool:
    """Whether he may retire what deals stand on: who does not see and change all of them can't say where they go."""
    return actor.permits("settings") and all(actor.scope("deal", action) == "all" for action in ("view", "edit"))


def standing(actor: Actor, stages: Iterable[str]) -> dict[str, int]:
    """How many of the deals he sees stand on each of these stages; those without any left out."""
    deals = policy.visible(actor, actor.state.record_types["deal"]).filter(stage__in=list(stages))
    return dict(deals.order_by().values_list("stage").annotate(count=Count("pk")))


@dataclass
class RetireStage:
    """Take a stage out of use; the deals on it go to the stage `to`, of its pipeline and kind.

    A retired stage that deals came to since is emptied the same way. Result.data: {"batches": ids}, the moves: large
    ones are jobs, the others are for `carry_out`.
    """

    key: ClassVar[str] = "stage.retire"
    stage: str
    to: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        begin(work)
        _require(work.actor)
        _kind, row = held("stage", self.stage)
        target = Stage.objects.filter(key=self.to, pipeline_id=row.pipeline_id).first() if self.to else None
        if self.to:
            _fits(row, target, "to")
        if row.archived_at is None:
            DeleteSetting("stage", row.pk).apply(work)
        _move(work, {row.key: target.key} if target else {}, [row])


@dataclass
class RetirePipeline:
    """Take a pipeline out of use; the deals on each of its stages go to a stage `to` them, of the same kind in another
    pipeline. Result.data as for a stage."""

    key: ClassVar[str] = "pipeline.retire"
    pipeline: str
    to: Mapping[str, str] = field(default_factory=dict)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        begin(work)
        _require(work.actor)
        _kind, row = held("pipeline", self.pipeline)
        stages = list(row.stages.order_by("position", "id"))
        targets = {one.key: one for one in Stage.objects.filter(key__in=self.to.values(), pipeline__archived_at=None)}
        mapping = {}
        for stage in stages:
            if key := self.to.get(stage.key):
                target = targets.get(key)
                _fits(stage, target if target and target.pipeline_id != row.pk else None, f"to-{stage.key}")
                mapping[stage.key] = key
        if row.archived_at is None:
            DeleteSetting("pipeline", row.pk).apply(work)
        _move(work, mapping, stages, "to-{}")


def _require(actor: Actor) -> None:
    if not may_empty(actor):
        raise Refused(_("Only who may see and change all deals can say where they go."))


def _fits(stage: Stage, target: Stage | None, name: str) -> None:
    if target is None or target.pk == stage.pk or target.kind != stage.kind or target.archived_at is not None:
        raise Invalid(fields={name: [_("Choose a stage of the same kind that is in use.")]})


def _move(work: Work, mapping: Mapping[str, str], stages: list[Stage], name: str = "to") -> None:
    """Start the moves; raises Invalid where deals stand and nothing says where they go."""
    counts = standing(work.actor, [stage.key for stage in stages])
    wrong = {
        name.format(key): [ngettext("%(n)s deal stands here. Choose where it goes.",
                                    "%(n)s deals stand here. Choose where they go.", count) % {"n": count}]
        for key, count in counts.items() if key not in mapping
    }  # fmt: skip
    if wrong:
        raise Invalid(fields=wrong)
    deals = policy.visible(work.actor, work.actor.state.record_types["deal"], "edit")
    ids = list(deals.filter(stage__in=list(mapping)).order_by("pk").values_list("pk", flat=True))
    batches = []
    for at in range(0, len(ids), batch.MOST):
        batch.StartBatch("deal", ACT, ids[at : at + batch.MOST], {"to": dict(mapping)}).apply(work)
        batches.append(work.result.data.pop("batch"))
    work.result.data |= {"batches": batches, "deals": len(ids)}


def carry_out(actor: Actor, result: Result) -> None:
    """Do the moves of a retirement that are no job, now that it is in force."""
    for one in result.data["batches"]:
        held_batch = Batch.objects.get(pk=one)
        if held_batch.total <= batch.AT_ONCE and held_batch.state == "running":
            batch.work_off(actor, held_batch)


def take_back(actor: Actor, ids: Iterable[str], key: str = "") -> None:
    """Put the deals of such moves back where they stood; raises Refused for what is not his or still going on."""
    for number, one in enumerate(ids):
        batch.undo(actor, UUID(one), f"{key}.{number}" if key else "")
