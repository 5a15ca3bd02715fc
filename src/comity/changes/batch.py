"""Bulk acts: one batch id over many commands; small ones at once, large ones as a job in chunks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor, user_actor
from comity.changes import commands, writer
from comity.changes.bus import Command, Work, run
from comity.changes.commands import Restore, Trash, type_of
from comity.changes.models import Batch
from comity.changes.undo import Undo
from comity.kernel import jobs
from comity.kernel.errors import Conflict, Invalid, Problem, Refused
from comity.kernel.transaction import write_transaction
from comity.records.models import RecordRef, TagLink
from comity.timeline.models import Event

AT_ONCE = 200  # records; above, the act is a job
CHUNK = 100
LONGEST = 0.25  # seconds that a chunk keeps others from writing
MOST = 10_000
ACTS = ("update", "tag", "untag", "trash", "restore", "undo")
_acts: dict[str, Callable[[UUID, Mapping[str, Any]], list[Command]]] = {}


def add_act(key: str, act: Callable[[UUID, Mapping[str, Any]], list[Command]]) -> None:
    """Register an act of a room above: (record, arguments) -> the commands for that record."""
    if key in _acts or key in ACTS:
        raise ValueError(f"Act {key} exists already")
    _acts[key] = act


@dataclass
class StartBatch:
    """Begin a bulk act. `ids` are those the actor chose; what he may not touch is refused one by one, silently counted.

    act        one of ACTS or of `add_act`; "undo" takes back the batch named in `arguments`
    arguments  {"values": {...}} for update, {"tag": id} for tag and untag, {"batch": id} for undo
    """

    key: ClassVar[str] = "batch.start"
    type_key: str
    act: str
    ids: list[UUID]
    arguments: dict[str, Any] = field(default_factory=dict)

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid, Conflict (taken back before). Result.data: {"batch": id}."""
        record_type = type_of(work.actor, self.type_key)
        if self.act not in (*ACTS, *_acts) or work.actor.user_id is None:
            raise Refused()
        if len(self.ids) > MOST:
            text = ngettext("At most %(limit)s card at once.", "At most %(limit)s cards at once.", MOST)
            raise Invalid(fields={"ids": [text % {"limit": MOST}]})
        if self.act == "undo" and Batch.objects.filter(pk=self.arguments["batch"], state="undone").exists():
            raise Conflict(
                _("This has been taken back already."), kept=_("Nothing was changed."),
                todo=_("Look at how it stands now."), current={"state": "undone"},
            )  # fmt: skip
        batch = Batch.objects.create(
            actor_id=work.actor.user_id, command=self.act,
            arguments={**self.arguments, "type": record_type.key, "ids": [one.hex for one in dict.fromkeys(self.ids)]},
            total=len(set(self.ids)),
        )  # fmt: skip
        work.result.data["batch"] = str(batch.pk)
        if batch.total > AT_ONCE:
            jobs.enqueue("changes.batch", {"batch": str(batch.pk)}, key=f"batch-{batch.pk}")


def start(actor: Actor, command: StartBatch, key: str = "", request: str = "") -> Batch:
    """Begin a bulk act and, when it is small, finish it; a repeated key gives the first batch."""
    result = run(actor, command, key=key, request=request)
    batch = Batch.objects.get(pk=result.data["batch"])
    if batch.total <= AT_ONCE and batch.state == "running":
        work_off(actor, batch)
        batch.refresh_from_db()
    return batch


def undo(actor: Actor, batch_id: UUID, key: str = "", request: str = "") -> Batch:
    """Take a whole batch back, as a batch of its own; what others touched since stays."""
    batch = Batch.objects.filter(pk=batch_id, actor_id=actor.user_id).first()
    if batch is None or batch.state == "running":
        raise Refused(_("This cannot be undone."))
    ids = [UUID(hex=one) for one in batch.arguments["ids"]]
    return start(actor, StartBatch(batch.arguments["type"], "undo", ids, {"batch": str(batch.pk)}), key, request)


def work_off(actor: Actor, batch: Batch, beat: jobs.Beat = lambda: None) -> None:
    """Do what is left of a batch, chunk by chunk; a killed worker's successor goes on where it stopped."""
    ids = [UUID(hex=one) for one in batch.arguments["ids"]]
    while batch.done + batch.refused < batch.total:
        done = refused = 0
        with write_transaction():
            # One at a time, each from where the one before stopped: the same request twice, a worker given up for dead.
            batch = Batch.objects.select_for_update().get(pk=batch.pk)
            at = batch.done + batch.refused
            until = monotonic() + LONGEST
            for record_id in ids[at : at + CHUNK]:
                if done + refused and monotonic() > until:
                    break  # others want to write too
                if _one(actor, batch, record_id):
                    done += 1
                else:
                    refused += 1
            Batch.objects.filter(pk=batch.pk).update(done=F("done") + done, refused=F("refused") + refused)
        batch.refresh_from_db()
        beat()
    with write_transaction():
        if not Batch.objects.filter(pk=batch.pk, state="running").update(state="done"):
            return  # somebody else was through first, and has told
        if batch.command == "undo":
            Batch.objects.filter(pk=batch.arguments["batch"]).update(state="undone")
        if batch.total > AT_ONCE:
            run(actor, FinishBatch(batch.pk))


def _one(actor: Actor, batch: Batch, record_id: UUID) -> bool:
    """One record of a batch in its own savepoint; False when it was refused."""
    try:
        with transaction.atomic():
            for command in _commands(batch, record_id):
                run(actor, command, batch_id=batch.pk)
    except Problem:
        return False
    return True


def _commands(batch: Batch, record_id: UUID) -> list[Any]:
    arguments, type_key = batch.arguments, batch.arguments["type"]
    match batch.command:
        case "update":
            return [commands.update(type_key, record_id, 0, arguments["values"])]
        case "tag" | "untag":
            return [ChangeTag(type_key, record_id, UUID(arguments["tag"]), batch.command == "tag")]
        case "trash":
            return [Trash(type_key, record_id)]
        case "restore":
            return [Restore(type_key, record_id)]
        case other if other in _acts:
            return _acts[other](record_id, arguments)
    events = Event.objects.filter(
        batch_id=UUID(arguments["batch"]), primary_type=type_key, primary_id=record_id
    ).order_by("-id")
    return [Undo(event_id) for event_id in events.values_list("id", flat=True)]


@dataclass
class ChangeTag:
    """Put one tag on a record, or take it off, leaving the others."""

    key: ClassVar[str] = "record.tag"
    type_key: str
    record_id: UUID
    tag_id: UUID
    on: bool

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        writer.held(work.actor, type_of(work.actor, self.type_key), self.record_id, "edit")
        held = set(
            TagLink.objects.filter(type_key=self.type_key, record_id=self.record_id).values_list("tag", flat=True)
        )
        wanted = held | {self.tag_id} if self.on else held - {self.tag_id}
        commands.update(self.type_key, self.record_id, 0, {"tags": [str(one) for one in wanted]}).apply(work)


@dataclass
class FinishBatch:
    """Tell that a large batch is through: its maker is noticed."""

    key: ClassVar[str] = "batch.finish"
    batch_id: UUID

    def apply(self, work: Work) -> None:
        """Tells "batch.finished" with the counts."""
        batch = Batch.objects.get(pk=self.batch_id)
        payload = {"act": batch.command, "type": batch.arguments["type"], "done": batch.done, "refused": batch.refused}
        work.tell("batch.finished", RecordRef("batch", batch.pk), payload)


@jobs.job("changes.batch", lease=120)
def _batch_job(args: dict[str, Any], beat: jobs.Beat) -> None:
    batch = Batch.objects.get(pk=args["batch"])
    if batch.state == "running" and batch.actor_id is not None:
        work_off(user_actor(batch.actor_id), batch, beat)
