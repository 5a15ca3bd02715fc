"""A list written to a file as its reader sees it, page by page: only cards he may export, only what he is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.exports import writers
from comity.exchange.exports.model import Export
from comity.exchange.exports.values import Told
from comity.exchange.exports.writers import FORMATS, Shown
from comity.kernel.errors import Invalid
from comity.records import conditions
from comity.records.conditions import BadCondition
from comity.records.types import RecordType
from comity.ui import lists
from comity.ui.pages.lists import title_label

PAGE = 500  # cards read at once
ALL = "all"  # instead of columns: everything he is shown

Step = Callable[[int], None]  # so many cards are written


@dataclass(frozen=True)
class Exportable:
    """The cards of a type that an actor may take out."""

    actor: Actor
    type_key: str

    def q(self) -> Q:
        """As a condition over the type's table."""
        found = policy.visible_q(self.actor, self.type_key, "export")
        return Q() if found is None else found


def folder() -> Path:
    """Where files wait for their makers."""
    made = Path(settings.HOME) / "exports"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def path_of(export: Export) -> Path:
    """The file of an export, there or not."""
    return folder() / str(export.pk)


def shown_of(actor: Actor, record_type: RecordType, columns: str | list[str], format_: str) -> Shown:
    """The fields of a file, with their levels: those named, or all he is shown."""
    shown = policy.shown_fields(actor, record_type)
    if columns == ALL or format_ in ("vcard", "vcard3"):
        return shown
    levels = {spec.key: (spec, level) for spec, level in shown}
    return [levels[key] for key in columns if key in levels]


def number(actor: Actor, record_type: RecordType, where: conditions.Where) -> int:
    """How many cards the file would have, at most lists.CAP; raises Invalid for a filter that is not his."""
    try:
        conditions.compile_q(where or {}, policy.condition_scope(actor, record_type))
    except BadCondition:
        raise Invalid(_("This view filters by a field you may not use.")) from None
    return lists.count(actor, record_type, where, Exportable(actor, record_type.key))


def total(actor: Actor, record_type: RecordType, where: conditions.Where) -> int:
    """How many cards the file will have."""
    plan = lists.Filter.of(actor, record_type, where, Exportable(actor, record_type.key))
    return int(plan.records(plan.q(), every=True).count())


def write(actor: Actor, export: Export, path: Path, step: Step) -> tuple[int, int]:
    """Write the file; (how many cards are in it, how many texts were cut). `step` is told after each page."""
    asked: dict[str, Any] = export.asked
    record_type = actor.state.record_types[asked["type"]]
    shown = shown_of(actor, record_type, asked["columns"], asked["format"])
    order = lists.Order.parse(asked["sort"], lists.sortable_fields(actor, record_type))
    head = title_label(record_type, actor.language)
    out = writers.opened(path, asked["format"], record_type, shown, actor.language, head)
    among, cursor, done = Exportable(actor, record_type.key), None, 0
    try:
        while True:
            page = lists.load(actor, record_type, shown, asked["where"], order, cursor, PAGE, among)
            if page.impossible:
                raise Invalid(_("This view filters by a field you may not use."))
            out.page(Told(actor, page))
            done += len(page.rows)
            step(done)
            cursor = page.next
            if cursor is None:
                break
    finally:
        out.close()
    return done, out.cut


def file_name(record_type: RecordType, format_: str, day: str) -> str:
    """What the file is called when it is saved."""
    return f"{record_type.slug}-{day}.{FORMATS[format_][0]}"
