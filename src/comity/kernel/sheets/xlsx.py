"""XLSX workbooks, one sheet in a stream.

No library gives number formats, formulas and their values, and merged cells together in bounded memory (python-calamine
drops formats, openpyxl's lazy mode gives either formulas or values), so expat is driven directly.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from comity.kernel.sheets import archives, limits, markup, problems, xlsx_parts
from comity.kernel.sheets.cells import RawRow
from comity.kernel.sheets.merged import Merged
from comity.kernel.sheets.source import Source
from comity.kernel.sheets.xlsx_cells import Book, SheetHandlers
from comity.kernel.sheets.xlsx_parts import Sheet, Texts

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*[\"']([A-Z$\d:]+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row[ >]")
_END = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")


class XlsxSource(Source):
    """One sheet of a workbook."""

    format = "xlsx"

    def __init__(self, path: Path, name: str, *, sheet: str = "") -> None:
        super().__init__(path, name)
        with archives.opened(path, self.place()) as archive:
            book = xlsx_parts.workbook(archive, self.place())
            self._since_1904 = book.since_1904
            self._formats, self._quoted = xlsx_parts.styles(archive, book.styles, self.place())
            shown = [found for found in book.sheets if not found.hidden] or book.sheets
            self.sheets = tuple(found.name for found in shown)
            self._sheet = self._chosen(archive, book.sheets, shown, sheet)
            self.sheet = self._sheet.name
            self._merged = self._outline(archive, self._sheet)[1]
            self._texts: Texts = xlsx_parts.texts(archive, book.texts, self.place())

    def _chosen(self, archive: zipfile.ZipFile, all_: list[Sheet], shown: list[Sheet], name: str) -> Sheet:
        if name:
            found = next((found for found in all_ if found.name == name), None)
            if found is None:
                raise problems.no_sheet(self.place(), name)
            return found
        return next((found for found in shown if self._outline(archive, found)[0]), shown[0])

    def _outline(self, archive: zipfile.ZipFile, sheet: Sheet) -> tuple[int, list[str]]:
        """About how many rows the sheet has, and its merged ranges, which the file names after all rows."""
        rows, tail, rest = 0, bytearray(), b""
        for block in archives.blocks(archive, sheet.entry, self.place()):
            if tail:
                tail += block
                if len(tail) > limits.PART:
                    raise problems.damaged(self.place())
                continue
            # Cut behind a whole element, so that nothing looked for is torn.
            whole, cut, rest_next = (rest + block).rpartition(b">")
            window, rest = whole + cut, rest_next
            if len(rest) > limits.TOKEN:
                raise problems.too_long_text(self.place())
            rows += len(_ROW.findall(window))
            if end := _END.search(window):
                tail += window[end.start() :] + rest
        if rows > limits.ROWS:
            raise problems.too_many_rows(self.place(), limits.ROWS)
        return rows, [found.decode() for found in _MERGED.findall(tail)]

    def raw(self) -> Iterator[RawRow]:
        """The rows that the file holds, as it numbers them."""
        place = self.place()
        with archives.opened(self.path, place) as archive:
            out: list[RawRow] = []
            handlers = SheetHandlers(
                out,
                Book(self._texts, self._formats, self._quoted, self._since_1904),
                Merged(self._merged, place),
                place,
            )
            blocks = archives.blocks(archive, self._sheet.entry, place)
            yield from markup.stream(blocks, handlers.parser(), out, place)
