"""People and companies as vCards: RFC 6350 (4.0) and RFC 2426 (3.0)."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from comity.records.types import RecordType

TYPES = frozenset({"person", "company"})
_FOLD = 75  # bytes of a line (RFC 6350, 3.2)
_LABELS = {"work": "work", "home": "home", "private": "home", "mobile": "cell", "fax": "fax"}
_SCHEMES = {"telegram": "https://t.me/", "whatsapp": "https://wa.me/"}


def fits(record_type: RecordType) -> bool:
    """Whether cards of a type are somebody one writes to."""
    return record_type.key in TYPES


def card(
    version: str, record_type: RecordType, row: Mapping[str, Any], values: Mapping[str, Any], words: Mapping[str, Any]
) -> Iterator[str]:
    """The lines of one card, each ended and folded; of `values` only what its reader reads in clear."""
    person = record_type.key == "person"
    yield from _line("BEGIN", "VCARD")
    yield from _line("VERSION", version)
    yield from _line("UID", f"urn:uuid:{row['id']}")
    if version == "4.0":
        yield from _line("KIND", "individual" if person else "org")
    yield from _line("FN", _escaped(row["title"]))
    if person:
        family, given, middle = (str(values.get(key) or "") for key in ("family_name", "given_name", "patronymic"))
        yield from _line("N", _parts((family, given, middle, str(words.get("salutation") or ""), "")))
    elif version == "3.0":
        yield from _line("N", _parts((str(row["title"]), "", "", "", "")))
    company = words.get("company") if person else row["title"]
    if company:
        yield from _line("ORG", _escaped(str(company)))
    yield from _texts(values, words)
    yield from _contacts(version, values)
    for key in ("address", "actual_address", "legal_address"):
        if values.get(key):
            yield from _line(f"ADR;TYPE={'home' if person else 'work'}", _address(values[key]))
    if values.get("birth_date"):
        day = values["birth_date"].isoformat()
        yield from _line("BDAY", day.replace("-", "") if version == "4.0" else day)
    if values.get("updated_at"):
        yield from _line("REV", values["updated_at"].astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    yield from _line("END", "VCARD")


def _texts(values: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[str]:
    for key, name in (("position", "TITLE"), ("website", "URL"), ("about", "NOTE")):
        if values.get(key):
            yield from _line(name, _escaped(str(values[key])) if name != "URL" else _bare(str(values[key])))
    if words.get("tags"):
        yield from _line("CATEGORIES", ",".join(_escaped(one) for one in str(words["tags"]).split("; ")))


def _contacts(version: str, values: Mapping[str, Any]) -> Iterator[str]:
    for key, name in (("phones", "TEL"), ("emails", "EMAIL")):
        for place, point in enumerate(values.get(key) or ()):
            kinds = [_LABELS[point["label"]]] if point.get("label") in _LABELS else []
            if version == "3.0" and key == "emails":
                kinds.insert(0, "internet")
            if not place:
                kinds += ["pref"] if version == "3.0" else []
            traits = f";TYPE={','.join(kinds)}" if kinds else ""
            traits += ";PREF=1" if version == "4.0" and not place else ""
            value = f"{point['value']};ext={point['ext']}" if point.get("ext") else point["value"]
            yield from _line(name + traits, _bare(value) if key == "phones" else _escaped(value))
    for point in values.get("handles") or ():
        service = str(point.get("label") or "").lower()
        scheme = _SCHEMES.get(service)
        where = f"{scheme}{point['value'].lstrip('@+')}" if scheme else f"{_word(service) or 'im'}:{point['value']}"
        yield from _line("IMPP", _bare(where))


def _word(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())


def _address(address: Mapping[str, str]) -> str:
    get = address.get
    return _parts(("", "", get("street", ""), get("city", ""), get("region", ""), get("postcode", ""),
                   get("country", "")))  # fmt: skip


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\\n".join(text.splitlines())


def _bare(text: str) -> str:
    """An address of the net or a number: no line may begin in it."""
    return "".join(text.split())


def _parts(parts: tuple[str, ...]) -> str:
    return ";".join(_escaped(one) for one in parts)


def _line(name: str, value: str) -> Iterator[str]:
    """A line in pieces of so many bytes, never inside a letter."""
    rest, room = f"{name}:{value}", _FOLD
    while rest:
        size, used = 0, 0
        for sign in rest:
            used += len(sign.encode())
            if used > room:
                break
            size += 1
        yield ("" if room == _FOLD else " ") + rest[:size] + "\r\n"
        rest, room = rest[size:], _FOLD - 1
