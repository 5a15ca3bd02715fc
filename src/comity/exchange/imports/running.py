"""The background's part: reads the file, tries it out, loads it, takes it back, chunk by chunk."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import Any
from uuid import UUID

from django.utils.translation import override

from comity.access.actors import user_actor
from comity.changes.bus import Work, run
from comity.exchange.imports.commands import Behind, LoadChunk, added
from comity.exchange.imports.model import Import
from comity.exchange.imports.planning import MOST_SAMPLES, Overlay, Planner
from comity.exchange.imports.reading import look, opened, propose
from comity.exchange.imports.shaping import Shape, Shaped
from comity.exchange.imports.undoing import undo
from comity.kernel import jobs
from comity.kernel.errors import Problem
from comity.kernel.sheets import Source
from comity.kernel.transaction import write_transaction

LONGEST = 0.2  # seconds that a chunk keeps others from writing
FIRST, FEWEST, MOST = 50, 10, 600  # rows of a chunk
HEAVIEST = 20_000_000  # bytes of photos in a chunk
# Objects after which Python looks for cycles: a chunk's own, which it drops itself, do not come to so many. At its own
# 700 that took a sixth of a load (measured).
COLLECTED = 50_000
NAMED = 100  # refused rows a dry run names


class Pace:
    """How many rows a chunk has, so that it takes as long as others can wait."""

    def __init__(self) -> None:
        self.rows = FIRST

    def took(self, seconds: float, rows: int) -> None:
        """A chunk of so many rows has taken so long."""
        if rows and seconds:
            self.rows = max(FEWEST, min(MOST, int(rows * LONGEST / seconds), self.rows * 2))


@jobs.job("exchange.import", lease=300)
def _job(args: dict[str, Any], beat: jobs.Beat) -> None:
    load = Import.objects.filter(pk=args["import"]).first()
    if load is None or load.turn != args["turn"]:
        return
    go(load, beat)


def go(load: Import, beat: jobs.Beat = lambda: None) -> None:
    """Do what the import's state asks for, from where it stands; what it has to say, in its maker's language."""
    with override(user_actor(load.made_by).language):
        _go(load, beat)


def _go(load: Import, beat: jobs.Beat) -> None:
    try:
        with _seldom_collected():
            _WAYS.get(load.state, _nothing)(load, beat)
    except Behind:
        return
    except Problem as problem:
        if problem.status >= 500:
            raise
        _fail(load, problem)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows by the thousand make and drop many objects and hardly a cycle: Python looks for those less often."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _nothing(load: Import, beat: jobs.Beat) -> None:
    """It was stopped before it began."""


def _fail(load: Import, problem: Problem) -> None:
    said = " ".join(filter(None, (str(problem.what), str(problem.todo))))
    state = {"reading": "failed", "checking": "read", "running": "stopped"}.get(load.state, load.state)
    _note(load, state=state, problem=said)


def _note(load: Import, **columns: Any) -> None:
    with write_transaction():
        if not Import.objects.filter(pk=load.pk, state=load.state, turn=load.turn).update(**columns):
            raise Behind()


def _read(load: Import, beat: jobs.Beat) -> None:
    actor = user_actor(load.made_by)
    found = look(opened(load), beat)
    mapping, choices = propose(actor, found)
    _note(load, state="read", found=found, mapping=mapping, choices=choices, total=found["total"], problem="")


def _chunks(source: Source, shape: Shape, start: int, pace: Pace) -> Iterator[list[Shaped]]:
    rows = source.rows(start)
    left: Shaped | None = None
    while some := [*([left] if left else []), *_light(shape.row(row) for row in islice(rows, pace.rows))]:
        left = None
        if shape.many_rows:  # one card in several rows: they stay together
            for row in rows:
                following = shape.row(row)
                if not same_card(some[-1], following):
                    left = following
                    break
                some.append(following)
        yield some


def _light(rows: Iterator[Shaped]) -> Iterator[Shaped]:
    """Rows until their photos weigh too much to be held at once."""
    weight = 0
    for row in rows:
        yield row
        weight += sum(len(part.photo) for part in row.parts.values() if part.photo)
        if weight > HEAVIEST:
            return


def same_card(one: Shaped, other: Shaped) -> bool:
    """Whether two rows tell of one card."""
    key = one.parts[one.main].external
    return bool(key) and one.main == other.main and key == other.parts[other.main].external


def _check(load: Import, beat: jobs.Beat) -> None:
    """The dry run: the same plan over the whole file, nothing written."""
    actor = user_actor(load.made_by)
    shape = Shape(actor, load.found, load.mapping, load.choices.get("bad", "refuse"))
    overlay, pace = Overlay(), Pace()
    counts: dict[str, Any] = {}
    samples: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    pace.rows = 300
    for rows in _chunks(opened(load), shape, 0, pace):
        planned = Planner(Work(actor), shape, load.choices, str(load.pk), overlay).plan(rows, lock=False)
        counts = added(counts, planned.counts)
        for one in planned.samples:
            if sum(1 for held in samples if (held["type"], held["what"]) == (one["type"], one["what"])) < MOST_SAMPLES:
                samples.append(one)
        refused += [{"row": row.number, "reasons": why} for row, why in planned.refused[: NAMED - len(refused)]]
        told += [{"row": row.number, "reasons": why} for row, why in planned.told[: NAMED - len(told)]]
        overlay.coming.clear()
        _note(load, done=rows[-1].position + 1)
        beat()
    checked = {"counts": counts, "samples": samples, "refused": refused, "told": told}
    _note(load, state="checked", checked=checked, problem="")


def _run(load: Import, beat: jobs.Beat) -> None:
    actor = user_actor(load.made_by)
    shape = Shape(actor, load.found, load.mapping, load.choices.get("bad", "refuse"))
    pace, start = Pace(), load.done
    for rows in _chunks(opened(load), shape, start, pace):
        began = monotonic()
        run(actor, LoadChunk(load.pk, start, shape, rows), batch_id=load.batch)
        pace.took(monotonic() - began, len(rows))
        start = rows[-1].position + 1
        beat()
    run(actor, LoadChunk(load.pk, start, None), batch_id=load.batch)


_WAYS = {"reading": _read, "checking": _check, "running": _run, "undoing": undo}


def continue_by_key(load_id: UUID) -> None:
    """Go on at once, in this process: for tests and the bench."""
    go(Import.objects.get(pk=load_id))
