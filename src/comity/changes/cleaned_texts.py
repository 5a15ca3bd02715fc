"""The texts of a record without some words; and all the fields a record may have words in."""

from comity.access.snapshot import custom_spec
from comity.changes.needles import Needles
from comity.kernel.text import fold, sort_key
from comity.records import kinds
from comity.records.fields import TEXT_KINDS, FieldSpec
from comity.records.models import CustomField, Record
from comity.records.types import COMMON, RecordType


def every_spec(record_type: RecordType) -> tuple[FieldSpec, ...]:
    """All fields a card may have values of: those switched off and those out of use among them."""
    own = [custom_spec(row) for row in CustomField.objects.filter(type_key=record_type.key).order_by("key")]
    off = record_type.without
    return tuple(spec for spec in (*record_type.model.specs, *own, *COMMON) if spec.key not in off)


def clean_texts(record_type: RecordType, record: Record, needles: Needles) -> set[str]:
    """Take words out of a record's texts and its title; the columns that are to be saved."""
    columns: set[str] = set()
    custom = dict(record.custom)
    for spec in every_spec(record_type):
        if spec.kind not in TEXT_KINDS or spec.stored == "rows" or spec.kind in ("url", "taxnumber"):
            continue
        value = kinds.read(spec, record.__dict__)
        if not value or not needles.holds(value):
            continue
        stored = kinds.store(spec, needles.clean(value))
        if spec.stored == "custom":
            custom |= stored
            columns.add("custom")
        else:
            for name, one in stored.items():
                setattr(record, name, one)
            columns |= set(stored)
    record.custom = custom
    if needles.holds(record.next_text):
        record.next_text = needles.clean(record.next_text)[:200]
        columns.add("next_text")
    if needles.holds(record.title):
        columns |= entitle(record, needles.clean(record.title)[:300])
    if needles.holds(getattr(record, "checklist", [])):
        record.checklist = needles.clean(record.checklist)  # type: ignore[attr-defined]
        columns.add("checklist")
    return columns


def entitle(record: Record, title: str) -> set[str]:
    """Give a record a title that is made of no fields; the columns that are to be saved."""
    record.title, record.title_fold, record.sort_key = title, fold(title), sort_key(title)
    return {"title", "title_fold", "sort_key"}
