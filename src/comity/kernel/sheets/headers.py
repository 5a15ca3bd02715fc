"""Which row is the header: the first that has nearly as many labels as any other; titles above it have few."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from comity.kernel.sheets.cells import Cell, RawRow

_LONGEST_LABEL = 120
_ENOUGH = 0.7
_NO_LABEL = re.compile(r"[^@\s]+@[^@\s]+\.\w+|https?://.*|[\d\W_]+", re.S)


class Found(NamedTuple):
    """The header's texts, the number of its row (0: none) and the text above it."""

    names: tuple[str, ...]
    number: int
    title: str
    width: int


def find(rows: Sequence[RawRow], number: int | None = None) -> Found:
    """The header among the first rows; `number` names its row, 0 says there is none."""
    if number is None:
        number = _best(rows)
    for place, row in enumerate(rows):
        if row.number == number:
            names = _names(row)
            title = "\n".join(filter(None, (_line(above) for above in rows[:place])))
            return Found(names, number, title, len(names))
    width = max((len(_names(row)) for row in rows), default=0)
    return Found(("",) * width, 0, "", width)


def _best(rows: Sequence[RawRow]) -> int:
    labels = [sum(1 for cell in row.cells if _is_label(cell)) for row in rows]
    most = max(labels, default=0)
    if not most:
        return 0
    least = most if most <= 2 else most * _ENOUGH
    return next(row.number for row, count in zip(rows, labels, strict=True) if count >= least)


def _is_label(cell: Cell) -> bool:
    if cell.kind != "text" or len(cell.text) > _LONGEST_LABEL:
        return False
    return not _NO_LABEL.fullmatch(cell.text.strip())


def _names(row: RawRow) -> tuple[str, ...]:
    names = [cell.text.strip() for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _line(row: RawRow) -> str:
    return " ".join(cell.text.strip() for cell in row.cells if cell.text.strip())
