"""One cell of a file to the raw input of a field, or a plain word why not."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.exchange.imports import words
from comity.kernel import phones
from comity.kernel.errors import Invalid
from comity.kernel.sheets import cells
from comity.kernel.sheets.cells import Cell
from comity.kernel.sheets.guess import Reading
from comity.kernel.sheets.problems import REASONS
from comity.kernel.text import fold
from comity.records.fields import FieldSpec

_PARTS = re.compile(r"[,;\n]+")
_ADDRESSES = re.compile(r"[,;\s]+")
_FIGURES = re.compile(r"[\d\s().\-]+")


FIGURES = frozenset({"integer", "number", "percent", "money"})  # kinds of fields that are counted
MAKE = "+"  # said of a word: it is made when the file is loaded, so that a dry run leaves it out


class BadCell(ValueError):
    """A cell that cannot be taken; the message says why."""


class Unknown(ValueError):
    """A word nothing here is called: it is kept in a note."""


@dataclass
class Column:
    """How one column is read: as the whole column writes its values, and what a person has said of its words."""

    index: int
    heading: str
    spec: FieldSpec | None
    reading: Reading
    currency: str = ""
    said: dict[str, str] = field(default_factory=dict)  # text -> key, "" = left out
    known: dict[str, str] = field(default_factory=dict)  # folded label -> key


class Taker:
    """Takes cells for one actor."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.zone = ZoneInfo(actor.timezone)
        self.users = words.users(actor)
        self.tags = words.tags(actor)

    def raw(self, column: Column, cell: Cell) -> Any:
        """The raw input of the column's field; None for nothing. Raises BadCell, Unknown."""
        if cell.kind == "empty":
            return None
        _check(cell)
        spec = column.spec
        assert spec is not None  # noqa: S101 - only columns of fields come here
        if len(cell.text) < 15 and spec.kind not in ("text", "longtext", "bool") and fold(cell.text) in words.NOTHING:
            return None
        match spec.kind:
            case "integer" | "number" | "percent":
                return self._number(column, spec, cell)
            case "money":
                return self._money(column, cell)
            case "date":
                return (
                    self.moment(column, cell).astimezone(self.zone).date() if _timed(cell) else self.day(column, cell)
                )
            case "datetime":
                return self.moment(column, cell)
            case "bool":
                return _bool(cell)
            case "phones":
                return self._phones(column, cell)
            case "emails":
                return [one for one in _ADDRESSES.split(cell.text) if "@" in one] or _not_an_address(cell)
            case "handles":
                return [one.strip() for one in _PARTS.split(cell.text) if one.strip()]
            case "tags":
                return self._tags(column, cell)
            case "user":
                return self.user(cell.text)
            case "choice":
                return self._choice(column, spec, cell.text)
            case "choices":
                return [key for one in _PARTS.split(cell.text) if (key := self._choice(column, spec, one.strip()))]
            case "country":
                return _named(words.countries(), cell.text)
            case "language":
                return _named(words.languages(), cell.text)
            case "languages":
                return [_named(words.languages(), one) for one in _PARTS.split(cell.text) if one.strip()]
            case "currency":
                return cell.text.strip().upper()
        return _text(cell)

    def _number(self, column: Column, spec: FieldSpec, cell: Cell) -> Decimal:
        read = column.reading.number(cell)
        _check(read)
        if read.kind == "percent" and spec.kind != "percent":
            raise BadCell(_reason("percent", cell))
        if spec.kind == "percent" and column.reading.kind == "percent" and read.kind != "percent":
            raise BadCell(_reason("no percent", cell))
        value = read.value
        if not isinstance(value, Decimal):
            raise BadCell(_reason("number", cell))
        return value

    def _money(self, column: Column, cell: Cell) -> dict[str, Any]:
        read = column.reading.number(cell)
        _check(read)
        if read.kind == "percent":
            raise BadCell(_reason("percent", cell))
        if not isinstance(read.value, Decimal):
            raise BadCell(_reason("number", cell))
        return {"amount": read.value, "currency": read.currency or column.currency}

    def day(self, column: Column, cell: Cell) -> date:
        """A cell as a day."""
        read = column.reading.date(cell)
        _check(read)
        value = read.value
        if isinstance(value, datetime):
            return value.date()
        if not isinstance(value, date):
            raise BadCell(_reason("date", cell))
        return value

    def moment(self, column: Column, cell: Cell) -> datetime:
        """A cell as a moment: where it names no offset, in the zone of who loads the file."""
        read = column.reading.date(cell)
        _check(read)
        value = read.value
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise BadCell(_reason("date", cell))
        if value.tzinfo is None:
            value = value.replace(tzinfo=self.zone)
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise BadCell(_reason("date", cell)) from None

    def _phones(self, column: Column, cell: Cell) -> list[str]:
        read = column.reading.phone(cell)
        _check(read)
        return [self._phone(one.strip()) for one in _PARTS.split(read.text) if any(sign.isdigit() for sign in one)]

    def _phone(self, text: str) -> str:
        """A number whose plus a spreadsheet has eaten gets it back, where it is none of the firm's own country."""
        figures = phones.digits(text)
        if len(figures) < 11 or not _FIGURES.fullmatch(text) or text.startswith("00"):
            return text
        try:
            phones.parse(text, self.actor.env.country)
        except Invalid:
            return f"+{figures}"
        return text

    def user(self, text: str) -> UUID | None:
        """A colleague by name or address; raises Unknown."""
        found = self.users.get(fold(text))
        if found is None:
            raise Unknown(text)
        return found

    def _tags(self, column: Column, cell: Cell) -> list[UUID]:
        found = []
        for one in _PARTS.split(cell.text):
            name = one.strip()
            if not name or column.said.get(name) in ("", MAKE):
                continue
            key = self.tags.get(fold(name))
            if key is None and name in column.said:
                key = UUID(column.said[name])
            if key is None:
                raise Unknown(cell.text)
            found.append(key)
        return found

    def _choice(self, column: Column, spec: FieldSpec, text: str) -> str:
        said = column.said.get(text)
        if said is not None:
            if said == "":
                raise Unknown(text)
            return "" if said == MAKE else said
        key = words.meant(spec, text, column.known)
        if key is None:
            raise Unknown(text)
        return key


def from_above(cell: Cell, figure: bool) -> Cell:
    """A cell covered by one that reaches down from above, as that one: words hold for all its rows. Of a figure nobody
    can tell whether each row has the amount or all have it together. Raises BadCell."""
    if figure:
        text = _("“%(text)s” stands in one cell with rows above: unmerge it and give each row its own figure.")
        raise BadCell(text % {"text": cell.text[:80]})
    return cells.from_text(cell.text)


def _check(cell: Cell) -> None:
    if cell.kind == "error":
        raise BadCell(_reason(cell.reason or "error", cell))


def _reason(reason: str, cell: Cell) -> str:
    what, todo = REASONS[reason]
    shown = cell.text if len(cell.text) <= 80 else cell.text[:79] + "…"
    text = f"{str(what) % {'text': shown}} {todo}"
    return text[:1].upper() + text[1:]


def _timed(cell: Cell) -> bool:
    return isinstance(cell.value, datetime) and cell.value.tzinfo is not None


def _text(cell: Cell) -> str:
    if "lost" in cell.flags:
        raise BadCell(_reason("digits", cell))
    return cell.text


def _bool(cell: Cell) -> bool:
    if isinstance(cell.value, bool):
        return cell.value
    folded = fold(cell.text)
    if folded in words.YES or folded in words.NO:
        return folded in words.YES
    raise BadCell(_("“%(text)s” is neither yes nor no.") % {"text": cell.text[:80]})


def _named(known: dict[str, str], text: str) -> str:
    found = known.get(fold(text))
    if found is None:
        raise Unknown(text)
    return found


def _not_an_address(cell: Cell) -> Any:
    raise BadCell(_("“%(text)s” is no e-mail address.") % {"text": cell.text[:80]})
