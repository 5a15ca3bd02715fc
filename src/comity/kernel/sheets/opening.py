"""Which reader a file needs, by its content and not by its name alone; what none reads is refused with a way out."""

import codecs
import mmap
import re
from pathlib import Path

from django.utils.translation import gettext as _

from comity.kernel.files import extension
from comity.kernel.sheets import archives, encodings, problems
from comity.kernel.sheets.problems import Place, Unreadable
from comity.kernel.sheets.source import Source

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|table|head|meta)\b", re.I)
_CARD = re.compile(r"\s*BEGIN\s*:\s*VCARD", re.I)


def open_sheet(
    path: str | Path, name: str, *, sheet: str = "", encoding: str = "", delimiter: str = "", header: int | None = None
) -> Source:
    """Open a file for reading; `name` is what people call it.

    `sheet`: the one to read, else the first that people see. `encoding` and `delimiter` of text files are found where
    they are not given. `header`: the number of the header's row, 0 for none, else it is found. Raises Unreadable or
    TooMuch, with what to do.
    """
    path, place = Path(path), Place(name)
    source = _reader(path, name, place, sheet=sheet, encoding=encoding, delimiter=delimiter)
    source.find_header(header)
    return source


def _reader(path: Path, name: str, place: Place, *, sheet: str, encoding: str, delimiter: str) -> Source:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(place, _("the file is empty."), _("Choose the file that has the data."))
    if head.startswith(b"PK"):
        return _from_archive(path, name, place, sheet)
    if head.startswith(_OLE):
        raise _old(path, place)
    _refuse_foreign(head, name, place)
    if _is_card(head):
        from comity.kernel.sheets.vcards import CardSource

        return CardSource(path, name, encoding=encoding)
    from comity.kernel.sheets.delimited import DelimitedSource

    return DelimitedSource(path, name, encoding=encoding, delimiter=delimiter)


def _from_archive(path: Path, name: str, place: Place, sheet: str) -> Source:
    with archives.opened(path, place) as archive:
        names = set(archive.namelist())
        kind = archives.part(archive, "mimetype", place).decode("latin-1").strip()
    if "xl/vbaProject.bin" in names or extension(name) == "xlsm":
        raise problems.unsafe(place, _("it contains macros."))
    if "xl/workbook.bin" in names:
        raise Unreadable(place, _("this is an XLSB workbook."), _("Save it as XLSX and load that."))
    if kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
        from comity.kernel.sheets.ods import OdsSource

        return OdsSource(path, name, sheet=sheet)
    if "[Content_Types].xml" in names and any(entry.startswith(("xl/", "/xl/")) for entry in names):
        from comity.kernel.sheets.xlsx import XlsxSource

        return XlsxSource(path, name, sheet=sheet)
    raise Unreadable(
        place, _("this archive is not a table."), _("Unpack it and load the CSV, XLSX, ODS or vCard file inside.")
    )


def _old(path: Path, place: Place) -> Unreadable:
    """An XLS workbook or, in the same wrapping, an encrypted XLSX."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return archives.protected(place)
    return Unreadable(
        place,
        _("this is a workbook of the old XLS format."),
        _("Open it in your spreadsheet program, save it as XLSX and load that."),
    )


def _refuse_foreign(head: bytes, name: str, place: Place) -> None:
    if _WEB_PAGE.match(head.removeprefix(codecs.BOM_UTF8)):
        raise Unreadable(
            place,
            _("this is a web page, though it may be named like a workbook."),
            _("Open it in your spreadsheet program, save it as XLSX and load that."),
        )
    plain = head.removeprefix(codecs.BOM_UTF8)
    foreign = plain.startswith(
        (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<?xml", b"\x1f\x8b", b"Rar!")
    )
    if foreign or _is_binary(head):
        raise Unreadable(
            place, _("this is not a table."), _("Choose a CSV, XLSX, ODS or vCard file, or save yours as one of these.")
        )


def _is_binary(head: bytes) -> bool:
    """Control bytes in number that no text has in any encoding but UTF-16."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or encodings.without_mark(head):
        return False
    strange = sum(head.count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32), 127))
    return strange > len(head) // 20


def _is_card(head: bytes) -> bool:
    for encoding in ("utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig",):
        text = head.decode(encoding, "replace")
    return _CARD.match(text) is not None
