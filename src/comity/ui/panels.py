"""The kit's own panels beside the story: relations both ways and files; rooms above register theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.access import links, policy
from comity.access.actors import Actor
from comity.identity.models import hue_of, initials
from comity.kernel.text import listed
from comity.records import relations
from comity.records.models import RecordRef, Relation
from comity.records.prepared import EVERYBODYS, Slot, columns
from comity.records.types import RecordType
from comity.timeline.story import Titles
from comity.ui import registry
from comity.ui.layouts.pieces import hidden, panel_key
from comity.ui.layouts.state import What

MOST = 30  # rows of one panel


@dataclass(frozen=True)
class Related:
    """What a card he sees is related to, all of it; titles of cards its page names, as far as he sees them.

    `near` are relations between other cards that rooms above asked for; what of them he sees is theirs to look at.
    """

    rows: list[Relation]
    near: list[Relation]
    titles: Titles


def related(actor: Actor, record_type: RecordType, card: Any, further: Iterable[RecordRef] = ()) -> Related:
    """The relations of a card he sees, asked once for a page: first by the page itself, which names `further` cards."""
    held: Related | None = card.__dict__.get("_related")
    if held is None:
        ref = RecordRef(record_type.key, card.pk)
        rows, near = list[Relation](), list[Relation]()
        closed = links.closed_kinds(actor)
        for row in EVERYBODYS.of(_Relations(ref.type)).objects(Relation, id=ref.id):
            if (row.from_type, row.kind) in closed:
                continue  # the value of a field he may not read
            own = (ref.type, ref.id) in ((row.from_type, row.from_id), (row.to_type, row.to_id))
            (rows if own else near).append(row)
        titles = policy.titles(actor, {*further, *(_other(row, ref) for row in rows)})
        held = card.__dict__["_related"] = Related(rows, near, titles)
    return held


def may_edit(actor: Actor, record_type: RecordType, card: Any) -> bool:
    """Whether he may edit a card, asked once for all parts of its page."""
    held: bool | None = card.__dict__.get("_may_edit")
    if held is None:
        held = card.__dict__["_may_edit"] = policy.may(actor, record_type, card, "edit")
    return held


def linked(
    actor: Actor, record_type: RecordType, card: Any, may_edit: bool, found: Related, what: What | None = None
) -> list[dict[str, Any]]:
    """Related cards by kind and direction, files, and what rooms registered before and after them; what a layout hides
    is not even asked of them."""
    from comity.ui.pages import files

    before, after, off = list[dict[str, Any]](), list[dict[str, Any]](), hidden(what)
    for panel in registry.for_type(registry.panels, record_type, actor):
        entry = None if panel_key(panel.key) in off else panel.load(actor, record_type, card)
        if entry is not None:
            (before if panel.order < registry.KITS_OWN else after).append({"key": panel.key, **entry})
    own = relation_panels(actor, record_type, card, may_edit, found.rows, found.titles)
    return [*before, *own, files.panel(actor, record_type, card, may_edit), *after]


@dataclass(frozen=True)
class _Relations:
    """What a card of a type is related to, and what else belongs to that."""

    type_key: str

    def build(self) -> Any:
        """The query; its slot is the card's key."""
        key = Slot("id", Relation._meta.get_field("from_id"))
        rows = Relation.objects.filter(
            Q(from_type=self.type_key, from_id=key) | Q(to_type=self.type_key, to_id=key)
        ).values_list(*columns(Relation))
        if self.type_key in registry.near:
            rows = rows.union(registry.near[self.type_key](key).values_list(*columns(Relation)), all=True)
        return rows.order_by("created_at", "id")


def relation_panels(
    actor: Actor, record_type: RecordType, card: Any, may_edit: bool, rows: list[Relation], titles: Titles
) -> list[dict[str, Any]]:
    """One block for each kind and direction that has rows, and for those a card of this type usually has."""
    ref = RecordRef(record_type.key, card.id)
    others = {row.id: _other(row, ref) for row in rows}
    told = _summaries(actor, {other for other in others.values() if other in titles})
    sections: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for kind in relations.fitting(actor.state.relation_kinds, record_type.key):
        if kind.key == "related" or not (kind.from_type or kind.to_type):
            continue
        if kind.from_type in ("", record_type.key):
            sections[(kind.key, True)] = []
        if kind.to_type in ("", record_type.key):
            sections[(kind.key, False)] = []
    fields = relation_fields(actor)
    for row in rows:
        other = others[row.id]
        if other in titles:
            away = (row.from_type, row.from_id) == (ref.type, ref.id)
            field = fields.get((row.from_type, row.kind))
            if field is not None and (away or not field.readable):
                continue  # it is shown as a field of this card, or of one whose field he may not read
            named = row.kind if field is None else f"{row.from_type}.{row.kind}"
            sections.setdefault((named, away), []).append(
                _item(actor, row, other, titles[other], f"/{record_type.slug}/{card.id}", may_edit, told.get(other))
            )
    found = []
    for (kind_key, away), items in sections.items():
        if "." in kind_key:
            title = fields[_split(kind_key)].label
            found.append({"key": kind_key.replace(".", "-"), "label": title, "items": items[:MOST], "add_url": None})
            continue
        known = relations.get(actor.state.relation_kinds, kind_key)
        if known is None:
            continue
        items.sort(key=lambda item: item["place"])  # those without a place keep their order
        label = known.forward if away else known.backward
        direction = "to" if away else "from"
        add = f"/{record_type.slug}/{card.id}/links?kind={kind_key}&side={direction}" if may_edit else None
        found.append({"key": f"{kind_key}-{direction}", "label": label[actor.language], "items": items[:MOST],
                      "add_url": add})  # fmt: skip
    if may_edit and ("related", True) not in sections and ("related", False) not in sections:
        url = f"/{record_type.slug}/{card.id}/links?kind=related&side=to"
        found.append({"key": "related-to", "label": _("Related"), "items": [], "add_url": url})
    return found


@dataclass(frozen=True)
class _Field:
    """A relation field as seen from the cards it points to: what it is called there, whether the actor reads it."""

    label: str
    readable: bool


def relation_fields(actor: Actor) -> dict[tuple[str, str], _Field]:
    """The relation fields of all types, by type and key; worked out once per actor."""
    held: dict[tuple[str, str], _Field] | None = actor.derived.get("relation fields")
    if held is None:
        held = actor.derived["relation fields"] = {
            (record_type.key, spec.key): _Field(
                spec.extra.get("backward", record_type.plural)[actor.language],
                policy.level(actor, record_type, spec) in ("read", "write"),
            )
            for record_type in actor.state.types_on for spec in record_type.specs
            if spec.kind == "relation"
        }  # fmt: skip
    return held


def _split(kind_key: str) -> tuple[str, str]:
    type_key, _dot, key = kind_key.partition(".")
    return type_key, key


def _other(row: Relation, ref: RecordRef) -> RecordRef:
    if (row.from_type, row.from_id) == (ref.type, ref.id):
        return RecordRef(row.to_type, row.to_id)
    return RecordRef(row.from_type, row.from_id)


def _summaries(actor: Actor, refs: Iterable[RecordRef]) -> dict[RecordRef, registry.Summary]:
    """What the rooms of their types tell of these cards, which the actor sees."""
    wanted: dict[str, list[UUID]] = {}
    for ref in refs:
        if ref.type in registry.summaries:
            wanted.setdefault(ref.type, []).append(ref.id)
    types = actor.state.record_types
    return {
        RecordRef(key, one): summary for key, ids in wanted.items()
        for one, summary in registry.summaries[key](actor, types[key], ids).items()
    }  # fmt: skip


def _item(
    actor: Actor, row: Relation, other: RecordRef, title: str, url: str, may_edit: bool,
    summary: registry.Summary | None,
) -> dict[str, Any]:  # fmt: skip
    record_type = actor.state.record_types[other.type]
    kind = relations.get(actor.state.relation_kinds, row.kind)
    words = [role.label[actor.language] for key in row.roles.split("|") if kind and (role := kind.role(key))]
    return {
        "title": title,
        "url": f"/{record_type.slug}/{other.id}",
        "sub": listed((summary.text if summary else "", *words, row.note), actor.language),
        "place": summary.place if summary else (),
        "steps": summary.steps if summary else None,
        "initials": initials(title),
        "hue": hue_of(other.id),
        "company": record_type.company_shape,
        "remove_url": f"{url}/links/{row.id}/remove" if may_edit else None,
    }
