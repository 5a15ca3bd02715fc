"""Tell two cards apart for good, or have the question asked again."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.changes.commands import type_of
from comity.exchange.duplicates.model import LikelyPair
from comity.exchange.duplicates.pairs import pair
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload, register


@dataclass
class TellApart:
    """Say that two cards are not the same (or, `apart` False, take that back). Needs the right to edit both."""

    key: ClassVar[str] = "duplicates.apart"
    type_key: str
    one: UUID
    other: UUID
    apart: bool = True

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        record_type = type_of(work.actor, self.type_key)
        if self.one == self.other:
            raise NotFound()
        first, second = pair(self.one, self.other)
        for key in (first, second):
            policy.get(work.actor, record_type, key, "edit")
        state = "different" if self.apart else "open"
        row = LikelyPair.objects.select_for_update().filter(
            type_key=record_type.key, first_id=first, second_id=second
        ).first() or LikelyPair(type_key=record_type.key, first_id=first, second_id=second, score=0)  # fmt: skip
        if row.state == state and not row._state.adding:
            return
        row.state, row.decided_by, row.decided_at = state, work.actor.user_id, now()
        row.save()
        payload = {"other": [record_type.key, str(second)], "apart": self.apart}
        work.tell("duplicate.apart", RecordRef(record_type.key, first), payload, [RecordRef(record_type.key, second)])


def _only_who_sees_both(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    type_key, key = payload["other"]
    other = actor.state.record_types.get(type_key)
    if other is None or policy.find(actor, other, UUID(key)) is None:
        return None
    return payload


register(EventType(
    "duplicate.apart",
    lambda p, a: _("said that two cards are not the same") if p["apart"] else _("asks again whether two are the same"),
    icon="users", redact=_only_who_sees_both,
))  # fmt: skip
