"""What is to be done now: the first line again, larger, with what one needs of its card to act at once."""

from dataclasses import dataclass
from typing import Any

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.records.models import ContactPoint, RecordRef
from comity.records.prepared import EVERYBODYS, Slot
from comity.timeline.story import Titles
from comity.ui import cells
from comity.ui.render import Markup, sprite
from comity.ui.values import value_html
from comity.work.notes.model import Note
from comity.work.today import sections
from comity.work.today.sections import Row

EXCERPT = 240  # characters of the note
PHONES = 2


def context(actor: Actor, row: Row, titles: Titles) -> dict[str, Any]:
    """`phones` and `note` of the line: the phones to call and the last note; two queries."""
    about = row.sub(titles)
    ctx = cells.CellContext(actor, now(), sprite())
    return {"phones": _phones(actor, about, ctx) if about else "", "note": _note(about) if about else ""}


def _phones(actor: Actor, about: RecordRef, ctx: cells.CellContext) -> Markup:
    """The numbers of the card itself, or of whom one calls about it."""
    type_key = "person" if about.type in sections.reach else about.type
    record_type = actor.state.record_types[type_key]
    spec = next((spec for spec in record_type.specs if spec.kind == "phones"), None)
    level = policy.level(actor, record_type, spec) if spec else "hide"
    if spec is None or level == "hide":
        return Markup("")
    points = actor.state.statements.of(_Points(actor, about.type, type_key, spec.key)).values(id=about.id)
    return value_html(spec, level, points, ctx)


@dataclass(frozen=True)
class _Points:
    """The first contact points of a card of a type, or of those one calls about it. Slot: `id`."""

    actor: Actor
    about: str
    type_key: str
    field: str

    def build(self) -> Any:
        """The query."""
        key = Slot("id", ContactPoint._meta.get_field("record_id"))
        whom: Any = sections.reach[self.about](self.actor, key) if self.about in sections.reach else [key]
        points = ContactPoint.objects.filter(type_key=self.type_key, record_id__in=whom, field=self.field)
        return points.order_by("position").values("label", "value", "ext")[:PHONES]


@dataclass(frozen=True)
class _LastNote:
    """The latest note on a card of a type. Slot: `id`."""

    type_key: str

    def build(self) -> Any:
        """The query."""
        key = Slot("id", Note._meta.get_field("record_id"))
        rows = Note.objects.filter(type_key=self.type_key, record_id=key, deleted_at=None)
        return rows.order_by("-created_at").values_list("text")[:1]


def _note(about: RecordRef) -> str:
    """The beginning of the last note on a card he sees."""
    rows = EVERYBODYS.of(_LastNote(about.type)).rows(id=about.id)
    text = " ".join(rows[0][0].split()) if rows else ""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"
