"""run(actor, command): the one way anything is written. Validate, check rights, write, tell, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.models import Answered
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Problem, Refused
from comity.kernel.transaction import write_transaction
from comity.records import saving
from comity.records.models import RecordRef
from comity.records.prepared import EVERYBODYS, Slot
from comity.timeline import sequencer
from comity.timeline import types as event_types
from comity.timeline.models import Event, EventSubject

KEPT = timedelta(days=7)  # how long the answer to a request with an idempotency key is given again
AT_ONCE = 50  # rows of one statement
MAX_DEPTH = 8  # consequences of consequences: a loop of rules stops here


@dataclass(frozen=True)
class Cause:
    """The event a command is a consequence of."""

    event_id: int
    depth: int = 0


@dataclass
class Result:
    """What a command did: the records it touched and the events it told (none when nothing changed)."""

    records: list[RecordRef] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)  # shown once, never kept: a repeated request does not get it again

    @property
    def event(self) -> int | None:
        """The first event, the one a message offers to undo."""
        return self.events[0] if self.events else None

    @property
    def record(self) -> RecordRef:
        """The first record."""
        return self.records[0]


class Command(Protocol):
    """Something an actor wants done. `apply` checks rights, writes through `work` and tells events."""

    key: ClassVar[str]

    def apply(self, work: "Work") -> None: ...


@dataclass(frozen=True)
class Telling:
    """An event to be told along with others: as the arguments of Work.tell."""

    type: str
    primary: RecordRef
    payload: dict[str, Any]
    subjects: Iterable[RecordRef] = ()
    version: int | None = None


@dataclass
class Work:
    """The open transaction of one command: who, when, why, and what has happened in it so far."""

    actor: Actor
    cause: Cause | None = None
    batch_id: UUID | None = None
    result: Result = field(default_factory=Result)

    def tell(
        self,
        event_type: str,
        primary: RecordRef,
        payload: dict[str, Any],
        subjects: Iterable[RecordRef] = (),
        version: int | None = None,
    ) -> Event:
        """Append an event about `primary`, shown on the cards of `subjects` too."""
        if event_types.get(event_type) is None:
            raise LookupError(f"Event type {event_type} is not registered")
        salt = sequencer.new_salt()
        event = Event(
            at=now(), type=event_type, actor_kind=self.actor.kind, actor_id=self.actor.user_id,
            reason=self.actor.reason, primary_type=primary.type, primary_id=primary.id, payload=payload,
            cause_id=self.cause.event_id if self.cause else None, depth=self.cause.depth + 1 if self.cause else 0,
            batch_id=self.batch_id, salt=salt, digest=sequencer.digest(salt, payload), record_version=version,
        )  # fmt: skip
        if connection.vendor == "sqlite":
            sequencer.number_inside(event)
        else:
            saving.insert([event])
        shown_on = dict.fromkeys([primary, *subjects])
        saving.insert([EventSubject(event=event, type_key=ref.type, record_id=ref.id) for ref in shown_on])
        self.result.events.append(event.id)
        if primary not in self.result.records:
            self.result.records.append(primary)
        return event

    def tell_all(self, told: Sequence[Telling]) -> None:
        """Append many events, in their order: as `tell` does, in few statements."""
        shared = {
            "at": now(), "actor_kind": self.actor.kind, "actor_id": self.actor.user_id, "reason": self.actor.reason,
            "cause_id": self.cause.event_id if self.cause else None, "depth": self.cause.depth + 1 if self.cause else 0,
            "batch_id": self.batch_id,
        }  # fmt: skip
        events = []
        for one in told:
            event = saving.blank(Event)
            salt = sequencer.new_salt()
            event.__dict__ |= shared | {
                "type": one.type, "primary_type": one.primary.type, "primary_id": one.primary.id,
                "payload": one.payload, "salt": salt, "digest": sequencer.digest(salt, one.payload),
                "record_version": one.version,
            }  # fmt: skip
            events.append(event)
        if connection.vendor == "sqlite":
            sequencer.number_many_inside(events)
        else:
            for start in range(0, len(events), AT_ONCE):
                saving.insert(events[start : start + AT_ONCE])
        saving.insert_values(EventSubject, ("event_id", "type_key", "record_id"), [
            (event.id, ref.type, ref.id)
            for event, one in zip(events, told, strict=True)
            for ref in dict.fromkeys([one.primary, *one.subjects])
        ])  # fmt: skip
        self.result.events += [event.id for event in events]
        self.result.records += dict.fromkeys(one.primary for one in told)


def run(
    actor: Actor, command: Command, cause: Cause | None = None, *, key: str = "", batch_id: UUID | None = None,
    request: str = "",
) -> Result:  # fmt: skip
    """Do a command for an actor; everything or nothing.

    `key` is the request's idempotency key: the same key of the same actor gives the first answer again. `request` is a
    digest of what was asked: the same key with another one is a Conflict.
    Raises the problems of kernel.errors: NotFound, Refused, Invalid, Conflict, Busy.
    """
    if cause is not None and cause.depth >= MAX_DEPTH:
        raise Refused()
    if actor.seen_by is not None:
        raise Refused(
            _("You are looking through a colleague’s eyes; nothing can be changed this way."),
            todo=_("Go back to your own view first."),
        )
    work = Work(actor, cause, batch_id)
    try:
        with write_transaction():
            if key:
                answered = _answered(actor, key, request)
                if answered is not None:
                    return answered
            command.apply(work)
            if key:
                _remember(actor, key, work.result, request)
    except (IntegrityError, Problem):
        # Two requests with one key met (PostgreSQL), and what the second wanted was done: the first one's answer serves
        # both.
        answered = _answered(actor, key, request) if key else None
        if answered is None:
            raise
        return answered
    _after_commit()
    return work.result


@dataclass(frozen=True)
class _Given:
    """What a user, or the house itself, was answered. Slots: `key`, of a user `actor`."""

    user: bool

    def build(self) -> Any:
        """The query."""
        given = Answered.objects.filter(key=Slot("key", Answered._meta.get_field("key")))
        actor = Slot("actor", Answered._meta.get_field("actor_id"))
        given = given.filter(actor_id=actor) if self.user else given.filter(actor_id__isnull=True)
        return given.values_list("result")[:1]


def _answered(actor: Actor, key: str, request: str) -> Result | None:
    given = EVERYBODYS.of(_Given(actor.user_id is not None))
    found = given.rows(actor=actor.user_id, key=key[:80])
    if not found:
        return None
    row = found[0][0]
    if request and row.get("request", request) != request:
        raise Conflict(
            _("This idempotency key belongs to another request."),
            kept=_("Nothing was changed."), todo=_("Send a fresh key with each new request."),
        )  # fmt: skip
    return Result([RecordRef(kind, UUID(one)) for kind, one in row["records"]], row["events"], row["data"])


def _remember(actor: Actor, key: str, result: Result, request: str) -> None:
    given = {
        "records": [[ref.type, str(ref.id)] for ref in result.records],
        "events": result.events,
        "data": result.data,
        **({"request": request} if request else {}),
    }
    saving.insert([Answered(actor_id=actor.user_id, key=key[:80], result=given)])


@jobs.schedule("changes.purge_answers", daily="03:30")
def _purge(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Nobody repeats a request after a week: the answers kept for that go."""
    while ids := list(Answered.objects.filter(created_at__lt=now() - KEPT).values_list("pk", flat=True)[:1000]):
        with write_transaction():
            Answered.objects.filter(pk__in=ids).delete()
        beat()


def _after_commit() -> None:
    """Number what was committed at once, so that the next page shows it; the worker does the rest."""
    if not connection.in_atomic_block:
        sequencer.number_committed()


_actions: dict[str, type[Any]] = {}


def automatable(cls: type[Any]) -> type[Any]:
    """Mark a command as an action that rules may run: the catalogue of actions needs no import."""
    _actions[cls.key] = cls
    return cls


def actions() -> dict[str, type[Any]]:
    """The commands rules may run, by key."""
    return dict(_actions)
