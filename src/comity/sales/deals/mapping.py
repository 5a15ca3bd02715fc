"""Deals leave a stage that is no longer in use: moved together, by who retires it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes import batch
from comity.changes.bus import Command, Work
from comity.changes.commands import amend
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.records.models import RecordRef
from comity.sales.deals import moving, visits

ACT = "deal.map"


@dataclass
class MapDeal:
    """Put a deal into the stage that takes the place of its own: `to` is {stage: stage}, of any pipeline.

    The deal itself does not go on or back: no gate asks, no steps are planned or dropped, how it ended stays as it is.
    The event tells "retired". A deal that stands elsewhere by now stays there.
    """

    key: ClassVar[str] = ACT
    deal_id: UUID
    to: Mapping[str, str]

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        work.actor.require("settings")
        record_type, record = moving.hold_still(work, self.deal_id, 0)
        stages = moving.pipelines(work.actor).stages
        left, target = stages.get(record.stage), stages.get(self.to.get(record.stage, ""))
        if target is None:
            work.result.records.append(RecordRef("deal", record.pk))
            return
        if target.retired or (left is not None and left.kind != target.kind):
            raise Invalid(fields={"stage": [_("Choose one of the list.")]})
        values = {"stage": target.key, "pipeline": target.pipeline, "stage_since": now()}
        changes = amend(work, record_type, record, values)
        visits.enter(record)
        payload = {
            "title": record.title, "changes": changes, "back": False, "override": "", "planned": [], "dropped": [],
            "owner": str(record.owner_id or ""), "retired": True,
        }  # fmt: skip
        work.tell("deal.stage_changed", RecordRef("deal", record.pk), payload, moving.clients(record_type, record),
                  record.version)  # fmt: skip


def _commands(record_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    return [MapDeal(record_id, arguments["to"])]


batch.add_act(ACT, _commands)
