"""Many deals moved to a stage at once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch
from comity.changes.bus import Command
from comity.kernel.errors import Invalid
from comity.records.types import RecordType
from comity.sales.deals import moving
from comity.sales.deals.commands import MoveDeal
from comity.ui import registry

ACT = "deal.move"


def _commands(deal_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    return [MoveDeal(deal_id, 0, arguments["stage"], across=True)]


def _choices(actor: Actor) -> list[dict[str, str]]:
    """The open stages of the pipelines he may work in; with the pipeline's name where there are several."""
    offered = moving.pipelines(actor).open_to(actor)
    return [
        {"value": stage.key, "label": stage.label[actor.language] if len(offered) == 1 else _name(actor, one, stage)}
        for one in offered for stage in one.open
    ]  # fmt: skip


def _name(actor: Actor, pipeline: Any, stage: Any) -> str:
    names = {"pipeline": pipeline.label[actor.language], "stage": stage.label[actor.language]}
    return _("%(pipeline)s: %(stage)s") % names


def _offered(actor: Actor, record_type: RecordType) -> bool:
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    return actor.scope("deal", "edit") != "none" and {"stage", "state"} <= readable


def _fields(request: HttpRequest, record_type: RecordType, wrong: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    field = {
        "key": "stage", "kind": "choice", "label": record_type.spec("stage").label[actor.language],
        "choices": _choices(actor), "value": request.POST.get("stage", ""), "errors": wrong.get("stage", []),
        "required": True,
    }  # fmt: skip
    return [field]


def _arguments(request: HttpRequest, record_type: RecordType) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    stage = request.POST.get("stage", "")
    if stage not in {one["value"] for one in _choices(actor)}:
        raise Invalid(fields={"stage": [_("Choose one of the list.")]})
    return {"stage": stage}


def register() -> None:
    """Make the act and its button known."""
    batch.add_act(ACT, _commands)
    registry.add(
        registry.BulkAction(
            "stage", ACT, lambda: _("Move to stage"), "switch-horizontal", _offered, _fields, _arguments,
            frozenset({"deal"}), order=10,
        )
    )  # fmt: skip
