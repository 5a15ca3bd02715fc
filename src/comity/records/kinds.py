"""What a value of each field kind is: parsed from outside, stored, compared, told in words.

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
tags                               tuple of UUID (sorted)
phones emails handles              tuple of dicts {"label", "value", "ext"}; the first is the primary one
address                            dict with any of ADDRESS_PARTS
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.kernel import emails, money, phones, taxnumbers
from comity.kernel.errors import Invalid, too_long
from comity.kernel.text import clean as storable
from comity.kernel.text import fold
from comity.records.fields import CONTACT_KINDS, SCALE, FieldSpec

ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")
MAX_LONG_TEXT = 20_000
MAX_POINTS = 20


class BadValue(ValueError):
    """A value that cannot be kept; the message says how to mend it, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Env:
    """Whose input this is: language for figures, country for phones, time zone for clock times."""

    language: str = "en"
    country: str = ""
    timezone: str = "UTC"
    currency: str = "EUR"


def clean(spec: FieldSpec, raw: Any, env: Env) -> Any:
    """The value of what came from a form, a program or a file; raises BadValue with words for the person."""
    try:
        return _CLEAN[spec.kind](spec, raw, env)
    except Invalid as problem:
        messages = [message for group in problem.fields.values() for message in group]
        raise BadValue(" ".join(str(message) for message in messages) or str(problem)) from problem


def empty(value: Any) -> bool:
    """Whether a value counts as not given."""
    return value is None or value == "" or value == () or value == {}


def _text(spec: FieldSpec, raw: Any, env: Env) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str | int | float):
        raise BadValue(_("Enter a text."))
    value = storable(str(raw)).strip()
    limit = MAX_LONG_TEXT if spec.kind == "longtext" else spec.max_length
    if len(value) > limit:
        raise BadValue(too_long(len(value), limit))
    return value if spec.kind == "longtext" else " ".join(value.split())


def _url(spec: FieldSpec, raw: Any, env: Env) -> str:
    value = _text(spec, raw, env)
    if value and "://" not in value:
        value = f"https://{value}"
    if value and not (value.lower().startswith(("https://", "http://")) and "." in value and " " not in value):
        raise BadValue(_("Enter a web address such as https://example.com."))
    return value


def _whole(spec: FieldSpec, raw: Any, env: Env) -> int | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        raise BadValue(_("Enter a whole number."))
    try:
        number = money.parse(str(raw), env.language)
    except (Invalid, ValueError) as problem:
        raise BadValue(_("Enter a whole number.")) from problem
    if number != number.to_integral_value() or abs(number) >= 2**62:
        raise BadValue(_("Enter a whole number."))
    return int(number)


def _number(spec: FieldSpec, raw: Any, env: Env) -> int | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and spec.kind == "percent":
        raw = raw.rstrip("%٪ \u00a0\u061c\u200e\u200f")
    elif isinstance(raw, str) and ("%" in raw or "٪" in raw):
        raise BadValue(_("This is a percentage; the field counts something else. Enter the number itself."))
    return _units(raw, env)


def _units(raw: Any, env: Env) -> int:
    """Whole 1/10,000ths of what a person typed in his language, or of a number a program gave."""
    try:
        if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
            return money.to_units(Decimal(str(raw)))
        return money.to_units(money.parse(str(raw), env.language))
    except (Invalid, ValueError) as problem:
        raise BadValue(_("Enter a number with at most four digits after the point.")) from problem


def _money(spec: FieldSpec, raw: Any, env: Env) -> tuple[int, str] | None:
    if isinstance(raw, Mapping):
        amount, currency = raw.get("amount"), raw.get("currency")
    elif isinstance(raw, list | tuple) and len(raw) == 2:
        amount, currency = raw
        if isinstance(amount, int):  # our own JSON form: whole 1/10,000ths
            amount = money.from_units(amount)
    else:
        amount, currency = raw, ""
    if amount is None or str(amount).strip() == "":
        return None
    code = str(currency or env.currency).upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadValue(_("Choose a currency."))
    return (_units(amount, env), code)


def _date(spec: FieldSpec, raw: Any, env: Env) -> date | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        value = date.fromisoformat(str(raw).strip())
    except ValueError as problem:
        raise BadValue(_("Enter a date such as 2026-03-31.")) from problem
    if not 1000 <= value.year <= 9999:
        raise BadValue(_("Enter a date such as 2026-03-31."))
    return value


def _datetime(spec: FieldSpec, raw: Any, env: Env) -> datetime | None:
    if raw is None or raw == "":
        return None
    try:
        value = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).strip())
    except ValueError as problem:
        raise BadValue(_("Enter a date and a time.")) from problem
    if not 1000 <= value.year < 9999:  # so that no zone's offset leads out of the calendar
        raise BadValue(_("Enter a date and a time."))
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(env.timezone))
    return value.astimezone(UTC)


def _bool(spec: FieldSpec, raw: Any, env: Env) -> bool:
    return raw is True or str(raw).lower() in ("1", "true", "on", "yes")


def _choice(spec: FieldSpec, raw: Any, env: Env) -> str:
    value = "" if raw is None else str(raw)
    if value and spec.choices and spec.choice(value) is None:
        raise BadValue(_("Choose one of the list."))
    return value


def _code(spec: FieldSpec, raw: Any, env: Env) -> str:
    """A language, country or currency code, by its ISO form."""
    value = "" if raw is None else str(raw).strip()
    value = value.lower() if spec.kind in ("language", "languages") else value.upper()
    size = 3 if spec.kind == "currency" else 2
    if value and not (len(value) == size and value.isascii() and value.isalpha()):
        raise BadValue(_("Choose one of the list."))
    return value


def _several(raw: Any) -> list[Any]:
    """The parts of a value that has several; one alone counts as a list of one."""
    if raw is None or raw == "":
        return []
    return list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]


def _choices(spec: FieldSpec, raw: Any, env: Env) -> tuple[str, ...]:
    parts = raw.strip("|").split("|") if isinstance(raw, str) else _several(raw)
    if spec.kind == "languages":
        parts = [_code(spec, part, env) for part in parts]
    keys = tuple(dict.fromkeys(str(part) for part in parts if part))
    for key in keys:
        if (spec.choices and spec.choice(key) is None) or "|" in key or len(key) > 40:
            raise BadValue(_("Choose one of the list."))
    return keys


def _key(spec: FieldSpec, raw: Any, env: Env) -> UUID | None:
    if raw is None or raw == "":
        return None
    try:
        return raw if isinstance(raw, UUID) else UUID(str(raw))
    except ValueError as problem:
        raise BadValue(_("Choose one of the list.")) from problem


def _tags(spec: FieldSpec, raw: Any, env: Env) -> tuple[UUID, ...]:
    keys = {_key(spec, part, env) for part in _several(raw)}
    return tuple(sorted(key for key in keys if key))


def _points(spec: FieldSpec, raw: Any, env: Env) -> tuple[dict[str, str], ...]:
    """Contact points; phones become E.164, each value stands once."""
    rows = _several(raw)
    if len(rows) > MAX_POINTS:
        text = ngettext("At most %(limit)s fits here.", "At most %(limit)s fit here.", MAX_POINTS)
        raise BadValue(text % {"limit": MAX_POINTS})
    points: dict[str, dict[str, str]] = {}
    for row in rows:
        given = row if isinstance(row, Mapping) else {"value": row}
        value = storable(str(given.get("value") or "")).strip()
        if not value:
            continue
        label = " ".join(storable(str(given.get("label") or "")).split())[:40]
        ext = storable(str(given.get("ext") or "")).strip()[:12]
        if spec.kind == "phones":
            phone = phones.parse(value, env.country)
            value, ext = phone.e164, ext or phone.ext
        elif spec.kind == "emails":
            value = emails.normalise(value)
        elif len(value) > 120 or any(character.isspace() for character in value):
            raise BadValue(_("A messenger name has no spaces and at most 120 characters."))
        points.setdefault(value, {"label": label, "value": value, "ext": ext})
    return tuple(points.values())


def _address(spec: FieldSpec, raw: Any, env: Env) -> dict[str, str]:
    if raw is None or raw == "":
        return {}
    if not isinstance(raw, Mapping):
        raw = {"street": raw}
    parts = {}
    for part in ADDRESS_PARTS:
        value = " ".join(storable(str(raw.get(part) or "")).split())
        if len(value) > 200:
            raise BadValue(_("This part of the address is too long; at most 200 characters fit."))
        if value:
            parts[part] = value
    return parts


def _taxnumber(spec: FieldSpec, raw: Any, env: Env) -> str:
    """The checksum depends on the card's country, so the writer checks again with `tax_number()`."""
    return _text(spec, raw, env)


def tax_number(value: str, country: str) -> str:
    """A tax number normalised and checked for its country; raises BadValue when the checksum fails."""
    if not value or not country:
        return value
    try:
        return taxnumbers.check(country, value)
    except Invalid as problem:
        messages = [str(message) for group in problem.fields.values() for message in group]
        raise BadValue(" ".join(messages) or str(problem)) from problem


_CLEAN: dict[str, Callable[[FieldSpec, Any, Env], Any]] = {
    "text": _text, "longtext": _text, "url": _url, "taxnumber": _taxnumber, "integer": _whole, "number": _number,
    "percent": _number, "money": _money, "date": _date, "datetime": _datetime, "bool": _bool, "choice": _choice,
    "language": _code, "country": _code, "currency": _code, "choices": _choices, "languages": _choices,
    "user": _key, "team": _key, "link": _key, "tags": _tags, "phones": _points, "emails": _points,
    "handles": _points, "address": _address,
}  # fmt: skip


# --- stored and JSON forms -------------------------------------------------------------------------------------------


def to_json(spec: FieldSpec, value: Any) -> Any:
    """The JSON form: in events, in the API and in the `custom` column."""
    if empty(value):
        return None
    match spec.kind:
        case "date":
            return value.isoformat()
        case "datetime":
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case "user" | "team" | "link":
            return str(value)
        case "tags":
            return [str(key) for key in value]
        case "money" | "phones" | "emails" | "handles":
            return list(value)
        case "choices" | "languages":
            return list(value)
    return value


def from_json(spec: FieldSpec, value: Any) -> Any:
    """Back from the JSON form, as written by `to_json`."""
    match spec.kind:
        case "text" | "longtext" | "url" | "taxnumber" | "choice" | "language" | "country" | "currency":
            return value or ""
        case "date":
            return date.fromisoformat(value) if value else None
        case "datetime":
            return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None
        case "user" | "team" | "link":
            return UUID(value) if value else None
        case "tags":
            return tuple(UUID(key) for key in value or ())
        case "money":
            return (value[0], value[1]) if value else None
        case "choices" | "languages" | "phones" | "emails" | "handles":
            return tuple(value.strip("|").split("|") if isinstance(value, str) else value or ())
        case "address":
            return value or {}
        case "bool":
            return bool(value)
    return value


def column_names(spec: FieldSpec) -> tuple[str, ...]:
    """The columns a values() query needs to read a field."""
    if spec.stored == "custom":
        return ("custom",)
    if spec.stored != "column":
        return ()
    return (spec.key, f"{spec.key}_currency") if spec.kind == "money" else (spec.attname,)


def read(spec: FieldSpec, row: Mapping[str, Any]) -> Any:
    """The value of a column or custom field out of a values() row."""
    if spec.stored == "custom":
        return from_json(spec, (row["custom"] or {}).get(spec.key))
    if spec.kind == "money":
        return None if row[spec.key] is None else (row[spec.key], row[f"{spec.key}_currency"])
    value = row[spec.attname]
    if spec.kind in ("choices", "languages"):
        return tuple(value.strip("|").split("|")) if value else ()
    return value


def store(spec: FieldSpec, value: Any) -> dict[str, Any]:
    """What to set on the model (or in the custom JSON) for a value, casefolded twin included."""
    if spec.stored == "custom":
        stored = {spec.key: to_json(spec, value)}
        if spec.kind in ("choices", "languages") and value:
            stored[spec.key] = f"|{'|'.join(value)}|"
        if spec.has_twin:
            stored[f"{spec.key}_fold"] = fold(search_text(spec, value)) or None
        return stored
    if spec.kind == "money":
        amount, currency = value or (None, "")
        return {spec.key: amount, f"{spec.key}_currency": currency}
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
