"""Many different changes in one request of a program: each in a savepoint of its own, all under one batch id.

The batch keeps the answers: the same request sent again goes on where it stopped, and is answered alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.batch import CHUNK, LONGEST
from comity.changes.bus import Command, Result, Work, run
from comity.changes.commands import Restore, Trash, type_of
from comity.changes.models import Batch
from comity.kernel.errors import Invalid, Problem, Refused, from_exception
from comity.kernel.transaction import write_transaction

MOST = 1000
Answer = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One change of many. `do`: create | update | delete | restore."""

    do: str
    id: UUID | None = None
    version: int = 0
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class StartBulk:
    """Begin a request of so many changes. Result.data: {"batch": id}."""

    key: ClassVar[str] = "bulk.start"
    type_key: str
    size: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        record_type = type_of(work.actor, self.type_key)
        if work.actor.user_id is None:
            raise Refused()
        if self.size > MOST:
            text = ngettext("At most %(limit)s card at once.", "At most %(limit)s cards at once.", MOST)
            raise Invalid(fields={"items": [text % {"limit": MOST}]})
        if not self.size:
            raise Invalid(fields={"items": [_("Send a list of changes.")]})
        batch = Batch.objects.create(
            actor_id=work.actor.user_id, command="bulk", total=self.size,
            arguments={"type": record_type.key, "ids": [], "answers": []},
        )  # fmt: skip
        work.result.data["batch"] = str(batch.pk)


def work_off(
    actor: Actor, batch_id: UUID, items: Sequence[Item], tell: Callable[[Item, Result | Problem], Answer]
) -> list[Answer]:
    """Do what is left of a request; `tell` makes the answer to one item, with its "status". Returns all answers."""
    while True:
        with write_transaction():
            batch = Batch.objects.select_for_update().get(pk=batch_id)
            answers: list[Answer] = batch.arguments["answers"]
            if len(answers) >= batch.total:
                return answers
            until = monotonic() + LONGEST
            at = len(answers)
            for item in items[at : at + CHUNK]:
                if len(answers) > at and monotonic() > until:
                    break  # others want to write too
                answers.append(_one(actor, batch, item, tell))
            batch.done = sum(1 for one in answers if one["status"] < 400)
            batch.refused = len(answers) - batch.done
            batch.state = "done" if len(answers) >= batch.total else "running"
            batch.save(update_fields=["arguments", "done", "refused", "state"])


def _one(actor: Actor, batch: Batch, item: Item, tell: Callable[[Item, Result | Problem], Answer]) -> Answer:
    try:
        with transaction.atomic():
            result = run(actor, _command(batch.arguments["type"], item), batch_id=batch.pk)
            answer = tell(item, result)
    except (Problem, IntegrityError) as raised:
        return tell(item, from_exception(raised))
    batch.arguments["ids"].append(result.record.id.hex)
    return answer


def _command(type_key: str, item: Item) -> Command:
    if item.do == "create":
        return commands.create(type_key, item.values)
    assert item.id is not None  # noqa: S101 - whoever reads the request has asked for it
    if item.do == "update":
        return commands.update(type_key, item.id, item.version, item.values)
    return Trash(type_key, item.id, item.version) if item.do == "delete" else Restore(type_key, item.id)
