"""A layout as its readers see it: with the rights of the role, without any card."""

from typing import Any

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.text import listed
from comity.records.types import RecordType
from comity.ui import boards
from comity.ui.frame import lines_of
from comity.ui.layouts import eyes, fields, menu, pieces
from comity.ui.layouts.state import MENU
from comity.ui.pages.settings.layout_shapes import What
from comity.ui.render import Markup, html


def html_of(actor: Actor, place: Any, what: What) -> Markup:
    """The preview of a place's layout: through the eyes of its role, else through those of who looks."""
    kind, key = place.whose
    reader = eyes.of_role(actor, actor.state.roles[key]) if kind == "role" else actor
    shown = _menu(reader, what) if place.part == MENU else _BY_PART[place.part](reader, place.type, what)
    return html("ui/settings/layout_preview.html", {"part": place.part, "shown": shown})


def _closed(reader: Actor, record_type: RecordType) -> bool:
    return reader.scope(record_type.key, "view") == "none"


def _card(reader: Actor, record_type: RecordType, what: What) -> dict[str, Any]:
    language = reader.language
    levels = {spec.key: level for spec, level in policy.shown_fields(reader, record_type)}
    specs = [spec for spec in fields.placed(record_type) if spec.key in levels]

    def drawn(held: list[Any]) -> list[dict[str, Any]]:
        return [{"key": f"preview-{spec.key}", "label": spec.label[language], "empty": True, "kind": spec.kind,
                 "masked": levels[spec.key] == "mask"} for spec in held]  # fmt: skip

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


def _list(reader: Actor, record_type: RecordType, what: What) -> dict[str, Any]:
    from comity.ui.pages.lists import title_label

    levels = {spec.key: (spec, level) for spec, level in policy.shown_fields(reader, record_type)}
    named = [levels[key] for key in what["columns"] if key in levels and levels[key][0].in_list]
    heads = [{"label": title_label(record_type, reader.language), "masked": False}]
    heads += [{"label": spec.label[reader.language], "masked": level == "mask"} for spec, level in named]
    return {"closed": _closed(reader, record_type), "heads": heads}


def _board(reader: Actor, record_type: RecordType, what: What) -> dict[str, Any]:
    board = boards.of(record_type)
    levels = {spec.key: level for spec, level in policy.shown_fields(reader, record_type)}
    specs = {spec.key: spec for spec in boards.extra_fields(board, record_type)} if board else {}
    lines = [{"label": specs[key].label[reader.language], "masked": levels[key] == "mask"}
             for key in what["fields"] if key in specs and key in levels]  # fmt: skip
    always = [
        key for key in (*record_type.context_fields[:1], board.money if board else "", "next_at") if key in levels
    ]
    labels = {spec.key: spec.label[reader.language] for spec in record_type.specs}
    return {"closed": _closed(reader, record_type), "title": record_type.label[reader.language], "lines": lines,
            "always": listed((labels[key] for key in always), reader.language)}  # fmt: skip


def _menu(reader: Actor, what: What) -> dict[str, Any]:
    seen = [one for one in reader.state.types_on if reader.scope(one.key, "view") != "none"]
    lines = menu.arranged(lines_of(reader, "", reader.language, seen), what)
    return {"closed": False, "lines": [one for one in lines if not one["hidden"]],
            "rest": [one for one in lines if one["hidden"]]}  # fmt: skip


_BY_PART = {"card": _card, "panels": _pieces, "list": _list, "board": _board}
