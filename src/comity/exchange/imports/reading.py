"""The look at a whole file: what its columns are, which words stand in them, what it comes to, and a mapping for it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from comity.access.actors import Actor
from comity.exchange.imports import headings, recognising, targets, words
from comity.exchange.imports.matching import keys_offered
from comity.exchange.imports.model import Import
from comity.exchange.imports.targets import Target
from comity.kernel import storage
from comity.kernel.sheets import Source, open_sheet
from comity.kernel.sheets.cells import Cell, letter
from comity.kernel.sheets.columns import Adder, study
from comity.kernel.sheets.guess import Reading
from comity.kernel.sheets.numbers_in_cells import plain
from comity.kernel.text import fold
from comity.records.fields import FieldSpec

MOST_WORDS = 60  # different texts of a column that are remembered
MOST_SAMPLES = 4
LONGEST = 120
BEAT = 5000  # rows


def opened(load: Import) -> Source:
    """The file of an import, as a person has said how to open it."""
    said = load.opening
    return open_sheet(
        storage.path(load.sha256), load.name, sheet=said.get("sheet", ""), encoding=said.get("encoding", ""),
        delimiter=said.get("delimiter", ""), header=said.get("header"),
    )  # fmt: skip


class _Column:
    """What is remembered of a column."""

    def __init__(self) -> None:
        self.filled = 0
        self.words: dict[str, int] | None = {}
        self.samples: list[str] = []
        self.doubts = {"decimal": 0, "order": 0}
        self.flags: dict[str, int] = {}

    def add(self, cell: Cell, reading: Reading) -> None:
        """One more cell."""
        if cell.kind == "empty":
            return
        self.filled += 1
        text = cell.text[:LONGEST]
        if len(self.samples) < MOST_SAMPLES and text not in self.samples:
            self.samples.append(text)
        if self.words is not None:
            if len(cell.text) > LONGEST:
                self.words = None
            else:
                self.words[text] = self.words.get(text, 0) + 1
                if len(self.words) > MOST_WORDS:
                    self.words = None
        for flag in cell.flags:
            self.flags[flag] = self.flags.get(flag, 0) + 1
        if cell.kind == "text":
            if not reading.decimal and reading.numeric and reading.number(cell).reason == "ambiguous number":
                self.doubts["decimal"] += 1
            if not reading.order and reading.dated and reading.date(cell).reason == "ambiguous date":
                self.doubts["order"] += 1


def look(source: Source, beat: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """What there is to know of a file; two passes over it, in constant memory."""
    readings = study(source)
    beat()
    columns = [_Column() for _name in source.header]
    adder = Adder(source, readings)
    for row in source.rows():
        adder.add(row)
        for column, reading, cell in zip(columns, readings, row.cells, strict=False):
            column.add(cell, reading)
        if row.position % BEAT == 0:
            beat()
    return {
        "format": source.format, "encoding": source.encoding, "delimiter": source.delimiter,
        "sheets": list(source.sheets), "sheet": source.sheet, "title": source.title[:200],
        "header_row": source.header_row, "total": source.total or 0,
        "columns": [
            _told(place, name, column, reading)
            for place, (name, column, reading) in enumerate(zip(source.header, columns, readings, strict=True))
        ],
        "sums": [
            {"column": one.column, "name": one.name, "kind": one.kind, "amount": plain(one.amount), "wrong": one.wrong,
             "currency": one.currency or headings.currency(one.name), "counted": one.counted,
             "problems": [str(problem.what) for problem in one.problems[:5]]}
            for one in adder.totals.values()
        ],
        "differences": [str(one.problem.what) for one in adder.differences()],
    }  # fmt: skip


def _told(place: int, name: str, column: _Column, reading: Reading) -> dict[str, Any]:
    return {
        "name": name or letter(place), "letter": letter(place), "kind": reading.kind, "filled": column.filled,
        "decimal": reading.decimal, "order": reading.order,
        "doubts": {key: count for key, count in column.doubts.items() if count},
        "samples": column.samples, "words": column.words, "flags": column.flags,
    }  # fmt: skip


def propose(actor: Actor, found: Mapping[str, Any], main: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """(mapping, choices) to begin with."""
    columns = found["columns"]
    header = [one["name"] for one in columns]
    samples = [one["samples"] for one in columns]
    made = recognising.propose(actor, header, samples, found["format"], main)
    told = "\n".join(headings.normal(one) for one in header if not one.startswith(headings.MARK))
    digest = hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()
    mapping: dict[str, Any] = {
        "main": made.main, "program": made.program, "source": made.program or f"file:{digest[:12]}",
        "columns": [{"to": to, "sure": sure} for to, sure in made.columns], "values": {},
    }  # fmt: skip
    return mapping, chosen(actor, mapping)


def chosen(actor: Actor, mapping: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """How cards are matched and what becomes of those that are here; what was chosen before stays."""
    held = before or {}
    policy: dict[str, str] = {}
    keys: dict[str, list[str]] = {}
    for key in used_types(mapping):
        record_type = actor.state.record_types[key]
        policy[key] = held.get("policy", {}).get(key, "empty")
        keys[key] = held.get("keys", {}).get(key, keys_offered(actor, record_type))
    return {"policy": policy, "keys": keys, "bad": held.get("bad", "refuse")}


def used_types(mapping: Mapping[str, Any]) -> list[str]:
    """The types some column of the mapping fills, the main one first."""
    named = [target.part for one in mapping["columns"] if (target := targets.parse(one["to"])) is not None]
    return list(dict.fromkeys([mapping["main"], *named]))


def spec_of(actor: Actor, target: Target | None) -> FieldSpec | None:
    """The field a target fills; None for what is no field."""
    record_type = actor.state.record_types.get(target.part) if target else None
    if record_type is None or target is None:
        return None
    return next((spec for spec in record_type.specs if spec.key == target.field), None)


def unknown_words(actor: Actor, column: Mapping[str, Any], target: Target | None) -> list[str]:
    """The texts of a column that nothing here is called: what a person is asked about."""
    if target is None or column["words"] is None:
        return []
    spec = spec_of(actor, target)
    if target.field == targets.AUTHOR or (spec is not None and spec.kind == "user"):
        known_users = words.users(actor)
        return [text for text in column["words"] if fold(text) not in known_users]
    if spec is None or target.sub:
        return []
    if spec.kind in ("choice", "choices"):
        known = words.choices(spec)
        return [text for text in _texts(column, spec) if words.meant(spec, text, known) is None]
    if spec.kind == "tags":
        known_tags = words.tags(actor)
        return [text for text in _texts(column, spec) if fold(text) not in known_tags]
    return []


def _texts(column: Mapping[str, Any], spec: FieldSpec) -> list[str]:
    """The words of a column; of one that has several in a cell, each."""
    found: dict[str, None] = {}
    for text in column["words"]:
        parts: Sequence[str] = [text]
        if spec.kind != "choice":
            parts = [part.strip() for part in text.replace(";", ",").replace("\n", ",").split(",")]
        found |= dict.fromkeys(part for part in parts if part and fold(part) not in words.NOTHING)
    return list(found)


def questions(actor: Actor, found: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is to be asked of each column: [{"index", "decimal", "order", "words"}], only of those with a question."""
    asked = []
    for index, (column, one) in enumerate(zip(found["columns"], mapping["columns"], strict=True)):
        target = targets.parse(one["to"])
        if target is None:
            continue
        spec = spec_of(actor, target)
        kind = spec.kind if spec else "datetime" if target.field in (targets.CREATED, targets.CLOSED) else ""
        decimal = column["doubts"].get("decimal") and kind in ("integer", "number", "percent", "money")
        order = column["doubts"].get("order") and kind in ("date", "datetime")
        unknown = unknown_words(actor, column, target)
        if decimal or order or unknown:
            asked.append({"index": index, "decimal": bool(decimal), "order": bool(order), "words": unknown})
    return asked
