"""What a layout holds, by part, and its tidy form.

card    {"groups": [{"key", "label" (per language), "fields": [keys]}], "folded": [keys]}
panels  {"order": [keys], "places": {key: place}, "hidden": [keys]}, of blocks and panels
list    {"columns": [keys], "sort": "" | key | "-key"}
board   {"fields": [keys]}
menu    {"order": [keys], "groups": {key: heading}, "hidden": [keys]}

Keys that mean nothing (any more) are no fault: a field may be archived, a module switched off, and come back.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.changes.settings import Wrong, text_per_language
from comity.records.labels import LANGUAGES
from comity.ui.layouts.fields import GROUPS
from comity.ui.layouts.menu import HEADINGS
from comity.ui.layouts.pieces import PLACES

MOST_KEYS, MOST_GROUPS, LONGEST_HEADING = 500, 30, 60
MOST_COLUMNS, MOST_LINES = 12, 4
KEY = re.compile(r"[A-Za-z0-9_.*-]{1,90}")
What = dict[str, Any]


class BadShape(ValueError):
    """What came is no layout; said in the words of a damaged form."""


def tidy(part: str, raw: Any, wrong: Wrong) -> What:
    """A layout in its tidy form; what a person did wrong goes into `wrong`. Raises BadShape for what no form sends."""
    if not isinstance(raw, Mapping):
        raise BadShape()
    return _PARTS[part](raw, wrong)


def _keys(raw: Any) -> list[str]:
    if not isinstance(raw, list | tuple) or len(raw) > MOST_KEYS:
        raise BadShape()
    if not all(isinstance(one, str) and KEY.fullmatch(one) for one in raw):
        raise BadShape()
    return list(dict.fromkeys(raw))


def _chosen(raw: Any, allowed: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(raw, Mapping) or any(one not in allowed for one in raw.values()):
        raise BadShape()
    return {key: raw[key] for key in _keys(list(raw))}


def _card(raw: Mapping[str, Any], wrong: Wrong) -> What:
    groups, taken, seen = list[What](), set[str](), set[str]()
    given = raw.get("groups", [])
    if not isinstance(given, list | tuple) or len(given) > MOST_GROUPS:
        raise BadShape()
    for one in given:
        if not isinstance(one, Mapping):
            raise BadShape()
        [key] = _keys([one.get("key")])
        if key in taken:
            raise BadShape()
        taken.add(key)
        fields = [name for name in _keys(one.get("fields", [])) if name not in seen]
        seen.update(fields)
        groups.append({"key": key, "label": _label(key, one.get("label") or {}, wrong), "fields": fields})
    return {"groups": groups, "folded": _keys(raw.get("folded", []))}


def _label(key: str, raw: Any, wrong: Wrong) -> dict[str, str]:
    """The heading's texts. A delivered group has a name anyway, one made here needs one."""
    try:
        return text_per_language(raw, LANGUAGES, LONGEST_HEADING)
    except ValueError as problem:
        if key not in GROUPS or (isinstance(raw, Mapping) and any(str(text).strip() for text in raw.values())):
            wrong.add(f"label-{key}", str(problem))
    return {}


def _pieces(raw: Mapping[str, Any], wrong: Wrong) -> What:
    return {"order": _keys(raw.get("order", [])), "places": _chosen(raw.get("places", {}), PLACES),
            "hidden": _keys(raw.get("hidden", []))}  # fmt: skip


def _list(raw: Mapping[str, Any], wrong: Wrong) -> What:
    columns, sort = _keys(raw.get("columns", [])), raw.get("sort", "")
    if len(columns) > MOST_COLUMNS:
        text = ngettext("A list has at most %(n)s column.", "A list has at most %(n)s columns.", MOST_COLUMNS)
        wrong.add("columns", text % {"n": MOST_COLUMNS})
    if not isinstance(sort, str) or (sort and not KEY.fullmatch(sort.removeprefix("-"))):
        raise BadShape()
    return {"columns": columns, "sort": sort}


def _board(raw: Mapping[str, Any], wrong: Wrong) -> What:
    fields = _keys(raw.get("fields", []))
    if len(fields) > MOST_LINES:
        text = ngettext("A card has room for %(n)s line.", "A card has room for %(n)s lines.", MOST_LINES)
        wrong.add("fields", text % {"n": MOST_LINES})
    return {"fields": fields}


def _menu(raw: Mapping[str, Any], wrong: Wrong) -> What:
    return {"order": _keys(raw.get("order", [])), "groups": _chosen(raw.get("groups", {}), HEADINGS),
            "hidden": _keys(raw.get("hidden", []))}  # fmt: skip


_PARTS: dict[str, Callable[[Mapping[str, Any], Wrong], What]] = {
    "card": _card, "panels": _pieces, "list": _list, "board": _board, "menu": _menu,
}  # fmt: skip


def damaged() -> str:
    """What is said of a layout that no form of ours sends."""
    return _("This form is damaged. Load the page again.")
