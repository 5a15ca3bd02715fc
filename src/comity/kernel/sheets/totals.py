"""Rows of totals, told from rows of data, and what they say.

A row is one of totals where a cell adds up the column above it by a formula, or where its first filled cell says
"total" in one of our languages and all else in it are numbers. A bare "Total" may also be a firm's name: it counts
only at the end of a block.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from comity.kernel.sheets.cells import NUMERIC, Cell, RawRow, letter

# Words that head nothing but a line of totals; a firm's name never begins so.
_CERTAIN = (
    "grand total", "subtotal", "sub-total", "sub total", "totals", "sum total",
    "итого", "всего", "итог", "промежуточный итог",
    "усього", "всього", "разом", "підсумок", "проміжний підсумок",
    "общо", "всичко", "междинна сума", "крайна сума",
    "jumlah", "total keseluruhan", "total akhir",
    "المجموع", "الإجمالي", "الاجمالي", "إجمالي", "اجمالي",
)  # fmt: skip
_POSSIBLE = ("total", "sum", "сумма", "сума")
_OTHER = ("average", "среднее", "среднее значение", "середнє", "средно", "rata-rata", "المتوسط")
_LABEL = re.compile(
    "(?:(?P<certain>" + "|".join(map(re.escape, _CERTAIN)) + ")"
    "|(?P<possible>" + "|".join(map(re.escape, _POSSIBLE)) + ")"
    "|(?P<other>" + "|".join(map(re.escape, _OTHER)) + r"))(?!\w).{0,60}",
    re.S,
)
_FIRST_SIGNS = frozenset(word[0] for word in (*_CERTAIN, *_POSSIBLE, *_OTHER))
_NUMBER_TEXT = re.compile(r"[(+\-−]?[^\w\s]{0,2}\s?\w{0,3}\s?[\d٠-٩][\d٠-٩\s.,'’٫٬]*\s?[%\w₽₴€$£₸.)]{0,5}")

_ADDS = re.compile(
    r"(?P<name>SUM|SUBTOTAL|AGGREGATE|AVERAGE|COUNT|COUNTA|MAX|MIN)\s*\(\s*(?:(?P<way>\d+)\s*[,;]\s*(?:\d+\s*[,;]\s*)?)?"
    r"\[?\.?\$?(?P<left>[A-Z]{1,3})\$?(?P<first>\d+)\s*:\s*\.?\$?(?P<right>[A-Z]{1,3})\$?(?P<last>\d+)\]?\s*\)",
    re.I,
)
_ADDS_TABLE = re.compile(r"(?P<name>SUM|SUBTOTAL)\s*\(\s*(?:\d+\s*[,;]\s*)?\w+\[(?!\s*[@#\[])[^\]]+\]\s*\)", re.I)
_SUM_WAYS = frozenset(("9", "109"))


class Sum(NamedTuple):
    """What a row of totals says of one column. `first` and `last`: the rows a formula adds up; 0 where none says it."""

    column: int
    name: str
    row: int
    label: str
    cell: Cell
    first: int = 0
    last: int = 0


class _Formula(NamedTuple):
    adds: bool  # else an average, a count, ...
    first: int
    last: int


class Parted:
    """Iterates over rows of data only; what rows of totals said stands in `sums` afterwards. Blank rows fall away."""

    def __init__(self, rows: Iterable[RawRow], header: tuple[str, ...]) -> None:
        self._rows = rows
        self._header = header
        self.sums: list[Sum] = []

    def __iter__(self) -> Iterator[RawRow]:
        waiting: RawRow | None = None  # says "total"; what follows decides
        for row in self._rows:
            if row.blank:
                if waiting:
                    self._keep(waiting)
                    waiting = None
                continue
            if waiting:
                if row.number > waiting.number + 1 or _verdict(row) == "totals":
                    self._keep(waiting)
                else:
                    yield waiting
                waiting = None
            verdict = _verdict(row)
            if verdict == "totals":
                self._keep(row)
            elif verdict == "perhaps":
                waiting = row
            else:
                yield row
        if waiting:
            self._keep(waiting)

    def _keep(self, row: RawRow) -> None:
        formulas = _column_formulas(row)
        label = next((cell.text.strip() for cell in row.cells if cell.kind == "text" and not _numeric(cell)), "")
        if _is_other(label):
            return
        for index, cell in enumerate(row.cells):
            found = formulas.get(index)
            if (found and not found.adds) or not (_numeric(cell) or (found and cell.kind == "error")):
                continue
            name = self._header[index] if index < len(self._header) else ""
            self.sums.append(Sum(index, name, row.number, label, cell, *(found[1:] if found else (0, 0))))


def _verdict(row: RawRow) -> str:
    """Whether it is a row of "totals", "perhaps" one, or "data"."""
    if row.formulas and _column_formulas(row):
        return "totals"
    for cell in row.cells:
        if cell.kind == "text":
            return _by_label(row, cell.text) if cell.text.lstrip()[:1].lower() in _FIRST_SIGNS else "data"
        if cell.kind != "empty":
            return "data"
    return "data"


def _by_label(row: RawRow, text: str) -> str:
    match = _LABEL.fullmatch(text.strip().casefold())
    if not match:
        return "data"
    others = [cell for cell in row.cells if cell.kind != "empty"][1:]
    if not others or not all(_numeric(cell) or cell.kind == "error" for cell in others):
        return "data"
    if match["certain"] or (match["other"] and text.strip().casefold() in _OTHER):
        return "totals"
    return "perhaps" if match["possible"] == text.strip().casefold().rstrip(":. ") else "data"


def _is_other(label: str) -> bool:
    return label.casefold().rstrip(":. ") in _OTHER


def _numeric(cell: Cell) -> bool:
    if cell.kind == "text":
        return _NUMBER_TEXT.fullmatch(cell.text.strip()) is not None
    return cell.kind in NUMERIC


def _column_formulas(row: RawRow) -> dict[int, _Formula]:
    """The cells whose formula adds up (or averages ...) rows above them in their own column."""
    found = {}
    for index, text in (row.formulas or {}).items():
        if match := _ADDS.search(text):
            first, last = int(match["first"]), int(match["last"])
            if match["left"].upper() == match["right"].upper() == letter(index) and first < last < row.number:
                name, way = match["name"].upper(), match["way"]
                adds = name == "SUM" or (name in ("SUBTOTAL", "AGGREGATE") and way in _SUM_WAYS)
                found[index] = _Formula(adds, first, last)
        elif match := _ADDS_TABLE.search(text):
            found[index] = _Formula(adds=True, first=0, last=0)
    return found
