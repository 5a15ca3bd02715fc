"""A layout as its readers see it: with the rights of the role, and the values of a card that who looks sees."""

from dataclasses import dataclass, field
from typing import Any

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.writer import current
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.ui import boards, cells
from comity.ui.layouts import eyes, fields, menu, pieces
from comity.ui.layouts.state import MENU
from comity.ui.navigation import lines_of
from comity.ui.pages import records
from comity.ui.pages.settings.layout_shapes import What
from comity.ui.render import Markup, html

TEMPLATE = "ui/settings/layout_preview.html"
SOME = 20  # of the newest cards the fullest is shown


@dataclass(frozen=True)
class Sample:
    """A card to look at a layout with; none where he who looks sees no card of the type."""

    actor: Actor  # who looks: nothing is shown that he does not read himself
    type: RecordType
    card: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    ctx: cells.CellContext | None = None

    @classmethod
    def of(cls, actor: Actor, record_type: RecordType) -> "Sample":
        """The fullest of the newest cards he sees."""
        some = list(policy.visible(actor, record_type).order_by("-pk")[:SOME])
        plain = [spec for spec in record_type.specs if spec.stored != "rows"]

        def filled(one: Any) -> int:
            return sum(not kinds.empty(kinds.read(spec, one.__dict__)) for spec in plain)

        card = max(some, key=filled, default=None)
        if card is None:
            return cls(actor, record_type)
        values = current(record_type, card)
        return cls(actor, record_type, card, values, records.cell_context(actor, record_type, card, values))

    @property
    def title(self) -> str:
        """What the card is called."""
        shown = self.type.display(self.values, self.actor.language) if self.card and self.type.display else ""
        return shown or (self.card.title if self.card else "")

    @property
    def url(self) -> str:
        """Where it is."""
        return f"/{self.type.slug}/{self.card.pk}" if self.card else ""

    def drawn(self, spec: FieldSpec, level: str) -> dict[str, Any]:
        """A field as the template draws it, read as the role reads it."""
        if self.card is None or self.ctx is None:
            return {"key": f"preview-{spec.key}", "label": spec.label[self.actor.language], "empty": True,
                    "kind": spec.kind, "masked": level == "mask"}  # fmt: skip
        if policy.level(self.actor, self.type, spec) not in ("read", "write"):
            level = "mask"
        found = records.field_context(self.actor, self.type, spec, level, self.values, self.ctx, "", False)
        return found | {"key": f"preview-{spec.key}"}


def html_of(actor: Actor, place: Any, what: What) -> Markup:
    """The preview of a place's layout: through the eyes of its role, else through those of who looks."""
    kind, key = place.whose
    reader = eyes.of_role(actor, actor.state.roles[key]) if kind == "role" else actor
    if place.part == MENU:
        return html(TEMPLATE, {"part": MENU, "shown": _menu(reader, what)})
    if place.part == "panels":
        return html(TEMPLATE, {"part": "panels", "shown": _pieces(reader, place.type, what)})
    sample = Sample.of(actor, place.type)
    shown = _BY_PART[place.part](reader, place.type, what, sample)
    return html(TEMPLATE, {"part": place.part, "shown": shown, "sample": sample})


def _closed(reader: Actor, record_type: RecordType) -> bool:
    return reader.scope(record_type.key, "view") == "none"


def _card(reader: Actor, record_type: RecordType, what: What, sample: Sample) -> dict[str, Any]:
    language = reader.language
    levels = {spec.key: level for spec, level in policy.shown_fields(reader, record_type)}
    specs = [spec for spec in fields.placed(record_type) if spec.key in levels]

    def drawn(held: list[Any]) -> list[dict[str, Any]]:
        return [sample.drawn(spec, levels[spec.key]) for spec in held]

    return {"closed": _closed(reader, record_type), "groups": [
        {"label": one.label[language] if one.label else one.key, "fields": drawn(one.fields),
         "folded": drawn(one.folded)}
        for one in fields.grouped(specs, what) if one.fields or one.folded
    ]}  # fmt: skip


def _pieces(reader: Actor, record_type: RecordType, what: What) -> dict[str, Any]:
    found = pieces.arranged(pieces.pieces(reader, record_type), what, lambda one: one.key, lambda one: one.place)
    return {"closed": _closed(reader, record_type), "groups": [
        {"label": pieces.place_label(place), "items": [one.label for one in held]} for place, held in found.items()
    ]}  # fmt: skip


def _list(reader: Actor, record_type: RecordType, what: What, sample: Sample) -> dict[str, Any]:
    from comity.ui.pages.lists import title_label

    levels = {spec.key: (spec, level) for spec, level in policy.shown_fields(reader, record_type)}
    named = [levels[key] for key in what["columns"] if key in levels and levels[key][0].in_list]
    return {"closed": _closed(reader, record_type), "title": title_label(record_type, reader.language),
            "cells": [sample.drawn(spec, level) for spec, level in named]}  # fmt: skip


def _board(reader: Actor, record_type: RecordType, what: What, sample: Sample) -> dict[str, Any]:
    board = boards.of(record_type)
    levels = {spec.key: level for spec, level in policy.shown_fields(reader, record_type)}
    specs = {spec.key: spec for spec in boards.extra_fields(board, record_type)} if board else {}
    lines = [sample.drawn(specs[key], levels[key]) for key in what["fields"] if key in specs and key in levels]
    always = [
        key for key in (*record_type.context_fields[:1], board.money if board else "", "next_at") if key in levels
    ]
    return {"closed": _closed(reader, record_type), "title": sample.title or record_type.label[reader.language],
            "lines": lines, "always": [sample.drawn(record_type.spec(key), levels[key]) for key in always]}  # fmt: skip


def _menu(reader: Actor, what: What) -> dict[str, Any]:
    seen = [one for one in reader.state.types_on if reader.scope(one.key, "view") != "none"]
    lines = menu.arranged(lines_of(reader, reader.language, seen), what)
    return {"closed": False, "lines": [one for one in lines if not one["hidden"]],
            "rest": [one for one in lines if one["hidden"]]}  # fmt: skip


_BY_PART = {"card": _card, "list": _list, "board": _board}
