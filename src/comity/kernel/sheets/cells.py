"""What a reader gives: rows of typed cells, and what is said of a cell that may not be what it seems."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["empty", "text", "number", "percent", "money", "date", "datetime", "bool", "error", "file"]
Value = str | Decimal | date | datetime | bool | bytes | None

NO_FLAGS: frozenset[str] = frozenset()
FORMULA = frozenset(("formula",))
MERGED_AWAY = frozenset(("merged",))
APOSTROPHE = frozenset(("apostrophe",))
EATEN = frozenset(("eaten",))
SCIENTIFIC = frozenset(("scientific",))
LOST = frozenset(("lost",))

NUMERIC = frozenset(("number", "percent", "money"))


class Cell(NamedTuple):
    """One cell. `kind` decides what `value` is; `text` is what a person would copy from it.

    Kinds and values: empty (None), text (str), number and money (Decimal), percent (Decimal of percents: 12.5 for
    12.5 %), date, datetime (naive as in the sheet; aware where the text names an offset), bool, error (None; `text` is
    what stands there, `reason` one of the keys of problems.REASONS), file (bytes; `text` is its MIME type).

    Flags: "formula"; "merged" (covered by the cell to its left or above: empty, but `text` is that of one above);
    "apostrophe" (a leading one was taken off);
    "eaten" (11 to 15 digits, or a code with its own mask, that became a number: `text` is the best reading);
    "scientific" (written like 7.9E+10); "lost" (digits are gone for good: it is no phone and no code any more).
    """

    kind: Kind
    value: Value
    text: str
    currency: str = ""
    flags: frozenset[str] = NO_FLAGS
    reason: str = ""


EMPTY = Cell("empty", None, "")
COVERED = Cell("empty", None, "", "", MERGED_AWAY)


def below(text: str) -> Cell:
    """A cell covered by one above it that has this text."""
    return COVERED._replace(text=text) if text else COVERED


class Row(NamedTuple):
    """One row of data. `number` as a person sees it in the sheet; `position` counts data rows from 0, for rows(start).

    Cells stand under the header's columns; where a row has filled cells beyond the header, `cells` is longer.
    `notes`: "quoting" (quotation marks were broken, the row was read as well as possible), "long" (more filled cells
    than columns: a delimiter stands inside a text), "hidden" where the sheet hides the row.
    """

    number: int
    cells: tuple[Cell, ...]
    position: int = 0
    notes: frozenset[str] = NO_FLAGS


class RawRow(NamedTuple):
    """A row as a reader meets it, before header and totals are set apart. `formulas` by column, as written."""

    number: int
    cells: list[Cell]
    formulas: dict[int, str] | None = None
    notes: frozenset[str] = NO_FLAGS

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return all(cell.kind == "empty" for cell in self.cells)


def letter(index: int) -> str:
    """The letter of a column counted from 0, as spreadsheet programs show it: A, B, ... AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def error(text: str, reason: str, flags: frozenset[str] = NO_FLAGS) -> Cell:
    """A cell that cannot be vouched for, with what stands in it and why."""
    return Cell("error", None, text, "", flags, reason)


_SCIENTIFIC = re.compile(r"([+-]?)(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")


# A text behind an apostrophe: digits kept from becoming a number, or what a spreadsheet would run as a formula; where
# it began with apostrophes before, `writing.harmless` put one more.
_PROTECTED = re.compile(r"'(?:[0-9٠-٩]|'*[=+\-@\t\r])")


def from_text(text: str) -> Cell:
    """The cell of a text: taken as it stands, but for a protecting apostrophe and for eaten digits, which are told."""
    if not text:
        return EMPTY
    first = text[0]
    if first == "'" and _PROTECTED.match(text):
        return Cell("text", text[1:], text[1:], "", APOSTROPHE)
    if "\ufffd" in text or "\0" in text:
        return error(text.replace("\0", "\ufffd"), "bytes")
    if first.isdigit():
        if text.isdigit():
            if 11 <= len(text) <= 15 and first != "0":
                return Cell("text", text, text, "", EATEN)
        elif ("E" in text or "e" in text) and (match := _SCIENTIFIC.fullmatch(text)):
            return _scientific(text, match)
    elif first.isspace() and text.isspace():
        return EMPTY
    return Cell("text", text, text)


def _scientific(text: str, match: re.Match[str]) -> Cell:
    _sign, whole, fraction, power = match.groups()
    digits, exponent = whole + (fraction or ""), int(power)
    if exponent < 10:
        return Cell("text", text, text, "", SCIENTIFIC)
    if len(digits) - 1 < exponent:
        return Cell("text", text, text, "", SCIENTIFIC | LOST)
    flags = SCIENTIFIC | EATEN if len(digits) - 1 == exponent else SCIENTIFIC
    return Cell("text", text, digits if len(digits) - 1 == exponent else text, "", flags)


def from_digits(value: Decimal, plain: bool, scientific: bool, flags: frozenset[str]) -> Cell:
    """The cell of a number, told where it may be a phone or a code.

    `plain`: its format shows neither grouping nor digits after the point. `scientific`: it was written with a power.
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if scientific:
        flags |= SCIENTIFIC
    if plain and value > 0 and text.isdigit() and len(text) >= 11:
        if len(text) <= 15:
            flags |= EATEN
            if scientific and len(value.as_tuple().digits) < len(text):
                flags |= LOST
        else:
            flags |= EATEN | LOST  # spreadsheets keep 15 digits
    return Cell("number", value, text, "", flags)
