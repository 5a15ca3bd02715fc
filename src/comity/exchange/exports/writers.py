"""A list's file by its format: rows of cells, business cards, or a line of JSON for each card."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from babel import Locale
from babel.numbers import get_decimal_symbol
from django.utils.translation import gettext as _

from comity.exchange.exports import vcards
from comity.exchange.exports.values import HIDDEN, Told
from comity.kernel.sheets.writing import DelimitedWriter, WorkbookWriter, Writer
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.outward import outward
from comity.records.types import RecordType
from comity.ui import names
from comity.ui.render import RTL

Shown = list[tuple[FieldSpec, str]]
FORMATS = {
    "csv": ("csv", "text/csv"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "vcard": ("vcf", "text/vcard"),
    "vcard3": ("vcf", "text/vcard"),
    "jsonl": ("jsonl", "application/jsonl"),
}


class Out(Protocol):
    """A file that takes pages of a list. `cut`: how many texts were too long for the format."""

    @property
    def cut(self) -> int: ...

    def page(self, told: Told) -> None:
        """Write the rows of a page."""

    def close(self) -> None:
        """Finish the file."""


def formats(record_type: RecordType) -> dict[str, str]:
    """The formats a type's list can be taken as, with their names."""
    found = {"xlsx": _("Workbook (XLSX)"), "csv": _("Table as text (CSV)")}
    if vcards.fits(record_type):
        found |= {
            "vcard": _("Business cards (vCard 4.0)"),
            "vcard3": _("Business cards for older programs (vCard 3.0)"),
        }
    return found | {"jsonl": _("For programs (JSON Lines)")}


def opened(path: Path, format_: str, record_type: RecordType, shown: Shown, language: str, head: str) -> Out:
    """A file to write pages of a type's list to; `head` names the column of titles."""
    if format_ == "jsonl":
        return _Lines(path, record_type, shown)
    if format_ in ("vcard", "vcard3"):
        return _Cards(path, record_type, shown, "4.0" if format_ == "vcard" else "3.0")
    return _Table(table(path, format_, record_type.plural[language], language), record_type, shown, language, head)


def table(path: Path, format_: str, name: str, language: str) -> Writer:
    """A table's file as the reader's spreadsheet program expects it."""
    if format_ == "xlsx":
        return WorkbookWriter(path, name, language in RTL)
    point = get_decimal_symbol(Locale.parse(language))
    point = point if point in ".," else "."
    return DelimitedWriter(path, ";" if point == "," else ",", point)


def _title(record_type: RecordType, row: Mapping[str, Any], language: str) -> str:
    return (record_type.display(row, language) if record_type.display else "") or row["title"]


class _Table:
    def __init__(self, writer: Writer, record_type: RecordType, shown: Shown, language: str, head: str) -> None:
        self.writer, self.type, self.language = writer, record_type, language
        named = record_type.title_fields if len(record_type.title_fields) == 1 else ()
        self.shown = [(spec, level) for spec, level in shown if spec.key not in named]  # the first column has it
        writer.row([head, *(spec.label[language] for spec, _level in self.shown)])

    @property
    def cut(self) -> int:
        return self.writer.cut

    def page(self, told: Told) -> None:
        for row in told.page.rows:
            cells = [told.value(spec, level, row) for spec, level in self.shown]
            self.writer.row([_title(self.type, row, self.language), *cells])

    def close(self) -> None:
        self.writer.close()


class _Lines:
    cut = 0

    def __init__(self, path: Path, record_type: RecordType, shown: Shown) -> None:
        self.type, self.shown = record_type, shown
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def page(self, told: Told) -> None:
        for row in told.page.rows:
            card = {"id": str(row["id"]), "type": self.type.key, "version": row["version"], "title": row["title"]}
            for spec, level in self.shown:
                value = told.raw(spec, row)
                hidden = level == "mask" and not kinds.empty(value)
                card[spec.key] = _masked(spec, value) if hidden else outward(spec, value)
            self._file.write(json.dumps(card, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


def _masked(spec: FieldSpec, value: Any) -> Any:
    """As programs get it from the interface."""
    if spec.kind in CONTACT_KINDS:
        return [{"label": point["label"], "value": names.mask(spec, point["value"])} for point in value]
    return HIDDEN


class _Cards:
    cut = 0

    def __init__(self, path: Path, record_type: RecordType, shown: Shown, version: str) -> None:
        self.type, self.shown, self.version = record_type, shown, version
        self._file = path.open("w", encoding="utf-8", newline="")

    def page(self, told: Told) -> None:
        for row in told.page.rows:
            values = {spec.key: told.raw(spec, row) for spec, level in self.shown if level != "mask"}
            words = {spec.key: told.value(spec, "read", row) for spec, level in self.shown if level != "mask"}
            self._file.writelines(self._lines(row, values, words))

    def _lines(self, row: Mapping[str, Any], values: Mapping[str, Any], words: Mapping[str, Any]) -> Iterable[str]:
        return vcards.card(self.version, self.type, row, values, words)

    def close(self) -> None:
        self._file.close()
