"""The trash is cleared: by its term every night, or by hand. What others still need stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from time import monotonic
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor, system, user_actor
from comity.access.snapshot import Snapshot
from comity.changes import merging, purging
from comity.changes.batch import LONGEST
from comity.changes.bus import Work, run
from comity.changes.commands import type_of
from comity.exchange.keeping import idle
from comity.exchange.keeping.events import PURGED
from comity.exchange.keeping.settings import may_purge, term
from comity.kernel import jobs
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.kernel.text import listed
from comity.records.models import RecordRef
from comity.records.types import RecordType

EMPTY = "exchange.empty_trash"
AT_ONCE = 20  # cards; above, it is done in the background
TRASH = RecordRef("trash", UUID(int=0))  # what the events are about: no card is left


def reach(actor: Actor, record_type: RecordType) -> Any:
    """The cards in the trash that he may delete for good; what was merged into another card goes with that one."""
    rows = policy.visible(actor, record_type, "restore")
    if actor.is_system:
        return rows
    if not may_purge(actor, record_type):
        return rows.none()
    q = policy.visible_q(actor, record_type.key, "delete")
    return rows if q is None else rows.filter(q)


def needed(record_type: RecordType) -> list[tuple[RecordType, Q]]:
    """Which cards are still needed, by the kind of those outside the trash that point to them."""
    house = system("keeping")
    found = []
    for one in house.state.record_types.values():
        if not one.follows:  # what follows a card goes with it
            found.append((one, reduce(or_, map(Q, idle.pointing(house, one, record_type)))))
    return found


def free(record_type: RecordType, rows: Any) -> Any:
    """Those of the rows that no card outside the trash points to."""
    for _one, q in needed(record_type):
        rows = rows.exclude(q)
    return rows


def why_needed(actor: Actor, record_type: RecordType, rows: Any) -> str:
    """By which kinds of cards the rows are still needed, in words; kinds he does not see all of are not named."""
    kinds = [one for one, q in needed(record_type) if rows.filter(q).exists()]
    seen = [one.plural[actor.language] for one in kinds if actor.scope(one.key, "view") == "all"]
    return listed(seen if len(seen) == len(kinds) else [*seen, _("further cards")], actor.language)


def overdue(state: Snapshot) -> datetime | None:
    """What was put into the trash before this moment has lain there for its term; None = the trash keeps everything."""
    row = term()
    if row is None or not row.days:
        return None
    return edge(state, row.days)


def edge(state: Snapshot, days: int) -> datetime:
    """What was put away before this moment lies in the trash for so many days of the company, or longer."""
    return idle.begin_of(state, idle.today(state) - timedelta(days=days - 1))


@dataclass
class DeleteForGood:
    """Delete cards of a kind out of the trash, so that nothing of them is left. It can't be undone.

    As many as a transaction may take, in their order. Result.data: {"seen": how many were looked at, "gone": deleted}.
    """

    key: ClassVar[str] = "card.purge"
    type_key: str
    ids: Sequence[UUID]
    many: bool = False  # what can't be deleted is passed over

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, and Invalid for a card that others need, unless `many`."""
        record_type = type_of(work.actor, self.type_key)
        if not work.actor.is_system and not may_purge(work.actor, record_type):
            raise Refused()
        until, gone, seen = monotonic() + LONGEST, 0, 0
        for record_id in self.ids:
            if seen and monotonic() > until:
                break  # others want to write too
            seen += 1
            gone += self._one(work, record_type, record_id)
        work.result.data |= {"seen": seen, "gone": gone}
        if gone:
            work.tell(PURGED, TRASH, {"type": record_type.key, "count": gone, "term": work.actor.is_system})

    def _one(self, work: Work, record_type: RecordType, record_id: UUID) -> bool:
        merging.lock(record_type, [record_id])
        rows = reach(work.actor, record_type).filter(pk=record_id)
        record = rows.first()
        if record is None:
            if not self.many:
                raise NotFound()
            return False  # put back meanwhile, or not his to delete
        if not free(record_type, rows).exists():
            return self._stays(why_needed(work.actor, record_type, rows))
        try:
            with transaction.atomic():
                purging.purge(record_type, record)
        except ProtectedError:
            return self._stays(_("what was made of it"))
        return True

    def _stays(self, why: str) -> bool:
        if self.many:
            return False
        raise Invalid(
            _("This card stays, for others still need it: %(why)s.") % {"why": why},
            kept=_("Nothing was changed."), todo=_("Take away the links to it first."),
        )  # fmt: skip


def delete_all(actor: Actor, record_type: RecordType, ids: Sequence[UUID], beat: jobs.Beat = lambda: None) -> int:
    """Delete many, transaction by transaction; how many are gone."""
    batch_id, gone = uuid4(), 0
    while ids:
        done = run(actor, DeleteForGood(record_type.key, ids[:AT_ONCE], many=True), batch_id=batch_id).data
        ids, gone = ids[done["seen"] :], gone + done["gone"]
        beat()
    return gone


def clear_trash(house: Actor, most: int, beat: jobs.Beat) -> None:
    """Delete what has lain in the trash for its term: at most so many cards in a night, the oldest first."""
    before = overdue(house.state)
    if before is None:
        return
    for record_type in house.state.record_types.values():
        rows = free(record_type, policy.visible(house, record_type, "restore").filter(deleted_at__lt=before))
        ids = list(rows.order_by("deleted_at", "pk").values_list("pk", flat=True)[:most])
        most -= delete_all(house, record_type, ids, beat)


@dataclass
class EmptyTrash:
    """Delete all cards of a kind that lay in his trash at a moment, in the background."""

    key: ClassVar[str] = "trash.empty"
    type_key: str
    before: datetime

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        record_type = type_of(work.actor, self.type_key)
        if not may_purge(work.actor, record_type):
            raise Refused()
        args = {"user": str(work.actor.user_id), "type": record_type.key, "before": self.before.isoformat()}
        jobs.enqueue(EMPTY, args)


def lying(actor: Actor, record_type: RecordType, before: datetime) -> Any:
    """What he would delete of a kind: what lay in the trash at that moment and nobody needs."""
    rows = free(record_type, reach(actor, record_type).filter(deleted_at__lte=before))
    return rows.order_by("deleted_at", "pk").values_list("pk", flat=True)


@jobs.job(EMPTY, lease=600)
def _empty(args: dict[str, Any], beat: jobs.Beat) -> None:
    actor = user_actor(UUID(args["user"]))
    record_type = actor.state.record_types.get(args["type"])
    if record_type is not None:
        delete_all(actor, record_type, list(lying(actor, record_type, datetime.fromisoformat(args["before"]))), beat)


def empty(actor: Actor, record_type: RecordType, before: datetime, key: str = "") -> str:
    """Empty his trash of a kind as it was at that moment: a few cards at once; what became of it, in words."""
    ids = list(lying(actor, record_type, before)[: AT_ONCE + 1])
    if len(ids) > AT_ONCE:
        run(actor, EmptyTrash(record_type.key, before), key=key)
        return _("This is a lot of cards; they are deleted in the background.")
    gone = delete_all(actor, record_type, ids)
    return ngettext("%(n)s card deleted for good.", "%(n)s cards deleted for good.", gone) % {"n": gone}
