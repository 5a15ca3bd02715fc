"""vCard files as a table: one row per card, columns named as in Google's CSV, so that both are recognised alike."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from comity.kernel import files
from comity.kernel.sheets import encodings, limits, numbers_in_cells, problems
from comity.kernel.sheets.cells import EMPTY, Cell, RawRow, error
from comity.kernel.sheets.source import Source
from comity.kernel.sheets.vcard_lines import Property, properties

_NAME = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
_ADDRESS = ("PO Box", "Extended Address", "Street", "City", "Region", "Postal Code", "Country")
_SINGLE = {
    "FN": "Full Name", "NICKNAME": "Nickname", "TITLE": "Organization Title", "ROLE": "Organization Role",
    "NOTE": "Notes", "UID": "UID", "BDAY": "Birthday", "CATEGORIES": "Labels", "PHOTO": "Photo",
}  # fmt: skip
# Those a card may have several of, with a label each.
_MANY = {"TEL": "Phone", "EMAIL": "E-mail", "URL": "Website", "IMPP": "IM"}
_TECHNICAL = frozenset(("VERSION", "PRODID", "BEGIN", "END", "X-ABLABEL", "X-ABADR", "AGENT"))
_FIRST = (
    "Kind", "Full Name", *_NAME, "Nickname", "Organization Name", "Organization Department", "Organization Title",
    "Organization Role",
)  # fmt: skip
_LAST = ("Birthday", "Labels", "Notes", "UID", "Photo")
_SAYS_KIND = {"KIND": "org", "X-ADDRESSBOOKSERVER-KIND": "org", "X-ABSHOWAS": "company"}
_SILENT_TYPES = frozenset(("pref", "voice", "internet", "x-internet", "x-pref"))
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_TOKENS = re.compile(r"\\.|[;,]|[^\\;,]+|\\", re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")


class CardSource(Source):
    """A vCard file. A row's number is that of its card, counted from 1."""

    format = "vcard"

    def __init__(self, path: Path, name: str, *, encoding: str = "") -> None:
        super().__init__(path, name)
        self.encoding = encoding or encodings.detect(path)
        try:
            "".encode(self.encoding)
        except LookupError:
            what = _("the encoding “%(name)s” is not known.") % {"name": encoding}
            raise problems.Unreadable(self.place(), what, _("Choose another encoding.")) from None

    def find_header(self, number: int | None) -> None:
        """Every column that some card of the file fills."""
        used: set[str] = set()
        for cells in self._cards():
            used.update(cells)
            if len(used) > limits.COLUMNS:
                raise problems.too_many_columns(self.place(), limits.COLUMNS)
        if not used:
            raise problems.damaged(self.place())
        self.header = tuple(sorted(used, key=_order))

    def raw(self) -> Iterator[RawRow]:
        """A row for every card."""
        for number, cells in enumerate(self._cards(), 1):
            yield RawRow(number, [cells.get(name, EMPTY) for name in self.header])

    def _cards(self) -> Iterator[dict[str, Cell]]:
        card: list[Property] | None = None
        inner = count = 0
        for found in properties(self.path, self.encoding):
            if found.name == "BEGIN":
                if card is not None and _is_inner(card):
                    inner += 1
                    continue
                if card:
                    yield _columns(card)  # the one before was never ended
                card = []
                count += 1
                if count > limits.ROWS:
                    raise problems.too_many_rows(self.place(), limits.ROWS)
            elif found.name == "END":
                if inner:
                    inner -= 1
                elif card is not None:
                    yield _columns(card)
                    card = None
            elif card is not None and not inner:
                card.append(found)
                if len(card) > limits.CARD_LINES:
                    raise problems.unsafe(self.place(count), _("the card has more lines than any contact."))
        if card:
            yield _columns(card)


def _is_inner(card: list[Property]) -> bool:
    """Whether a card that begins now is the assistant's within another (2.1)."""
    return bool(card) and card[-1].name == "AGENT" and not card[-1].text.strip()


def _order(name: str) -> tuple[int, int, str, int, int]:
    if name in _FIRST:
        return (0, _FIRST.index(name), "", 0, 0)
    if match := re.fullmatch(r"(Phone|E-mail|Address|Website|IM) (\d+) - (.+)", name):
        kinds = ("Phone", "E-mail", "Address", "Website", "IM")
        parts = ("Label", "Value", *_ADDRESS)
        return (1, kinds.index(match[1]), "", int(match[2]), parts.index(match[3]))
    if name in _LAST:
        return (2, _LAST.index(name), "", 0, 0)
    return (3, 0, name, 0, 0)


def _columns(card: list[Property]) -> dict[str, Cell]:
    labels = {found.group: _label(found.text) for found in card if found.name == "X-ABLABEL" and found.group}
    cells: dict[str, Cell] = {}
    counts: dict[str, int] = {}
    if _is_organisation(card):
        cells["Kind"] = _text("org")
        named = "ORG" if any(found.name == "ORG" and _plain(found.text).strip(" ;") for found in card) else "FN"
        card = [
            replace(found, name="ORG") if found.name == named else found
            for found in card if found.name not in {"N", "FN", *_SAYS_KIND} - {named}
        ]  # fmt: skip
    # Those marked as preferred come first; else the order of the file.
    for found in sorted(card, key=_preference):
        if found.name == "N":
            _put_parts(cells, _NAME, _parts(found.text, ";"))
        elif found.name == "ORG":
            company, *units = _parts(found.text, ";")
            _put(cells, "Organization Name", _text(company))
            _put(cells, "Organization Department", _text(", ".join(filter(None, units))))
        elif found.name in _MANY or found.name == "ADR":
            kind = _MANY.get(found.name, "Address")
            counts[kind] = place = counts.get(kind, 0) + 1
            _put_labelled(cells, found, kind, place, labels.get(found.group, ""))
        elif found.name not in _TECHNICAL:
            _put(cells, _SINGLE.get(found.name, found.name), _single(found))
    return cells


def _is_organisation(card: list[Property]) -> bool:
    """Whether a card is a company's own, as version 4 and address books of Apple say it."""
    return any(_SAYS_KIND.get(found.name) == found.text.strip().lower() for found in card)


def _preference(found: Property) -> int:
    number = found.parameters.get("PREF", "")
    return int(number) if number.isdecimal() and len(number) < 4 else 0 if "pref" in found.types else 101


def _put_labelled(cells: dict[str, Cell], found: Property, kind: str, place: int, label: str) -> None:
    if kind == "Address":
        values = dict(zip(_ADDRESS, map(_text, _parts(found.text, ";")), strict=False))
    else:
        values = {"Value": _text(_address(_plain(found.text)))}
    values = {name: cell for name, cell in values.items() if cell.kind != "empty"}
    if not values:
        return
    if place > limits.CARD_COLUMNS:
        texts = ", ".join(cell.text for cell in values.values())
        _put(cells, found.name, _text(texts))  # what has no column of its own is kept together in one
        return
    label = label or ", ".join(kind_ for kind_ in found.types if kind_ not in _SILENT_TYPES)
    _put(cells, f"{kind} {place} - Label", _text(label))
    for name, cell in values.items():
        _put(cells, f"{kind} {place} - {name}", cell)


def _put_parts(cells: dict[str, Cell], names: tuple[str, ...], parts: list[str]) -> None:
    for name, part in zip(names, parts, strict=False):
        _put(cells, name, _text(part))


def _put(cells: dict[str, Cell], name: str, cell: Cell) -> None:
    if cell.kind == "empty":
        return
    before = cells.get(name)
    if before is None:
        cells[name] = cell
    elif before.kind == cell.kind == "text" and before.text != cell.text:
        both = f"{before.text}\n{cell.text}"
        cells[name] = _text(both)


def _single(found: Property) -> Cell:
    if found.size:
        return error(f"{found.size / 1_000_000:.1f} MB", "photo" if found.name == "PHOTO" else "long")
    if found.content is not None:
        return _file(found)
    text = found.text
    if found.name == "BDAY":
        return _day(_plain(text))
    if found.name in ("CATEGORIES", "NICKNAME"):
        return _text(", ".join(filter(None, _parts(text, ","))))
    if text.count(";") and found.name.startswith("X-"):
        return _text("; ".join(filter(None, _parts(text, ";"))))
    return _text(_plain(text))


def _file(found: Property) -> Cell:
    if not found.content:
        return EMPTY
    mime = files.sniff(found.content[: files.HEAD_BYTES])
    return Cell("file", found.content, mime)


def _day(text: str) -> Cell:
    """A whole date; one without its year stays text."""
    if match := _DAY.fullmatch(text.strip()):
        try:
            return numbers_in_cells.of_day(date(int(match[1]), int(match[2]), int(match[3])))
        except ValueError:
            return error(text, "date")
    return _text(text)


def _text(text: str) -> Cell:
    text = text.strip()
    if "\ufffd" in text or "\0" in text:
        return error(text.replace("\0", "\ufffd"), "bytes")
    if len(text) > limits.TEXT:
        return error(text[:80] + "…", "long")
    return Cell("text", text, text) if text else EMPTY


def _label(text: str) -> str:
    match = _APPLE_LABEL.fullmatch(text.strip())
    return match[1] if match else _plain(text).strip()


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)


def _parts(text: str, sign: str) -> list[str]:
    """The parts of a value between signs that are not escaped."""
    parts: list[list[str]] = [[]]
    for token in _TOKENS.findall(text):
        if token == sign:
            parts.append([])
        else:
            parts[-1].append(_plain(token))
    return ["".join(part).strip() for part in parts]


def _address(text: str) -> str:
    """A telephone or e-mail without the scheme that version 4 may write before it; an extension as people write it."""
    bare = re.sub(r"^(?:tel|mailto):", "", text.strip(), flags=re.I)
    return re.sub(r";ext=(\d+)$", r" ext. \1", bare, flags=re.I)
