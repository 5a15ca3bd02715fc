"""The rows of a list as HTML: docs/ui-rows.md fixes the markup."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.identity.models import hue_of, initials
from comity.kernel.clock import now
from comity.records import kinds
from comity.records.erased import named
from comity.records.fields import LINK_KINDS, FieldSpec
from comity.records.types import RecordType
from comity.ui import names, render
from comity.ui.cells import CellContext, bind
from comity.ui.drawn import Drawn
from comity.ui.lists import ListPage

NUMERIC = frozenset({"integer", "number", "percent", "money"})
INLINE = frozenset({
    "text", "integer", "number", "percent", "money", "date", "bool", "choice", "user", "country", "url", "link", "card",
    "relation", "file",
    "language", "currency",
})  # fmt: skip


def context(actor: Actor, page: ListPage) -> CellContext:
    """What the cells of a page share."""
    return CellContext(actor, now(), render.sprite(), page.points, page.tags, page.links)


def table(
    actor: Actor, record_type: RecordType, shown: list[tuple[FieldSpec, str]], page: ListPage, selectable: bool
) -> render.Markup:
    """All rows of a page; checked by the test that puts markup into every field of every kind."""
    ctx = context(actor, page)
    classes = cell_classes(actor, record_type, shown)
    cells = [(classes[spec.key], bind(spec, level, ctx)) for spec, level in shown]
    name = name_cell(actor, record_type, ctx)
    select = escape(_("Select %(name)s")) if selectable else ""

    def line(row: Any) -> str:
        key, box = str(row["id"]), ""
        if selectable:
            label = select.replace("%(name)s", escape(row["title"]))
            box = f'<td><input type="checkbox" name="id" value="{key}" form="bulk" aria-label="{label}"></td>\n'
        rest = "\n".join([f"<td{attributes}>{draw(row)}</td>" for attributes, draw in cells])
        return f'<tr data-id="{key}">\n{box}<td class="nmc">{name(row, key)}</td>\n{rest}\n</tr>'

    look = ("row", record_type.key, tuple((spec.key, level, classes[spec.key]) for spec, level in shown), selectable,
            _second_line(actor, record_type))  # fmt: skip
    linked = links_beside([spec for spec, _level in shown] + _context_specs(record_type), page.links)

    def beside(row: Any) -> Any:
        return linked(row), page.points.get(row["id"]), page.tags.get(row["id"])

    return render.Markup("\n".join(Drawn.of(actor.state).each(actor, look, ctx.now, page.rows, beside, line)))


def links_beside(specs: Iterable[FieldSpec], links: Mapping[tuple[str, UUID], str]) -> Callable[[Any], list[Any]]:
    """The titles of the cards that some fields of a row link to, as far as the reader sees them."""
    used = [spec for spec in specs if spec.kind in LINK_KINDS]
    plain = [(spec.target, spec.attname) for spec in used if spec.kind == "link" and spec.stored == "column"]
    other = [spec for spec in used if spec.kind != "link" or spec.stored != "column"]

    def titles(row: Any) -> list[Any]:
        found: list[Any] = [links.get((target, row[name])) for target, name in plain]
        for spec in other:
            found += [links.get((ref.type, ref.id)) for ref in kinds.refs(spec, kinds.read(spec, row))]
        return found

    return titles


def cell(actor: Actor, record_type: RecordType, spec: FieldSpec, ctx: CellContext, row: Any) -> render.Markup:
    """One cell by itself, after it was edited in place."""
    attributes = cell_classes(actor, record_type, [(spec, "write")])[spec.key]
    return render.Markup(f"<td{attributes}>{bind(spec, 'write', ctx)(row)}</td>")


def cell_classes(actor: Actor, record_type: RecordType, shown: list[tuple[FieldSpec, str]]) -> dict[str, str]:
    """The attributes of each column's cells: figure, state, and whether it may be edited in place."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    may_edit = actor.scope(record_type.key, "edit") != "none"
    for spec, level in shown:
        cls = ""
        if spec.kind == "money" and "amt" not in taken:
            cls = "amt"
        elif spec.kind in NUMERIC:
            cls = "r"
        elif spec.kind == "choice" and "st" not in taken:
            cls = "st"
        elif spec.extra.get("cell") == "next":
            cls = "nx"
        taken.add(cls)
        editable = may_edit and level == "write" and spec.kind in INLINE
        found[spec.key] = (f' class="{cls}"' if cls else "") + (f' data-e="{spec.key}"' if editable else "")
    return found


def name_cell(actor: Actor, record_type: RecordType, ctx: CellContext) -> Callable[[Any, str], str]:
    """Draws avatar, title in the reader's way, second line, of a row and its key as text."""
    square = " co" if record_type.company_shape else ""
    display, language = record_type.display, actor.language
    context_specs, usable = _context_specs(record_type), _second_line(actor, record_type)
    slug = record_type.slug

    def draw(row: Any, key: str) -> str:
        title = (display(row, language) if display else "") or named(row["title"], language)
        second = ""
        if usable and record_type.context is not None:
            second = record_type.context(row, _names(context_specs, row, ctx), language)
        line = f'<small dir="auto">{escape(second)}</small>' if second else ""
        return (
            f'<span class="nm"><span class="av m{square} h{hue_of(row["id"])}" aria-hidden="true">'
            f'{escape(initials(title))}</span><span><a href="/{slug}/{key}" dir="auto">{escape(title)}</a>'
            f"{line}</span></span>"
        )

    return draw


def _context_specs(record_type: RecordType) -> list[FieldSpec]:
    """The fields the second line is made of."""
    return [record_type.spec(key) for key in record_type.context_fields]


def _second_line(actor: Actor, record_type: RecordType) -> bool:
    """Whether there is a second line, and the actor reads all it is made of."""
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    return record_type.context is not None and readable.issuperset(record_type.context_fields)


def _names(specs: list[FieldSpec], row: Any, ctx: CellContext) -> dict[str, str]:
    """The words for linked records and choices of the second line."""
    found = {}
    for spec in specs:
        if spec.kind in LINK_KINDS:
            refs = kinds.refs(spec, kinds.read(spec, row))
            found[spec.key] = ctx.links.get((refs[0].type, refs[0].id), "") if refs else ""
        elif spec.kind == "choice":
            found[spec.key] = names.choice_name(spec, row[spec.key], ctx.language) if row[spec.key] else ""
    return found
