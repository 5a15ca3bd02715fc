"""Many pairs merged at once: a plan that is shown first, and a batch that does what it says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch
from comity.changes.bus import Command
from comity.changes.models import Batch
from comity.exchange.duplicates import pairs
from comity.exchange.duplicates.pairs import Shown
from comity.exchange.merging.commands import MergeRecords
from comity.kernel.errors import Conflict
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search import said
from comity.search.duplicates import usable

ACT = "duplicates.merge"
MOST = 1000  # pairs of one plan


@dataclass(frozen=True)
class Plan:
    """What a merge of all pairs from a score on would do.

    merges    {card that stays: the cards that become a part of it}: the oldest card of a pair stays
    left_out  pairs that are left to a person: what they are identified by differs
    """

    merges: Mapping[UUID, tuple[UUID, ...]]
    left_out: tuple[Shown, ...]

    @property
    def number(self) -> int:
        """How many cards become a part of another one."""
        return sum(map(len, self.merges.values()))

    @property
    def digest(self) -> str:
        """What tells this plan from another one: what was shown is what is done."""
        text = ";".join(f"{kept}:{','.join(map(str, lost))}" for kept, lost in sorted(self.merges.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan(actor: Actor, record_type: RecordType, least: int) -> Plan:
    """The plan for the pairs he sees and may edit, the surest first.

    A card is merged only into one that it makes a pair with itself: likeness is not handed on from pair to pair.
    """
    rows = pairs.visible(actor, record_type, least=least).order_by("-score", "id")[:MOST]
    found = [one for one in pairs.shown(actor, record_type, rows) if one.score >= least]
    against = _against(actor, record_type, found)
    kept: dict[UUID, list[UUID]] = {}
    lost: set[UUID] = set()
    for one in found:
        if one.id in against or {one.first, one.second} & lost or one.second in kept:
            continue
        kept.setdefault(one.first, []).append(one.second)
        lost.add(one.second)
    return Plan({key: tuple(ids) for key, ids in kept.items()}, tuple(one for one in found if one.id in against))


def _against(actor: Actor, record_type: RecordType, found: list[Shown]) -> set[UUID]:
    """The pairs whose tax numbers differ, as far as he reads them."""
    house_rules = duplicate_rules.of(actor.state, record_type)
    ids = {key for one in found for key in (one.first, one.second)}
    records = policy.visible(actor, record_type)
    held = said.of_records(record_type, records, ids, usable(actor, record_type))
    return {
        one.id for one in found
        if said.compare(record_type, house_rules, held.get(one.first, {}), held.get(one.second, {})).against
    }  # fmt: skip


def start(actor: Actor, record_type: RecordType, least: int, digest: str, key: str = "") -> Batch:
    """Carry the plan out: at once when it is small, else as a job. Raises Conflict when it is not the one shown."""
    made = plan(actor, record_type, least)
    if not made.merges or made.digest != digest:
        raise Conflict(_("The pairs have changed meanwhile."), todo=_("Look at the list again, then merge."))
    merges = {str(kept): [str(one) for one in lost] for kept, lost in made.merges.items()}
    return batch.start(actor, batch.StartBatch(record_type.key, ACT, list(made.merges), {"merges": merges}), key)


def _commands(kept: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    return [MergeRecords(arguments["type"], kept, UUID(one)) for one in arguments["merges"].get(str(kept), ())]


def latest(actor: Actor, record_type: RecordType) -> Batch | None:
    """His last bulk merge of a type, running or done."""
    rows = Batch.objects.filter(actor_id=actor.user_id, command=ACT).order_by("-created_at", "-id")[:10]
    return next((one for one in rows if one.arguments["type"] == record_type.key), None)


def register() -> None:
    """Make the act known."""
    batch.add_act(ACT, _commands)
