"""What a value of each field kind is: stored, compared, told in words; records.cleaning makes it of raw input.

Values in Python, by kind:
text longtext url taxnumber        str ("" = empty)
integer                            int | None
number percent                     int | None in whole 1/10,000ths
money                              (int in 1/10,000ths, "EUR") | None
date, datetime                     date | None, aware datetime in UTC | None
bool                               bool
choice language country currency   str key ("" = empty)
choices languages                  tuple of str keys
user team link                     UUID | None
card                               RecordRef | None
tags                               tuple of UUID (sorted)
relation                           tuple of RecordRef (sorted)
file                               tuple of FileRef
phones emails handles              tuple of dicts {"label", "value", "ext"}; the first is the primary one
address                            dict with any of ADDRESS_PARTS
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from comity.kernel.text import fold
from comity.records.cleaning import ADDRESS_PARTS, BadValue, Env, card_ref, clean, empty, requisite, tax_number
from comity.records.fields import CONTACT_KINDS, LINK_KINDS, SCALE, FieldSpec
from comity.records.models import FileRef, RecordRef

__all__ = ["ADDRESS_PARTS", "BadValue", "Env", "clean", "empty", "requisite", "tax_number"]

_TWO_COLUMNS = ("money", "card")


def refs(spec: FieldSpec, value: Any) -> list[RecordRef]:
    """The cards a value points to: of a link, card or relation field; none of the others."""
    if not value or spec.kind not in LINK_KINDS:
        return []
    if spec.kind == "relation":
        return list(value)
    return [value if spec.kind == "card" else RecordRef(spec.target, value)]


def seen(spec: FieldSpec, value: Any, sees: Callable[[RecordRef], bool]) -> Any:
    """A value as one who `sees` only some of the cards it points to may know it: the others leave no trace."""
    if spec.kind == "relation":
        return tuple(ref for ref in value or () if sees(ref))
    return value if all(sees(ref) for ref in refs(spec, value)) else None


def to_json(spec: FieldSpec, value: Any) -> Any:
    """The JSON form: in events, in the API and in the `custom` column."""
    if empty(value):
        return None
    if spec.kind == "number" and "was_whole" in spec.extra:
        return f"{decimal(value):f}"  # as text: told apart from what was written of the whole number it used to be
    form = _JSON.get(spec.kind)
    return value if form is None else form(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _keys(values: Iterable[Any]) -> list[str]:
    return [str(key) for key in values]


def _files(values: Iterable[FileRef]) -> list[dict[str, Any]]:
    return [{"id": str(one.id), "name": one.name, "size": one.size} for one in values]


# Of the kinds whose values are no JSON as they are.
_JSON: dict[str, Callable[[Any], Any]] = {
    "date": date.isoformat, "datetime": _moment, "user": str, "team": str, "link": str, "card": str, "tags": _keys,
    "relation": _keys, "file": _files, "money": list, "phones": list, "emails": list, "handles": list, "choices": list,
    "languages": list,
}  # fmt: skip


def from_json(spec: FieldSpec, value: Any) -> Any:
    """Back from the JSON form, as written by `to_json`."""
    match spec.kind:
        case "choice" if isinstance(value, list):  # of the time when the field took several
            return value[0] if value else ""
        case "number" if "was_whole" in spec.extra and value is not None:
            return int(Decimal(value) * SCALE)
        case "text" | "longtext" | "url" | "taxnumber" | "choice" | "language" | "country" | "currency":
            return value or ""
        case "date":
            return date.fromisoformat(value) if value else None
        case "datetime":
            return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None
        case "user" | "team" | "link":
            return UUID(value) if value else None
        case "card":
            return card_ref(spec, value, Env())
        case "tags":
            return tuple(UUID(key) for key in value or ())
        case "relation":
            return tuple(card_ref(spec, one, Env()) for one in ([value] if isinstance(value, str) else value or ()))
        case "file":
            return tuple(FileRef(UUID(one["id"]), one["name"], one["size"]) for one in value or ())
        case "money":
            return (value[0], value[1]) if value else None
        case "choices" | "languages" | "phones" | "emails" | "handles":
            return tuple(value.strip("|").split("|") if isinstance(value, str) else value or ())
        case "address":
            return value or {}
        case "bool":
            return bool(value)
    return value


def kept(spec: FieldSpec, value: Any) -> Any:
    """A value out of the `custom` JSON, where numbers stand so that they can be compared."""
    return value if spec.kind == "number" else from_json(spec, value)


def column_names(spec: FieldSpec) -> tuple[str, ...]:
    """The columns a values() query needs to read a field."""
    if spec.stored == "custom":
        return ("custom",)
    if spec.stored != "column":
        return ()
    if spec.kind in _TWO_COLUMNS:
        return (spec.key, f"{spec.key}_currency") if spec.kind == "money" else (f"{spec.key}_type", spec.attname)
    return (spec.attname, *spec.extra.get("beside", ()))


def read(spec: FieldSpec, row: Mapping[str, Any]) -> Any:
    """The value of a column or custom field out of a values() row."""
    if spec.stored == "custom":
        return kept(spec, (row["custom"] or {}).get(spec.key))
    if spec.stored == "rows":
        return row.get(spec.key) or ()
    if spec.kind == "money":
        return None if row[spec.key] is None else (row[spec.key], row[f"{spec.key}_currency"])
    value = row[spec.attname]
    if spec.kind == "card":
        return RecordRef(row[f"{spec.key}_type"], value) if value else None
    if spec.kind in ("choices", "languages"):
        return tuple(value.strip("|").split("|")) if value else ()
    return value


def store(spec: FieldSpec, value: Any) -> dict[str, Any]:
    """What to set on the model (or in the custom JSON) for a value, casefolded twin included."""
    if spec.stored == "custom":
        stored = {spec.key: value if spec.kind == "number" else to_json(spec, value)}
        if spec.kind in ("choices", "languages") and value:
            stored[spec.key] = f"|{'|'.join(value)}|"
        if spec.has_twin:
            stored[f"{spec.key}_fold"] = fold(search_text(spec, value)) or None
        return stored
    if spec.stored == "rows":
        return {spec.key: value}
    if spec.kind == "money":
        amount, currency = value or (None, "")
        return {spec.key: amount, f"{spec.key}_currency": currency}
    if spec.kind == "card":
        return {f"{spec.key}_type": value.type if value else "", spec.attname: value.id if value else None}
    if spec.kind in ("choices", "languages"):
        return {spec.key: f"|{'|'.join(value)}|" if value else ""}
    stored = {spec.attname: value}
    if spec.has_twin:
        stored[f"{spec.key}_fold"] = fold(search_text(spec, value))
    return stored


def search_text(spec: FieldSpec, value: Any) -> str:
    """The words of a value that search and filters look at."""
    if empty(value):
        return ""
    if spec.kind == "address":
        return " ".join(value[part] for part in ADDRESS_PARTS if part in value)
    if spec.kind in CONTACT_KINDS:
        return " ".join(point["value"] for point in value)
    return str(value)


def decimal(units: int) -> Decimal:
    """A scaled number as Decimal."""
    return Decimal(units) / SCALE


def texts(specs: Iterable[FieldSpec]) -> partial[str]:
    """Joins the searchable words of several fields: `texts(specs)(values)`."""
    return partial(_join, tuple(specs))


def _join(specs: tuple[FieldSpec, ...], values: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (search_text(spec, values.get(spec.key)) for spec in specs)))
