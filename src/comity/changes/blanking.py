"""A card's own fields emptied for good: whoever calls it has checked the right and told it."""

from collections.abc import Sequence
from typing import Any

from comity.changes import writer
from comity.changes.bus import Work
from comity.changes.cleaned_texts import clean_texts, entitle, every_spec
from comity.changes.needles import Needles
from comity.records import kinds
from comity.records.erased import ERASED
from comity.records.fields import LINK_KINDS, TEXT_KINDS, FieldSpec
from comity.records.models import RecordRef
from comity.records.types import COMMON, RecordType

_NEVER = LINK_KINDS | {"user", "team", "file"}  # files go by themselves, links lead to other cards
_LISTS = {"phones", "emails", "handles", "tags", "choices", "languages"}


def erasable(record_type: RecordType) -> list[FieldSpec]:
    """The fields that can be emptied: what people say of somebody, not how the house counts and links."""
    common = {spec.key for spec in COMMON}
    return [
        spec for spec in every_spec(record_type)
        if spec.kind not in _NEVER and not spec.formula and spec.key not in common
        and (spec.level == "write" or spec.kind in TEXT_KINDS)
    ]  # fmt: skip


def personal(record_type: RecordType) -> list[FieldSpec]:
    """Those that tell something about a person. What a card of a person is called does so, marked or not."""
    found = erasable(record_type)
    marked = {spec.key for spec in found if spec.personal}
    return [spec for spec in found if spec.key in marked or _names(record_type, spec, marked)]


def _names(record_type: RecordType, spec: FieldSpec, marked: set[str]) -> bool:
    return bool(marked) and record_type.own and spec.key in record_type.title_fields


def about_people(record_type: RecordType) -> bool:
    """Whether cards of a type tell of people."""
    return any(spec.personal for spec in erasable(record_type))


def blank(work: Work, record_type: RecordType, record: Any, specs: Sequence[FieldSpec], needles: Needles) -> None:
    """Empty fields of a held record, and take words out of what its other texts say. A card that loses its name is
    called by the sign of what was erased."""
    known = {spec.key for spec in record_type.specs}
    before = writer.current(record_type, record)
    values = {spec.key: _nothing(spec) for spec in specs if spec.key in known}
    writer.update(work.actor, record_type, record, before, values)
    unused = {name for spec in specs if spec.key not in known for name in (spec.key, f"{spec.key}_fold")}
    columns: dict[str, Any] = {}
    if unused & record.custom.keys():
        record.custom = {key: value for key, value in record.custom.items() if key not in unused}
        columns["custom"] = record.custom
    if not record.title or values.keys() & set(record_type.title_fields):
        columns |= {name: getattr(record, name) for name in entitle(record, record.title or ERASED)}
    for spec in specs:  # those switched off: they are no fields of the type now, and have columns all the same
        if spec.key not in known and spec.stored == "column":
            columns |= kinds.store(spec, _nothing(spec))
    for name, value in columns.items():
        setattr(record, name, value)
    columns |= {name: getattr(record, name) for name in clean_texts(record_type, record, needles)}
    writer.keep(work.actor, record, columns)


def merged_into(record_type: RecordType, refs: Sequence[RecordRef]) -> list[Any]:
    """The records that became parts of the first of the refs."""
    return list(record_type.rows.filter(pk__in=[ref.id for ref in refs[1:]]))


def _nothing(spec: FieldSpec) -> Any:
    if spec.kind in _LISTS:
        return ()
    if spec.stored == "custom":
        return None
    if spec.kind == "address":
        return {}
    if spec.kind in TEXT_KINDS or spec.kind in ("choice", "language", "country", "currency"):
        return ""
    return False if spec.kind == "bool" else None
