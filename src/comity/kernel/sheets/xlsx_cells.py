"""The cells of a worksheet as the XML parser meets them."""

import re
from datetime import datetime
from typing import NamedTuple
from xml.parsers import expat

from comity.kernel.sheets import limits, markup, numbers_in_cells, problems
from comity.kernel.sheets.cells import APOSTROPHE, EMPTY, FORMULA, NO_FLAGS, Cell, RawRow, error, from_text, letter
from comity.kernel.sheets.merged import Merged, index_of
from comity.kernel.sheets.number_formats import Format
from comity.kernel.sheets.problems import Place
from comity.kernel.sheets.xlsx_parts import Texts, unescaped

_HIDDEN = frozenset(("hidden",))
_DIGITS = "0123456789"
_CACHED = 50_000
_ADDS = re.compile(r"SUM|SUBTOTAL|AGGREGATE|AVERAGE|COUNT|MAX|MIN", re.I)
_EXTERNAL = re.compile(r"'[^'\[\]]*\[[^'\[\]]+\][^'\[\]]*'!|(?<![\w\]])\[\d+\][\w.]*!")
_REFERENCE = re.compile(r"(?<![\w$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w(])")
_SHARED = 100_000


class Book(NamedTuple):
    """What cells refer to: the table of texts, formats by style, styles that protect texts, the first day."""

    texts: Texts
    formats: list[Format]
    quoted: frozenset[int]
    since_1904: bool


class SheetHandlers:
    """Puts a RawRow into `out` for every row that ends."""

    def __init__(self, out: list[RawRow], book: Book, merged: Merged, place: Place) -> None:
        self.out, self.book, self.merged, self.place = out, book, merged, place
        self.cells: list[Cell] = []
        self.formulas: dict[int, str] | None = None
        self.notes = NO_FLAGS
        self.row = self.column = self.met = 0
        self.kind, self.style = "n", 0
        self.value: str | None = None
        self.formula: str | None = None
        self.shared = ""
        self.spoken = False
        self.inside = False  # <sheetData>
        self.parts: list[str] = []
        self.size = 0
        self.columns: dict[str, int] = {}
        self.cached: dict[tuple[int, int], Cell] = {}
        self.masters: dict[str, tuple[str, int, int]] = {}

    def parser(self) -> expat.XMLParserType:
        """A parser that feeds these handlers."""
        return markup.parser(self.start, self.end, self.text)

    def text(self, found: str) -> None:
        """Letters of a value, a formula or a text; blanks between elements too."""
        self.size += len(found)
        if self.size > limits.LINE:
            raise problems.too_long_text(Place(self.place.file, self.place.sheet, self.row))
        self.parts.append(found)

    def start(self, name: str, attrs: dict[str, str]) -> None:
        """An element begins."""
        if ":" in name:
            name = markup.local(name)
        if name == "c":
            self._begin_cell(attrs)
        elif name in ("v", "t", "f"):
            self.parts.clear()
            self.size = 0
            if name == "f":
                self.shared = attrs.get("si", "") if attrs.get("t") == "shared" else ""
        elif name == "row":
            self._begin_row(attrs)
        elif name == "rPh":
            self.spoken = True
        elif name == "sheetData":
            self.inside = True

    def end(self, name: str) -> None:
        """An element ends."""
        if ":" in name:
            name = markup.local(name)
        if name == "v":
            self.value = "".join(self.parts)
        elif name == "c":
            if self.inside:
                self._end_cell()
        elif name == "row":
            if self.inside:
                self.merged.cover(self.row, self.cells)
                self.out.append(RawRow(self.row, self.cells, self.formulas, self.notes))
        elif name == "t":
            if not self.spoken:
                self.value = (self.value or "") + "".join(self.parts)
                if len(self.value) > limits.LINE:
                    raise problems.too_long_text(Place(self.place.file, self.place.sheet, self.row))
        elif name == "f":
            self.formula = "".join(self.parts)[: limits.FORMULA]
        elif name == "rPh":
            self.spoken = False
        elif name == "sheetData":
            self.inside = False
        self.parts.clear()
        self.size = 0

    def _begin_row(self, attrs: dict[str, str]) -> None:
        number = attrs.get("r", "")
        before, self.row = self.row, int(number) if number.isdecimal() and len(number) < 9 else self.row + 1
        if self.row <= before:
            raise problems.damaged(self.place)
        if self.row > limits.ROWS:
            raise problems.too_many_rows(self.place, limits.ROWS)
        self.cells, self.formulas, self.column = [], None, -1
        self.notes = _HIDDEN if attrs.get("hidden") in ("1", "true") else NO_FLAGS

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        reference = attrs.get("r")
        if reference is None:
            self.column += 1
        else:
            letters = reference.rstrip(_DIGITS)
            column = self.columns.get(letters)
            if column is None:
                if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
                    raise problems.damaged(self.place)
                column = self.columns[letters] = index_of(letters.upper())
            self.column = column
        self.kind = attrs.get("t", "n")
        style = attrs.get("s", "0")
        self.style = int(style) if style.isdecimal() and len(style) < 7 else 0
        self.value = self.formula = None
        self.shared = ""

    def _end_cell(self) -> None:
        cell = self._plain() if self.formula is None else self._counted(self.formula)
        if cell.kind == "empty" and not cell.flags:
            return
        column, cells = self.column, self.cells
        if column >= limits.COLUMNS:
            raise problems.too_many_columns(Place(self.place.file, self.place.sheet, self.row), limits.COLUMNS)
        missing = column - len(cells)
        if missing > 0:
            cells.extend([EMPTY] * missing)
        if missing >= 0:
            cells.append(cell)
        else:
            cells[column] = cell

    def _plain(self, flags: frozenset[str] = NO_FLAGS) -> Cell:
        value, kind = self.value, self.kind
        if kind == "s":
            return self._shared_text(value, flags)
        if not value:
            return Cell("empty", None, "", "", flags) if flags else EMPTY
        if kind == "n":
            formats = self.book.formats
            shape = formats[self.style] if self.style < len(formats) else formats[0]
            return numbers_in_cells.cell(value, shape, self.book.since_1904, flags)
        if kind in ("inlineStr", "str"):
            return self._text(unescaped(value), flags)
        if kind == "b":
            return Cell("bool", value in ("1", "true"), "TRUE" if value in ("1", "true") else "FALSE", "", flags)
        if kind == "d":
            return _iso(value, flags)
        return error(value[:40], "error", flags)

    def _shared_text(self, value: str | None, flags: frozenset[str]) -> Cell:
        try:
            index = int(value or "")
            key = (index, self.style if self.style in self.book.quoted else 0)
            if not flags and (found := self.cached.get(key)):
                return found
            cell = self._text(self.book.texts[index], flags)
        except (ValueError, IndexError):
            raise problems.damaged(self.place) from None
        if not flags and len(self.cached) < _CACHED and len(cell.text) < 200:
            self.cached[key] = cell
        return cell

    def _text(self, text: str, flags: frozenset[str]) -> Cell:
        if len(text) > limits.TEXT:
            return error(text[:80] + "…", "long", flags)
        cell = from_text(text)
        if self.style in self.book.quoted:
            flags |= APOSTROPHE
        return cell._replace(flags=cell.flags | flags) if flags and cell.kind != "empty" else cell

    def _counted(self, formula: str) -> Cell:
        formula = self._whole_formula(formula)
        if formula and _ADDS.search(formula):
            self.formulas = self.formulas or {}
            self.formulas[self.column] = formula
        if "[" in formula and _EXTERNAL.search(formula):
            return error("=" + formula, "external", FORMULA)
        if self.value is None or (not self.value and self.kind != "str"):
            return error("=" + formula, "uncounted", FORMULA)
        return self._plain(FORMULA)

    def _whole_formula(self, formula: str) -> str:
        """A formula copied over a range stands once in the file, in its first cell."""
        if not self.shared:
            return formula
        if formula:
            if len(self.masters) < _SHARED and (_ADDS.search(formula) or "[" in formula):
                self.masters[self.shared] = (formula, self.row, self.column)
            return formula
        if self.shared not in self.masters:
            return ""
        text, row, column = self.masters[self.shared]
        return moved(text, self.row - row, self.column - column)


def moved(formula: str, down: int, right: int) -> str:
    """The formula as it reads in a cell so many rows and columns away from where it was written."""

    def reference(match: re.Match[str]) -> str:
        letters, number = match[2], int(match[4])
        if not match[1]:
            letters = letter(max(index_of(letters) + right, 0))
        return f"{match[1]}{letters}{match[3]}{number if match[3] else number + down}"

    return _REFERENCE.sub(reference, formula)


def _iso(value: str, flags: frozenset[str]) -> Cell:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return error(value[:40], "date", flags)
    return numbers_in_cells.of_moment(moment.replace(tzinfo=None), "T" not in value, flags)
