"""The parts of an XLSX workbook beside its sheets: which sheets there are, the number formats, the table of texts."""

import re
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath

from comity.kernel.sheets import archives, limits, markup, number_formats, problems
from comity.kernel.sheets.number_formats import Format
from comity.kernel.sheets.problems import Place

_ESCAPES = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its name, the entry of the archive it stands in, whether people see it."""

    name: str
    entry: str
    hidden: bool = False


@dataclass(slots=True)
class Workbook:
    """What the workbook says of itself; `since_1904`: its days count from there."""

    sheets: list[Sheet] = field(default_factory=list)
    since_1904: bool = False
    styles: str = ""
    texts: str = ""


def workbook(archive: zipfile.ZipFile, place: Place) -> Workbook:
    """Read the workbook's own part and what it refers to."""
    main = _main(archive, place)
    folder = main.rpartition("/")[0]
    targets, kinds = _relations(archive, folder, main, place)
    book = Workbook()
    book.styles = next((targets[key] for key, kind in kinds.items() if kind == "styles"), "")
    book.texts = next((targets[key] for key, kind in kinds.items() if kind == "sharedStrings"), "")

    def start(name: str, attrs: dict[str, str]) -> None:
        name = markup.local(name)
        if name == "workbookPr":
            book.since_1904 = attrs.get("date1904", "0") in ("1", "true")
        elif name == "sheet":
            key = next((value for key, value in attrs.items() if markup.local(key) == "id" and ":" in key), "")
            if kinds.get(key) == "worksheet":
                hidden = attrs.get("state", "visible") != "visible"
                book.sheets.append(Sheet(attrs.get("name", ""), targets[key], hidden))

    _read(archive, main, place, start)
    if not book.sheets or len(book.sheets) > limits.SHEETS:
        raise problems.damaged(place)
    return book


def _main(archive: zipfile.ZipFile, place: Place) -> str:
    targets, kinds = _relations(archive, "", "", place)
    return next((targets[key] for key, kind in kinds.items() if kind == "officeDocument"), "xl/workbook.xml")


def _relations(archive: zipfile.ZipFile, folder: str, main: str, place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """Entries and kinds by relation key; what leads out of the archive is left out."""
    targets: dict[str, str] = {}
    kinds: dict[str, str] = {}

    def start(name: str, attrs: dict[str, str]) -> None:
        if markup.local(name) == "Relationship" and attrs.get("TargetMode") != "External":
            target = attrs.get("Target", "")
            entry = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            targets[attrs.get("Id", "")] = entry
            kinds[attrs.get("Id", "")] = attrs.get("Type", "").rpartition("/")[2]

    entry = join(folder, "_rels", main.rpartition("/")[2] + ".rels")
    _read(archive, entry, place, start)
    return targets, kinds


def _read(archive: zipfile.ZipFile, entry: str, place: Place, start: markup.Start) -> None:
    content = archives.part(archive, entry, place)
    if content:
        markup.read([content], markup.parser(start, lambda name: None, lambda text: None), place)


def styles(archive: zipfile.ZipFile, entry: str, place: Place) -> tuple[list[Format], frozenset[int]]:
    """The formats of cells by style number, and the style numbers that protect a text with an apostrophe."""
    codes = dict(number_formats.SHIPPED)
    formats: list[Format] = []
    quoted: set[int] = set()
    inside: list[str] = []

    def start(name: str, attrs: dict[str, str]) -> None:
        name = markup.local(name)
        inside.append(name)
        if name == "numFmt" and attrs.get("numFmtId", "").isdigit():
            codes[int(attrs["numFmtId"])] = attrs.get("formatCode", "General")
        elif name == "xf" and "cellXfs" in inside:
            if attrs.get("quotePrefix") in ("1", "true"):
                quoted.add(len(formats))
            number = attrs.get("numFmtId", "0")
            formats.append(number_formats.read(codes.get(int(number) if number.isdigit() else 0, "General")))

    def end(_name: str) -> None:
        inside.pop()

    if entry in archive.NameToInfo:
        parser = markup.parser(start, end, lambda text: None)
        markup.read(archives.blocks(archive, entry, place, limits.PART), parser, place)
    return formats or [Format()], frozenset(quoted)


class Texts:
    """A workbook's table of texts, packed: a Python string for each of a million would take a gigabyte."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._ends = array("Q", [0])

    def add(self, text: str) -> None:
        """Put a text at the end."""
        self._content += text.encode("utf-8", "replace")
        self._ends.append(len(self._content))

    @property
    def size(self) -> int:
        """Bytes of all texts."""
        return len(self._content)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        return self._content[self._ends[index] : self._ends[index + 1]].decode()


def texts(archive: zipfile.ZipFile, entry: str, place: Place) -> Texts:
    """The table of texts; an empty one where the workbook has none. What says how a text is spoken is left out."""
    kept = Texts()
    if entry not in archive.NameToInfo:
        return kept
    parts: list[str] = []
    level = {"t": 0, "rPh": 0}
    size = 0

    def start(name: str, _attrs: dict[str, str]) -> None:
        name = markup.local(name)
        if name in level:
            level[name] += 1

    def end(name: str) -> None:
        nonlocal size
        name = markup.local(name)
        if name in level:
            level[name] -= 1
        elif name == "si":
            kept.add(unescaped("".join(parts)))
            parts.clear()
            size = 0

    def text(found: str) -> None:
        nonlocal size
        if level["t"] and not level["rPh"]:
            size += len(found)
            if size > limits.LINE:
                raise problems.too_long_text(place)
            parts.append(found)

    blocks = archives.blocks(archive, entry, place, limits.SHARED_TEXT)
    markup.read(_watched(blocks, kept, place), markup.parser(start, end, text), place)
    return kept


def _watched(blocks: Iterable[bytes], kept: Texts, place: Place) -> Iterator[bytes]:
    for block in blocks:
        if kept.size + len(kept) * 8 > limits.KEPT_TEXT:
            raise problems.too_much_text(place)
        yield block


def unescaped(text: str) -> str:
    """Signs that XML cannot hold are written _x000D_ in workbooks."""
    if "_x" not in text:
        return text
    return _ESCAPES.sub(lambda match: _sign(int(match[1], 16)), text).replace("\r\n", "\n")


def _sign(code: int) -> str:
    return "\ufffd" if 0xD800 <= code < 0xE000 or not code else chr(code)
