"""What is done about cards nobody touches: kept by somebody, announced, put away, taken back; a rule that waits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch, commands
from comity.changes.batch import StartBatch
from comity.changes.bus import Command, Work
from comity.changes.commands import Trash
from comity.changes.models import Batch
from comity.exchange.keeping import events, idle
from comity.exchange.keeping.model import TRASH, KeepingCount, KeepingMark, KeepingRule
from comity.exchange.keeping.settings import PERMIT, may_clear
from comity.kernel.errors import Conflict, NotFound, Refused
from comity.records.models import RecordRef
from comity.timeline.models import Event

ACT = "keeping"  # of bulk acts: what a rule puts into the trash
WARNED = 14  # days between the word and the trash
PART = 500  # keys of one query


def parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Keys in portions that one query takes."""
    return (ids[start : start + PART] for start in range(0, len(ids), PART))


def rule_of(rule_id: Any) -> KeepingRule:
    """The rule with that key; NotFound."""
    found = KeepingRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound()
    return found


def ref_of(rule: KeepingRule) -> RecordRef:
    """The pointer events of a rule use."""
    return RecordRef("keeping_rule", rule.pk)


@dataclass
class AgreeToRule:
    """Say that a rule is meant to take more than a fifth of the cards. It is asked once, until the rule is changed."""

    key: ClassVar[str] = "keeping.agree"
    rule_id: UUID
    digest: str  # of the rule as it was shown

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        rule = rule_of(self.rule_id)
        record_type = idle.kind_of(work.actor.state, rule)
        if record_type is None or not work.actor.permits(PERMIT) or not may_clear(work.actor, record_type):
            raise Refused()
        if idle.digest(rule) != self.digest:
            raise Conflict(todo=_("Open the page again to see the change, then make yours."))
        count, _made = KeepingCount.objects.get_or_create(rule=rule)
        count.agreed, count.agreed_by, count.asked = self.digest, work.actor.user_id, ""
        count.save()
        work.tell(events.AGREED, ref_of(rule), {"name": rule.name, "count": count.found})


@dataclass
class KeepCard:
    """Say that a card is still needed: that is a touch like any other. Needs the right to edit it."""

    key: ClassVar[str] = "keeping.keep"
    type_key: str
    record_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        record_type, record = commands.hold(work, self.type_key, self.record_id, "edit")
        KeepingMark.objects.filter(type_key=record_type.key, record_id=record.pk).delete()
        ref = RecordRef(record_type.key, record.pk)
        work.tell(events.KEPT, ref, {"title": record.title}, (), record.version)


@dataclass
class AskFirst:
    """Stop a rule that would take too many cards, and say so: once, until the rule is changed."""

    key: ClassVar[str] = "keeping.ask"
    rule: KeepingRule
    found: int
    cards: int

    def apply(self, work: Work) -> None:
        """Tells "keeping.asks"."""
        asked = KeepingCount.objects.exclude(asked=idle.digest(self.rule)).filter(rule=self.rule)
        if asked.update(asked=idle.digest(self.rule)):
            payload = {"name": self.rule.name, "count": self.found, "cards": self.cards}
            work.tell(events.ASKS, ref_of(self.rule), payload)


@dataclass
class Announce:
    """Tell the owners of the marked cards, and those who keep the settings, when these go: a word for many cards."""

    key: ClassVar[str] = "keeping.announce"
    rule: KeepingRule

    def apply(self, work: Work) -> None:
        """Tells "keeping.announced", once to each."""
        record_type = idle.kind_of(work.actor.state, self.rule)
        marks = KeepingMark.objects.filter(rule=self.rule, due_on=None)
        ids = list(marks.values_list("record_id", flat=True))
        if record_type is None or not ids:
            return
        due = idle.today(work.actor.state) + timedelta(days=WARNED)
        marks.update(due_on=due)
        owners: dict[UUID, int] = {}
        for part in parts(ids):
            rows = policy.visible(work.actor, record_type).filter(pk__in=part)
            for owner in rows.values_list("owner_id", flat=True):
                if owner is not None:
                    owners[owner] = owners.get(owner, 0) + 1
        payload = {"name": self.rule.name, "type": record_type.key, "due": due.isoformat()}
        work.tell(events.ANNOUNCED, ref_of(self.rule), payload | {"count": len(ids)})
        for owner, number in owners.items():
            work.tell(events.TOLD, ref_of(self.rule), payload | {"owner": str(owner), "count": number})


@dataclass
class PutAway:
    """A marked card into the trash, unless somebody has touched it since, or the rule is another one now."""

    key: ClassVar[str] = "keeping.put_away"
    rule_id: UUID
    type_key: str
    record_id: UUID

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound."""
        if not work.actor.is_system:
            raise Refused()
        rule = rule_of(self.rule_id)
        record_type, record = commands.hold(work, self.type_key, self.record_id, "delete")
        q = idle.fitting(work.actor, rule) if rule.then == TRASH and rule.type_key == record_type.key else None
        if q is None or not policy.visible(work.actor, record_type).filter(q, pk=record.pk).exists():
            raise Refused()
        KeepingMark.objects.filter(type_key=record_type.key, record_id=record.pk).delete()
        Trash(record_type.key, record.pk).apply(work)


def _put_away(record_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    return [PutAway(UUID(arguments["rule"]), arguments["type"], record_id)]


@dataclass
class StartRun:
    """Note which cards a rule puts into the trash today, as a bulk act. Result.data: {"batch": id}."""

    key: ClassVar[str] = "keeping.run"
    rule: KeepingRule
    ids: list[UUID]

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        if not work.actor.is_system:
            raise Refused()
        arguments = {"type": self.rule.type_key, "rule": str(self.rule.pk), "name": self.rule.name,
                     "ids": [one.hex for one in self.ids]}  # fmt: skip
        made = Batch.objects.create(command=ACT, arguments=arguments, total=len(self.ids))
        work.result.data["batch"] = str(made.pk)


@dataclass
class TellRun:
    """Say how a run of a rule has ended. It is told with the run's key: once."""

    key: ClassVar[str] = "keeping.told"
    batch: Batch

    def apply(self, work: Work) -> None:
        """Tells "keeping.done"."""
        told = self.batch.arguments
        payload = {"name": told["name"], "type": told["type"], "done": self.batch.done, "spared": self.batch.refused,
                   "batch": str(self.batch.pk)}  # fmt: skip
        work.tell(events.DONE, RecordRef("keeping_rule", UUID(told["rule"])), payload)


def undo_run(actor: Actor, batch_id: UUID, key: str = "") -> Batch:
    """Put back what a rule put into the trash in one run, as a bulk act of his; NotFound, Refused."""
    found = Batch.objects.filter(pk=batch_id, command=ACT).first()
    if found is None or not actor.permits(PERMIT):
        raise NotFound()
    if found.state != "done":
        raise Refused(_("This cannot be undone."))
    trashed = Event.objects.filter(batch_id=found.pk, type="record.trashed").order_by("id")
    ids = list(trashed.values_list("primary_id", flat=True))
    return batch.start(actor, StartBatch(found.arguments["type"], "undo", ids, {"batch": str(found.pk)}), key)


def register() -> None:
    """Make what rules do known as a bulk act."""
    batch.add_act(ACT, _put_away)
