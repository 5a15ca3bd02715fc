"""Gates: what leaving a stage forwards demands, and how a deal may pass without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import Snapshot
from comity.changes import demands, field_use, row_values
from comity.changes.bus import Work
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, Refused
from comity.records import kinds, types
from comity.records.fields import CONTACT_KINDS, Choice, FieldSpec
from comity.records.labels import LANGUAGES, Label
from comity.records.models import ContactPoint, RecordRef, StoredFile, TagLink
from comity.sales.deals import steps
from comity.sales.pipelines import shipped
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.model import GatePass, Pipeline
from comity.sales.pipelines.state import StageState

PERMIT = "gates"  # the right of a role to let a deal pass
LONGEST = 300  # characters of a reason


@dataclass(frozen=True)
class Step:
    """A step to be done before the deal goes on; `task` is the open task of it, None when nobody has planned it."""

    key: str
    kind: str
    text: Label
    task: UUID | None


@dataclass(frozen=True)
class Missing:
    """What a gate demands and the deal has not; false when nothing.

    fields  the fields the actor may fill in himself
    steps   the stage's steps that are not done
    files   kinds of files of which the deal has none
    locked  fields he is shown but may not change: somebody else must, or the gate is passed without
    hidden  keys of fields he is not shown at all: to be counted, never named
    standing  the permission by which nothing is demanded now
    """

    fields: list[FieldSpec] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    files: list[Choice] = field(default_factory=list)
    locked: list[FieldSpec] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    standing: GatePass | None = None

    def __bool__(self) -> bool:
        return bool(self.fields or self.steps or self.files or self.locked or self.hidden)

    @property
    def keys(self) -> dict[str, list[str]]:
        """The keys of it all, for the event."""
        every = [spec.key for spec in (*self.fields, *self.locked)] + self.hidden
        return {"fields": every, "steps": [one.key for one in self.steps], "files": [one.key for one in self.files]}


class GateClosed(Invalid):
    """422: the stage demands something first. `missing` says what, `may_override` whether he may let it pass."""

    what = gettext_lazy("This stage asks for something before the deal goes on.")
    kept = gettext_lazy("The deal stays in its stage.")
    todo = gettext_lazy("Add what is missing, or ask a colleague who may let it pass.")

    def __init__(self, missing: Missing, actor: Actor) -> None:
        self.missing = missing
        self.may_override = actor.permits(PERMIT)
        words: dict[str, list[Any]] = {spec.key: [_("Fill this in.")] for spec in missing.fields}
        if general := _words(missing, actor.language):
            words["stage"] = general
        super().__init__(fields=words)


def _words(missing: Missing, language: str) -> list[str]:
    """What no field of a form can say."""
    found = [_("Do this first: %(step)s") % {"step": one.text[language]} for one in missing.steps]
    found += [_("Add a file of this kind: %(kind)s") % {"kind": one.label[language]} for one in missing.files]
    found += [
        _("%(field)s is missing, and you may not change it.") % {"field": spec.label[language]}
        for spec in missing.locked
    ]
    if missing.hidden:
        found.append(_("Something is missing in a field you may not see."))
    return found


def missing(actor: Actor, record: Any, target: StageState) -> Missing:
    """What stands between a deal and another stage of its pipeline, sorted by what the actor can do about it.

    It is what the stage the deal is in demands (into another pipeline: fields and files that the stage before the
    target demands), and nothing where the deal does not go forwards. What was taken out
    of the settings since (a field, a kind of file, a step) is not demanded any more.
    """
    found = Missing()
    stage = pipeline_state.of(actor.state).stages.get(record.stage)
    across = stage is not None and stage.pipeline != target.pipeline and target.kind == "open"
    if across:
        stage = _before(actor, target)
    if stage is None or stage.pipeline != target.pipeline or target.place <= stage.place or target.kind == "lost":
        return found
    gate = stage.gate
    _fields(actor, record, {*(gate.get("fields") or ()), *_since(actor, target)}, found)
    if gate.get("steps") and not across:
        _steps(actor, record, stage, found)
    if gate.get("files"):
        choices = [one for one in actor.state.options["file_kind"] if one.key in gate["files"] and not one.retired]
        rows = StoredFile.objects.filter(type_key="deal", record_id=record.pk, deleted_at=None)
        there = set(rows.filter(kind__in=[one.key for one in choices]).values_list("kind", flat=True))
        found.files.extend(one for one in choices if one.key not in there)
    return found


def _before(actor: Actor, target: StageState) -> StageState | None:
    """The open stage in front of another one of its pipeline; None for the first."""
    pipeline = pipeline_state.of(actor.state).by_key.get(target.pipeline)
    ahead = [one for one in pipeline.open if one.place < target.place] if pipeline else []
    return ahead[-1] if ahead else None


def _since(actor: Actor, target: StageState) -> set[str]:
    """The fields that must be filled from some stage on, and that stage is reached with the target."""
    stages = pipeline_state.of(actor.state).stages
    record_type = actor.state.record_types["deal"]
    found = set()
    for spec in record_type.custom:
        place = stages.get(spec.since) if spec.since else None
        if place is not None and place.pipeline == target.pipeline and place.place <= target.place:
            found.add(spec.key)
    return found


def _way(actor: Actor) -> list[demands.Step]:
    """The stages from which on a field of deals can be demanded, pipeline by pipeline."""
    every = [one for one in pipeline_state.of(actor.state).by_key.values() if not one.retired]
    return [
        demands.Step(stage.key, stage.label if len(every) == 1 else _of(one.label, stage.label))
        for one in every for stage in one.stages if stage.kind != "lost" and not stage.retired
    ]  # fmt: skip


def _of(pipeline: Label, stage: Label) -> Label:
    return Label.of({language: f"{pipeline[language]}: {stage[language]}" for language in LANGUAGES})


def _gates_with(state: Snapshot, type_key: str, key: str) -> int:
    """At how many stages a field of deals is demanded."""
    if type_key != "deal":
        return 0
    return sum(key in (one.gate.get("fields") or ()) for one in pipeline_state.of(state).stages.values())


demands.goes_along("deal", _way)
field_use.used_in("gates", _gates_with)


def _fields(actor: Actor, record: Any, wanted: Any, found: Missing) -> None:
    record_type = actor.state.record_types["deal"]
    for spec in record_type.specs:
        if spec.key not in wanted or not _is_empty(record, spec):
            continue
        match policy.level(actor, record_type, spec):
            case "write":
                found.fields.append(spec)
            case "hide":
                found.hidden.append(spec.key)
            case _:
                found.locked.append(spec)


def _is_empty(record: Any, spec: FieldSpec) -> bool:
    """Whether a gate takes a field for not filled in: a box to be ticked must be ticked."""
    if spec.kind == "tags":
        return not TagLink.objects.filter(type_key="deal", record_id=record.pk).exists()
    if spec.kind in CONTACT_KINDS:
        points = ContactPoint.objects.filter(type_key="deal", record_id=record.pk, field=spec.key)
        return not points.exists()
    if spec.kind in row_values.HELD_KINDS:
        return not row_values.held_of(types.get("deal"), [record.pk], [spec])[record.pk][spec.key]
    value = kinds.read(spec, record.__dict__)
    return value is False or kinds.empty(value)


def _steps(actor: Actor, record: Any, stage: StageState, found: Missing) -> None:
    wanted = {steps.key_of(stage, step): step for step in stage.steps if step["key"] in stage.gate["steps"]}
    tasks = steps.planned_for(actor, record.pk)
    done = {one.step for one in tasks if one.state == "done"}
    standing = {one.step: one.id for one in tasks if one.state == "open"}
    found.steps.extend(
        Step(step["key"], step["kind"], Label.of(step["text"]), standing.get(key))
        for key, step in wanted.items() if key not in done
    )  # fmt: skip


def client_of(record: Any) -> RecordRef | None:
    """Whom a deal is with: the company, else the person."""
    if record.company_id:
        return RecordRef("company", record.company_id)
    return RecordRef("person", record.person_id) if record.person_id else None


def allowed(record: Any, pipeline: str, day: date) -> GatePass | None:
    """The longest standing permission for deals of this client to pass the gates of a pipeline."""
    client = client_of(record)
    if client is None:
        return None
    passes = GatePass.objects.filter(
        client_type=client.type, client_id=client.id, pipeline__key=pipeline, until__gte=day
    )
    return passes.order_by("-until").first()


def through(
    work: Work, record: Any, target: StageState, override: str = "", until: date | None = None
) -> dict[str, Any]:
    """Let a deal go on to another stage; what the event tells of it. Raises GateClosed, Refused, Invalid.

    Without what is demanded it passes for a reason given by who may (the right "gates"), or by a permission given
    for this client before. `until` makes such a permission out of the reason.
    """
    lacking = missing(work.actor, record, target)
    if not lacking:
        return {}
    if not override.strip():
        standing = allowed(record, target.pipeline, policy.today(work.actor))
        if standing is None:
            raise GateClosed(lacking, work.actor)
        return {"without": lacking.keys, "allowed": [standing.until.isoformat(), standing.reason]}
    if not work.actor.permits(PERMIT):
        raise Refused(
            _("You may not let a deal pass without what its stage asks for."),
            kept=_("The deal stays in its stage."),
            todo=_("Add what is missing, or ask a colleague who may let it pass."),
        )
    reason = " ".join(override.split())
    if len(reason) > LONGEST:
        raise Invalid(fields={"override": [_("Say it shorter.")]})
    told = {"without": lacking.keys, "override": reason}
    if until is not None:
        told |= {"until": until.isoformat(), "pass": str(_give_pass(work, record, target.pipeline, reason, until).pk)}
    return told


def _give_pass(work: Work, record: Any, pipeline: str, reason: str, until: date) -> GatePass:
    client = client_of(record)
    if client is None:
        raise Invalid(fields={"until": [_("This deal has no client yet to allow it for.")]})
    if until < policy.today(work.actor):
        raise Invalid(fields={"until": [_("Choose today or a later day.")]})
    return GatePass.objects.create(
        client_type=client.type, client_id=client.id, pipeline=_row(pipeline), until=until, reason=reason,
        created_at=now(), created_by=work.actor.user_id,
    )  # fmt: skip


def _row(key: str) -> Pipeline:
    """The saved pipeline: the shipped one becomes the company's own with the first thing that hangs on it."""
    shipped.save()
    return Pipeline.objects.get(key=key)


def passed_words(payload: Mapping[str, Any], stage: StageState | None, actor: Actor) -> list[str]:
    """In words, what a deal passed a gate without, as far as the reader may know."""
    without = payload["without"]
    record_type = actor.state.record_types["deal"]
    labels = {spec.key: spec.label for spec in policy.readable_fields(actor, record_type)}
    labels_of_steps = {step["key"]: Label.of(step["text"]) for step in stage.steps} if stage else {}
    labels_of_files = {one.key: one.label for one in actor.state.options["file_kind"]}
    return [
        known[key][actor.language]
        for part, known in (("fields", labels), ("steps", labels_of_steps), ("files", labels_of_files))
        for key in without[part] if key in known
    ]  # fmt: skip
