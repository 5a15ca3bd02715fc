"""What pipelines and stages must keep true whenever they are written."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.snapshot import Snapshot
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type, text_per_language
from comity.identity.models import HUES
from comity.kernel.errors import Invalid, NotFound
from comity.records.fields import FieldSpec
from comity.records.json_access import KEY
from comity.records.labels import LANGUAGES, Label
from comity.records.types import COMMON
from comity.sales.pipelines.model import STAGE_KINDS, Pipeline, Stage
from comity.work.tasks.model import KINDS

MOST_STAGES, MOST_STEPS, MOST_PIPELINES = 40, 30, 50
LONGEST_NAME, LONGEST_STEP = 60, 200
LONGEST_DAYS = 3650
WHO = ("owner", "lead")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
GATE_PARTS = ("fields", "steps", "files")


def no_such() -> str:
    """What is said of a value that is not on offer."""
    return _("Choose one of the list.")


def number_from_to(low: int, high: int) -> str:
    """What is said of a number outside of its bounds."""
    return _("Enter a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}


def _name(row: Row, wrong: Wrong) -> None:
    try:
        row.name = text_per_language(row.name, LANGUAGES, LONGEST_NAME)
    except ValueError as problem:
        wrong.add("name", str(problem))


def _key(row: Row, before: Values, wrong: Wrong) -> None:
    if before:
        if before["key"] != row.key:
            wrong.add("key", _("The key stays as it was made."))
    elif not KEY.fullmatch(row.key):
        wrong.add("key", _("Use small Latin letters, digits and underscores; begin with a letter."))
    elif type(row).objects.filter(key=row.key).exists():
        wrong.add("key", _("This key is in use already."))


# --- pipelines -------------------------------------------------------------------------------------------------------


def _check_pipeline(work: Work, row: Row, before: Values) -> None:
    wrong, teams = Wrong(), {str(team) for team in work.actor.state.teams}
    _key(row, before, wrong)
    _name(row, wrong)
    given = list(dict.fromkeys(map(str, row.teams))) if isinstance(row.teams, list) else [""]
    if not set(given) <= teams | set(before.get("teams", ())):
        wrong.add("teams", no_such())
    if not before and Pipeline.objects.count() >= MOST_PIPELINES:
        text = ngettext("There may be %(n)s pipeline at most.", "There may be %(n)s pipelines at most.", MOST_PIPELINES)
        wrong.add("name", text % {"n": MOST_PIPELINES})
    wrong.stop()
    row.teams = [team for team in given if team in teams]


def _pipeline_goes(work: Work, row: Row) -> None:
    """One pipeline stays in use: a new deal must begin somewhere."""
    if not Pipeline.objects.filter(archived_at=None).exclude(pk=row.pk).exists():
        raise Invalid(
            _("This is the last pipeline in use."), kept=_("Nothing was changed."), todo=_("Make another one first.")
        )


register_type(SettingType(
    "pipeline", Pipeline, ("key", "name", "position", "teams"), "settings", lambda row: row.name, _check_pipeline,
    removed=_pipeline_goes,
))  # fmt: skip


# --- stages ----------------------------------------------------------------------------------------------------------


def _check_stage(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    pipeline = Pipeline.objects.select_for_update().filter(pk=row.pipeline_id).first()
    if pipeline is None:
        raise NotFound()
    _key(row, before, wrong)
    _name(row, wrong)
    if before and (before["pipeline_id"], before["kind"]) != (str(row.pipeline_id), row.kind):
        wrong.add("kind", _("A stage stays in its pipeline, and of its kind. Make a new stage instead."))
    if row.kind not in STAGE_KINDS:
        wrong.add("kind", no_such())
    if not before and pipeline.stages.count() >= MOST_STAGES:
        text = ngettext("A pipeline has at most %(n)s stage.", "A pipeline has at most %(n)s stages.", MOST_STAGES)
        wrong.add("name", text % {"n": MOST_STAGES})
    if not 1 <= row.hue <= HUES:
        wrong.add("hue", no_such())
    if row.kind != "open":
        row.probability, row.norm_days, row.gate = 100 if row.kind == "won" else 0, 0, {}
    if row.probability > 100:
        wrong.add("probability", number_from_to(0, 100))
    if row.norm_days > LONGEST_DAYS:
        wrong.add("norm_days", number_from_to(0, LONGEST_DAYS))
    _check_steps(work, row, before, wrong)
    _check_gate(work.actor.state, row, before, wrong)
    wrong.stop()


def _check_steps(work: Work, row: Row, before: Values, wrong: Wrong) -> None:
    held = {one["key"]: one for one in before.get("steps", ())}
    found: dict[str, dict[str, Any]] = {}
    for raw in row.steps if isinstance(row.steps, list) else [None]:
        if not isinstance(raw, Mapping) or not KEY.fullmatch(str(raw.get("key", ""))) or raw["key"] in found:
            wrong.add("steps", _("Each step needs a key of its own, of small Latin letters, digits and underscores."))
            return
        own = Wrong()
        found[raw["key"]] = clean_step(work.actor.state, raw, held.get(raw["key"], {}), own)
        for texts in own.fields.values():
            for text in texts:
                wrong.add("steps", text)
    if len(found) > MOST_STEPS:
        text = ngettext("A stage plans at most %(n)s step.", "A stage plans at most %(n)s steps.", MOST_STEPS)
        wrong.add("steps", text % {"n": MOST_STEPS})
    row.steps = list(found.values())


def clean_step(state: Snapshot, raw: Mapping[str, Any], held: Mapping[str, Any], wrong: Wrong) -> dict[str, Any]:
    """A step from raw input; what is wrong is told by the names of its parts. `held` is the step as it was."""
    step: dict[str, Any] = {"key": raw.get("key", ""), "kind": raw.get("kind"), "days": 0, "clock": "", "who": "owner"}
    if step["kind"] not in {kind.key for kind in KINDS}:
        wrong.add("kind", no_such())
    try:
        step["text"] = text_per_language(raw.get("text"), LANGUAGES, LONGEST_STEP)
    except ValueError as problem:
        wrong.add("text", str(problem))
    days = str(raw.get("days") or 0).strip()
    if days.isdecimal() and len(days) < 6 and int(days) <= LONGEST_DAYS:
        step["days"] = int(days)
    else:
        wrong.add("days", number_from_to(0, LONGEST_DAYS))
    clock = str(raw.get("clock") or "").strip()
    match = CLOCK.fullmatch(clock)
    if match:
        step["clock"] = f"{int(match[1]):02}:{match[2]}"
    elif clock:
        wrong.add("clock", _("Enter a time of the day, like 09:30."))
    who = str(raw.get("who") or "owner")
    active = {str(user) for user, one in state.users.items() if one.active}
    if who in WHO or who in active or who == held.get("who"):
        step["who"] = who
    else:
        wrong.add("who", _("Choose a colleague who works here."))
    return step


def step_version(step: Mapping[str, Any]) -> str:
    """A short digest of a step: send it with a form, and a change made meanwhile is noticed."""
    return hashlib.sha256(json.dumps(step, sort_keys=True).encode()).hexdigest()[:16]


def gate_fields(state: Snapshot) -> list[FieldSpec]:
    """The fields of deals a gate may demand: those a person fills in."""
    common = {spec.key for spec in COMMON}
    return [
        spec for spec in state.record_types["deal"].specs
        if spec.level == "write" and spec.required != "always" and spec.kind != "bool" and spec.key not in common
        and spec.key != "pipeline"
    ]  # fmt: skip


def _check_gate(state: Snapshot, row: Row, before: Values, wrong: Wrong) -> None:
    """The gate tidied: {"fields", "steps", "files"}, parts that demand nothing left out.

    What stood there stays good (a field may have been archived since); what is new must be on offer.
    """
    gate = row.gate if isinstance(row.gate, Mapping) else {"": []}
    if not set(gate) <= set(GATE_PARTS) or not all(isinstance(part, list | tuple) for part in gate.values()):
        wrong.add("gate", no_such())
        return
    offered: dict[str, Iterable[str]] = {
        "fields": [spec.key for spec in gate_fields(state)],
        "steps": [step["key"] for step in row.steps],
        "files": [choice.key for choice in state.options.get("file_kind", ())],
    }
    found: dict[str, list[str]] = {}
    for part in GATE_PARTS:
        given = list(dict.fromkeys(map(str, gate.get(part, ()))))
        stood = () if part == "steps" else (before.get("gate") or {}).get(part, ())
        if not set(given) <= {*offered[part], *stood}:
            wrong.add(f"gate_{part}", no_such())
        if given:
            found[part] = given
    row.gate = found


def _stage_goes(work: Work, row: Row) -> None:
    """A pipeline keeps an open stage, a won and a lost one."""
    pipeline = Pipeline.objects.select_for_update().get(pk=row.pipeline_id)
    others = pipeline.stages.filter(kind=row.kind, archived_at=None).exclude(pk=row.pk)
    if not others.exists():
        raise Invalid(
            _("A pipeline keeps at least one open stage, one won and one lost."),
            kept=_("Nothing was changed."),
            todo=_("Make another stage of this kind first."),
        )


def stage_name(row: Row) -> dict[str, str]:
    """ "New business: Meeting", per language."""
    pipeline, stage = Label.of(row.pipeline.name), Label.of(row.name)
    return {language: f"{pipeline[language]}: {stage[language]}" for language in LANGUAGES}


register_type(SettingType(
    "stage", Stage,
    ("pipeline", "key", "name", "hue", "position", "kind", "probability", "norm_days", "steps", "gate"), "settings",
    stage_name, _check_stage, removed=_stage_goes,
))  # fmt: skip


def team_ids(raw: Iterable[str]) -> list[str]:
    """Ids of teams out of a form, in one writing; what is none stays to be refused."""
    found = []
    for one in raw:
        try:
            found.append(str(UUID(one)))
        except ValueError:
            found.append(one)
    return found
