"""Tables written to files row by row, in memory that does not grow with them: delimited text, workbooks.

What a spreadsheet would run as a formula goes out as a text: in delimited text behind an apostrophe, which `cells`
takes off again when the file comes back; in a workbook as a cell of text.
"""

import csv
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from comity.kernel.sheets import limits

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a text that begins so for a formula
TEXT = 32_767  # characters of a workbook's cell
DIGITS = 15  # as many a workbook keeps of a number
FIRST_YEAR = 1901  # workbooks count days from here on alike
SHEET_ROWS = limits.ROWS


class Percent(NamedTuple):
    """A share: 12.5 for 12.5 %."""

    value: Decimal


class Amount(NamedTuple):
    """Money."""

    value: Decimal
    currency: str


Value = str | int | bool | Decimal | date | datetime | Percent | Amount | None


class Writer(Protocol):
    """A file being written. The first row is the head. `cut`: how many texts were too long for the format."""

    cut: int

    def row(self, values: Sequence[Value]) -> None:
        """Add a row."""

    def close(self) -> None:
        """Finish the file."""


def harmless(text: str) -> str:
    """A text no spreadsheet runs as a formula."""
    return f"'{text}" if text.lstrip("'").startswith(DANGEROUS) else text


def plain(number: Decimal) -> str:
    """A number as digits, without a power and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class DelimitedWriter:
    """Text with delimiters, UTF-8 with the mark by which spreadsheets know it. `point` stands before decimals."""

    def __init__(self, path: Path, delimiter: str = ",", point: str = ".") -> None:
        self.cut, self.point = 0, point
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)

    def row(self, values: Sequence[Value]) -> None:
        """Add a row; money is told with its currency behind it, shares with their sign."""
        self._writer.writerow([self._text(value) for value in values])

    def _text(self, value: Value) -> str:
        match value:
            case None:
                return ""
            case str():
                return harmless(value)
            case bool():
                return "1" if value else "0"
            case int():
                return str(value)
            case Decimal():
                return self._number(value)
            case Percent():
                return f"{self._number(value.value)}%"
            case Amount():
                return f"{self._number(value.value)} {value.currency}".strip()
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
        return value.isoformat()

    def _number(self, value: Decimal) -> str:
        return plain(value).replace(".", self.point)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class WorkbookWriter:
    """An XLSX workbook of one sheet; of more where there are more rows than a sheet takes."""

    def __init__(self, path: Path, sheet: str, rtl: bool = False) -> None:
        from xlsxwriter import Workbook

        self.cut, self._rtl, self._name = 0, rtl, _sheet_name(sheet)
        options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_urls": False}
        self._book = Workbook(str(path), {**options, "strings_to_formulas": False, "strings_to_numbers": False})
        self._formats: dict[str, Any] = {}
        self._head: tuple[Value, ...] = ()
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name[:25]} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._at = 0
        self._sheet.freeze_panes(1, 0)
        if self._rtl:
            self._sheet.right_to_left()
        if self._sheets > 1:
            self.row(self._head)

    def row(self, values: Sequence[Value]) -> None:
        """Add a row of typed cells."""
        if self._at >= SHEET_ROWS:
            self._begin()
        if not self._at:
            self._head = tuple(values)
        for column, value in enumerate(values):
            self._write(column, value)
        self._at += 1

    def _write(self, column: int, value: Value) -> None:
        match value:
            case None | "":
                return
            case str():
                self._string(column, value)
            case bool():
                self._sheet.write_boolean(self._at, column, value)
            case int() | Decimal():
                self._number(column, Decimal(value), "")
            case Percent():
                self._number(column, value.value / 100, "0.##%" if value.value % 1 else "0%")
            case Amount():
                code = value.currency if value.currency.isalpha() else ""
                self._number(column, value.value, f"#,##0.00##\\ [${code}]" if code else "#,##0.00##")
            case datetime():
                self._moment(column, value, "yyyy-mm-dd hh:mm")
            case date():
                self._moment(column, value, "yyyy-mm-dd")

    def _string(self, column: int, text: str) -> None:
        if len(text) > TEXT:
            self.cut += 1
            text = text[: TEXT - 1] + "…"
        self._sheet.write_string(self._at, column, text)

    def _number(self, column: int, number: Decimal, shown: str) -> None:
        if len(plain(number).strip("-0.").replace(".", "")) > DIGITS or not math.isfinite(number):
            self._string(column, plain(number))
        else:
            self._sheet.write_number(self._at, column, float(number), self._format(shown))

    def _moment(self, column: int, value: date, shown: str) -> None:
        if value.year < FIRST_YEAR:
            self._string(column, value.isoformat())
            return
        bare = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        self._sheet.write_datetime(self._at, column, bare, self._format(shown))

    def _format(self, shown: str) -> Any:
        if not shown:
            return None
        if shown not in self._formats:
            self._formats[shown] = self._book.add_format({"num_format": shown})
        return self._formats[shown]

    def close(self) -> None:
        """Finish the file."""
        self._book.set_properties({"created": datetime.now(UTC).replace(tzinfo=None)})
        self._book.close()


def _sheet_name(name: str) -> str:
    """A name every spreadsheet program takes for a sheet."""
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in name).strip()
    return kept[:31] or "1"
