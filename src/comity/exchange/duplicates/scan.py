"""A look through the whole base for likely pairs: in the background, with progress, to be stopped and gone on with."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from comity.access import policy
from comity.access.actors import system
from comity.changes.bus import Work
from comity.changes.commands import type_of
from comity.exchange.duplicates.finding import blocks
from comity.exchange.duplicates.model import LikelyPair, Scan
from comity.exchange.duplicates.pairs import Pair, judge
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.transaction import write_transaction
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search import twins

AT_ONCE = 500  # pairs judged and written in one go: others write in between


@dataclass
class StartScan:
    """Look for likely pairs among all cards of a type. One look goes on at a time: asked again, it is the same one."""

    key: ClassVar[str] = "duplicates.scan"
    type_key: str

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Invalid. Result.data: {"scan": id}."""
        work.actor.require("settings")
        record_type = type_of(work.actor, self.type_key)
        if record_type not in duplicate_rules.checked_types(work.actor.state):
            raise Invalid()
        running = Scan.objects.select_for_update().filter(type_key=record_type.key, finished_at=None, stopped=False)
        scan = running.first()
        if scan is None:
            scan = Scan.objects.create(type_key=record_type.key, asked_by=work.actor.user_id, started_at=now())
            jobs.enqueue("exchange.scan", {"scan": str(scan.pk)}, key=f"scan-{scan.pk}")
        work.result.data["scan"] = str(scan.pk)


@dataclass
class StopScan:
    """Stop looking; what was found stays."""

    key: ClassVar[str] = "duplicates.stop"
    type_key: str

    def apply(self, work: Work) -> None:
        """Raises Refused."""
        work.actor.require("settings")
        Scan.objects.filter(type_key=self.type_key, finished_at=None).update(stopped=True, finished_at=now())


def latest(type_key: str) -> Scan | None:
    """The last look at a type."""
    return Scan.objects.filter(type_key=type_key).order_by("-started_at", "-id").first()


def run_scan(scan_id: UUID, beat: jobs.Beat = lambda: None) -> None:
    """Carry a look through, from where it stands."""
    house = system("duplicates")
    scan = Scan.objects.get(pk=scan_id)
    record_type = house.state.record_types.get(scan.type_key)
    if record_type is None or scan.finished_at is not None:
        return
    if scan.stage == "keys":
        if not _keys(scan, record_type, beat):
            return
        _note(scan, stage="pairs", done=0, total=len(duplicate_rules.of(house.state, record_type).weights))
    rules = list(duplicate_rules.of(house.state, record_type).weights)
    if scan.rule in rules:
        rules = rules[rules.index(scan.rule) :]
    for rule in rules:
        after = scan.after if rule == scan.rule else ""
        _note(scan, rule=rule, after=after)
        for last, found in blocks(record_type, rule, after):
            if not _judge(scan, record_type, found, beat):
                return
            _note(scan, after=last[:254])
        _note(scan, done=scan.done + 1)
    with write_transaction():
        # What stood there before and was not met again is none any more.
        old = LikelyPair.objects.filter(type_key=scan.type_key, state="open", found_at__lt=scan.started_at)
        old.delete()
    _note(scan, stage="done", finished_at=now())


def _keys(scan: Scan, record_type: RecordType, beat: jobs.Beat) -> bool:
    """Write the keys anew; False when somebody stopped the look."""
    _note(scan, total=policy.visible(system("duplicates"), record_type).count())

    class _Stopped(Exception):
        pass

    def step(done: int) -> None:
        beat()
        _note(scan, done=done)
        if _stopped(scan):
            raise _Stopped

    try:
        twins.rebuild(record_type, step)
    except _Stopped:
        return False
    return True


def _judge(scan: Scan, record_type: RecordType, found: list[Pair], beat: jobs.Beat) -> bool:
    for start in range(0, len(found), AT_ONCE):
        number = judge(system("duplicates"), record_type, found[start : start + AT_ONCE])
        _note(scan, pairs=scan.pairs + number)
        beat()
        if _stopped(scan):
            return False
    return not _stopped(scan)


def _note(scan: Scan, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(scan, name, value)
    with write_transaction():
        Scan.objects.filter(pk=scan.pk, stopped=False).update(**columns)


def _stopped(scan: Scan) -> bool:
    return bool(Scan.objects.filter(pk=scan.pk, stopped=True).exists())


@jobs.job("exchange.scan", lease=300)
def _job(args: dict[str, Any], beat: jobs.Beat) -> None:
    run_scan(UUID(args["scan"]), beat)
