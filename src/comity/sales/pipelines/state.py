"""The pipelines as every page needs them: part of the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.snapshot import Snapshot
from comity.records import options
from comity.records.fields import Choice
from comity.records.labels import Label
from comity.sales.pipelines import shipped
from comity.sales.pipelines.model import Pipeline, Stage

PART = "pipelines"


@dataclass(frozen=True)
class StageState:
    """A stage; see the model for what its parts mean."""

    id: UUID
    key: str
    pipeline: str
    label: Label
    hue: int
    kind: str
    probability: int
    norm_days: int
    steps: tuple[Mapping[str, Any], ...]
    gate: Mapping[str, Any]
    place: int  # among the stages of its pipeline, from 0
    retired: bool


@dataclass(frozen=True)
class PipelineState:
    """A pipeline with its stages in order, those retired too."""

    id: UUID
    key: str
    label: Label
    teams: frozenset[UUID]
    stages: tuple[StageState, ...]
    retired: bool

    @cached_property
    def open(self) -> tuple[StageState, ...]:
        """The stages a deal goes along."""
        return tuple(stage for stage in self.stages if stage.kind == "open" and not stage.retired)

    @property
    def first(self) -> StageState:
        """Where a new deal begins."""
        return self.open[0]

    def ending(self, kind: str) -> StageState:
        """The stage of "won" or "lost"."""
        return next(stage for stage in self.stages if stage.kind == kind and not stage.retired)


@dataclass(frozen=True)
class Pipelines:
    """All of them, by key, in their order."""

    by_key: Mapping[str, PipelineState]
    stages: Mapping[str, StageState]

    def open_to(self, actor: Actor) -> list[PipelineState]:
        """Those he may work in, without the retired ones."""
        return [
            one for one in self.by_key.values()
            if not one.retired and (actor.administrator or not one.teams or one.teams & actor.branch)
        ]  # fmt: skip


def of(state: Snapshot) -> Pipelines:
    """The pipelines of a state of settings."""
    found: Pipelines = state.parts[PART]
    return found


def rows_in_force() -> tuple[list[Pipeline], list[Stage]]:
    """Pipelines and stages in their order: the company's rows, or the shipped ones, not saved, while it has none."""
    held = list(Pipeline.objects.order_by("position", "id"))
    if held:
        return held, list(Stage.objects.order_by("position", "id"))
    pipeline, stages = shipped.rows()
    return [pipeline], stages


def _load() -> Pipelines:
    held, saved = rows_in_force()
    rows: dict[UUID, list[Stage]] = {}
    for stage in saved:
        rows.setdefault(stage.pipeline_id, []).append(stage)
    pipelines = [
        PipelineState(
            one.id, one.key, Label.of(one.name), frozenset(UUID(team) for team in one.teams),
            tuple(_stage(one.key, stage, place) for place, stage in enumerate(rows.get(one.id, ()))),
            one.archived_at is not None,
        )
        for one in held
    ]  # fmt: skip
    return Pipelines(
        {one.key: one for one in pipelines}, {stage.key: stage for one in pipelines for stage in one.stages}
    )


def _stage(pipeline: str, row: Stage, place: int) -> StageState:
    return StageState(
        row.id, row.key, pipeline, Label.of(row.name), row.hue, row.kind, row.probability, row.norm_days,
        tuple(row.steps), row.gate, place, row.archived_at is not None,
    )  # fmt: skip


snapshot.add_part(PART, _load)


def _pipeline_choices(parts: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(one.key, one.label, 0, one.retired) for one in parts[PART].by_key.values())


def _stage_choices(parts: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(one.key, one.label, one.hue, one.retired) for one in parts[PART].stages.values())


options.register(
    options.OptionList(
        "pipeline", Label("Pipelines", "Воронки", "Воронки", "Фунии", "Alur penjualan", "مسارات المبيعات"),
        load=_pipeline_choices,
    )
)  # fmt: skip
options.register(
    options.OptionList("stage", Label("Stages", "Этапы", "Етапи", "Етапи", "Tahap", "المراحل"), load=_stage_choices)
)
