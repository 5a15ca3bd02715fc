"""Tables of reports: one description gives the page, the text twin of a chart, and the file."""

import csv
import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from comity.insight.money import Tally
from comity.kernel.money import format_number, from_units
from comity.kernel.sheets import writing
from comity.records.fields import SCALE


@dataclass(frozen=True)
class Cell:
    """A figure or a word. `url` opens exactly its records; `small` stands quietly beside; `mark` is a pill's word.

    value   what a file gets: text, a number, or a Tally for a column of money
    """

    text: str
    value: Any = None
    url: str = ""
    small: str = ""
    mark: str = ""
    person: bool = False  # written by people: may run in either direction

    @property
    def plain(self) -> Any:
        """The value for a file."""
        return self.text if self.value is None else self.value


@dataclass(frozen=True)
class Column:
    """A head. In a column of `money` the file gets one column per currency, and one of the whole."""

    label: str
    numeric: bool = True
    money: bool = False


@dataclass
class Table:
    """Rows of cells under heads; the first column names the row. `foot` is a row of totals."""

    caption: str
    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    foot: list[Cell] | None = None
    key: str = ""

    def lines(self) -> list[list[str]]:
        """The table as lines of a text file: `values`, harmless."""
        return [[harmless(value) for value in line] for line in self.values()]

    def values(self) -> list[list[Any]]:
        """The table as rows of a file: amounts are plain numbers, each currency has a column of its own."""
        body = [*self.rows, *([self.foot] if self.foot else [])]
        spread = [self._currencies(place) if column.money else None for place, column in enumerate(self.columns)]
        head: list[Any] = []
        for column, currencies in zip(self.columns, spread, strict=True):
            if currencies is None:
                head.append(column.label)
            else:
                head += [f"{column.label}, {one}" for one in currencies[0]]
                head += [_("%(label)s, all in %(currency)s") % {"label": column.label, "currency": one}
                         for one in currencies[1]]  # fmt: skip
        found = [head]
        for row in body:
            line: list[Any] = []
            for cell, currencies in zip(row, spread, strict=True):
                line += [cell.plain] if currencies is None else _amounts(cell.value, currencies)
            found.append(line)
        return found

    def _currencies(self, place: int) -> tuple[list[str], list[str]]:
        """The currencies of a column of money, and the company's own where the whole is worth a column."""
        tallies = [row[place].value for row in [*self.rows, *([self.foot] if self.foot else [])]]
        held = [one for one in tallies if isinstance(one, Tally)]
        codes = sorted({code for one in held for code in one.sums} | {one.own for one in held})
        return codes, sorted({one.own for one in held if len(codes) > 1})


def _amounts(tally: Any, currencies: tuple[list[str], list[str]]) -> list[Any]:
    if not isinstance(tally, Tally):
        return [""] * (len(currencies[0]) + len(currencies[1]))
    found: list[Any] = [from_units(tally.sums[code]) if code in tally.sums else "" for code in currencies[0]]
    return found + ["" if tally.unrated or not tally.sums else from_units(tally.whole) for _code in currencies[1]]


def harmless(value: Any) -> str:
    """A cell of a file no spreadsheet runs as a formula; numbers stay numbers."""
    if isinstance(value, int | float):
        return str(value)
    return writing.plain(value) if isinstance(value, Decimal) else writing.harmless(str(value))


def as_csv(tables: Iterable[Table]) -> bytes:
    """The tables one below the other, commas between, with the mark that tells spreadsheets it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, table in enumerate(tables):
        if number:
            writer.writerow([])
        writer.writerows(table.lines())
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_workbook(tables: Iterable[Table], name: str, rtl: bool) -> bytes:
    """The tables one below the other on the sheet of a workbook, figures as numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        writer = writing.WorkbookWriter(path, name, rtl)
        for number, table in enumerate(tables):
            if number:
                writer.row([])
            for line in table.values():
                writer.row(line)
        writer.close()
        return path.read_bytes()


def number_cell(number: int, language: str, url: str = "", small: str = "", mark: str = "") -> Cell:
    """A count; nothing to open where it is zero."""
    return Cell(format_number(number * SCALE, language), number, url if number else "", small, mark)


def money_cell(tally: Tally, language: str, url: str = "", mark: str = "") -> Cell:
    """A sum in the company's currency, what it is made of beside it."""
    small = tally.parts(language) if tally.mixed and not tally.unrated else ""
    return Cell(tally.short(language), tally, url if tally.sums else "", small, mark)


def percent_cell(part: int, whole: int, language: str) -> Cell:
    """A share in whole percent; "" of nothing."""
    if not whole:
        return Cell("", "")
    share = percent(part, whole)
    return Cell(percent_text(share, language), share)


def percent(part: int, whole: int) -> int:
    """A share in whole percent, rounded half up."""
    return (200 * part + whole) // (2 * whole)


def percent_text(share: int, language: str) -> str:
    """ "64 %" in the reader's figures."""
    return f"{format_number(share * SCALE, language)}\u00a0%"
