"""A row of a file to the cards it tells of: raw input by type, checked by the same rules as forms."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.intake import Cleaner
from comity.exchange.imports import headings, targets
from comity.exchange.imports.cells import FIGURES, BadCell, Column, Taker, Unknown, from_above
from comity.exchange.imports.targets import Target
from comity.exchange.imports.words import choices
from comity.kernel.sheets.cells import Cell, Row
from comity.kernel.sheets.guess import Reading
from comity.kernel.text import fold
from comity.parties.people.names import take_apart
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS
from comity.records.types import RecordType

LONGEST_KEY = 150
ORGANISATION = "org"  # as the reader of contact cards says it
COMPANYS = {"address": "actual_address", "site": "website"}  # a person's field, or a line of a note -> a company's
PICTURES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
Problems = list[list[str]]  # [heading, what is wrong]


@dataclass(slots=True)
class Part:
    """What a row says of one card. `keys`: what the source knows it by, the surest first; `kept`: lines for a note."""

    type: RecordType
    raw: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    external: str = ""
    keys: list[str] = field(default_factory=list)
    created_at: datetime | None = None
    author: UUID | None = None
    closed_at: datetime | None = None
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    line: dict[str, Any] = field(default_factory=dict)
    photo: bytes = b""
    photo_mime: str = ""
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # what `matching` compares, worked out once


@dataclass(slots=True)
class Shaped:
    """A row: its cards by type in the order they are made, which of them it is about, and what is wrong with it."""

    number: int
    position: int
    parts: dict[str, Part]
    problems: Problems
    main: str = ""


class Shape:
    """The mapping of a file, ready for its rows."""

    def __init__(self, actor: Actor, found: Mapping[str, Any], mapping: Mapping[str, Any], bad: str = "refuse") -> None:
        self.actor, self.main, self.bad = actor, mapping["main"], bad
        self.source = mapping["source"]
        self.taker = Taker(actor)
        self.columns: list[tuple[Target, Column]] = []
        for index, one in enumerate(mapping["columns"]):
            target = targets.parse(one["to"])
            if target is None or not targets.fits(actor, target):
                continue
            column = found["columns"][index]
            spec = next((s for s in actor.state.record_types[target.part].specs if s.key == target.field), None)
            reading = Reading(
                one.get("decimal") or column["decimal"], one.get("order") or column["order"], column["kind"],
            )  # fmt: skip
            known = choices(spec) if spec is not None and spec.kind in ("choice", "choices") else {}
            said = mapping.get("values", {}).get(str(index), {})
            currency = headings.currency(column["name"])
            self.columns.append((target, Column(index, column["name"], spec, reading, currency, said, known)))
        kinds_at = [column.index for target, column in self.columns if target.field == targets.KIND]
        self.kind_at = kinds_at[0] if kinds_at else None
        self.as_company = [self._of_company(target, column) for target, column in self.columns] if kinds_at else []
        company = ["company"] if kinds_at else []
        used = dict.fromkeys([self.main, *company, *(target.part for target, _column in self.columns)])
        self.order = in_order(actor, self.main, list(used))
        self.types = {key: actor.state.record_types[key] for key in self.order}
        self.cleaners = {key: Cleaner(actor, record_type) for key, record_type in self.types.items()}
        self.many_rows = any(target.field == targets.LINES for target, _column in self.columns)
        self._labels = self._point_labels()

    def _point_labels(self) -> dict[int, int]:
        """{column of a phone or address: column that says what it is called}."""
        said = {
            (target.part, target.field, headings.number(headings.normal(column.heading))): column.index
            for target, column in self.columns if target.sub == "@label"
        }  # fmt: skip
        return {
            column.index: said[key]
            for target, column in self.columns
            if target.sub != "@label"
            and (key := (target.part, target.field, headings.number(headings.normal(column.heading)))) in said
        }

    def row(self, row: Row) -> Shaped:
        """What a row says."""
        parts = {key: Part(record_type) for key, record_type in self.types.items()}
        problems: Problems = []
        company = self.kind_at is not None and row.cells[self.kind_at].text == ORGANISATION
        main = "company" if company else self.main
        for target, column in self.as_company if company else self.columns:
            cell = row.cells[column.index]
            if (cell.kind == "empty" and not cell.text) or target.sub == "@label" or target.field == targets.KIND:
                continue
            part = parts[target.part]
            try:
                if cell.kind == "empty":
                    kind = column.spec.kind if column.spec else ""
                    cell = from_above(cell, kind in FIGURES or target.sub in ("quantity", "price"))
                self._take(part, target, column, cell, row)
            except Unknown:
                part.kept.append(f"{column.heading}: {cell.text}")
            except BadCell as problem:
                if self.bad == "note":
                    part.kept.append(f"{column.heading}: {cell.text}")
                else:
                    problems.append([column.heading, str(problem)])
        if "long" in row.notes:
            problems.append(["", _("The row has more cells than the table has columns.")])
        told = {key: part for key, part in parts.items() if _told(part) or key == main}
        for key, part in told.items():
            problems += self._clean(key, part)
        if not problems:
            self._name_keys(told)
        return Shaped(row.number, row.position, told, problems, main)

    def _of_company(self, target: Target, column: Column) -> tuple[Target, Column]:
        """What a column says where the row is a company's own card, not that of one who works there; what a company
        has no field for is kept in its note."""
        if target.part != self.main or target.field in (targets.KIND, targets.PHOTO):
            return (replace(target, part="company") if target.field == targets.PHOTO else target), column
        known = {spec.key: spec for spec in targets.fields(self.actor, self.actor.state.record_types["company"])}
        key = COMPANYS.get(target.sub if target.field == targets.NOTE else target.field, target.field)
        spec = known.get(key)
        if spec is not None and (column.spec is None or spec.kind == column.spec.kind):
            sub = "" if target.field == targets.NOTE else target.sub
            return Target("company", key, sub), replace(column, spec=spec)
        if target.field in (targets.ID, targets.NOTE, targets.CREATED, targets.AUTHOR):
            return replace(target, part="company"), column
        return Target("company", targets.NOTE, "line"), column

    def _take(self, part: Part, target: Target, column: Column, cell: Cell, row: Row) -> None:
        match target.field:
            case targets.ID:
                part.external = self._key(cell.text if target.part == self.main else cell.text.partition(";")[0])
            case targets.NAME:
                if not any(part.raw.get(key) for key in ("given_name", "family_name")):
                    part.raw |= take_apart(cell.text)
            case targets.NOTE:
                if target.sub:
                    part.kept.append(f"{column.heading}: {cell.text}")
                else:
                    part.notes.append(cell.text)
            case targets.CREATED:
                part.created_at = self.taker.moment(column, cell)
            case targets.CLOSED:
                part.closed_at = self.taker.moment(column, cell)
            case targets.AUTHOR:
                part.author = self.taker.user(cell.text)
            case targets.PHOTO if isinstance(cell.value, bytes) and cell.text in PICTURES:
                part.photo, part.photo_mime = cell.value, cell.text
            case targets.PHOTO:  # too large, or no picture: the card comes without
                part.kept.append(f"{column.heading}: {cell.text[:80]}")
            case targets.LINES:
                part.line[target.sub] = self._figure(column, cell) if target.sub != "name" else cell.text
            case _:
                self._field(part, target, column, cell, row)

    def _figure(self, column: Column, cell: Cell) -> Any:
        read = column.reading.number(cell)
        if read.kind == "error":
            raise BadCell(_("“%(text)s” is not a number.") % {"text": cell.text[:80]})
        return read.value

    def _field(self, part: Part, target: Target, column: Column, cell: Cell, row: Row) -> None:
        spec, raw = column.spec, part.raw
        assert spec is not None  # noqa: S101 - the target fits
        if target.sub == "@currency":
            held = raw.setdefault(spec.key, {})
            held["currency"] = currency_code(cell.text)
            return
        if spec.kind == "address":
            held = raw.setdefault(spec.key, {})
            held.setdefault(target.sub or "street", " ".join(cell.text.split()))
            return
        value = self.taker.raw(column, cell)
        if value is None or value == []:
            return
        if spec.kind in CONTACT_KINDS:
            label = self._label(target, column, row)
            points = [{"value": one, "label": label} for one in value]
            raw[spec.key] = [*raw.get(spec.key, []), *points]
        elif spec.kind == "money":
            held = raw.setdefault(spec.key, {})
            held["amount"] = value["amount"]
            held["currency"] = value["currency"] or held.get("currency", "")
        elif spec.kind in ("tags", "choices", "languages"):
            raw[spec.key] = [*raw.get(spec.key, []), *value]
        elif spec.kind == "longtext" and raw.get(spec.key):
            raw[spec.key] = f"{raw[spec.key]}\n{value}"
        elif target.sub.startswith("@") and raw.get(spec.key):
            raw[spec.key] = f"{raw[spec.key]} {value}"
        else:
            raw[spec.key] = value  # of columns of one heading the last that is filled

    def _label(self, target: Target, column: Column, row: Row) -> str:
        at = self._labels.get(column.index)
        if at is not None:
            return row.cells[at].text.strip("* ").lower()[:40]
        return target.sub if target.sub and not target.sub[:1].isdigit() else ""

    def _key(self, text: str) -> str:
        key = text.strip()
        if self.source == "salesforce" and len(key) == 18 and key.isalnum():
            key = key[:15]  # the last three only check the others
        if len(key) > LONGEST_KEY:
            key = "h:" + hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()
        return key

    def _clean(self, key: str, part: Part) -> Problems:
        for name, value in part.raw.items():
            if isinstance(value, dict) and "currency" in value and "amount" not in value:
                part.raw[name] = None
        part.raw = {name: value for name, value in part.raw.items() if value is not None}
        cleaner = self.cleaners[key]
        part.values, wrong = cleaner.values(part.raw)
        found: Problems = []
        for name, texts in wrong.items():
            heading = next((c.heading for t, c in self.columns if (t.part, t.field) == (key, name)), "")
            text = " ".join(texts)
            if self.bad == "note" and name not in part.type.title_fields:
                part.values.pop(name, None)
                part.kept.append(f"{heading}: {_shown(part.raw[name])}")
            else:
                found.append([heading or part.type.spec(name).label[self.actor.language], text])
        return found

    def _name_keys(self, parts: Mapping[str, Part]) -> None:
        for key, part in parts.items():
            name = fold(part.type.title(part.values, "en")[0])
            if part.external:
                # Those who work for a company name it, though its own card comes with a key.
                part.keys = [
                    part.external,
                    *(["n:" + name[:LONGEST_KEY]] if key == "company" and self.as_company else []),
                ]
                continue
            if key != self.main and name:
                if key == "person":
                    company = parts.get("company")
                    name += "|" + fold(str(company.values.get("name") or "")) if company else ""
                part.keys = ["n:" + name[:LONGEST_KEY]]
            elif key == "company" and name and not part.values.get("tax_number"):
                part.keys = ["n:" + name[:LONGEST_KEY]]
            elif key == self.main:
                part.keys = ["f:" + _digest(part, parts)]


def in_order(actor: Actor, main: str, used: Sequence[str]) -> list[str]:
    """The types in the order their cards are made: what is pointed to before what points."""
    known = [key for key in used if key in actor.state.record_types]
    ordered: list[str] = []

    def place(key: str, on_the_way: tuple[str, ...]) -> None:
        if key in ordered or key in on_the_way:
            return
        record_type = actor.state.record_types[key]
        for other in targets.linked(record_type, set(known)):
            if other != key and (record_type.follows or not _card_only(record_type, other)):
                place(other, (*on_the_way, key))
        ordered.append(key)

    for key in known:
        place(key, ())
    return ordered


def _card_only(record_type: RecordType, other: str) -> bool:
    return not any(spec.kind in ("link", "relation") and spec.target == other for spec in record_type.specs)


def currency_code(text: str) -> str:
    """A currency as programs write it: code, sign or word."""
    bare = text.strip()
    if len(bare) == 3 and bare.isascii() and bare.isalpha():
        return bare.upper()
    return headings.currency(f"x {bare}") or _currency_name(bare)


def _currency_name(text: str) -> str:
    folded = fold(text)
    known = {
        "рубль": "RUB", "российский рубль": "RUB", "рубли": "RUB", "доллар сша": "USD", "us dollar": "USD",
        "евро": "EUR", "euro": "EUR", "гривна": "UAH", "гривня": "UAH", "тенге": "KZT", "лев": "BGN",
    }  # fmt: skip
    return known.get(folded, text)


def _told(part: Part) -> bool:
    return bool(part.raw or part.external)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one.get("value", one)) if isinstance(one, dict) else str(one) for one in value)
    return str(value)


def _digest(part: Part, parts: Mapping[str, Part]) -> str:
    said = {
        key: {name: kinds.to_json(one.type.spec(name), value) for name, value in sorted(one.values.items())}
        for key, one in parts.items()
    }
    text = json.dumps([said, part.notes, part.kept], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
