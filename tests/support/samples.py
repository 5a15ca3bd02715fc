"""A raw value for a field of any kind, as a form would send it."""

from typing import Any

from comity.access.actors import Actor
from comity.records.fields import FieldSpec
from comity.records.types import RecordType


def raw(actor: Actor, spec: FieldSpec, mark: str = "Sample", n: int = 1) -> Any:
    """A value that bears `mark` wherever its kind can hold a text, digits of `n` elsewhere."""
    if spec.extra.get("check") == "registration":
        return "831650349"  # adds up in Bulgaria, where samples are from
    match spec.kind:
        case "text" | "longtext":
            return f"{mark} {spec.key} {n}"
        case "taxnumber":
            return "7707083893" if n % 2 else "7736050003"  # checksums of Russian INN
        case "url":
            return f"https://{mark.lower()}{n}.example/{spec.key}"
        case "integer" | "number" | "percent":
            return str(7_000_000 + n)
        case "money":
            return {"amount": str(8_000_000 + n), "currency": "EUR"}
        case "date":
            return f"2019-07-{n % 28 + 1:02}"
        case "datetime":
            return f"2019-07-{n % 28 + 1:02}T10:30"
        case "bool":
            return "1"
        case "choice":
            return spec.choices[n % len(spec.choices)].key if spec.choices else None  # a list nobody has filled yet
        case "choices":
            return [spec.choices[0].key]
        case "language":
            return "uk"
        case "languages":
            return ["uk", "ar"]
        case "country":
            return "BG"
        case "currency":
            return "UAH"
        case "user":
            return str(actor.user_id)
        case "phones":
            return [{"label": "work", "value": f"+7495{7_000_000 + n:07}"}]
        case "emails":
            return [f"{mark.lower()}{n}@firm.example"]
        case "handles":
            return [{"label": "Telegram", "value": f"@{mark.lower()}{n}"}]
        case "address":
            return {"street": f"{mark} street {n}", "city": f"{mark}ville", "country": "RU"}
    return None


def values(actor: Actor, record_type: RecordType, mark: str = "Sample", n: int = 1) -> dict[str, Any]:
    """A raw value for every field an actor may write and `raw` knows one for; checksums are no matter of samples."""
    found: dict[str, Any] = {}
    record_type = actor.state.record_types.get(record_type.key, record_type)  # with the lists in force
    for spec in record_type.specs:
        value = raw(actor, spec, mark, n)
        if spec.when:  # off in the house of the tests
            continue
        if value is not None and spec.level == "write" and not (spec.kind == "taxnumber" and "country" in found):
            found[spec.key] = value
    return found
