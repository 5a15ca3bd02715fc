"""Values as a file tells them: typed where the format has types, else in the words the reader's list would use."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from comity.access.actors import Actor
from comity.kernel.sheets.writing import Amount, Percent, Value
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.ui import names
from comity.ui.lists import ListPage

HIDDEN = "•••"
BETWEEN = "; "  # several values in one cell


@dataclass
class Told:
    """What the rows of one page need besides themselves."""

    actor: Actor
    page: ListPage

    @cached_property
    def zone(self) -> ZoneInfo:
        """The reader's."""
        return ZoneInfo(self.actor.timezone)

    def raw(self, spec: FieldSpec, row: Mapping[str, Any]) -> Any:
        """A field's value, as of records.kinds, without the cards he does not see."""
        if spec.kind in CONTACT_KINDS:
            return self.page.points.get(row["id"], {}).get(spec.key, ())
        if spec.kind == "tags":
            return tuple(sorted(self.page.tags.get(row["id"], ())))
        value = kinds.read(spec, row)
        return kinds.seen(spec, value, lambda ref: (ref.type, ref.id) in self.page.links)

    def value(self, spec: FieldSpec, level: str, row: Mapping[str, Any]) -> Value:
        """A field's value for a cell."""
        value = self.raw(spec, row)
        if spec.kind != "bool" and kinds.empty(value):
            return None
        if level == "mask":
            return masked(spec, value)
        return self._told(spec, value)

    def _told(self, spec: FieldSpec, value: Any) -> Value:
        language, state = self.actor.language, self.actor.state
        match spec.kind:
            case "number":
                return kinds.decimal(value)
            case "percent":
                return Percent(kinds.decimal(value))
            case "money":
                return Amount(kinds.decimal(value[0]), value[1])
            case "datetime":
                return value.astimezone(self.zone)  # type: ignore[no-any-return]
            case "choice":
                return names.choice_name(spec, value, language)
            case "choices" | "languages":
                return BETWEEN.join(names.choice_name(spec, one, language) for one in value)
            case "language" | "country":
                return names.code_name(spec.kind, value, language)
            case "user" | "team":
                held = (state.users if spec.kind == "user" else state.teams).get(value)
                return held.name if held else None
            case "link" | "card" | "relation":
                return BETWEEN.join(self.page.links[ref.type, ref.id] for ref in kinds.refs(spec, value))
            case "tags":
                return BETWEEN.join(sorted(state.tags[one].name for one in value if one in state.tags))
            case "file":
                return BETWEEN.join(one.name for one in value)
            case "phones" | "emails" | "handles":
                return BETWEEN.join(_point(spec, one) for one in value)
            case "address":
                return names.address_line(value, language)
        told: Value = value
        return told


def _point(spec: FieldSpec, point: Mapping[str, str]) -> str:
    if spec.kind == "phones" and point.get("ext"):
        return f"{point['value']} #{point['ext']}"
    return point["value"]


def masked(spec: FieldSpec, value: Any) -> str:
    """A masked value: of contact points their ends, of everything else only that it is there."""
    if spec.kind in CONTACT_KINDS:
        return BETWEEN.join(names.mask(spec, point["value"]) for point in value)
    return HIDDEN
