"""OpenDocument spreadsheets, one table in a stream. Every cell says its own type, so no formats need to be read."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from xml.parsers import expat

from comity.kernel.sheets import archives, limits, markup, numbers_in_cells, problems
from comity.kernel.sheets.cells import (
    COVERED,
    EMPTY,
    FORMULA,
    NO_FLAGS,
    Cell,
    RawRow,
    below,
    error,
    from_digits,
    from_text,
)  # fmt: skip
from comity.kernel.sheets.problems import Place
from comity.kernel.sheets.source import Source

_CONTENT = "content.xml"
_NUMERIC = frozenset(("float", "percentage", "currency"))
_ERRORS = ("#", "Err:")


class OdsSource(Source):
    """One table of a document."""

    format = "ods"

    def __init__(self, path: Path, name: str, *, sheet: str = "") -> None:
        super().__init__(path, name)
        with archives.opened(path, self.place()) as archive:
            if b"encryption-data" in archives.part(archive, "META-INF/manifest.xml", self.place()):
                raise archives.protected(self.place())
            if _CONTENT not in archive.NameToInfo:
                raise problems.damaged(self.place())
            tables = self._tables(archive)
        self.sheets = tuple(tables)
        if sheet and sheet not in tables:
            raise problems.no_sheet(self.place(), sheet)
        self.sheet = sheet or next((name for name, filled in tables.items() if filled), self.sheets[0])

    def _tables(self, archive: zipfile.ZipFile) -> dict[str, bool]:
        """The names of the tables, and whether anything stands in them."""
        tables: dict[str, bool] = {}
        depth = 0
        here = ""

        def start(name: str, attrs: dict[str, str]) -> None:
            nonlocal depth, here
            if name == "table:table":
                depth += 1
                if depth == 1:
                    here = attrs.get("table:name", "")
                    tables[here] = False
            elif name == "text:p" and depth:
                tables[here] = True

        def end(name: str) -> None:
            nonlocal depth
            if name == "table:table":
                depth -= 1

        made = markup.parser(start, end, lambda text: None)
        made.CharacterDataHandler = None
        markup.read(archives.blocks(archive, _CONTENT, self.place()), made, self.place())
        if not tables or len(tables) > limits.SHEETS:
            raise problems.damaged(self.place())
        return tables

    def raw(self) -> Iterator[RawRow]:
        """The rows of the table; blank ones are left out."""
        place = self.place()
        with archives.opened(self.path, place) as archive:
            repeated: list[tuple[RawRow, int]] = []
            handlers = _Handlers(self.sheet, repeated, place)
            blocks = archives.blocks(archive, _CONTENT, place)
            for row, times in markup.stream(blocks, handlers.parser(), repeated, place):
                for step in range(times):
                    yield row._replace(number=row.number + step) if step else row


class _Handlers:
    """Puts each filled row of one table into `out`, with how often it stands there."""

    def __init__(self, sheet: str, out: list[tuple[RawRow, int]], place: Place) -> None:
        self.sheet, self.out, self.place = sheet, out, place
        self.depth = 0
        self.here = False
        self.row = 0
        self.cells: list[Cell] = []
        self.formulas: dict[int, str] | None = None
        self.waiting = 0  # empty cells not yet put down, which mostly fill the row's end
        self.times = self.columns = 1
        self.notes = NO_FLAGS
        self.cell: dict[str, str] | None = None
        self.covered = False
        self.spans: dict[int, tuple[int, str]] = {}  # by column: the last row a cell reaches down to, and its text
        self.parts: list[str] = []
        self.paragraphs = self.size = self.note = 0
        self.in_paragraph = 0

    def parser(self) -> expat.XMLParserType:
        """A parser that feeds these handlers."""
        return markup.parser(self.start, self.end, self.text)

    def text(self, found: str) -> None:
        """Letters; those between the elements of a cell are layout."""
        if self.in_paragraph and self.cell is not None and not self.note:
            self.size += len(found)
            if self.size > limits.LINE:
                raise problems.too_long_text(Place(self.place.file, self.place.sheet, self.row))
            self.parts.append(found)

    def start(self, name: str, attrs: dict[str, str]) -> None:
        """An element begins."""
        if name == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.here = attrs.get("table:name", "") == self.sheet
                self.row, self.spans = 0, {}
        elif not self.here or self.depth != 1:
            return
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.cell = attrs
            self.covered = name != "table:table-cell"
            self.columns = _times(attrs.get("table:number-columns-repeated"))
            self.parts, self.paragraphs, self.size = [], 0, 0
        elif name == "table:table-row":
            self.cells, self.formulas, self.waiting = [], None, 0
            self.times = _times(attrs.get("table:number-rows-repeated"))
            shown = attrs.get("table:visibility", "visible") == "visible"
            self.notes = NO_FLAGS if shown else frozenset(("hidden",))
        elif name == "office:annotation":
            self.note += 1
        elif self.cell is not None and not self.note:
            self._start_text(name, attrs)

    def _start_text(self, name: str, attrs: dict[str, str]) -> None:
        if name == "text:p":
            if self.paragraphs:
                self.parts.append("\n")
            self.paragraphs += 1
            self.in_paragraph += 1
        elif name == "text:s":
            self.parts.append(" " * min(_times(attrs.get("text:c")), 1000))
        elif name == "text:tab":
            self.parts.append("\t")
        elif name == "text:line-break":
            self.parts.append("\n")

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "table:table":
            self.depth -= 1
        elif not self.here or self.depth != 1:
            return
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._end_cell()
        elif name == "table:table-row":
            self._end_row()
        elif name == "office:annotation":
            self.note -= 1
        elif name == "text:p" and not self.note:
            self.in_paragraph = max(0, self.in_paragraph - 1)

    def _end_row(self) -> None:
        filled = any(cell.kind != "empty" for cell in self.cells)
        number = self.row + 1
        self.row += self.times
        if not filled:
            return
        if self.row > limits.ROWS:
            raise problems.too_many_rows(self.place, limits.ROWS)
        self.out.append((RawRow(number, self.cells, self.formulas, self.notes), self.times))

    def _end_cell(self) -> None:
        attrs, self.cell = self.cell or {}, None
        cell = COVERED if self.covered else self._made(attrs, "".join(self.parts))
        if cell is EMPTY:
            self.waiting += self.columns
            return
        width = len(self.cells) + self.waiting + self.columns
        if width > limits.COLUMNS:
            if self.covered:
                return
            place = Place(self.place.file, self.place.sheet, self.row + 1)
            raise problems.too_many_columns(place, limits.COLUMNS)
        self.cells.extend([EMPTY] * self.waiting)
        self.waiting = 0
        if formula := attrs.get("table:formula"):
            self.formulas = self.formulas or {}
            self.formulas[len(self.cells)] = formula[: limits.FORMULA]
        column, number = len(self.cells), self.row + 1
        self.cells.extend([cell] * self.columns)
        if self.covered and (span := self.spans.get(column)) and span[0] >= number:
            self.cells[column] = below(span[1])
        elif (rows := _times(attrs.get("table:number-rows-spanned"))) > 1 and not self.covered:
            self.spans[column] = (number + rows - 1, cell.text)

    def _made(self, attrs: dict[str, str], text: str) -> Cell:
        formula = attrs.get("table:formula", "")
        flags = FORMULA if formula else NO_FLAGS
        kind = attrs.get("calcext:value-type") or attrs.get("office:value-type", "")
        if formula and "'file:" in formula:
            return error("=" + formula.partition("=")[2], "external", flags)
        if kind == "error" or (formula and text.startswith(_ERRORS) and kind in ("", "string", "float")):
            return error(text, "error", flags)
        if kind in _NUMERIC:
            return _number(attrs, kind, text, flags)
        if kind == "date":
            return _date(attrs.get("office:date-value", ""), flags)
        if kind == "time":
            return Cell("text", text, text, "", flags)
        if kind == "boolean":
            value = attrs.get("office:boolean-value") == "true"
            return Cell("bool", value, text or str(value).upper(), "", flags)
        if formula and not kind:
            return error("=" + formula.partition("=")[2], "uncounted", flags)
        return _text(text, flags)


def _times(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 and text != "0" else 1


def _text(text: str, flags: frozenset[str]) -> Cell:
    if len(text) > limits.TEXT:
        return error(text[:80] + "…", "long", flags)
    cell = from_text(text)
    return cell._replace(flags=cell.flags | flags) if flags and cell.kind != "empty" else cell


def _number(attrs: dict[str, str], kind: str, text: str, flags: frozenset[str]) -> Cell:
    value = numbers_in_cells.exact(attrs.get("office:value", ""))
    if value is None:
        return error(text or attrs.get("office:value", "")[:40], "number", flags)
    if kind == "percentage":
        value = value.scaleb(2)
        return Cell("percent", value, numbers_in_cells.plain(value) + " %", "", flags)
    if kind == "currency":
        code = attrs.get("office:currency", "")
        plain = numbers_in_cells.plain(value)
        return Cell("money", value, f"{plain} {code}" if code else plain, code, flags)
    return _plain_number(value, text, flags)


def _plain_number(value: Decimal, text: str, flags: frozenset[str]) -> Cell:
    scientific = text[:1].isdigit() and "E+" in text
    digits = "".join(sign for sign in text if sign.isdigit())
    # Shown with more digits or other signs between them than the number has: a code or a phone in its mask.
    masked = text[:1] in "+0(" and value == value.to_integral_value() and value > 0 and not set(text) & {".", ","}
    if masked and digits.lstrip("0") == numbers_in_cells.plain(value) and digits != text.lstrip("0"):
        return Cell("number", value, text, "", flags | {"eaten"})
    plain = scientific or text.isdigit()
    return from_digits(value, plain, scientific, flags)


def _date(written: str, flags: frozenset[str]) -> Cell:
    try:
        moment = datetime.fromisoformat(written[:26])
    except ValueError:
        return error(written[:40], "date", flags)
    return numbers_in_cells.of_moment(moment.replace(tzinfo=None), "T" not in written, flags)
