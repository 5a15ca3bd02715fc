"""Settings of a stage: its name and norm, the steps that entering it plans, the gate that leaving it asks."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.changes.settings import version_of
from comity.kernel.errors import NotFound
from comity.records.labels import Label
from comity.sales.pipelines import state
from comity.sales.pipelines.commands import ChangeStage, DropStep, OrderStep, RestoreStage, SaveStep
from comity.sales.pipelines.model import Stage
from comity.sales.pipelines.pages import (
    PIPELINES,
    in_order,
    pipeline_of,
    pipelines_of,
    retired,
    stage_fields,
    undone,
    where_to,
)
from comity.sales.pipelines.removal import RetireStage, may_empty, standing
from comity.sales.pipelines.settings import GATE_PARTS, LONGEST_STEP, gate_fields, step_version
from comity.sales.pipelines.state import StageState
from comity.sales.pipelines.words import gate_label, kind_of_stage, kind_of_task, when_due, who_does
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.lists import order_buttons
from comity.ui.pages.settings.people import colleague_choices
from comity.ui.render import done
from comity.work.tasks.model import KINDS


def _stage(request: HttpRequest, key: str) -> StageState:
    found = pipelines_of(request).stages.get(key)
    if found is None:
        raise NotFound()
    return found


def _row(key: str) -> Stage:
    """The row a form begins from, saved or shipped."""
    return next(row for row in state.rows_in_force()[1] if row.key == key)


def _cards(request: HttpRequest, item: str) -> list[Card]:
    stage = _stage(request, item)
    cards = [_about(request, stage), _steps(request, stage)]
    return [*cards, _gate(request, stage)] if stage.kind == "open" else cards


def _about(request: HttpRequest, stage: StageState) -> Card:
    actor, row = actor_of(request), _row(stage.key)
    actions, told = [], _("Kind: %(kind)s") % {"kind": kind_of_stage(stage.kind)}
    count = standing(actor, [stage.key]).get(stage.key, 0)
    if stage.retired:
        actions.append(button(_("Take back into use"), act_url("stages", "restore", stage.key), method="post",
                              icon="arrow-back-up"))  # fmt: skip
        told = _("Not in use.")
        if count:
            standing_here = ngettext("%(n)s deal still stands here.", "%(n)s deals still stand here.", count)
            told = f"{told} {standing_here % {'n': count}}"
    alone = not [one for one in _others(request, stage) if one.kind == stage.kind]
    if may_empty(actor) and not (alone or (stage.retired and not count)):
        label = _("Move the deals") if stage.retired else _("Retire")
        url = act_url("stages", "retire", stage.key)
        actions.append(button(label, url, dialog=True, danger=True, icon="archive"))
    return card("stage", _("Stage"), url=act_url("stages", "stage", stage.key), version=version_of(row), help=told,
                fields=stage_fields(row, stage.kind), actions=actions)  # fmt: skip


def _others(request: HttpRequest, stage: StageState) -> list[StageState]:
    """The other stages of its pipeline that are in use."""
    return [one for one in in_order(pipeline_of(request, stage.pipeline)) if one.key != stage.key]


def _steps(request: HttpRequest, stage: StageState) -> Card:
    actor, rows = actor_of(request), []
    for place, step in enumerate(stage.steps):
        drop = button(_("Delete"), act_url("stages", "drop", stage.key, key=step["key"]), method="post", icon="trash")
        rows.append({
            "cells": [Label.of(step["text"])[actor.language], kind_of_task(actor, step["kind"]), when_due(step),
                      who_does(actor, step["who"])],
            "url": act_url("stages", "step", stage.key, key=step["key"]),
            "actions": [*order_buttons(request, "stages", stage.key, place, len(stage.steps) - 1, step["key"]), drop],
        })  # fmt: skip
    table = {"caption": _("Steps"), "columns": [_("Step"), _("Kind"), _("Due"), _("Who")], "rows": rows,
             "empty_text": _("Nothing is planned when a deal comes here.")}  # fmt: skip
    return card("steps", _("Steps"), table=table, help=_("A deal that comes here gets these as tasks."),
                actions=[button(_("Add step"), act_url("stages", "step", stage.key), icon="plus")])  # fmt: skip


def _gate(request: HttpRequest, stage: StageState) -> Card:
    actor = actor_of(request)
    language = actor.language
    files = [one for one in actor.state.options.get("file_kind", ()) if not one.retired]
    offered = {
        "fields": [(spec.key, spec.label[language]) for spec in gate_fields(actor.state)],
        "steps": [(step["key"], Label.of(step["text"])[language]) for step in stage.steps],
        "files": [(one.key, one.label[language]) for one in files],
    }
    fields = [
        {"key": f"gate_{part}", "kind": "multichoice", "label": gate_label(part), "value": stage.gate.get(part, ()),
         "choices": [{"value": key, "label": label} for key, label in offered[part]]}
        for part in GATE_PARTS if offered[part]
    ]  # fmt: skip
    return card(
        "gate", _("Gate"), url=act_url("stages", "gate", stage.key), version=version_of(_row(stage.key)), fields=fields,
        help=_("What must be there before a deal goes on from here. Going back asks nothing."),
    )  # fmt: skip


# --- what the forms do -----------------------------------------------------------------------------------------------


def _save(request: HttpRequest, item: str) -> HttpResponse:
    stage = _stage(request, item)
    values: dict[str, Any] = kit.posted(request, "hue", "probability", "norm_days")
    values["name"] = kit.posted_labels(request, "name")
    command = ChangeStage(stage.key, values, request.POST.get("version", ""))
    return kit.save(request, "stages", "stage", command, item)


def _save_gate(request: HttpRequest, item: str) -> HttpResponse:
    stage = _stage(request, item)
    gate = {part: kit.many(request, f"gate_{part}") if f"gate_{part}" in request.POST else stage.gate.get(part, [])
            for part in GATE_PARTS}  # fmt: skip
    command = ChangeStage(stage.key, {"gate": gate}, request.POST.get("version", ""))
    return kit.save(request, "stages", "gate", command, item)


def _step(request: HttpRequest, item: str) -> HttpResponse:
    """Add a step, or change one."""
    stage, key = _stage(request, item), request.GET.get("key", "")
    held = next((step for step in stage.steps if step["key"] == key), None)
    if key and held is None:
        raise NotFound()
    here = f"{STAGES.url}/{stage.key}"
    query = {"key": key} if key else {}
    made = kit.form(_("Step"), act_url("stages", "step", stage.key, **query), _step_fields(request, held or {}),
                    back=PIPELINES, submit=_("Save"), back_url=here)  # fmt: skip
    made["back"] = {"label": stage.label[actor_of(request).language], "url": here}
    if held:
        made["version"] = step_version(held)

    def command() -> SaveStep:
        values: dict[str, Any] = kit.posted(request, "kind", "days", "clock", "who")
        values["text"] = kit.posted_labels(request, "text")
        return SaveStep(stage.key, key, values, request.POST.get("version", ""))

    return kit.fill_in(request, made, command, lambda result: done(request, here, _("Saved")))


def _step_fields(request: HttpRequest, step: Mapping[str, Any]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    who: list[dict[str, Any]] = [{"value": one, "label": who_does(actor, one)} for one in ("owner", "lead")]
    who.append({"label": _("Always the same colleague"), "choices": colleague_choices(request)})
    return [
        *kit.labels("text", _("What to do"), step.get("text"), limit=LONGEST_STEP),
        {"key": "kind", "kind": "choice", "label": _("Kind"), "required": True, "value": step.get("kind", "task"),
         "choices": [{"value": one.key, "label": one.label[actor.language]} for one in KINDS]},
        {"key": "days", "kind": "integer", "label": _("Due after"), "value": step.get("days", 0),
         "unit": pgettext("after a number", "days"), "help": _("0: the same day.")},
        {"key": "clock", "kind": "time", "label": _("At"), "value": step.get("clock", ""),
         "help": _("Empty: at any time of that day.")},
        {"key": "who", "kind": "choice", "label": _("Who"), "required": True, "value": step.get("who", "owner"),
         "choices": who},
    ]  # fmt: skip


def _drop(request: HttpRequest, item: str) -> HttpResponse:
    key = _stage(request, item).key
    command = DropStep(key, request.GET.get("key", ""))
    return kit.press(request, f"{STAGES.url}/{key}", command, _("The step is deleted. Tasks it has planned stay."))


def _order(shift: int, way: str) -> Callable[[HttpRequest, str], HttpResponse]:
    def act(request: HttpRequest, item: str) -> HttpResponse:
        stage, key = _stage(request, item).key, request.GET.get("key", "")
        url = f"{STAGES.url}/{stage}?{urlencode({'moved': key, 'way': way})}"
        return kit.press(request, url, OrderStep(stage, key, shift), _("Saved"))

    return act


def _retire(request: HttpRequest, item: str) -> HttpResponse:
    actor, stage = actor_of(request), _stage(request, item)
    count = standing(actor, [stage.key]).get(stage.key, 0)
    fields = [where_to(request, "to", stage, count, _others(request, stage))] if count else []
    here = f"{PIPELINES.url}/{stage.pipeline}"
    return kit.ask(
        request, _("Retire the stage “%(name)s”?") % {"name": stage.label[actor.language]},
        _("No deal goes here any more. It can be taken back into use."), _("Retire"), f"{STAGES.url}/{stage.key}",
        lambda: RetireStage(stage.key, request.POST.get("to", "")), "", fields=fields,
        finish=lambda result: retired(request, "stages", stage.key, here, result, _("The stage is retired.")),
    )  # fmt: skip


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    key = _stage(request, item).key
    return kit.press(request, f"{STAGES.url}/{key}", RestoreStage(key), _("The stage is in use again."))


def _undo(request: HttpRequest, item: str) -> HttpResponse:
    stage = _stage(request, item)
    url = f"{PIPELINES.url}/{stage.pipeline}"
    return undone(request, RestoreStage(stage.key), url, _("The stage is in use again."))


def _back(request: HttpRequest, item: str) -> dict[str, str]:
    pipeline = pipeline_of(request, _stage(request, item).pipeline)
    return {"label": pipeline.label[actor_of(request).language], "url": f"{PIPELINES.url}/{pipeline.key}"}


STAGES = kit.add(SettingsPage(
    "stages", lambda: _("Stages"), "layout-kanban", 146, _cards,
    {"stage": _save, "gate": _save_gate, "step": _step, "drop": _drop, "up": _order(-1, "up"),
     "down": _order(1, "down"), "retire": _retire, "restore": _restore, "undo": _undo},
    permit="settings", item_title=lambda request, item: _stage(request, item).label[actor_of(request).language],
    item_back=_back, below="pipelines",
))  # fmt: skip
