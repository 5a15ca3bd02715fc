"""One sheet of a file as rows under a header: what every format has in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from comity.kernel.sheets import headers, limits, problems, totals
from comity.kernel.sheets.cells import EMPTY, Cell, RawRow, Row
from comity.kernel.sheets.problems import Place
from comity.kernel.sheets.totals import Sum


class Source(ABC):
    """A file opened for reading. Every pass reads it anew, in constant memory; use one iterator for a whole pass.

    `sheet` is the one read, `header_row` the row the header stands in (0: there is none), `title` what stands above it.
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.sheet = ""
        self.sheets: tuple[str, ...] = ()
        self.header: tuple[str, ...] = ()
        self.header_row = 0
        self.title = ""
        self._total: int | None = None
        self._sums: tuple[Sum, ...] | None = None

    @abstractmethod
    def raw(self) -> Iterator[RawRow]:
        """Every row of the sheet that the file has, header and totals among them; blank ones may be left out."""

    def find_header(self, number: int | None) -> None:
        """Find the header, or take the row of that number; 0 says that there is none."""
        rows = list(islice((row for row in self.raw() if not row.blank), limits.HEADER_ROWS))
        found = headers.find(rows, number)
        if found.width > limits.COLUMNS:
            raise problems.too_many_columns(self.place(), limits.COLUMNS)
        self.header, self.header_row, self.title = found.names, found.number, found.title

    @property
    def total(self) -> int | None:
        """How many rows of data there are; None until a pass has met the last."""
        return self._total

    def count(self) -> int:
        """How many rows of data there are, by reading all where that is not known yet."""
        if self._total is None:
            for _row in self.rows():
                pass
        return self._total or 0

    def rows(self, start: int = 0) -> Iterator[Row]:
        """The rows of data from the one whose `position` is `start`: no header, no blank rows, no rows of totals."""
        parted = totals.Parted(self._below_header(), self.header)
        index = -1
        for index, raw in enumerate(parted):
            if index >= limits.ROWS:
                raise problems.too_many_rows(self.place(), limits.ROWS)
            if index >= start:
                yield self._row(raw, index)
        self._total, self._sums = index + 1, tuple(parted.sums)

    def sums(self) -> tuple[Sum, ...]:
        """What the sheet itself says its columns come to; reads all where no pass has met the end yet."""
        if self._sums is None:
            self._total = None
            self.count()
        return self._sums or ()

    def place(self, row: int = 0, column: int | None = None) -> Place:
        """That place of this file, for a problem; `column` counted from 0."""
        sheet = self.sheet if len(self.sheets) > 1 else ""
        return Place(self.name, sheet, row, "" if column is None else problems.column_name(self.header, column))

    def problem(self, row: Row, column: int) -> problems.Unreadable:
        """What is to be told of a cell of the kind "error"."""
        return problems.of_error(self.place(row.number, column), row.cells[column])

    def _below_header(self) -> Iterator[RawRow]:
        for row in self.raw():
            if row.number > self.header_row:
                yield row

    def _row(self, raw: RawRow, index: int) -> Row:
        cells, notes, width = raw.cells, raw.notes, len(self.header)
        if len(cells) < width:
            cells = cells + [EMPTY] * (width - len(cells))
        elif len(cells) > width:
            cells = _without_tail(cells, width)
            if len(cells) > width:
                notes |= {"long"}
        return Row(raw.number, tuple(cells), index, notes)


def _without_tail(cells: list[Cell], width: int) -> list[Cell]:
    end = len(cells)
    while end > width and cells[end - 1].kind == "empty":
        end -= 1
    return cells[:end]
