"""The fake room's type and an action rules may run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from comity.access import policy
from comity.changes.bus import Work, automatable
from comity.changes.commands import type_of
from comity.records.labels import Label
from comity.records.models import RecordRef
from comity.records.types import RecordType, register
from support.fake_room.models import Gadget


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    return values.get("name") or "", values.get("name") or ""


GADGET = register(
    RecordType(
        key="gadget",
        slug="gadgets",
        model=Gadget,
        label=Label("Gadget", "Вещица", "Річ", "Вещ", "Gawai", "أداة"),
        plural=Label("Gadgets", "Вещицы", "Речі", "Вещи", "Gawai-gawai", "أدوات"),
        icon="note",
        title=_title,
        title_fields=("name",),
        columns=tuple(spec.key for spec in Gadget.specs if spec.key != "name"),
    )
)


@automatable
@dataclass
class Polish:
    """An action of the fake room."""

    key: ClassVar[str] = "gadget.polish"
    record_id: UUID

    def apply(self, work: Work) -> None:
        policy.get(work.actor, type_of(work.actor, "gadget"), self.record_id, "edit")
        work.tell("gadget.polished", RecordRef("gadget", self.record_id), {})
