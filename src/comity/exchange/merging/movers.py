"""What moves from the card that is lost to the one that is kept: rooms register what hangs on their cards.

Fields, relations, story and the card's address are the merge's own matter (see `commands`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.records.models import RecordRef

Counted = list[tuple[str, int]]  # (what, how many)


@dataclass(frozen=True)
class Mover:
    """One kind of things that belong to a card.

    move      (work, lost, kept) -> a note in JSON that `put_back` understands, None = there was nothing
    put_back  (work, note) -> how many of them stay where they are, since they were changed after the merge
    count     (actor, lost) -> what would move, as far as he sees it, in words: [("Notes", 3)]
    label     what they are called when some could not be put back
    """

    key: str
    move: Callable[[Work, RecordRef, RecordRef], Any]
    put_back: Callable[[Work, Any], int]
    label: Callable[[], str]
    count: Callable[[Actor, RecordRef], Counted] = lambda actor, lost: []


_movers: dict[str, Mover] = {}


def register(mover: Mover) -> Mover:
    """Make a mover known; a key is registered once."""
    if mover.key in _movers:
        raise ValueError(f"Mover {mover.key} exists already")
    _movers[mover.key] = mover
    return mover


def unregister(key: str) -> None:
    """Forget a mover: for the fake room of the tests."""
    _movers.pop(key, None)


def all_movers() -> tuple[Mover, ...]:
    """Every mover, in the order of registration."""
    return tuple(_movers.values())


def hanging(
    key: str, model: type[models.Model], label: Callable[[], str], *, type_column: str = "type_key",
    id_column: str = "record_id", counted: models.Q | None = None,
) -> Mover:  # fmt: skip
    """A mover of rows that hang on a card by two columns. `counted`: which of them the preview counts, None = none."""
    table: Any = model

    def of(ref: RecordRef) -> Any:
        return table._base_manager.filter(**{type_column: ref.type, id_column: ref.id})

    def move(work: Work, lost: RecordRef, kept: RecordRef) -> Any:
        ids = [str(key) for key in of(lost).order_by("pk").values_list("pk", flat=True)]
        if not ids:
            return None
        of(lost).update(**{id_column: kept.id})
        return {"ids": ids, "lost": [lost.type, str(lost.id)], "kept": [kept.type, str(kept.id)]}

    def put_back(work: Work, note: Any) -> int:
        lost, kept = (RecordRef(note[name][0], UUID(note[name][1])) for name in ("lost", "kept"))
        moved = 0
        ids = [table._meta.pk.to_python(one) for one in note["ids"]]
        for start in range(0, len(ids), 500):
            moved += of(kept).filter(pk__in=ids[start : start + 500]).update(**{id_column: lost.id})
        return len(ids) - moved

    def count(actor: Actor, lost: RecordRef) -> Counted:
        number = of(lost).filter(counted).count() if counted is not None else 0
        return [(label(), number)] if number else []

    return Mover(key, move, put_back, label, count)
