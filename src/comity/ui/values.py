"""Values on the record page and in the history: the same words as in lists, in full."""

from collections.abc import Mapping
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.ui import cells, names
from comity.ui.render import Markup


def value_html(
    spec: FieldSpec, level: str, value: Any, ctx: cells.CellContext, card: Mapping[str, Any] | None = None
) -> Markup:
    """A field's value for reading: contact points all of them with their labels, long text with its lines.

    `card` holds the card's other values, for a field that is told together with them.
    """
    if kinds.empty(value):
        return Markup("")
    if spec.kind in CONTACT_KINDS:
        return _points(spec, level, value)
    if level == "mask":
        return Markup(cells.MASKED.format(escape(_("Hidden"))))
    if spec.kind == "longtext":
        return Markup('<span class="pre" dir="auto">{}</span>').format(value)
    if spec.kind == "tags":
        known = ctx.actor.state.tags
        return Markup(" ").join(
            Markup('<span class="pill" dir="auto">{}</span>').format(known[key].name) for key in value if key in known
        )
    beside = {key: card.get(key) for key in spec.extra.get("beside", ())} if card else {}
    return Markup(cells.bind(spec, level, ctx)({**beside, **_row(spec, value)}))


def _row(spec: FieldSpec, value: Any) -> Mapping[str, Any]:
    """A values() row that holds just this value."""
    if spec.stored == "custom":
        return {"id": None, "custom": kinds.store(spec, value)}
    return {"id": None, **kinds.store(spec, value)}


def _points(spec: FieldSpec, level: str, value: Any) -> Markup:
    lines = []
    for point in value:
        if level == "mask":
            line = Markup('<bdi dir="ltr" class="num mute">{}</bdi>').format(names.mask(spec, point["value"]))
        else:
            line = Markup(cells.point_html(spec.kind, point))
        if point.get("label"):
            line += Markup(' <small class="mute" dir="auto">{}</small>').format(point_label(spec, point["label"]))
        lines.append(line)
    return Markup("<br>").join(lines)


def point_label(spec: FieldSpec, key: str) -> str:
    """The word for a contact point's label."""
    from comity.ui.forms import POINT_LABELS

    return next((str(label) for known, label in POINT_LABELS[spec.kind] if known == key), key)


def json_html(spec: FieldSpec, level: str, value: Any, ctx: cells.CellContext, actor: Actor) -> Markup:
    """A value in its JSON form, as events hold it."""
    return value_html(spec, level, kinds.from_json(spec, value), ctx)
