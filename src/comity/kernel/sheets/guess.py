"""Texts of a column read as numbers, percents, dates or telephones, as the whole column writes them.

One value rarely tells how it is meant: 1,234 may be a thousand or a bit more than one, 03/04/2026 a day in March or in
April. So a Study looks at all values of a column first, holding no more than what is still possible; then a Reading
reads each. A value that can be read in one way only is read so; any other as the rest of the column is written; and
where that does not tell, it is refused by name rather than guessed.

    study = guess.Study()
    for row in source.rows():
        study.add(row.cells[3])
    reading = study.reading()
    cell = reading.number(row.cells[3])     # a cell of the kind number, percent, money, or error with a reason
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from comity.kernel.sheets import dates, numbers
from comity.kernel.sheets.cells import NUMERIC, Cell, error
from comity.kernel.sheets.numbers_in_cells import of_day, of_moment, plain

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read. `decimal`: "." or ",", "" where not certain; `order`: "dmy", "mdy" or "" likewise.

    `kind`: what its filled cells are, if nearly all are the same: number, percent, money, date, datetime, bool, text;
    "" for an empty column. `numeric` and `dated` count the texts that read as such.
    """

    decimal: str = ""
    order: str = ""
    kind: str = ""
    numeric: int = 0
    dated: int = 0
    filled: int = 0

    def number(self, cell: Cell) -> Cell:
        """The cell as a number, percent or money; of the kind error, with a reason, where it is none for certain."""
        if cell.kind in NUMERIC or cell.kind in ("empty", "error"):
            return cell
        if cell.kind != "text":
            return error(cell.text, "number", cell.flags)
        if "lost" in cell.flags:
            return error(cell.text, "digits", cell.flags)
        found = numbers.read(cell.text)
        if found is None:
            return error(cell.text, "number", cell.flags)
        value = found.value(self.decimal)
        if value is None:
            return error(cell.text, "ambiguous number" if found.possible else "number", cell.flags)
        return _numeric(found, value, cell)

    def date(self, cell: Cell) -> Cell:
        """The cell as a date or datetime; of the kind error, with a reason, where it is none for certain."""
        if cell.kind in ("date", "datetime", "empty", "error"):
            return cell
        if cell.kind != "text":
            return error(cell.text, "date", cell.flags)
        found = dates.read(cell.text)
        if found is None:
            return error(cell.text, "date", cell.flags)
        value = found.value(self.order)
        if value is None:
            return error(cell.text, "ambiguous date" if found.possible else "date", cell.flags)
        made = of_moment(value, day_shown=False) if isinstance(value, datetime) else of_day(value)
        return made._replace(flags=cell.flags)

    def phone(self, cell: Cell) -> Cell:
        """The cell as the text of a telephone or code; refused where its last digits were lost in a spreadsheet."""
        if cell.kind in ("empty", "error"):
            return cell
        if "lost" in cell.flags:
            return error(cell.text, "digits", cell.flags)
        if cell.kind not in ("text", "number"):
            return error(cell.text, "kind", cell.flags)
        return cell._replace(kind="text", value=cell.text)

    def typed(self, cell: Cell) -> Cell:
        """The cell as the column's `kind` has it."""
        if cell.kind != "text":
            return cell
        if self.kind in NUMERIC:
            return self.number(cell)
        return self.date(cell) if self.kind in ("date", "datetime") else cell


class Study:
    """Looks at the values of one column, in constant memory."""

    def __init__(self) -> None:
        self._decimal = _Choice()
        self._order = _Choice()
        self._kinds: dict[str, int] = {}
        self._numeric = self._dated = self._timed = 0
        self._text_kinds: dict[str, int] = {}

    def add(self, cell: Cell) -> None:
        """One more value of the column."""
        if cell.kind in ("empty", "error", "file"):
            return
        self._kinds[cell.kind] = self._kinds.get(cell.kind, 0) + 1
        if cell.kind != "text":
            return
        text = cell.text
        if not _DIGIT.search(text):
            return
        if found := numbers.read(text):
            if not numbers.is_code(text):
                self._numeric += 1
            self._text_kinds[found.kind] = self._text_kinds.get(found.kind, 0) + 1
            self._decimal.add(found.readings)
        if day := dates.read(text):
            self._dated += 1
            self._timed += day.timed
            self._order.add(day.readings)

    def reading(self, decimal: str = "", order: str = "") -> Reading:
        """What the column is; `decimal` and `order` as a person has said, where a person has."""
        filled = sum(self._kinds.values())
        return Reading(
            decimal or self._decimal.one,
            order or self._order.one,
            self._kind(filled),
            self._numeric,
            self._dated,
            filled,
        )

    def _kind(self, filled: int) -> str:
        if not filled:
            return ""
        texts = self._kinds.get("text", 0)
        kinds = {kind: count for kind, count in self._kinds.items() if kind != "text"}
        if texts and self._numeric == texts:
            for kind, count in self._text_kinds.items():
                kinds[kind] = kinds.get(kind, 0) + count
        elif texts and self._dated == texts:
            kind = "datetime" if self._timed else "date"
            kinds[kind] = kinds.get(kind, 0) + texts
        elif texts:
            kinds["text"] = texts
        most = max(kinds, key=lambda kind: kinds[kind])
        if most in ("date", "datetime") and set(kinds) <= {"date", "datetime"}:
            return "datetime" if "datetime" in kinds else "date"
        return most


class _Choice:
    """What is still possible for a column, after every value that allows one way only."""

    def __init__(self) -> None:
        self._certain: set[str] = set()

    def add(self, readings: dict[str, object]) -> None:
        """The readings of a value by way; those of equal result do not decide."""
        if len(readings) == 1:
            self._certain.update(readings)

    @property
    def one(self) -> str:
        """The way all deciding values agree on; "" where none decides or they differ."""
        return next(iter(self._certain)) if len(self._certain) == 1 else ""


def _numeric(found: numbers.Found, value: Decimal, cell: Cell) -> Cell:
    if found.kind == "percent":
        return Cell("percent", value, plain(value) + " %", "", cell.flags)
    if found.kind == "money":
        return Cell("money", value, f"{plain(value)} {found.currency}".strip(), found.currency, cell.flags)
    return Cell("number", value, plain(value), "", cell.flags)
