"""A field of another kind: only where every value says the same afterwards, and the history can still be read."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.access.snapshot import custom_spec
from comity.changes import formula_fields
from comity.changes.bus import Work
from comity.changes.commands import type_of
from comity.changes.field_traits import DUPLICATE
from comity.changes.settings import Wrong, existing, setting_type, told, write
from comity.changes.writer import setting_values
from comity.kernel.errors import Invalid
from comity.records import json_access, kinds
from comity.records.fields import SCALE
from comity.records.models import CustomField, CustomType

WAYS = {
    "text": ("longtext", "url"), "longtext": ("text",), "url": ("text", "longtext"), "choice": ("choices",),
    "choices": ("choice",), "taxnumber": ("text",), "date": ("text",), "country": ("text",), "currency": ("text",),
    "language": ("text",), "integer": ("number",),
}  # fmt: skip
CHUNK = 2000
MOST = 2**63  # of what a base counts in whole 1/10,000ths
REWRITTEN = ({"choice", "choices"}, {"integer", "number"})  # kinds whose values are kept in another form


def offered(row: CustomField) -> tuple[str, ...]:
    """The kinds a field may become."""
    return () if row.formula or row.archived_at is not None else WAYS.get(row.kind, ())


def misfits(actor: Actor, row: CustomField, kind: str) -> int:
    """How many values would not fit another kind; nothing is changed."""
    spec = custom_spec(row)
    to = custom_spec(CustomField(
        type_key=row.type_key, key=row.key, kind=kind, label=row.label, choices=row.choices, unit=row.unit
    ))  # fmt: skip
    return sum(1 for _pk, value in _values(actor, row) if _as(spec, to, value) is None)


def _values(actor: Actor, row: CustomField) -> Any:
    """Every card's value of the field, cards in the trash too: (card's key, what stands in the JSON)."""
    record_type = type_of(actor, row.type_key)
    records = record_type.rows.annotate(held=json_access.CustomText(row.key)).filter(held__isnull=False)
    return records.values_list("pk", "held").iterator(chunk_size=CHUNK)


def _as(spec: Any, to: Any, held: Any) -> Any:
    """What stands in the JSON after the change; None when the value does not fit."""
    value: Any = int(held) if spec.kind == "integer" else kinds.from_json(spec, held)
    if to.kind == "number":
        value *= SCALE
        return kinds.store(to, value) if abs(value) < MOST else None
    if to.kind == "choices":
        value = (value,)
    elif to.kind == "choice":
        if len(value) > 1:
            return None
        value = value[0]
    elif to.kind == "text":
        value = str(value)
        if len(value) > to.max_length or value != " ".join(value.split()):
            return None
    elif to.kind == "url":
        try:
            if kinds.clean(to, value, kinds.Env()) != value:
                return None
        except kinds.BadValue:
            return None
    return kinds.store(to, value)


@dataclass
class ChangeKind:
    """Make a field one of another kind. Refused while a value does not fit. Needs the right to change fields."""

    key: ClassVar[str] = "field.kind"
    field_id: UUID
    kind: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        setting = setting_type("field")
        row = existing(setting, self.field_id)
        before = setting_values(row)
        if self.kind not in offered(row):
            raise Invalid(fields={"kind": [_("Choose one of the list.")]})
        spec = custom_spec(row)
        write(work, setting, row, before, {"indexed": False})  # checks the right; the old index goes
        held, row.kind = list(_values(work.actor, row)), self.kind
        row.was_whole = spec.kind == "integer"
        row.duplicate = row.duplicate and row.kind in DUPLICATE
        _check_elsewhere(work, row, before)
        to = custom_spec(row)
        stored = [(pk, _as(spec, to, value)) for pk, value in held]
        strange = sum(1 for _pk, one in stored if one is None)
        if strange:
            text = ngettext("%(n)s value does not fit this kind.", "%(n)s values do not fit this kind.", strange)
            raise Invalid(fields={"kind": [text % {"n": strange}]})
        record_type = type_of(work.actor, row.type_key)
        if spec.has_twin != to.has_twin or {spec.kind, to.kind} in REWRITTEN:
            _rewrite(record_type, stored)
        row.save()
        told(work, setting, row, before)


def _check_elsewhere(work: Work, row: Any, before: dict[str, Any]) -> None:
    """Neither a board nor a formula may lose what it stands on; raises Invalid."""
    wrong = Wrong()
    if CustomType.objects.filter(key=row.type_key, board_by=row.key).exists():
        wrong.add("kind", _("The board of these cards stands on this field. Choose another field for it first."))
    formula_fields.check(work, row, before, wrong)
    wrong.stop()


def _rewrite(record_type: Any, stored: list[tuple[Any, dict[str, Any]]]) -> None:
    """Values in the form of the new kind. It is no change of any card: no version, nobody's edit."""
    model = record_type.model
    for start in range(0, len(stored), CHUNK):
        part = dict(stored[start : start + CHUNK])
        rows = list(model.unguarded.filter(pk__in=list(part)).only("pk", "custom"))
        for one in rows:
            one.custom = {**one.custom, **{key: value for key, value in part[one.pk].items() if value is not None}}
        model.unguarded.bulk_update(rows, ["custom"], batch_size=200)
