"""Make a deal, change it, move it along its stages, win, lose and reopen it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.branches import of_user
from comity.changes.bus import Work, automatable
from comity.changes.commands import Create, Update
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.ids import new_id
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.deals import gates, moving, visits
from comity.sales.deals.gates import GateClosed
from comity.sales.deals.lines import SetLines, has_lines
from comity.sales.deals.model import StageVisit
from comity.sales.pipelines.state import PipelineState, StageState

__all__ = ["CreateDeal", "GateClosed", "LoseDeal", "MoveDeal", "ReopenDeal", "SetLines", "UpdateDeal", "WinDeal"]

Values = dict[str, Any]
OPEN: Values = {
    "state": "open", "closed_at": None, "won_reason": "", "lost_reason": "", "competitor": "", "close_note": "",
}  # fmt: skip


def pipeline_for(actor: Actor, key: str) -> PipelineState:
    """The pipeline of a key, "" = the first of those he may work in; raises Invalid."""
    offered = moving.pipelines(actor).open_to(actor)
    if not offered:
        raise Invalid(fields={"pipeline": [_("There is no pipeline you may work in.")]})
    found = next((one for one in offered if one.key == key), None) if key else offered[0]
    if found is None:
        raise Invalid(fields={"pipeline": [_("You may not work in this pipeline.")]})
    return found


def seller(actor: Actor, values: Values) -> Values:
    """The branch that sells, where nothing says which: that of who is responsible."""
    branch = None if values.get("branch") else of_user(actor.state, values.get("owner") or actor.user_id)
    return {"branch": str(branch.pk)} if branch else {}


def open_stage(actor: Actor, pipeline: str, key: str) -> StageState:
    """An open stage of that pipeline by its key; raises Invalid with words for what it is instead."""
    stage = moving.pipelines(actor).stages.get(key)
    if stage is None:
        problem = _("Choose one of the list.")
    elif stage.pipeline != pipeline:
        problem = _("This stage belongs to another pipeline. Change the deal’s pipeline first.")
    elif stage.kind != "open":
        problem = _("Say how the deal ended instead: won or lost.")
    elif stage.retired:
        problem = _("This stage is no longer in use.")
    else:
        return stage
    raise Invalid(fields={"stage": [problem]})


@automatable
@dataclass
class CreateDeal(Create):
    """Make a deal: in the first stage of its pipeline, or in `stage`, with the steps of that stage planned.

    Without a pipeline it goes to the first one its maker may work in. `lead` is the inquiry it came from.
    """

    key: ClassVar[str] = "deal.create"
    type_key: str = "deal"
    values: Values = field(default_factory=dict)
    stage: str = ""
    lead: UUID | None = None

    def given(self, work: Work, record_type: RecordType, values: Values) -> Values:
        """Pipeline, stage and state; raises Invalid."""
        pipeline = pipeline_for(work.actor, values.get("pipeline") or "")
        stage = open_stage(work.actor, pipeline.key, self.stage) if self.stage else pipeline.first
        begun: Values = {"pipeline": pipeline.key, "stage": stage.key, "state": "open", "stage_since": now(),
                         "moves_back": 0}  # fmt: skip
        begun |= seller(work.actor, values)
        return begun | ({"lead": self.lead} if self.lead else {})

    def made(self, work: Work, record_type: RecordType, record: Any) -> None:
        """Its first stay, and the steps of its stage."""
        visits.enter(record)
        stage = moving.pipelines(work.actor).stages[record.stage]
        planned = [(new_id(), step) for step in stage.steps]
        moving.follow(moving.after(work, work.result.events[-1]), record, None, stage, [], planned)


@automatable
@dataclass
class UpdateDeal(Update):
    """Change fields of a deal. Another pipeline puts an open deal into that one's first stage, as a move of its own."""

    key: ClassVar[str] = "deal.update"
    _pipeline: str = field(default="", init=False)

    def given(self, work: Work, record_type: RecordType, before: Values, values: Values) -> Values:
        """Checks what hangs on the fields; raises Invalid."""
        if "amount" in values and values["amount"] != before["amount"] and has_lines(self.record_id):
            raise Invalid(fields={"amount": [_("The amount is the sum of the lines. Change the lines.")]})
        pipeline = values.pop("pipeline", before["pipeline"])
        if pipeline != before["pipeline"]:
            if before["state"] not in ("", "open"):
                raise Invalid(fields={"pipeline": [_("This deal is closed. Reopen it first.")]})
            self._pipeline = pipeline_for(work.actor, pipeline).key
        return {}

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        super().apply(work)
        if self._pipeline:
            record_type, record = moving.hold_still(work, self.record_id, 0)
            stage = moving.pipelines(work.actor).by_key[self._pipeline].first
            moving.enter(work, record_type, record, stage, {"pipeline": self._pipeline, "state": "open"})


@automatable
@dataclass
class MoveDeal:
    """Move an open deal to another open stage of its pipeline, forwards or back.

    Going forwards, the gate of the stage that is left must be passed; the gates of stages skipped on the way are not
    asked: the deal never stood before them. `values` are raw values of fields filled in at the gate; they are
    checked, written and told as any change of the deal (and stay when the move is undone: what they say of the deal
    is true in any stage). `override` is the reason to let the deal pass without what is missing, which the right
    "gates" takes; with `until` other deals of this client may pass the gates of the pipeline up to that day.

    Going back counts, drops the open planned steps of the stages beyond, and asks for nothing.

    `across`: the stage may be one of another pipeline he may work in. The gate that leads into it must be passed, as
    far as fields and files go; its steps nobody has planned for this deal.
    """

    key: ClassVar[str] = "deal.move"
    deal_id: UUID
    version: int
    stage: str
    values: Mapping[str, Any] = field(default_factory=dict)
    override: str = ""
    until: date | None = None
    across: bool = False

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict, GateClosed."""
        record_type, record = moving.hold_still(work, self.deal_id, self.version, self.stage)
        _check_open(record)
        known = moving.pipelines(work.actor).stages.get(self.stage)
        pipeline = record.pipeline
        if self.across and known is not None and known.pipeline != pipeline:
            pipeline = pipeline_for(work.actor, known.pipeline).key
        stage = open_stage(work.actor, pipeline, self.stage)
        if stage.key == record.stage:
            work.result.records.append(RecordRef("deal", record.pk))
            return
        record = _fill_in(work, record, self.version, self.values)
        told = gates.through(work, record, stage, self.override, self.until)
        moving.enter(work, record_type, record, stage, {"state": "open", "pipeline": pipeline}, told)


def _check_open(record: Any) -> None:
    if record.state not in ("", "open"):
        raise Invalid(fields={"stage": [_("This deal is closed. Reopen it first.")]})


def _fill_in(work: Work, record: Any, version: int, values: Mapping[str, Any]) -> Any:
    """Write the fields filled in at a gate; the deal as it is then."""
    if not values:
        return record
    if "pipeline" in values:
        raise Invalid(fields={"pipeline": [_("Change the deal’s pipeline first.")]})
    UpdateDeal("deal", record.pk, version, dict(values)).apply(work)
    return moving.hold_still(work, record.pk, 0)[1]


def _way(actor: Actor, record: Any) -> PipelineState:
    """The pipeline of a deal; raises Invalid for one that came into the base without."""
    found = moving.pipelines(actor).by_key.get(record.pipeline)
    if found is None:
        raise Invalid(fields={"pipeline": [_("Choose a pipeline for this deal first.")]})
    return found


def _close(
    work: Work, record_type: RecordType, record: Any, kind: str, values: Values, told: Values | None = None
) -> None:
    stage = _way(work.actor, record).ending(kind)
    moving.enter(work, record_type, record, stage, OPEN | {"state": kind, "closed_at": now()} | values, told)


def _reason(record_type: RecordType, field_key: str, key: str) -> str:
    """A value of a list that is still offered; "" when it is not one."""
    choice = record_type.spec(field_key).choice(key)
    return choice.key if choice and not choice.retired else ""


def _note(record_type: RecordType, actor: Actor, text: str) -> str:
    try:
        cleaned: str = kinds.clean(record_type.spec("close_note"), text, actor.env)
    except kinds.BadValue as problem:
        raise Invalid(fields={"note": [str(problem)]}) from problem
    return cleaned


@automatable
@dataclass
class WinDeal:
    """Say that a deal is won, and what decided it (`reason`, of the list "won_reason").

    To be won is to go forwards: the gate of the stage that is left must be passed, as in MoveDeal.
    """

    key: ClassVar[str] = "deal.win"
    deal_id: UUID
    version: int
    reason: str
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    override: str = ""
    until: date | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict, GateClosed."""
        record_type, record = moving.hold_still(work, self.deal_id, self.version)
        _check_open(record)
        reason = _reason(record_type, "won_reason", self.reason)
        if not reason:
            raise Invalid(fields={"reason": [_("Choose what decided it.")]})
        note = _note(record_type, work.actor, self.note)
        record = _fill_in(work, record, self.version, self.values)
        won = _way(work.actor, record).ending("won")
        told = gates.through(work, record, won, self.override, self.until)
        _close(work, record_type, record, "won", {"won_reason": reason, "close_note": note}, told)


@automatable
@dataclass
class LoseDeal:
    """Say that a deal is lost, and why (`reason`, of the list "lost_reason"). No gate holds back what is lost.

    Whom it was lost to is demanded when the reason is a competitor and the company keeps a list of them.
    """

    key: ClassVar[str] = "deal.lose"
    deal_id: UUID
    version: int
    reason: str
    competitor: str = ""
    note: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, record = moving.hold_still(work, self.deal_id, self.version)
        _check_open(record)
        wrong: dict[str, list[Any]] = {}
        reason = _reason(record_type, "lost_reason", self.reason)
        if not reason:
            wrong["reason"] = [_("Choose why it was lost.")]
        competitor = _reason(record_type, "competitor", self.competitor)
        known = [one for one in record_type.spec("competitor").choices if not one.retired]
        if self.competitor and not competitor:
            wrong["competitor"] = [_("Choose one of the list.")]
        elif reason == "competitor" and known and not competitor:
            wrong["competitor"] = [_("Choose whom the client took.")]
        if wrong:
            raise Invalid(fields=wrong)
        note = _note(record_type, work.actor, self.note)
        values = {"lost_reason": reason, "competitor": competitor, "close_note": note}
        _close(work, record_type, record, "lost", values)


@automatable
@dataclass
class ReopenDeal:
    """Take a closed deal up again, in an open stage of its pipeline ("" = the one it was in before it was closed).

    Why and when it was closed is emptied (its story keeps it). Reopening is no going back and is not counted as such.
    """

    key: ClassVar[str] = "deal.reopen"
    deal_id: UUID
    version: int
    stage: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, record = moving.hold_still(work, self.deal_id, self.version, self.stage)
        if record.state in ("", "open"):
            raise Invalid(fields={"stage": [_("This deal is open already.")]})
        stage = open_stage(work.actor, record.pipeline, self.stage or stage_before(work.actor, record))
        moving.enter(work, record_type, record, stage, OPEN)


def stage_before(actor: Actor, record: Any) -> str:
    """The open stage a closed deal was in last, else the first."""
    pipeline = _way(actor, record)
    offered = {one.key for one in pipeline.open}
    been = StageVisit.objects.filter(deal_id=record.pk).order_by("-entered_at", "-id").values_list("stage", flat=True)
    return next((one for one in been if one in offered), pipeline.first.key)
