"""Rows as lines of JSON and back: cards in the form programs get them, all else column by column."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from comity.access.snapshot import custom_spec
from comity.kernel.text import fold, sort_key
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import ContactPoint, CustomField, Record, TagLink
from comity.records.outward import inward, outward
from comity.records.types import RecordType

Line = dict[str, Any]
HEAD = (
    "id", "version", "title", "owner_id", "team_id", "next_at", "next_kind", "next_text", "created_at", "created_by",
    "updated_at", "updated_by", "deleted_at", "deleted_by",
)  # fmt: skip
_WORKED_OUT = frozenset({"custom", "title_fold", "sort_key", "type_key"})
_POINT_PARTS = ("kind", "label", "value", "ext")
BROKEN = (ValueError, TypeError, KeyError, AttributeError, ValidationError, OverflowError, ArithmeticError)


def plain(value: Any) -> Any:
    """A column's value in JSON's types; `taken` knows the way back."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | time) else value


def taken(field: Any, value: Any) -> Any:
    """The value for a column; raises one of BROKEN for what does not fit it."""
    if isinstance(field, models.JSONField):
        return value
    if value is None:
        if not field.null:
            raise ValueError(f"{field.attname} is missing")
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value, validate=True)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    _check_type(target, value)
    found = target.to_python(value)
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValueError(value)
    target.run_validators(found)
    return found


def _check_type(field: Any, value: Any) -> None:
    """JSON's own types only: what `to_python` would make of others was never written by us."""
    wanted: type = str
    if isinstance(field, models.BooleanField):
        wanted = bool
    elif isinstance(field, models.IntegerField):
        wanted = int
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError(f"{field.attname} is no {wanted.__name__}")
    if isinstance(value, str) and "\0" in value:
        raise ValueError(f"{field.attname} holds a zero byte")


class Cards:
    """The lines of one type's cards.

    A value of a custom field that would not come back as it stands is told raw, under `custom`.
    """

    def __init__(self, record_type: RecordType, custom: Iterable[CustomField], language: str) -> None:
        self.type, self.model, self.language = record_type, record_type.model, language
        self.specs = [spec for spec in self.model.specs if spec.stored == "column"]
        kept = sorted(custom, key=lambda row: row.key)  # so that a base loaded is told in the same order
        self.custom = [spec for row in kept if (spec := custom_spec(row)).stored == "custom"]
        meta = self.model._meta
        self.columns: dict[str, Any] = {field.attname: field for field in meta.concrete_fields}
        shipped = {name for spec in self.specs for name in spec.columns()}
        told = {name for name, field in self.columns.items() if field.name in shipped}
        self.more = [name for name in self.columns if name not in told | set(HEAD) | _WORKED_OUT]

    def line(self, row: Mapping[str, Any], points: Iterable[ContactPoint], tags: Iterable[UUID]) -> Line:
        """A card as it is told; `row` has all its columns."""
        fields = {spec.key: outward(spec, kinds.read(spec, row)) for spec in self.specs}
        custom = dict(row["custom"] or {})
        for spec in self.custom:
            if spec.key in custom:
                fields |= self._custom(spec, custom)
        contacts: dict[str, list[Line]] = {}
        for point in points:
            contacts.setdefault(point.field, []).append({name: getattr(point, name) for name in _POINT_PARTS})
        told = {name: plain(row[name]) for name in HEAD}
        return {
            "type": self.type.key, **told, "fields": fields, "contacts": contacts,
            "tags": sorted(str(one) for one in tags), "custom": dict(sorted(custom.items())),
            "more": {name: plain(row[name]) for name in self.more},
        }  # fmt: skip

    def _custom(self, spec: FieldSpec, custom: dict[str, Any]) -> Line:
        """The outward form of a custom value, taken out of `custom` where it is told whole by that."""
        try:
            value = outward(spec, kinds.kept(spec, custom[spec.key]))
            stored = _stored(spec, value)
        except BROKEN:
            return {}
        if any(custom.get(key) != one for key, one in stored.items()):
            return {}
        for key in stored:
            custom.pop(key, None)
        return {spec.key: value}

    def card(self, line: Line) -> tuple[Record, list[ContactPoint], list[TagLink]]:
        """The rows of a line; raises one of BROKEN."""
        if (
            set(line) != {"type", *HEAD, "fields", "contacts", "tags", "custom", "more"}
            or line["type"] != self.type.key
        ):
            raise KeyError("parts of a card")
        columns = {name: taken(self.columns[name], line[name]) for name in HEAD}
        columns |= {name: taken(self.columns[name], value) for name, value in _known(line["more"], self.more).items()}
        fields: Line = dict(line["fields"])
        values: dict[str, Any] = {}
        for spec in self.specs:
            values[spec.key] = inward(spec, fields.pop(spec.key, None))
            columns |= kinds.store(spec, values[spec.key])
        custom = dict(line["custom"])
        for spec in self.custom:
            if spec.key in fields:
                custom |= {key: one for key, one in _stored(spec, fields.pop(spec.key)).items() if one is not None}
        if fields:
            raise KeyError(", ".join(fields))
        record = self.model(**self._checked(columns), custom=custom)
        if self.type.own:
            record.type_key = self.type.key  # type: ignore[attr-defined]
        points = list(self._points(record, line["contacts"], values))
        _name(record, self.type, values, self.language)
        tags = [TagLink(type_key=self.type.key, record_id=record.pk, tag_id=UUID(one)) for one in line["tags"]]
        return record, points, tags

    def _checked(self, columns: Line) -> Line:
        for name, value in columns.items():
            field = self.columns[name]
            if value is None and not field.null:
                raise ValueError(f"{name} is missing")
            if isinstance(value, str) and "\0" in value:
                raise ValueError(f"{name} holds a zero byte")
            if not isinstance(field, models.BinaryField | models.JSONField | models.ForeignKey):
                field.run_validators(value)
        return columns

    def _points(self, record: Record, contacts: Mapping[str, Sequence[Line]], values: Line) -> Iterable[ContactPoint]:
        by_kind = {"phone": "phones", "email": "emails", "handle": "handles"}
        columns = {field.attname: field for field in ContactPoint._meta.concrete_fields}
        for key, points in contacts.items():
            values[key] = tuple({name: one[name] for name in ("label", "value", "ext")} for one in points)
            for position, one in enumerate(points):
                told = {name: taken(columns[name], one[name]) for name in _POINT_PARTS}
                folded = "".join(str(int(sign)) for sign in told["value"] if sign.isdecimal())
                if by_kind[told["kind"]] != "phones":
                    folded = fold(told["value"])
                yield ContactPoint(
                    type_key=self.type.key, record_id=record.pk, field=taken(columns["field"], key), position=position,
                    fold=folded, last9=folded[-9:] if told["kind"] == "phone" else "", **told,
                )  # fmt: skip


def _stored(spec: FieldSpec, value: Any) -> Line:
    return kinds.store(spec, inward(spec, value))


def _name(record: Record, record_type: RecordType, values: Line, language: str) -> None:
    """The folded title and the sort key, as the writer makes them."""
    for spec in record.specs:
        if spec.kind in CONTACT_KINDS:
            values.setdefault(spec.key, ())
    _title, sort_text = record_type.title(values, language)
    record.title_fold, record.sort_key = fold(record.title), sort_key(sort_text or record.title)


def _known(line: Line, names: Iterable[str]) -> Line:
    """What a line tells of these columns; an older version may tell of fewer. Raises KeyError for others."""
    strange = set(line) - set(names)
    if strange:
        raise KeyError(", ".join(sorted(strange)))
    return line


def table_row(model: type[models.Model], columns: Mapping[str, Any], line: Line) -> models.Model:
    """The row of a table's line; raises one of BROKEN."""
    return model(**{name: taken(columns[name], value) for name, value in _known(line, columns).items()})
