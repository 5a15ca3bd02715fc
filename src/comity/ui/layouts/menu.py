"""The lines of the menu under their headings: as delivered, or as a layout has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.ui.layouts.state import What

HEADINGS = ("", "sales", "clients", "team")
TOP = "top"  # how the heading "" stands in forms
Line = dict[str, Any]


def heading_label(key: str) -> str:
    """A heading of the menu in words; the topmost lines have none."""
    return {"": "", "sales": _("Sales"), "clients": _("Clients"), "team": _("Team")}[key]


def heading_name(key: str) -> str:
    """The same where it must have a name."""
    return heading_label(key) or pgettext("place in the menu", "At the top")


def arranged(lines: Mapping[str, Sequence[Line]], what: What | None) -> list[Line]:
    """The lines, by heading and in order, as `group` and `hidden` of each tell; hidden ones keep their places."""
    moved = what["groups"] if what else {}
    order = {key: place for place, key in enumerate(what["order"])} if what else {}
    off = frozenset(what["hidden"]) if what else frozenset()
    found: dict[str, list[Line]] = {key: [] for key in HEADINGS}
    for group, held in lines.items():
        for line in held:
            found[moved.get(line["key"], group)].append(line | {"hidden": line["key"] in off})
    return [
        line | {"group": heading_label(group), "heading": group}
        for group, held in found.items()
        for line in (sorted(held, key=lambda one: order.get(one["key"], len(order))) if order else held)
    ]
