"""The whole base asked for on a page: by an administrator, with his password once more."""

import os
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work, run
from comity.changes.colleagues import own_id
from comity.exchange.exports import commands, making
from comity.exchange.exports.commands import ADMINISTRATOR, Stopped
from comity.exchange.exports.model import Export
from comity.exchange.exports.whole import writing
from comity.identity import passwords, throttle
from comity.identity.models import User
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import RecordRef

NOTED = 500  # rows between two words of how far it is


@dataclass
class StartBase:
    """Ask for the whole base. Result.data: {"export": id}."""

    key: ClassVar[str] = "export.base"

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        work.actor.require(ADMINISTRATOR)
        name = f"comity-{policy.today(work.actor).isoformat()}.zip"
        export = Export.objects.create(made_by=own_id(work.actor), made_at=now(), kind="base", name=name)
        commands.enqueue(export)
        work.result.data = {"export": str(export.pk)}


@dataclass
class FinishBase:
    """Tell that the whole base was taken out."""

    key: ClassVar[str] = "export.base_finish"
    export_id: UUID
    cards: int
    files: int
    size: int

    def apply(self, work: Work) -> None:
        """Tells "base.exported". Raises NotFound, Refused."""
        work.actor.require(ADMINISTRATOR)
        export = commands.own(work.actor, self.export_id)
        columns = {"state": "done", "rows": self.cards, "size": self.size, "ready_at": now()}
        if not Export.objects.filter(pk=export.pk).exclude(state="stopped").update(**columns):
            raise NotFound()
        payload = {"cards": self.cards, "files": self.files}
        work.tell("base.exported", RecordRef("user", own_id(work.actor)), payload)


def ask(actor: Actor, password: str, key: str) -> UUID:
    """The export of the whole base for who proves once more who he is; raises Refused, TooMany, Invalid."""
    actor.require(ADMINISTRATOR)
    if actor.seen_by is not None or actor.bounds is not None:
        raise Refused()
    user = User.objects.get(pk=own_id(actor))
    throttle.attempt(user.email, "")
    if not passwords.matches(password, user.password):
        raise Invalid(fields={"password": [_("This is not your password.")]})
    throttle.succeeded(user.email, "")
    return UUID(run(actor, StartBase(), key=key).data["export"])


def make(actor: Actor, export: Export, beat: jobs.Beat = lambda: None) -> None:
    """Write the archive, and tell it. Raises what its writing raises."""
    actor.require(ADMINISTRATOR)
    target = making.path_of(export)
    part = target.with_suffix(".part")

    def step(done: int) -> None:
        if done % NOTED == 0:
            beat()
            commands.note(export, done=done)

    try:
        commands.note(export, state="running", total=writing.total())
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        manifest = writing.write(part, step)
        size = part.stat().st_size
        part.replace(target)
        run(actor, FinishBase(export.pk, writing.cards(manifest), manifest["files"], size))
    except Stopped:
        commands.drop_file(export)
    except BaseException:
        commands.drop_file(export)
        raise
    finally:
        part.unlink(missing_ok=True)


def register() -> None:
    """Let the background make it."""
    commands.makers["base"] = make
