"""Settings of pipelines: their names, who works in them, their stages in order."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.access.actors import Actor
from comity.changes.bus import Command, Result
from comity.changes.settings import version_of
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.sales.deals import gates, passes
from comity.sales.pipelines import state
from comity.sales.pipelines.commands import (
    ORDER,
    ChangePipeline,
    MakePipeline,
    MakeStage,
    OrderPipeline,
    OrderStage,
    RestorePipeline,
)
from comity.sales.pipelines.model import GatePass, Pipeline, Stage
from comity.sales.pipelines.removal import RetirePipeline, carry_out, may_empty, standing, take_back
from comity.sales.pipelines.settings import LONGEST_NAME, team_ids
from comity.sales.pipelines.state import PipelineState, StageState
from comity.sales.pipelines.words import kind_of_stage
from comity.ui.cells import written_day
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.pages.settings.lists import coloured, hue_choices, order_buttons
from comity.ui.pages.settings.people import team_choices, team_path
from comity.ui.render import done

STAGES_URL = f"{kit.ROOT}/stages"


def pipelines_of(request: HttpRequest) -> state.Pipelines:
    """The pipelines in force."""
    return state.of(actor_of(request).state)


def pipeline_of(request: HttpRequest, key: str) -> PipelineState:
    """One of them; raises NotFound."""
    found = pipelines_of(request).by_key.get(key)
    if found is None:
        raise NotFound()
    return found


def in_order(pipeline: PipelineState) -> list[StageState]:
    """Its stages in use: those a deal goes along, then where it ends."""
    used = [stage for stage in pipeline.stages if not stage.retired]
    return sorted(used, key=lambda stage: (ORDER.index(stage.kind), stage.place))


def _row(key: str) -> Pipeline:
    """The row a form begins from, saved or shipped; raises NotFound."""
    found = next((row for row in state.rows_in_force()[0] if row.key == key), None)
    if found is None:
        raise NotFound()
    return found


# --- what is shown ---------------------------------------------------------------------------------------------------


def _cards(request: HttpRequest, item: str) -> list[Card]:
    return _item_cards(request, pipeline_of(request, item)) if item else _every(request)


def _every(request: HttpRequest) -> list[Card]:
    language = actor_of(request).language
    every = pipelines_of(request).by_key.values()
    used, retired = ([one for one in every if one.retired == gone] for gone in (False, True))
    rows = [
        {"cells": [one.label[language], listed((stage.label[language] for stage in one.open), language),
                   _workers(request, one)],
         "url": f"{PIPELINES.url}/{one.key}",
         "actions": order_buttons(request, "pipelines", "", place, len(used) - 1, one.key)}
        for place, one in enumerate(used)
    ]  # fmt: skip
    cards = [card(
        "pipelines", _("Pipelines"),
        actions=[button(_("New pipeline"), act_url("pipelines", "new"), icon="plus", primary=True)],
        table={"caption": _("Pipelines"), "columns": [_("Name"), _("Stages"), _("Who works in it")], "rows": rows},
    )]  # fmt: skip
    if retired:
        rows = [
            {"cells": [one.label[language]], "url": f"{PIPELINES.url}/{one.key}", "actions": [_restore_button(one)]}
            for one in retired
        ]
        table = {"caption": _("Retired pipelines"), "columns": [_("Name")], "rows": rows}
        cards.append(card("retired", _("Retired pipelines"), table=table))
    return cards


def _workers(request: HttpRequest, pipeline: PipelineState) -> str:
    actor = actor_of(request)
    teams = actor.state.teams
    names = [team_path(teams, key) for key in teams if key in pipeline.teams]
    return (listed(names, actor.language) or _("Administrators only")) if pipeline.teams else _("Everybody")


def _restore_button(pipeline: PipelineState) -> dict[str, Any]:
    url = act_url("pipelines", "restore", pipeline.key)
    return button(_("Take back into use"), url, method="post", icon="arrow-back-up")


def _fields(request: HttpRequest, row: Pipeline | None) -> list[dict[str, Any]]:
    return [
        *kit.labels("name", _("Name"), row.name if row else {}, limit=LONGEST_NAME),
        {"key": "teams", "kind": "multichoice", "label": _("Who works in it"), "value": row.teams if row else [],
         "choices": team_choices(request),
         "help": _("None ticked: everybody. A team stands for the teams below it too.")},
    ]  # fmt: skip


def _item_cards(request: HttpRequest, pipeline: PipelineState) -> list[Card]:
    actor, key = actor_of(request), pipeline.key
    row = _row(key)
    actions, told = [], ""
    counts = standing(actor, [stage.key for stage in pipeline.stages])
    if pipeline.retired:
        actions, told = [_restore_button(pipeline)], _("Not in use: no new deal begins here.")
    if may_empty(actor) and (counts or not pipeline.retired):
        label = _("Move the deals") if pipeline.retired else _("Retire")
        actions.append(button(label, act_url("pipelines", "retire", key), dialog=True, danger=True, icon="archive"))
    cards = [
        card("pipeline", _("Pipeline"), url=act_url("pipelines", "pipeline", key), version=version_of(row), help=told,
             fields=_fields(request, row), actions=actions),
        card("stages", _("Stages"), table=_stage_table(request, pipeline, counts),
             help=_("A deal goes along the open stages, from top to bottom, and ends in one of the others."),
             actions=[button(_("New stage"), act_url("pipelines", "stage", key), icon="plus", primary=True)]),
    ]  # fmt: skip
    retired = [stage for stage in pipeline.stages if stage.retired]
    if retired:
        rows = [
            {"cells": [coloured(one.hue, one.label[actor.language]), kind_of_stage(one.kind),
                       str(counts.get(one.key, 0))],
             "url": f"{STAGES_URL}/{one.key}"}
            for one in retired
        ]  # fmt: skip
        table = {"caption": _("Retired stages"), "columns": [_("Name"), _("Kind"), _("Deals")], "rows": rows}
        cards.append(card("retired", _("Retired stages"), table=table))
    if held := passes.standing(actor, key):
        cards.append(_pass_card(actor, key, held))
    return cards


def _pass_card(actor: Actor, key: str, held: list[tuple[GatePass, str]]) -> Card:
    """Which clients' deals may pass the gates for a time."""
    rows, may = [], actor.permits(gates.PERMIT)
    for row, client in held:
        giver = actor.state.users.get(row.created_by) if row.created_by else None
        url = act_url("pipelines", "withdraw", key, **{"pass": str(row.pk)})
        until = written_day(row.until, "d MMMM y", actor.language)
        rows.append({
            "cells": [client, until, row.reason, giver.name if giver else ""],
            "actions": [button(pgettext("a permission", "Withdraw"), url, method="post")] if may else [],
        })  # fmt: skip
    columns = [_("Client"), _("Until"), _("Reason"), _("Who allowed it")]
    table = {"caption": _("Clients whose deals may pass the gates"), "columns": columns, "rows": rows}
    return card("passes", _("Clients whose deals may pass the gates"), table=table)


def _withdraw(request: HttpRequest, item: str) -> HttpResponse:
    """End a client's permission to pass the gates."""
    try:
        pass_id = UUID(request.GET.get("pass", ""))
    except ValueError:
        raise NotFound() from None
    return passes.withdraw(request, pass_id, f"{PIPELINES.url}/{item}")


def _stage_table(request: HttpRequest, pipeline: PipelineState, counts: dict[str, int]) -> dict[str, Any]:
    language, rows = actor_of(request).language, []
    used = in_order(pipeline)
    for stage in used:
        alike = [one.key for one in used if one.kind == stage.kind]
        cells = [
            coloured(stage.hue, stage.label[language]), kind_of_stage(stage.kind), f"{stage.probability} %",
            str(stage.norm_days or "–"), str(counts.get(stage.key, 0)),
        ]  # fmt: skip
        moves = order_buttons(request, "pipelines", pipeline.key, alike.index(stage.key), len(alike) - 1, stage.key)
        rows.append({"cells": cells, "url": f"{STAGES_URL}/{stage.key}", "actions": moves})
    columns = [_("Name"), _("Kind"), _("Probability"), _("Days it may take"), _("Deals")]
    return {"caption": _("Stages"), "columns": columns, "rows": rows}


# --- what the forms do -----------------------------------------------------------------------------------------------


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {"name": kit.posted_labels(request, "name")}
    if "teams" in request.POST:
        values["teams"] = team_ids(kit.many(request, "teams"))
    return values


def _save(request: HttpRequest, item: str) -> HttpResponse:
    key = pipeline_of(request, item).key
    command = ChangePipeline(key, _values(request), request.POST.get("version", ""))
    return kit.save(request, "pipelines", "pipeline", command, item)


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(
        _("New pipeline"), act_url("pipelines", "new"), _fields(request, None), back=PIPELINES,
        submit=_("Make pipeline"), explain=_("It begins with the stages New, Won and Lost; add yours between them."),
    )  # fmt: skip
    return kit.fill_in(
        request, made, lambda: MakePipeline(_values(request)),
        lambda result: done(request, f"{PIPELINES.url}/{result.data['pipeline']}", _("The pipeline is made.")),
    )  # fmt: skip


def stage_fields(row: Stage | None, kind: str = "") -> list[dict[str, Any]]:
    """What a stage's form has; for a new one its kind too."""
    kinds = [{"value": one, "label": kind_of_stage(one)} for one in ORDER]
    fields = [
        *kit.labels("name", _("Name"), row.name if row else {}, limit=LONGEST_NAME),
        {"key": "hue", "kind": "swatch", "label": _("Colour"), "choices": hue_choices(none=False),
         "value": str(row.hue if row else 1)},
    ]  # fmt: skip
    if not kind:
        fields.insert(1, {"key": "kind", "kind": "choice", "label": _("Kind"), "value": "open", "required": True,
                          "choices": kinds})  # fmt: skip
    if kind in ("", "open"):
        fields += [
            {"key": "probability", "kind": "percent", "label": _("Probability"),
             "value": row.probability if row else 0, "help": _("How likely it is that a deal in this stage is won.")},
            {"key": "norm_days", "kind": "integer", "label": _("Days it may take"),
             "value": row.norm_days if row else 0,
             "help": _("After so many days in it a deal counts as stuck. 0: never.")},
        ]  # fmt: skip
    return fields


def _new_stage(request: HttpRequest, item: str) -> HttpResponse:
    pipeline = pipeline_of(request, item)
    here = f"{PIPELINES.url}/{pipeline.key}"
    made = kit.form(
        _("New stage"), act_url("pipelines", "stage", pipeline.key), stage_fields(None), back=PIPELINES,
        submit=_("Make stage"), back_url=here,
    )  # fmt: skip
    made["back"] = {"label": pipeline.label[actor_of(request).language], "url": here}

    def command() -> MakeStage:
        values = kit.posted(request, "kind", "hue", "probability", "norm_days")
        return MakeStage(pipeline.key, {"name": kit.posted_labels(request, "name"), **values})

    return kit.fill_in(
        request, made, command,
        lambda result: done(request, f"{STAGES_URL}/{result.data['stage']}", _("The stage is made.")),
    )  # fmt: skip


def _restore(request: HttpRequest, item: str) -> HttpResponse:
    key = pipeline_of(request, item).key
    return kit.press(request, f"{PIPELINES.url}/{key}", RestorePipeline(key), _("The pipeline is in use again."))


def _order(shift: int, way: str) -> Callable[[HttpRequest, str], HttpResponse]:
    """One place up or down: a pipeline among them all, or (of an item) a stage in its pipeline."""

    def act(request: HttpRequest, item: str) -> HttpResponse:
        key = request.GET.get("key", "")
        command: Command = OrderStage(key, shift) if item else OrderPipeline(key, shift)
        url = f"{PIPELINES.url}/{pipeline_of(request, item).key}" if item else PIPELINES.url
        return kit.press(request, f"{url}?{urlencode({'moved': key, 'way': way})}", command, _("Saved"))

    return act


# --- retiring --------------------------------------------------------------------------------------------------------


def where_to(
    request: HttpRequest, name: str, stage: StageState, count: int, offered: list[StageState]
) -> dict[str, Any]:
    """The question where the deals of a stage go: a stage of the same kind, best one of the same name."""
    language, known = actor_of(request).language, pipelines_of(request).by_key
    fitting = [one for one in offered if one.kind == stage.kind and not one.retired and one.key != stage.key]
    alike = [one.key for one in fitting if one.label[language] == stage.label[language]] or [
        one.key for one in fitting if len(fitting) == 1
    ]
    groups = []
    for key in dict.fromkeys(one.pipeline for one in fitting):
        choices = [{"value": one.key, "label": one.label[language]} for one in fitting if one.pipeline == key]
        groups.append({"label": known[key].label[language], "choices": choices})
    label = ngettext("%(n)s deal in “%(stage)s” goes to", "%(n)s deals in “%(stage)s” go to", count)
    return {
        "key": name, "kind": "choice", "label": label % {"n": count, "stage": stage.label[language]}, "required": True,
        "choices": groups if len(groups) > 1 else [one for group in groups for one in group["choices"]],
        "value": alike[0] if alike else "",
    }  # fmt: skip


def retired(request: HttpRequest, page: str, key: str, back_url: str, result: Result, text: str) -> HttpResponse:
    """Move the deals, say so, and offer to take it all back."""
    actor, batches = actor_of(request), result.data["batches"]
    carry_out(actor, result)
    count = result.data["deals"]
    if count:
        moved = ngettext("%(n)s deal goes to its new stage.", "%(n)s deals go to their new stage.", count)
        text = f"{text} {moved % {'n': count}}"
    query = {"batches": ",".join(batches)} if batches else {}
    return done(request, back_url, text, act_url(page, "undo", key, **query))


def undone(request: HttpRequest, command: Command, url: str, text: str) -> HttpResponse:
    """Take a retirement back: first into use, then the deals."""
    kit.do(request, command)
    batches = [str(kit.key_of(one)) for one in request.GET.get("batches", "").split(",") if one]
    take_back(actor_of(request), batches, request.POST.get("idempotency", ""))
    return done(request, url, text)


def _retire(request: HttpRequest, item: str) -> HttpResponse:
    actor, pipeline = actor_of(request), pipeline_of(request, item)
    counts = standing(actor, [stage.key for stage in pipeline.stages])
    offered = [
        stage for one in pipelines_of(request).by_key.values() if not one.retired and one.key != pipeline.key
        for stage in in_order(one)
    ]  # fmt: skip
    fields = [
        where_to(request, f"to-{stage.key}", stage, counts[stage.key], offered)
        for stage in pipeline.stages if stage.key in counts
    ]  # fmt: skip

    def command() -> RetirePipeline:
        chosen = {stage.key: request.POST.get(f"to-{stage.key}", "") for stage in pipeline.stages}
        return RetirePipeline(pipeline.key, {key: to for key, to in chosen.items() if to})

    return kit.ask(
        request, _("Retire the pipeline “%(name)s”?") % {"name": pipeline.label[actor.language]},
        _("No new deal begins here any more. It can be taken back into use."), _("Retire"),
        f"{PIPELINES.url}/{pipeline.key}", command, "", fields=fields,
        finish=lambda result: retired(request, "pipelines", pipeline.key, f"{PIPELINES.url}/{pipeline.key}", result,
                                      _("The pipeline is retired.")),
    )  # fmt: skip


def _undo(request: HttpRequest, item: str) -> HttpResponse:
    key = pipeline_of(request, item).key
    return undone(request, RestorePipeline(key), f"{PIPELINES.url}/{key}", _("The pipeline is in use again."))


PIPELINES = kit.add(SettingsPage(
    "pipelines", lambda: _("Pipelines"), "layout-kanban", 145, _cards,
    {"pipeline": _save, "new": _new, "stage": _new_stage, "up": _order(-1, "up"), "down": _order(1, "down"),
     "retire": _retire, "restore": _restore, "undo": _undo, "withdraw": _withdraw},
    permit="settings", words=lambda: _("stages, probability, steps, gates, what a deal needs to go on"),
    item_title=lambda request, item: pipeline_of(request, item).label[actor_of(request).language],
))  # fmt: skip
