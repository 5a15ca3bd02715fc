"""Raw input, from a form, a program or a file, to the value of a field's kind (records.kinds says what each is)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.kernel import emails, money, phones, requisites, taxnumbers
from comity.kernel.errors import Invalid, too_long
from comity.kernel.text import clean as storable
from comity.records.fields import FieldSpec
from comity.records.models import FileRef, RecordRef

ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")
MAX_LONG_TEXT = 20_000
MAX_POINTS = 20
MAX_LINKS = 100  # cards one relation field points to


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
    return not value and (value is None or value == "" or value == () or value == {})


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
        if isinstance(raw, Decimal):
            return money.to_units(raw)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
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


def card_ref(spec: FieldSpec, raw: Any, env: Env) -> RecordRef | None:
    """The record of "type:key"; raises BadValue."""
    if raw is None or raw == "" or isinstance(raw, RecordRef):
        return raw or None
    type_key, colon, key = str(raw).partition(":")
    if not colon and spec.kind == "relation":  # whose field says of which type they are
        type_key, key = spec.target, type_key
    try:
        return RecordRef(type_key, UUID(key))
    except ValueError as problem:
        raise BadValue(_("Choose one of the list.")) from problem


def _relation(spec: FieldSpec, raw: Any, env: Env) -> tuple[RecordRef, ...]:
    """Cards by "type:key", or by the key alone where the field says of which type they are."""
    found = {ref for one in _several(raw) if (ref := card_ref(spec, one, env)) is not None}
    if any(spec.target not in ("", ref.type) for ref in found):
        raise BadValue(_("Choose one of the list."))
    if len(found) > (MAX_LINKS if spec.several else 1):
        most = MAX_LINKS if spec.several else 1
        raise BadValue(ngettext("At most %(limit)s fits here.", "At most %(limit)s fit here.", most) % {"limit": most})
    return tuple(sorted(found, key=str))


def _file(spec: FieldSpec, raw: Any, env: Env) -> tuple[FileRef, ...]:
    """Files by their keys, or just received (FileRef with its content)."""
    found: dict[UUID, FileRef] = {}
    for one in _several([raw] if isinstance(raw, Mapping) else raw):
        if not isinstance(one, FileRef):
            key = _key(spec, one.get("id") if isinstance(one, Mapping) else one, env)
            if key is None:
                continue
            one = FileRef(key)
        if one.content is not None:
            _check_file(spec, one)
        found[one.id] = one
    if len(found) > (MAX_POINTS if spec.several else 1):
        most = MAX_POINTS if spec.several else 1
        raise BadValue(ngettext("At most %(limit)s fits here.", "At most %(limit)s fit here.", most) % {"limit": most})
    return tuple(found.values())


def _check_file(spec: FieldSpec, one: FileRef) -> None:
    """A new file is of those the field takes; raises BadValue."""
    accept, most = spec.extra.get("accept", ()), spec.extra.get("max_size", 0)
    if accept and one.name.rpartition(".")[2].lower() not in accept:
        known = ", ".join(accept)
        raise BadValue(_("“%(name)s” is of another kind; this field takes: %(known)s.")
                       % {"name": one.name, "known": known})  # fmt: skip
    if most and one.size > most:
        raise BadValue(_("“%(name)s” is too large for this field; at most %(limit)s MB fit.")
                       % {"name": one.name, "limit": most // 1_000_000})  # fmt: skip


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
    return requisite("", value, country)


def requisite(check: str, value: str, country: str) -> str:
    """What a firm is known by, normalised and checked for its country: `check` as in kernel.requisites, "" = the tax
    number. Raises BadValue."""
    if not value or not country:
        return value
    try:
        return requisites.check(check, country, value) if check else taxnumbers.check(country, value)
    except Invalid as problem:
        messages = [str(message) for group in problem.fields.values() for message in group]
        raise BadValue(" ".join(messages) or str(problem)) from problem


_CLEAN: dict[str, Callable[[FieldSpec, Any, Env], Any]] = {
    "text": _text, "longtext": _text, "url": _url, "taxnumber": _taxnumber, "integer": _whole, "number": _number,
    "percent": _number, "money": _money, "date": _date, "datetime": _datetime, "bool": _bool, "choice": _choice,
    "language": _code, "country": _code, "currency": _code, "choices": _choices, "languages": _choices,
    "user": _key, "team": _key, "link": _key, "card": card_ref, "tags": _tags, "phones": _points, "emails": _points,
    "handles": _points, "address": _address, "relation": _relation, "file": _file,
}  # fmt: skip
