"""By what two cards are likely the same: a weight for each field and for the name, and from which score on.

One set of rules per type, shipped, changed by clicks; every door asks them: forms, import, API, the queue of pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.snapshot import Snapshot
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.types import RecordType
from comity.search.models import DuplicateRules

NAME = "title"  # the rule over all fields that make the title
NAME_AT = "title_at"  # the same together with the card that `extra["at"]` of the type points to: a person's company
THRESHOLD = 40
WEIGHTS = {"taxnumber": 95, "phones": 70, "emails": 75, "handles": 70}  # by kind, of fields marked `duplicate`
NAME_WEIGHT, NAME_AT_WEIGHT, TEXT_WEIGHT = 50, 60, 50
FITTING = CONTACT_KINDS | {"text", "url", "taxnumber", "date", "integer"}  # kinds of fields two cards can share
PART = "duplicate_rules"


@dataclass(frozen=True)
class Rules:
    """What counts for a type: {field key or NAME: 1 to 100}, and the least score of a likely pair."""

    weights: Mapping[str, int]
    threshold: int

    def score(self, evidence: Mapping[str, float]) -> int:
        """What several likenesses come to, 0 to 100: each further one takes away of the doubt that is left."""
        doubt = 1.0
        for key, factor in evidence.items():
            doubt *= 1 - factor * self.weights.get(key, 0) / 100
        return round(100 * (1 - doubt))


def of(state: Snapshot, record_type: RecordType) -> Rules:
    """The rules in force for a type, of fields it has."""
    key = ("duplicate rules", record_type.key)
    held: Rules | None = state.derived.get(key)
    if held is None:
        wish = state.parts[PART].get(record_type.key)
        weights = shipped(record_type) | (wish[0] if wish else {})
        known = offered(record_type)
        in_force = {one: weight for one, weight in weights.items() if one in known and weight > 0}
        held = state.derived[key] = Rules(in_force, wish[1] if wish else THRESHOLD)
    return held


def shipped(record_type: RecordType) -> dict[str, int]:
    """The weights nobody has changed: of the fields marked `duplicate`, and of the name where it is made of such."""
    found, own, known = {}, record_type.extra.get("weights", {}), offered(record_type)
    for spec in record_type.specs:
        if spec.duplicate and spec.key in known:
            found[spec.key] = own.get(spec.key, WEIGHTS.get(spec.kind, TEXT_WEIGHT))
    weights = {NAME: NAME_WEIGHT, NAME_AT: NAME_AT_WEIGHT}
    return found | {key: weight for key, weight in weights.items() if key in known}


def name_fields(record_type: RecordType) -> tuple[FieldSpec, ...]:
    """The fields whose words together are the name two cards may share."""
    alone = record_type.extra.get("alone", {})
    specs = (record_type.spec(key) for key in record_type.title_fields)
    return tuple(spec for spec in specs if spec.kind == "text" and spec.key not in alone and spec.duplicate)


def at_field(record_type: RecordType) -> FieldSpec | None:
    """The link that, with the name, tells who somebody is: of many namesakes those at one company are few."""
    return next((one for one in record_type.links if one.key == record_type.extra.get("at")), None)


def contact(record_type: RecordType, rule: str) -> bool:
    """Whether a rule compares phones, addresses or handles, which have rows of their own."""
    return rule not in (NAME, NAME_AT) and record_type.spec(rule).kind in CONTACT_KINDS


def offered(record_type: RecordType) -> set[str]:
    """What an administrator may give a weight."""
    names = {spec.key for spec in name_fields(record_type)}
    fitting = {spec.key for spec in record_type.specs if spec.kind in FITTING and spec.key not in names}
    return fitting | ({NAME} if names else set()) | ({NAME_AT} if names and at_field(record_type) else set())


def fields_of(record_type: RecordType, rule: str) -> tuple[FieldSpec, ...]:
    """The fields a rule reads."""
    if rule in (NAME, NAME_AT):
        at = at_field(record_type) if rule == NAME_AT else None
        return (*name_fields(record_type), *([at] if at else ()))
    return (record_type.spec(rule),)


def checked_types(state: Snapshot) -> list[RecordType]:
    """The types whose cards are looked through for twins: those with any rule that follow no other card."""
    return [one for one in state.record_types.values() if not one.follows and of(state, one).weights]


def fewest_words(record_type: RecordType, rule: str) -> int:
    """How many words a text must have to be a likeness by itself."""
    alone: Mapping[str, int] = record_type.extra.get("alone", {})
    return alone.get(rule, 1)


def is_name(record_type: RecordType, rule: str) -> bool:
    """Whether a rule compares words as they sound, not values as they are."""
    return rule in (NAME, NAME_AT) or record_type.spec(rule).kind == "text"


def _load() -> dict[str, tuple[dict[str, int], int]]:
    return {row.type_key: (row.weights, row.threshold) for row in DuplicateRules.objects.all()}


def _check(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    record_type = work.actor.state.record_types.get(row.type_key)
    if record_type is None or (before and before["type_key"] != row.type_key):
        wrong.add("type_key", _("Choose one of the list."))
        wrong.stop()
        return
    known: Any = offered(record_type) | set((before or {}).get("weights", ()))
    given = row.weights if isinstance(row.weights, Mapping) else {"": -1}
    for key, weight in given.items():
        if key not in known:
            wrong.add(key, _("There is no such field."))
        elif isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 100:
            wrong.add(key, _("Enter a whole number from %(low)s to %(high)s.") % {"low": 0, "high": 100})
    if not 1 <= row.threshold <= 100:
        wrong.add("threshold", _("Enter a whole number from %(low)s to %(high)s.") % {"low": 1, "high": 100})
    wrong.stop()


def _name(row: Row) -> dict[str, str]:
    record_type = snapshot.snapshot().record_types.get(row.type_key)
    return dict(record_type.plural.texts) if record_type else {"en": row.type_key}


snapshot.add_part(PART, _load)
register_type(SettingType(
    "duplicate_rules", DuplicateRules, ("type_key", "weights", "threshold"), "settings", _name, _check,
))  # fmt: skip
