"""Commands of settings on pipelines: made, changed, put in order, their stages and the steps of those.

Every one begins with making the shipped pipeline the company's own, so that what is changed has rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.options import swapped
from comity.changes.settings import (
    RestoreSetting,
    SaveSetting,
    SettingType,
    Values,
    Wrong,
    existing,
    setting_type,
    write,
)
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.ids import new_id
from comity.sales.pipelines import shipped
from comity.sales.pipelines.model import Pipeline, Stage
from comity.sales.pipelines.settings import clean_step, step_version

STEP = 10  # between the places of two stages
ORDER = ("open", "won", "lost")  # of the kinds of stages


def own_key(letter: str) -> str:
    """A key nobody has yet, not even one that is gone: tasks and events of old name stages by theirs."""
    return f"{letter}_{new_id().hex[-12:]}"


def begin(work: Work) -> None:
    """Before pipelines change: the right, the shipped one's rows, and nobody else changing them at the same time."""
    work.actor.require("settings")
    shipped.save()


def held(setting: str, key: str) -> tuple[SettingType, Any]:
    """The kind of setting and the row of that key to be changed; raises NotFound."""
    kind = setting_type(setting)
    row_id = kind.model._default_manager.filter(key=key).values_list("pk", flat=True).first()
    return kind, existing(kind, row_id)


def _save(work: Work, setting: str, key: str, values: Values, version: str = "") -> None:
    kind, row = held(setting, key)
    write(work, kind, row, writer.setting_values(row), values, version)


# --- pipelines -------------------------------------------------------------------------------------------------------


@dataclass
class MakePipeline:
    """A new pipeline: {"name": per language, "teams": ids}; its stages from raw values, by default new, won and lost.

    Result.data: {"pipeline": its key}.
    """

    key: ClassVar[str] = "pipeline.make"
    values: Values
    stages: Sequence[Values] = ()
    pipeline: str = ""  # its key; "" = one that nobody has

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid."""
        begin(work)
        last = Pipeline.objects.order_by("-position").values_list("position", flat=True).first() or 0
        values = {"name": self.values.get("name"), "teams": self.values.get("teams", []), "position": last + STEP,
                  "key": self.pipeline or own_key("p")}  # fmt: skip
        SaveSetting("pipeline", values).apply(work)
        row = Pipeline.objects.get(key=values["key"])
        stages = list(self.stages) or [one for one in _beginning() if one["kind"] != "open" or one["key"] == "new"]
        for place, stage in enumerate(stages):
            given = {"key": own_key("s"), **stage} if self.stages else {**stage, "key": own_key("s")}
            _insert_stage(work, row, {**given, "position": (place + 1) * STEP})
        kinds = set(row.stages.values_list("kind", flat=True))
        if kinds != set(ORDER):
            raise Invalid(_("A pipeline keeps at least one open stage, one won and one lost."))
        work.result.data["pipeline"] = row.key


def _beginning() -> list[Values]:
    """The shipped stages as raw values, without their scenario."""
    names = ("key", "name", "hue", "kind", "probability", "norm_days")
    return [{name: getattr(stage, name) for name in names} for stage in shipped.rows()[1]]


@dataclass
class ChangePipeline:
    """Change a pipeline: {"name": per language, "teams": ids of those who may work in it, [] = everybody}."""

    key: ClassVar[str] = "pipeline.change"
    pipeline: str
    values: Values
    version: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        begin(work)
        _save(work, "pipeline", self.pipeline, _only(self.values, ("name", "teams")), self.version)


def _only(values: Values, names: tuple[str, ...]) -> Values:
    if unknown := set(values) - set(names):
        raise Invalid(fields={name: [_("There is no such field.")] for name in unknown})
    return values


@dataclass
class OrderPipeline:
    """Put a pipeline one place further up (`shift` -1) or down (1) among those in use."""

    key: ClassVar[str] = "pipeline.order"
    pipeline: str
    shift: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        begin(work)
        held("pipeline", self.pipeline)
        rows = Pipeline.objects.order_by("position", "id")
        placed = [(row.position, row.key, row.archived_at is not None) for row in rows]
        for key, place in swapped(placed, self.pipeline, self.shift):
            _save(work, "pipeline", key, {"position": place})


@dataclass
class RestorePipeline:
    """Take a retired pipeline back into use."""

    key: ClassVar[str] = "pipeline.restore"
    pipeline: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        begin(work)
        RestoreSetting("pipeline", held("pipeline", self.pipeline)[1].pk).apply(work)


# --- stages ----------------------------------------------------------------------------------------------------------


@dataclass
class MakeStage:
    """A new stage, the last of its kind: {"name": per language, "kind", ...}. Result.data: {"stage": its key}."""

    key: ClassVar[str] = "stage.make"
    pipeline: str
    values: Values

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        begin(work)
        _kind, row = held("pipeline", self.pipeline)
        values = _only(self.values, ("name", "kind", "hue", "probability", "norm_days"))
        stage = _insert_stage(work, row, {**values, "key": own_key("s"), "position": 0})
        kinds = [*ORDER, stage.kind]
        order = sorted(_stages(row), key=lambda one: (kinds.index(one.kind), one.pk == stage.pk, one.position, one.pk))
        for place, one in enumerate(order):
            if one.position != (place + 1) * STEP:
                _save(work, "stage", one.key, {"position": (place + 1) * STEP})
        work.result.data["stage"] = stage.key


def _stages(pipeline: Pipeline) -> list[Stage]:
    return list(pipeline.stages.order_by("position", "id"))


def _insert_stage(work: Work, pipeline: Pipeline, values: Values) -> Stage:
    SaveSetting("stage", {**values, "pipeline": pipeline.pk}).apply(work)
    return Stage.objects.get(key=values["key"])


@dataclass
class ChangeStage:
    """Change a stage: name per language, hue, probability, norm_days, gate."""

    key: ClassVar[str] = "stage.change"
    stage: str
    values: Values
    version: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        begin(work)
        values = _only(self.values, ("name", "hue", "probability", "norm_days", "gate"))
        _save(work, "stage", self.stage, values, self.version)


@dataclass
class OrderStage:
    """Put a stage one place further up (`shift` -1) or down (1) among those of its kind in use."""

    key: ClassVar[str] = "stage.order"
    stage: str
    shift: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        begin(work)
        _kind, row = held("stage", self.stage)
        placed = [
            (one.position, one.key, one.kind != row.kind or one.archived_at is not None)
            for one in _stages(row.pipeline)
        ]
        for key, place in swapped(placed, self.stage, self.shift):
            _save(work, "stage", key, {"position": place})


@dataclass
class RestoreStage:
    """Take a retired stage back into use."""

    key: ClassVar[str] = "stage.restore"
    stage: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        begin(work)
        RestoreSetting("stage", held("stage", self.stage)[1].pk).apply(work)


# --- steps -----------------------------------------------------------------------------------------------------------


def _change_steps(work: Work, stage: str, change: Callable[[list[Values]], list[Values]]) -> None:
    """Write the steps of a stage anew; what a gate demands of steps that are gone goes with them."""
    begin(work)
    _kind, row = held("stage", stage)
    steps = change([dict(step) for step in row.steps])
    gate = dict(row.gate)
    if "steps" in gate:
        gate["steps"] = [key for key in gate["steps"] if key in {step["key"] for step in steps}]
    _save(work, "stage", stage, {"steps": steps, "gate": gate})


@dataclass
class SaveStep:
    """Add a step to what entering a stage plans (`step` ""), or change one; values as in the model, without the key.

    `version` is the `step_version` the form showed, "" = whatever is there. Result.data: {"step": its key}.
    """

    key: ClassVar[str] = "step.save"
    stage: str
    step: str
    values: Values
    version: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""

        def change(steps: list[Values]) -> list[Values]:
            old = next((one for one in steps if one["key"] == self.step), {})
            if self.step and not old:
                raise NotFound()
            if self.version and self.version != step_version(old):
                raise Conflict(todo=_("Open the page again to see the change, then make yours."))
            wrong, key = Wrong(), self.step or own_key("t")
            new = clean_step(work.actor.state, {**old, **self.values, "key": key}, old, wrong)
            wrong.stop()
            work.result.data["step"] = key
            return [new if one is old else one for one in steps] if old else [*steps, new]

        _change_steps(work, self.stage, change)


@dataclass
class DropStep:
    """Plan a step no longer. What it has planned already stays."""

    key: ClassVar[str] = "step.drop"
    stage: str
    step: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        _change_steps(work, self.stage, lambda steps: [one for one in steps if one["key"] != self.step])


@dataclass
class OrderStep:
    """Put a step one place further up (`shift` -1) or down (1)."""

    key: ClassVar[str] = "step.order"
    stage: str
    step: str
    shift: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""

        def change(steps: list[Values]) -> list[Values]:
            by_key = {one["key"]: one for one in steps}
            placed = [(place, key, False) for place, key in enumerate(by_key)]
            places = {key: place for place, key, _retired in placed} | dict(swapped(placed, self.step, self.shift))
            return [by_key[key] for key in sorted(places, key=lambda one: places[one])]

        _change_steps(work, self.stage, change)
