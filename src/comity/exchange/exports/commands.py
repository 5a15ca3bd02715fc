"""What is done with an export: asked for, written, told, stopped, thrown away after a day."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.changes.bus import Work, run
from comity.changes.colleagues import own_id
from comity.exchange.exports import making, writers
from comity.exchange.exports.model import WORKING, Export
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound, Problem, Refused
from comity.kernel.transaction import write_transaction
from comity.records.conditions import Where
from comity.records.models import RecordRef
from comity.records.types import RecordType

AT_ONCE = 2_000  # rows of a file that is made while its maker waits
KEPT = timedelta(days=1)
ADMINISTRATOR = "administrator"


class Stopped(Exception):
    """Its maker wants it no more."""


def may_export(actor: Actor, record_type: RecordType) -> bool:
    """Whether he may take cards of a type out."""
    return actor.scope(record_type.key, "export") != "none" and actor.seen_by is None


@dataclass
class StartExport:
    """Ask for a list as a file. Result.data: {"export": id, "waits": it is made in the background}."""

    key: ClassVar[str] = "export.start"
    type_key: str
    where: Where
    sort: str
    columns: str | list[str]
    format: str
    view: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        record_type = work.actor.state.record_types.get(self.type_key)
        if record_type is None:
            raise NotFound()
        if not may_export(work.actor, record_type):
            raise Refused()
        if self.format not in writers.formats(record_type):
            raise Invalid(fields={"format": [_("Choose one of the list.")]})
        waits = making.number(work.actor, record_type, self.where) > AT_ONCE
        asked = {"type": self.type_key, "where": self.where, "sort": self.sort, "columns": self.columns,
                 "format": self.format, "view": self.view}  # fmt: skip
        name = making.file_name(record_type, self.format, policy.today(work.actor).isoformat())
        export = Export.objects.create(made_by=own_id(work.actor), made_at=now(), kind="list", asked=asked, name=name)
        if waits:
            enqueue(export)
        work.result.data = {"export": str(export.pk), "waits": waits}


@dataclass
class FinishExport:
    """Tell that a file was made, and what is in it."""

    key: ClassVar[str] = "export.finish"
    export_id: UUID
    rows: int
    cut: int
    size: int

    def apply(self, work: Work) -> None:
        """Tells "list.exported". Raises NotFound, Refused when the right has gone meanwhile."""
        export = own(work.actor, self.export_id)
        record_type = work.actor.state.record_types.get(export.asked["type"])
        if record_type is None or not may_export(work.actor, record_type):
            raise Refused()
        if not _note(export, state="done", rows=self.rows, done=self.rows, cut=self.cut, size=self.size,
                     ready_at=now()):  # fmt: skip
            raise NotFound()
        asked = export.asked
        shown = making.shown_of(work.actor, record_type, asked["columns"], asked["format"])
        payload = {"type": asked["type"], "format": asked["format"], "view": asked["view"], "filter": asked["where"],
                   "columns": [spec.key for spec, _level in shown], "rows": self.rows}  # fmt: skip
        work.tell("list.exported", RecordRef("user", own_id(work.actor)), payload)


@dataclass
class StopExport:
    """Stop an export that is being made, or throw its file away."""

    key: ClassVar[str] = "export.stop"
    export_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        export = own(work.actor, self.export_id)
        Export.objects.filter(pk=export.pk).update(state="stopped")
        drop_file(export)


def own(actor: Actor, export_id: UUID) -> Export:
    """His own export; raises NotFound."""
    export = Export.objects.filter(pk=export_id, made_by=actor.user_id).first() if actor.user_id else None
    if export is None or actor.seen_by is not None:
        raise NotFound()
    return export


def ready(actor: Actor, export_id: UUID) -> Export:
    """His own export whose file may be fetched, with the rights he has now; raises NotFound, Refused."""
    export = own(actor, export_id)
    if export.state != "done" or export.ready_at is None or export.ready_at < now() - KEPT:
        raise NotFound(_("This file is no longer kept."), todo=_("Export it again."))
    if export.kind == "base":
        actor.require(ADMINISTRATOR)
    else:
        record_type = actor.state.record_types.get(export.asked["type"])
        if record_type is None or not may_export(actor, record_type):
            raise Refused()
    return export


def of(actor: Actor) -> list[Export]:
    """His exports of late, the newest first."""
    return list(Export.objects.filter(made_by=actor.user_id).order_by("-made_at")[:20]) if actor.user_id else []


def enqueue(export: Export) -> None:
    """Let the background make it."""
    jobs.enqueue("exchange.export", {"export": str(export.pk)}, key=f"export-{export.pk}")


def _note(export: Export, **columns: Any) -> bool:
    """Change the row unless it was stopped; whether it still is wanted."""
    with write_transaction():
        changed = Export.objects.filter(pk=export.pk).exclude(state="stopped").update(**columns)
    for name, value in columns.items():
        setattr(export, name, value)
    return bool(changed)


def note(export: Export, **columns: Any) -> None:
    """The same, but raises Stopped when its maker wants it no more."""
    if not _note(export, **columns):
        raise Stopped


def make(actor: Actor, export: Export, beat: jobs.Beat = lambda: None) -> None:
    """Write the file of a list, from its beginning, and tell it. Raises what its writing raises."""
    target = making.path_of(export)
    part = target.with_suffix(".part")

    def step(done: int) -> None:
        beat()
        if waits:
            note(export, done=done)

    try:
        total = making.total(actor, _type(actor, export), export.asked["where"])
        waits = total > AT_ONCE
        note(export, state="running", total=total)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.close(descriptor)
        with override(actor.language):
            rows, cut = making.write(actor, export, part, step)
        size = part.stat().st_size
        part.replace(target)
        run(actor, FinishExport(export.pk, rows, cut, size))
    except Stopped:
        drop_file(export)
    except BaseException:
        drop_file(export)
        raise
    finally:
        part.unlink(missing_ok=True)
    export.refresh_from_db()


def _type(actor: Actor, export: Export) -> RecordType:
    found = actor.state.record_types.get(export.asked["type"])
    if found is None or not may_export(actor, found):
        raise Refused()
    return found


def drop_file(export: Export) -> None:
    """Remove the file of an export, if it has one."""
    with contextlib.suppress(FileNotFoundError):
        making.path_of(export).unlink()


Make = Callable[[Actor, Export, jobs.Beat], None]
makers: dict[str, Make] = {"list": make}  # by kind


@jobs.job("exchange.export", lease=300, retries=2)
def _job(args: dict[str, Any], beat: jobs.Beat) -> None:
    export = Export.objects.filter(pk=args["export"]).first()
    if export is None or export.state not in (*WORKING, "failed"):
        return
    actor = user_actor(export.made_by)
    if actor.member is None or not actor.member.active:
        _note(export, state="failed", problem="")
        return
    try:
        makers[export.kind](actor, export, beat)
    except Problem as problem:
        with override(actor.language):
            _note(export, state="failed", problem=f"{problem.what} {problem.todo}"[:500])
    except jobs.LeaseLost:
        raise
    except Exception:
        with override(actor.language):
            _note(export, state="failed", problem=_("Something went wrong; it will be tried again."))
        raise


@jobs.schedule("exchange.drop_exports", every=1800)
def _drop_old(args: dict[str, Any], beat: jobs.Beat) -> None:
    """After a day a file goes, and with it the word of it; the event stays."""
    for export in Export.objects.filter(made_at__lt=now() - 2 * KEPT)[:1000]:
        drop_file(export)
        with write_transaction():
            Export.objects.filter(pk=export.pk).delete()
        beat()
    for export in Export.objects.filter(ready_at__lt=now() - KEPT):
        drop_file(export)
        beat()
